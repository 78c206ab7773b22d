"""Where a rebuild of the table is, so that one that was broken off can be gone on with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0012_hours_of_searches")]

    operations = [
        migrations.AddField("libraryclock", "rebuild_version", models.BigIntegerField(default=0)),
        migrations.AddField("libraryclock", "rebuild_page", models.BigIntegerField(default=0)),
        migrations.AddField(
            "libraryclock", "rebuild_pages", models.PositiveIntegerField(default=0)
        ),
        migrations.AddField("libraryclock", "rebuild_at", models.DateTimeField(null=True)),
    ]
