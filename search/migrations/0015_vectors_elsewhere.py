"""Vectors have versions of the library's clock, and an index outside the database of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0014_counts_of_engines")]

    operations = [
        migrations.RenameField("libraryvector", "version", "built_version"),
        migrations.AddField(
            "libraryvector", "version", models.BigIntegerField(db_index=True, default=0)
        ),
        migrations.AddField(
            "engineindex", "holds", models.CharField(default="texts", max_length=10)
        ),
        migrations.AddField(
            "librarydeletion", "holds", models.CharField(default="texts", max_length=10)
        ),
    ]
