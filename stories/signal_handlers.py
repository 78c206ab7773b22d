"""Signal handlers of the stories; each has one effect and may run twice."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from stories.models import ChallengePage, PracticePage
from stories.services.facts import record_challenge_facts, record_practice_facts


@receiver(post_save, sender=PracticePage)
def keep_practice_facts(sender: Any, instance: PracticePage, **kwargs: Any) -> None:
    """Write the language-neutral facts when the original of a practice is live."""
    if instance.live and not instance.is_translation and not instance.alias_of_id:
        record_practice_facts(instance)


@receiver(post_save, sender=ChallengePage)
def keep_challenge_facts(sender: Any, instance: ChallengePage, **kwargs: Any) -> None:
    """Write the language-neutral facts when the original of a challenge is live."""
    if instance.live and not instance.is_translation and not instance.alias_of_id:
        record_challenge_facts(instance)
