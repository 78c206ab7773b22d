"""Ties a challenge that a practice of others solved to what its Partnership brought over."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def tie(apps: Any, schema_editor: Any) -> None:
    """Tie those that named the practice taken over, or the own version, where there is one."""
    facts_type = apps.get_model("stories", "ChallengeFacts")
    adoptions = apps.get_model("stories", "Adoption")
    for facts in facts_type.objects.exclude(solved_by=None):
        own = adoptions.objects.filter(partnership=facts.partnership_id)
        named = models.Q(pk=facts.solved_by) | models.Q(sources__parent=facts.solved_by)
        adoption = own.filter(named).order_by("created_at", "pk").first()
        if adoption is not None:
            facts_type.objects.filter(pk=facts.pk).update(adoption=adoption, solved_by=adoption.pk)


class Migration(migrations.Migration):
    dependencies = [("stories", "0012_corrections")]

    operations = [
        migrations.AddField(
            model_name="challengefacts",
            name="adoption",
            field=models.ForeignKey(
                help_text="What its Partnership brought over that solved it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="challenges",
                to="stories.adoption",
            ),
        ),
        migrations.AddField(
            model_name="challengefacts",
            name="stop_noted_at",
            field=models.DateTimeField(
                help_text="When its owners said that it is solved though that was stopped.",
                null=True,
            ),
        ),
        migrations.RunPython(tie, migrations.RunPython.noop, elidable=True),
    ]
