"""“Counted” asks nothing any more of evaluations that are only attached."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stories", "0014_outcome_ages")]

    operations = [
        migrations.RemoveField(model_name="practicefacts", name="has_evaluation"),
    ]
