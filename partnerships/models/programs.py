"""Programs, and what a person can do in them."""

from __future__ import annotations

import datetime
import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel

from partnerships.enums import Direction, ProgramStatus, SafeguardingClass, Season, Side, WayKind
from partnerships.querysets import ProgramQuerySet, WayToTakePartQuerySet
from portal.fields import TranslatedField
from portal.models import Provenance

from .partnerships import Partnership


class Program(ClusterableModel, Provenance):
    """A thing people can join, apart from the stories told of it."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("slug"), max_length=120)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="programs",
    )
    name = TranslatedField(_("name"), max_length=160)
    summary = TranslatedField(_("summary"), max_length=300, multiline=True, blank=True)
    type = models.ForeignKey(
        "portal.Concept",
        verbose_name=_("program type"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        limit_choices_to={"kind": "program_type"},
        related_name="programs_of_type",
    )
    concepts = ParentalManyToManyField(
        "portal.Concept",
        verbose_name=_("topics and audiences"),
        blank=True,
        related_name="programs",
    )
    status = models.CharField(
        _("status"), max_length=8, choices=ProgramStatus.choices, default=ProgramStatus.RUNNING
    )
    direction = models.CharField(
        _("direction"), max_length=12, choices=Direction.choices, blank=True
    )
    season = models.CharField(_("season"), max_length=8, choices=Season.choices, blank=True)
    age_from = models.PositiveSmallIntegerField(_("age from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("age to"), null=True, blank=True)
    participant_cost = models.DecimalField(
        _("cost to a participant"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    languages = models.CharField(
        _("languages used"), max_length=60, blank=True, help_text=_("Codes, for example en, he.")
    )
    accessibility = TranslatedField(_("accessibility"), max_length=300, blank=True)
    safeguarding = models.CharField(
        _("care for minors"), max_length=8, choices=SafeguardingClass.choices, blank=True
    )
    started_year = models.PositiveSmallIntegerField(_("runs since"), null=True, blank=True)
    ended_year = models.PositiveSmallIntegerField(_("ran until"), null=True, blank=True)
    follows_practice = models.UUIDField(
        _("follows the practice"), null=True, blank=True, editable=False, db_index=True
    )

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering: ClassVar[list[str]] = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "slug"], name="partnerships_program_slug_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.name) or self.slug

    def clean(self) -> None:
        super().clean()
        if self.age_from and self.age_to and self.age_to < self.age_from:
            raise ValidationError({"age_to": _("“Age to” is below “age from”.")})
        if self.participant_cost is not None and not self.currency:
            raise ValidationError({"currency": _("Say in which currency, for example USD.")})


class WayToTakePart(Provenance):
    """What one can do in a program: travel, host, volunteer, teach, join online, give.

    Each has its own side, ages, dates and deadline, so that a host is never filtered out by the
    participants' age (USERS A1).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = ParentalKey(Program, on_delete=models.CASCADE, related_name="ways")
    kind = models.CharField(_("what one does"), max_length=10, choices=WayKind.choices)
    side = models.CharField(
        _("side"), max_length=10, choices=Side.choices, blank=True, help_text=_("Empty: both.")
    )
    title = TranslatedField(_("title"), max_length=160)
    asks = TranslatedField(_("what it asks of you"), max_length=600, multiline=True, blank=True)
    next_steps = TranslatedField(_("what happens next"), max_length=600, multiline=True, blank=True)
    age_from = models.PositiveSmallIntegerField(_("age from"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("age to"), null=True, blank=True)
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    deadline = models.DateField(_("deadline"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    places_left = models.PositiveIntegerField(_("places left"), null=True, blank=True)
    is_closed = models.BooleanField(_("closed by hand"), default=False)
    usually_opens = TranslatedField(
        _("usually opens"), max_length=120, blank=True, help_text=_("For example “every November”.")
    )
    involves_minors = models.BooleanField(_("with minors"), default=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = WayToTakePartQuerySet.as_manager()

    class Meta:
        verbose_name = _("way to take part")
        verbose_name_plural = _("ways to take part")
        ordering: ClassVar[list[str]] = ["sort_order", "pk"]

    def __str__(self) -> str:
        return str(self.title)

    def is_open(self, on: datetime.date | None = None) -> bool:
        """Whether one can apply on that day (today when not given).

        The rule of `WayToTakePartQuerySet.open_on`, for one row.
        """
        day = on or timezone.localdate()
        return (
            not self.is_closed
            and self.places_left != 0
            and (self.opens_on is None or self.opens_on <= day)
            and (self.deadline is None or self.deadline >= day)
            and (self.deadline is not None or self.starts_on is None or self.starts_on >= day)
        )

    def clean(self) -> None:
        super().clean()
        if self.age_from and self.age_to and self.age_to < self.age_from:
            raise ValidationError({"age_to": _("“Age to” is below “age from”.")})
        if self.opens_on and self.deadline and self.deadline < self.opens_on:
            raise ValidationError({"deadline": _("The deadline is before the opening.")})
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("It ends before it starts.")})
        if (
            self.places is not None
            and self.places_left is not None
            and self.places_left > self.places
        ):
            raise ValidationError({"places_left": _("More places are left than there are.")})
