"""Sentence vectors of the library's rows (an optional extra: empty without SEARCH_VECTORS)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0007_editors")]

    operations = [
        migrations.CreateModel(
            name="LibraryVector",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="vector",
                        serialize=False,
                        to="search.libraryentry",
                    ),
                ),
                ("model", models.CharField(max_length=60)),
                ("version", models.BigIntegerField()),
                ("scale", models.FloatField()),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "vector of a library entry",
                "verbose_name_plural": "vectors of library entries",
            },
        ),
    ]
