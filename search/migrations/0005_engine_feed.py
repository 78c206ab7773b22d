"""How far indexes outside the database were fed, and what was deleted meanwhile."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0004_library_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngineIndex",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, unique=True)),
                ("version", models.BigIntegerField(default=0)),
                ("entry_id", models.BigIntegerField(default=0)),
                ("streamed_to", models.UUIDField(blank=True, null=True)),
                ("streamed", models.BigIntegerField(default=0)),
                ("is_serving", models.BooleanField(default=False)),
                ("touched_at", models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name="LibraryDeletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("thing_key", models.UUIDField()),
                ("version", models.BigIntegerField()),
            ],
        ),
    ]
