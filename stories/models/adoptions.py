"""A practice that a Partnership took over: how far it is, what came of it, who answered.

People are remembered by id for the log, and shown to the public by role alone.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.enums import Role, Side
from partnerships.models import Partnership
from portal.fields import TranslatedField, language_choices
from stories.enums import ADOPTION_MOVES, AdoptionState, AgainstAim, RunKind, StopReason

from .lineage import LineageEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Act(models.Model):
    """Abstract: who did something, when, and for which Partnership, role and side."""

    at = models.DateTimeField(_("when"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role = models.CharField(_("role"), max_length=14, choices=Role.choices)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices, blank=True)

    class Meta:
        abstract = True


class Adoption(models.Model):
    """A Partnership's own version of a practice of others; its page is an ordinary practice.

    `is_announced`: while its page was never public, the public may read that “a Partnership” has
    it in this state.
    """

    practice = models.OneToOneField(
        LineageEntry, primary_key=True, on_delete=models.CASCADE, related_name="adoption"
    )
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="adoptions",
    )
    state = models.CharField(
        _("state"),
        max_length=11,
        choices=AdoptionState.choices,
        default=AdoptionState.CONSIDERING,
    )
    planned_start = models.DateField(_("planned start"), null=True, blank=True)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    contact_role = models.CharField(
        _("contact"),
        max_length=160,
        blank=True,
        help_text=_("A role, such as “coordinator of school twinning”; never a name."),
    )
    is_announced = models.BooleanField(
        _("tell the public that a Partnership considers it"),
        default=False,
        help_text=_("Without your name, until your own page of it is public."),
    )
    stop_reason = models.CharField(
        _("reason"), max_length=12, choices=StopReason.choices, blank=True
    )
    # The practice whose words were copied, whatever sources are named or taken away later.
    copied_from = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("practice taken over")
        verbose_name_plural = _("practices taken over")
        ordering: ClassVar[list[str]] = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=AdoptionState.STOPPED) | ~models.Q(stop_reason=""),
                name="stories_adoption_stopped_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return str(self.practice)

    @property
    def next_states(self) -> tuple[AdoptionState, ...]:
        """The states to which it may go from here."""
        return ADOPTION_MOVES[AdoptionState(self.state)]

    @property
    def is_stop_agreed(self) -> bool:
        """Whether all that it concerns agreed that a stop is public; prefetch for many."""
        ends = {source.parent.partnership_id for source in self.sources.all()}
        agreed = {agreement.partnership_id for agreement in self.agreements.all()}
        return {self.partnership_id, *ends} - {None} <= agreed


def adoption_of(page: Any) -> Adoption | None:
    """Return the adoption that a practice page belongs to; remembered on the instance."""
    if "_adoption" not in page.__dict__:
        rows = Adoption.objects.prefetch_related("sources").filter(pk=page.translation_key)
        page.__dict__["_adoption"] = rows.first() if page.pk else None
    found: Adoption | None = page.__dict__["_adoption"]
    return found


class AdoptionChange(Act):
    """One move of an adoption from a state to the next; the first has no former one."""

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="changes")
    from_state = models.CharField(max_length=11, choices=AdoptionState.choices, blank=True)
    to_state = models.CharField(max_length=11, choices=AdoptionState.choices)
    on = models.DateField(
        _("since"), null=True, help_text=_("The day that its people gave; empty: not known.")
    )
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("change of state")
        verbose_name_plural = _("changes of state")
        ordering: ClassVar[list[str]] = ["adoption", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.adoption_id}: {self.to_state}"

    @property
    def day(self) -> datetime.date:
        """Since when it is so: the day that was given, else the day on which it was entered."""
        return self.on or timezone.localdate(self.at)


class StopAgreement(Act):
    """A Partnership of either end agrees that the public may read of a stop, and why.

    It is public once the one that took it over and every one that it was taken over from agree.
    """

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="agreements")
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("agreement to tell of a stop")
        verbose_name_plural = _("agreements to tell of a stop")
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "partnership"], name="stories_stop_agreement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.adoption_id}: {self.partnership_id}"


class Outcome(Act):
    """What came of an adoption, 6 and 12 months after its start; public once reported."""

    MONTHS: ClassVar[tuple[int, ...]] = (6, 12)

    adoption = models.ForeignKey(Adoption, on_delete=models.CASCADE, related_name="outcomes")
    months = models.PositiveSmallIntegerField(
        _("months after the start"), choices=[(months, months) for months in MONTHS]
    )
    reached = models.PositiveIntegerField(_("how many people it reached"), null=True, blank=True)
    counted_how = models.CharField(_("how they were counted"), max_length=255, blank=True)
    against_aim = models.CharField(
        _("held against the aim"), max_length=7, choices=AgainstAim.choices
    )
    context = models.CharField(
        _("under which circumstances"),
        max_length=255,
        blank=True,
        help_text=_("What others should know to judge it, such as “two towns, in wartime”."),
    )
    cost_amount = models.DecimalField(
        _("what it cost"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    cost_currency = models.CharField(_("currency"), max_length=3, blank=True)
    cost_year = models.PositiveSmallIntegerField(
        _("prices of the year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1990), MaxValueValidator(2100)],
    )
    lesson = models.TextField(_("one lesson"), max_length=600, blank=True)
    lesson_language = models.CharField(
        _("language of the lesson"), max_length=10, choices=language_choices, blank=True
    )
    # `at` is when it was last written. The count and judgement that stand now were told then; an
    # answer is one to the judgement.
    counted_at = models.DateTimeField(default=timezone.now, editable=False)
    judged_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reported outcome")
        verbose_name_plural = _("reported outcomes")
        ordering: ClassVar[list[str]] = ["adoption", "months"]
        constraints = [
            models.UniqueConstraint(fields=["adoption", "months"], name="stories_outcome_once")
        ]

    def __str__(self) -> str:
        return f"{self.adoption_id}: {self.months}"

    @property
    def count(self) -> tuple[int | None, list[str]]:
        """How many it reached and how they were counted: the words, whatever stands between."""
        return self.reached, re.findall(r"\w+", self.counted_how.casefold())

    @property
    def corrected_on(self) -> datetime.date | None:
        """When it was last corrected; None for a first report (prefetch `former_reports`)."""
        return timezone.localdate(self.at) if self.former_reports.all() else None

    @property
    def aims_before(self) -> list[StrOrPromise]:
        """What was said of the aim before, in words, where that was something else."""
        before = dict.fromkeys(former.against_aim for former in self.former_reports.all())
        return [AgainstAim(aim).label for aim in before if aim != self.against_aim]


class FormerReport(Act):
    """An outcome as it was reported before it was corrected: what was said, by whom, when."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="former_reports")
    reported_at = models.DateTimeField(_("reported on"))
    against_aim = models.CharField(max_length=7, choices=AgainstAim.choices)
    told = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("former report of an outcome")
        verbose_name_plural = _("former reports of outcomes")
        ordering: ClassVar[list[str]] = ["outcome", "-reported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.outcome_id}: {self.against_aim}"


class OutcomeAnswer(Act):
    """What a Partnership of either end says to a reported outcome; one a side, the last counts."""

    outcome = models.ForeignKey(Outcome, on_delete=models.CASCADE, related_name="answers")
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("answer"), max_length=600)
    language = models.CharField(_("language"), max_length=10, choices=language_choices)

    class Meta:
        verbose_name = _("answer to an outcome")
        verbose_name_plural = _("answers to outcomes")
        ordering: ClassVar[list[str]] = ["outcome", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "partnership", "side"], name="stories_outcome_answer_once_a_side"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome_id}: {self.partnership_id}"


class EarlierRun(models.Model):
    """A run from before the portal, known from a public source; recorded by network staff."""

    practice_key = models.UUIDField(db_index=True, editable=False)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="earlier_runs",
    )
    place = TranslatedField(
        _("or place"), max_length=160, blank=True, help_text=_("Where no Partnership is here.")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MinValueValidator(1948)]
    )
    kind = models.CharField(
        _("what the source says"),
        max_length=10,
        choices=RunKind.choices,
        default=RunKind.SAME_MODEL,
    )
    source = models.CharField(_("source"), max_length=255)
    source_url = models.URLField(_("address of the source"), blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("earlier run")
        verbose_name_plural = _("earlier runs")
        ordering: ClassVar[list[str]] = ["practice_key", "year", "pk"]

    def __str__(self) -> str:
        return f"{self.partnership or self.place} {self.year or ''}".strip()
