"""How an engine outside the database did, by day, of all processes together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0013_rebuild_goes_on")]

    operations = [
        migrations.CreateModel(
            name="EngineCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("day", models.DateField(db_index=True)),
                ("count", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("name", "day"), name="search_engine_count_once"
                    ),
                ),
            },
        ),
    ]
