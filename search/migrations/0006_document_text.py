"""The text of attached documents: read once, searched with the pages that attach them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0004_loaded_rows"),
        ("search", "0005_engine_feed"),
    ]

    operations = [
        migrations.AddField(
            model_name="librarytext",
            name="documents_terms",
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name="DocumentText",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="library_text",
                        serialize=False,
                        to="portal.portaldocument",
                        verbose_name="document",
                    ),
                ),
                ("file_name", models.CharField(max_length=255)),
                ("file_hash", models.CharField(blank=True, db_index=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits to be read"),
                            ("read", "read"),
                            ("empty", "has no text (scanned pictures, for example)"),
                            ("encrypted", "opens with a password only"),
                            ("broken", "broken, or another kind of file than its name says"),
                            ("costly", "too large or too slow to read"),
                            ("unsupported", "not a kind of file that is read"),
                            ("missing", "the file is gone"),
                            ("failed", "could not be read; the log says why"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("text", models.TextField(blank=True)),
                ("pieces", models.JSONField(default=list)),
                ("terms", models.TextField(blank=True)),
                ("analysis", models.PositiveIntegerField(default=0)),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="pages")),
                ("is_cut", models.BooleanField(default=False, verbose_name="read in part")),
                ("error", models.CharField(blank=True, max_length=255, verbose_name="why not")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
            ],
            options={
                "verbose_name": "text of a document",
                "verbose_name_plural": "texts of documents",
                "indexes": [models.Index(fields=["state"], name="search_document_state")],
            },
        ),
    ]
