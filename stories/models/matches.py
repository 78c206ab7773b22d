"""What was found for open challenges: told once, whatever happens to the practice afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .facts import ChallengeFacts


class PracticeAnnouncement(models.Model):
    """A practice that was new once and whose matches were told; a later edit is no news."""

    translation_key = models.UUIDField(primary_key=True, editable=False)
    announced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("announced practice")
        verbose_name_plural = _("announced practices")

    def __str__(self) -> str:
        return str(self.translation_key)


class ChallengeMatch(models.Model):
    """A new practice that answers an open challenge: one row a pair, told to the owners once."""

    challenge = models.ForeignKey(ChallengeFacts, on_delete=models.CASCADE, related_name="matches")
    practice_key = models.UUIDField()
    found_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name = _("match of a challenge")
        verbose_name_plural = _("matches of challenges")
        ordering: ClassVar[list[str]] = ["-found_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "practice_key"], name="stories_challengematch_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id}: {self.practice_key}"
