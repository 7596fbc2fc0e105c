"""Which submission of an attempt stands, and the interval in which it was submitted.

What was there before gets the interval its own columns vouch for; ``manage.py rebuild_records`` gives the exact one.
"""

from django.db import migrations, models


def fill(apps, schema_editor):
    submitted = apps.get_model("quizzes", "Attempt").objects.filter(submitted_at__isnull=False)
    submitted.update(earliest_at=models.F("submitted_at"), latest_at=models.F("received_at"))


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0001_initial")]

    operations = [
        migrations.AddField("attempt", "submission", models.UUIDField(null=True)),
        migrations.AddField("attempt", "earliest_at", models.DateTimeField(null=True)),
        migrations.AddField("attempt", "latest_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
