"""Each side of a Partnership answers an outcome in its own words."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stories", "0008_reviews")]

    operations = [
        migrations.RemoveConstraint(model_name="outcomeanswer", name="stories_outcome_answer_once"),
        migrations.AddConstraint(
            model_name="outcomeanswer",
            constraint=models.UniqueConstraint(
                fields=("outcome", "partnership", "side"),
                name="stories_outcome_answer_once_a_side",
            ),
        ),
    ]
