"""The interval in which a lesson was finished, and the days on which a course can have been completed.

What was there before is taken at its word; ``manage.py rebuild_records`` gives lessons their exact interval.
"""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    lessons, completions = (apps.get_model("records", name) for name in ("LessonProgress", "Completion"))
    lessons.objects.update(earliest_at=F("finished_at"), latest_at=F("finished_at"))
    completions.objects.update(earliest_on=F("completed_on"), latest_on=F("completed_on"))


class Migration(migrations.Migration):
    # PostgreSQL alters no table in a transaction that has written to it and has keys to check at its end.
    atomic = False

    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.AddField("lessonprogress", "earliest_at", models.DateTimeField(null=True)),
        migrations.AddField("lessonprogress", "latest_at", models.DateTimeField(null=True)),
        migrations.AddField("completion", "earliest_on", models.DateField(null=True)),
        migrations.AddField("completion", "latest_on", models.DateField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("lessonprogress", "earliest_at", models.DateTimeField()),
        migrations.AlterField("lessonprogress", "latest_at", models.DateTimeField()),
        migrations.AlterField("completion", "earliest_on", models.DateField()),
        migrations.AlterField("completion", "latest_on", models.DateField()),
    ]
