"""What is true of a practice or challenge in every language, keyed by `translation_key`.

Editors fill these on the page first told (its drafts, previews and revisions hold them); they are
written here in the same transaction when that page goes live, and every translation shows them
from here (docs/adr/0006). What happens to a practice afterwards hangs on the same key.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.enums import Direction, Season
from partnerships.models import Partnership
from stories.enums import (
    AdoptionState,
    ChallengeStatus,
    CostCategory,
    CostPayer,
    MentorOffer,
    PracticeOutcome,
    SecurityNeed,
    WeatherNeed,
)
from stories.network_parts import default_network_parts


class PracticeFacts(models.Model):
    """The language-neutral facts of one practice."""

    translation_key = models.UUIDField(primary_key=True, editable=False)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.CASCADE, related_name="practice_facts"
    )
    original_language = models.CharField(max_length=10)
    outcome = models.CharField(
        max_length=6, choices=PracticeOutcome.choices, default=PracticeOutcome.WORKED
    )
    direction = models.CharField(max_length=12, choices=Direction.choices, blank=True)
    season = models.CharField(max_length=8, choices=Season.choices, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    group_size = models.PositiveIntegerField(null=True)
    lead_time_weeks = models.PositiveSmallIntegerField(null=True)
    duration_days = models.PositiveSmallIntegerField(null=True)
    first_run_year = models.PositiveSmallIntegerField(null=True)
    is_running = models.BooleanField(null=True)
    last_confirmed_on = models.DateField(null=True)
    activity_languages = models.CharField(max_length=60, blank=True)
    security_need = models.CharField(max_length=7, choices=SecurityNeed.choices, blank=True)
    weather_need = models.CharField(max_length=4, choices=WeatherNeed.choices, blank=True)
    mentor_offer = models.CharField(
        max_length=4, choices=MentorOffer.choices, default=MentorOffer.NONE
    )
    is_looking_for_partners = models.BooleanField(default=False)
    has_counted_result = models.BooleanField(default=False)
    external_evaluator = models.CharField(max_length=255, blank=True)
    evaluation_digest = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("What the review holds for; see `stories.evidence.evaluation_digest`."),
    )
    first_told_on = models.DateField(null=True)
    network_parts = models.JSONField(default=default_network_parts)
    accepted_at = models.DateTimeField(
        null=True, help_text=_("When network staff reviewed it; empty: “not yet reviewed”.")
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_back_at = models.DateTimeField(
        null=True, help_text=_("When network staff reviewed it and sent it back.")
    )
    sent_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sent_back_reason = models.TextField(max_length=600, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("facts of a practice")
        verbose_name_plural = _("facts of practices")

    def __str__(self) -> str:
        return str(self.translation_key)

    @property
    def waits_for_review(self) -> bool:
        """Whether an evaluation by others waits for the network's staff."""
        return bool(self.external_evaluator) and not (self.accepted_at or self.sent_back_at)


class PracticeCost(models.Model):
    """A line of a practice's cost table."""

    practice = models.ForeignKey(PracticeFacts, on_delete=models.CASCADE, related_name="costs")
    sort_order = models.PositiveSmallIntegerField(default=0)
    category = models.CharField(max_length=10, choices=CostCategory.choices)
    item = models.CharField(max_length=255, blank=True)
    payer = models.CharField(max_length=11, choices=CostPayer.choices)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    is_each_run = models.BooleanField(default=True)
    is_in_kind = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("cost of a practice")
        verbose_name_plural = _("costs of practices")
        ordering: ClassVar[list[str]] = ["practice", "sort_order", "pk"]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.amount} {self.currency}"


class ChallengeFacts(models.Model):
    """The language-neutral facts of one challenge."""

    translation_key = models.UUIDField(primary_key=True, editable=False)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.CASCADE, related_name="challenge_facts"
    )
    original_language = models.CharField(max_length=10)
    status = models.CharField(
        max_length=18, choices=ChallengeStatus.choices, default=ChallengeStatus.OPEN
    )
    closed_on = models.DateField(null=True)
    direction = models.CharField(max_length=12, choices=Direction.choices, blank=True)
    season = models.CharField(max_length=8, choices=Season.choices, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True)
    age_to = models.PositiveSmallIntegerField(null=True)
    budget_amount = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    budget_currency = models.CharField(max_length=3, blank=True)
    without_travel = models.BooleanField(default=False)
    languages = models.CharField(max_length=60, blank=True)
    news_on = models.DateField(
        default=timezone.localdate,
        help_text=_("When its owners last said that it is as they tell it."),
    )
    warned_on = models.DateField(
        null=True, help_text=_("When they were told that it will count as stale.")
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    solved_by = models.UUIDField(
        null=True, help_text=_("The practice that solved it, by its key in every language.")
    )
    adoption = models.ForeignKey(
        "stories.Adoption",
        null=True,
        on_delete=models.SET_NULL,
        related_name="challenges",
        help_text=_("What its Partnership brought over that solved it."),
    )
    stop_noted_at = models.DateTimeField(
        null=True, help_text=_("When its owners said that it is solved though that was stopped.")
    )
    closing_note = models.CharField(max_length=300, blank=True)
    closing_language = models.CharField(max_length=10, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("facts of a challenge")
        verbose_name_plural = _("facts of challenges")

    def __str__(self) -> str:
        return str(self.translation_key)

    @property
    def is_in_doubt(self) -> bool:
        """Whether what solved it was stopped since, and its owners have not said what holds."""
        adoption = self.adoption if self.adoption_id and not self.stop_noted_at else None
        return adoption is not None and adoption.state == AdoptionState.STOPPED

    @property
    def is_open(self) -> bool:
        """Whether its owners still look for what others did."""
        return self.status == ChallengeStatus.OPEN
