import django.db.models.deletion
from django.db import migrations, models


def note_where_pages_are(apps, schema_editor):
    fragments = apps.get_model("courses", "Fragment").objects.filter(activity__isnull=False)
    address = apps.get_model("courses", "Address")
    address.objects.bulk_create(
        [
            address(path=path, language=language, activity_id=activity)
            for path, language, activity in fragments.values_list("path", "language", "activity_id")
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0003_text_that_shows"),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                ("path", models.CharField(max_length=500, primary_key=True, serialize=False)),
                ("language", models.CharField(max_length=10)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="courses.activity",
                    ),
                ),
            ],
        ),
        migrations.RunPython(note_where_pages_are, migrations.RunPython.noop),
    ]
