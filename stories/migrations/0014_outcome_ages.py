"""Keeps how old what a reported outcome says is, apart from when it was last worded."""

from __future__ import annotations

import re
from typing import Any

import django.utils.timezone
from django.db import migrations, models


def _count(reached: Any, counted_how: str) -> tuple[Any, list[str]]:
    return reached, re.findall(r"\w+", counted_how.casefold())


def fill_ages(apps: Any, schema_editor: Any) -> None:
    """Take from the former reports since when the judgement and the count stand."""
    outcomes = apps.get_model("stories", "Outcome")
    formers = apps.get_model("stories", "FormerReport")
    for outcome in outcomes.objects.iterator():
        outcome.counted_at = outcome.judged_at = outcome.at
        count = _count(outcome.reached, outcome.counted_how)
        is_same_count = True
        for former in formers.objects.filter(outcome=outcome).order_by("-reported_at", "-pk"):
            if former.against_aim != outcome.against_aim:
                break
            outcome.judged_at = former.reported_at
            told = former.told
            is_same_count &= count == _count(told.get("reached"), told.get("counted_how", ""))
            if is_same_count:
                outcome.counted_at = former.reported_at
        outcome.save(update_fields=["counted_at", "judged_at"])


class Migration(migrations.Migration):
    dependencies = [("stories", "0013_challenge_adoption")]

    operations = [
        migrations.AddField(
            model_name="outcome",
            name="counted_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name="outcome",
            name="judged_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunPython(fill_ages, migrations.RunPython.noop, elidable=True),
    ]
