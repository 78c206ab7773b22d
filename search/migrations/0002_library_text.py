"""Long texts move to a table of their own, so that counting and filtering read narrow rows.

Rows that stand already lose their texts: run `manage.py rebuild_library` afterwards.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0002_vocabulary_and_media"),
        ("search", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LibraryText",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="search.libraryentry",
                    ),
                ),
                ("names", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("title_terms", models.TextField(blank=True)),
                ("names_terms", models.TextField(blank=True)),
                ("concept_terms", models.TextField(blank=True)),
                ("summary_terms", models.TextField(blank=True)),
                ("body_terms", models.TextField(blank=True)),
                ("words", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "text of a library entry",
                "verbose_name_plural": "texts of library entries",
            },
        ),
        migrations.RemoveField(
            model_name="libraryentry",
            name="body",
        ),
        migrations.RemoveField(
            model_name="libraryentry",
            name="names",
        ),
        migrations.AddField(
            model_name="libraryentry",
            name="image",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="portal.portalimage",
            ),
        ),
        migrations.AddIndex(
            model_name="libraryentry",
            index=models.Index(
                condition=models.Q(("version__gt", models.F("built_version"))),
                fields=["version"],
                name="search_entry_stale",
            ),
        ),
    ]
