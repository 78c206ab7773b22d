"""Numbers, each with its source: participation, budget shares, quoted figures."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.enums import BudgetGoal, CountMethod, FigureKind, ParticipationMode, Side
from portal.fields import TranslatedField
from portal.models import Provenance

from .partnerships import Partnership
from .programs import Program


class ParticipationRow(Provenance):
    """How many people took part in a program in a year, on one side and in one way.

    Sums over rows that may overlap are only "at least … at most …" (FEATURES L8).
    """

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="participation_rows",
    )
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="participation_rows",
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1994), MaxValueValidator(2100)]
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    mode = models.CharField(_("mode"), max_length=10, choices=ParticipationMode.choices)
    count = models.PositiveIntegerField(_("people"))
    method = models.CharField(_("how counted"), max_length=10, choices=CountMethod.choices)
    may_overlap = models.BooleanField(
        _("may overlap"), default=False, help_text=_("The same people may be in other rows too.")
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participation")
        ordering: ClassVar[list[str]] = ["-year", "partnership", "program", "side", "mode"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "year", "side", "mode"],
                name="partnerships_participation_once",
            ),
            models.UniqueConstraint(
                fields=["partnership", "year", "side", "mode"],
                condition=models.Q(program__isnull=True),
                name="partnerships_participation_of_all_programs_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program or self.partnership} {self.year}: {self.count}"


class BudgetShare(Provenance):
    """The share of a year's budget that went to one goal; of the network without a Partnership."""

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="budget_shares",
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(1994), MaxValueValidator(2100)]
    )
    goal = models.CharField(_("goal"), max_length=22, choices=BudgetGoal.choices)
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("budget share")
        verbose_name_plural = _("budget shares")
        ordering: ClassVar[list[str]] = ["-year", "goal"]
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "year", "goal"], name="partnerships_budgetshare_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.get_goal_display()}: {self.percent} %"


class Figure(Provenance):
    """A number shown to the public, quoted with its definition, source and as-of date.

    The network's "46" is such a figure, never a count of rows.
    """

    key = models.SlugField(_("key"), max_length=60)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="figures",
        help_text=_("Empty: a figure of the whole network."),
    )
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    kind = models.CharField(
        _("what the number is"),
        max_length=8,
        choices=FigureKind.choices,
        default=FigureKind.COUNT,
        help_text=_("A year is written without a separator: 1994, not 1,994."),
    )
    is_at_least = models.BooleanField(_("“more than”"), default=False)
    label = TranslatedField(_("label"), max_length=120)
    definition = TranslatedField(_("definition"), max_length=600, multiline=True, blank=True)
    as_of = models.DateField(_("as of"))
    as_of_is_approximate = models.BooleanField(_("date is approximate"), default=False)
    is_headline = models.BooleanField(_("shown on the front page"), default=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering: ClassVar[list[str]] = ["sort_order", "key", "-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "partnership", "as_of"], name="partnerships_figure_once_a_date"
            ),
            models.UniqueConstraint(
                fields=["key", "as_of"],
                condition=models.Q(partnership__isnull=True),
                name="partnerships_figure_of_network_once_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.value.normalize():f}"
