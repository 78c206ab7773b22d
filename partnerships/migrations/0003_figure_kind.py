"""Figures say what they are: a year is not written like a number of people."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("partnerships", "0002_text_is_demo")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="figure",
            name="kind",
            field=models.CharField(
                choices=[("count", "a number of something"), ("year", "a year")],
                default="count",
                help_text="A year is written without a separator: 1994, not 1,994.",
                max_length=8,
                verbose_name="what the number is",
            ),
        ),
    ]
