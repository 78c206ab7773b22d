"""Committees: joint steering, subcommittees and task forces, led by volunteers of both sides."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from partnerships.enums import CHAIR_ROLES, CommitteeKind, SeatRole, Side
from partnerships.querysets import CommitteeSeatQuerySet
from portal.fields import TranslatedField
from portal.models import Provenance

from .partnerships import Partnership


class Committee(ClusterableModel, Provenance):
    """A committee of a Partnership; a subcommittee or task force names its parent."""

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="committees",
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="parts",
    )
    kind = models.CharField(_("kind"), max_length=15, choices=CommitteeKind.choices)
    side = models.CharField(
        _("side"), max_length=10, choices=Side.choices, blank=True, help_text=_("Empty: joint.")
    )
    name = TranslatedField(_("name"), max_length=160)
    meeting_rhythm = TranslatedField(_("how often it meets"), max_length=160, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("committee")
        verbose_name_plural = _("committees")
        ordering: ClassVar[list[str]] = ["sort_order", "pk"]

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        super().clean()
        if self.parent and self.parent.partnership_id != self.partnership_id:
            raise ValidationError({"parent": _("The parent belongs to another Partnership.")})
        ancestor, seen = self.parent, {self.pk}
        while ancestor is not None:
            if ancestor.pk is not None and ancestor.pk in seen:
                raise ValidationError({"parent": _("A committee can't be part of itself.")})
            seen.add(ancestor.pk)
            ancestor = ancestor.parent


class CommitteeSeat(models.Model):
    """A seat: its side, role and term. The public sees the role, never a name."""

    committee = ParentalKey(Committee, on_delete=models.CASCADE, related_name="seats")
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    role = models.CharField(
        _("role"), max_length=10, choices=SeatRole.choices, default=SeatRole.MEMBER
    )
    title = TranslatedField(
        _("title"), max_length=120, blank=True, help_text=_("For example “co-chair for education”.")
    )
    is_volunteer = models.BooleanField(_("volunteer"), default=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("holder's account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="committee_seats",
        help_text=_("Never shown in public."),
    )
    term_from = models.DateField(_("term from"), null=True, blank=True)
    term_to = models.DateField(_("term until"), null=True, blank=True)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = CommitteeSeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering: ClassVar[list[str]] = ["sort_order", "pk"]

    def __str__(self) -> str:
        return str(self.title) or self.get_role_display()

    @property
    def is_chair(self) -> bool:
        """Whether this seat leads the committee, alone or with others."""
        return self.role in CHAIR_ROLES

    def clean(self) -> None:
        super().clean()
        if self.term_from and self.term_to and self.term_to < self.term_from:
            raise ValidationError({"term_to": _("The term ends before it starts.")})


class CommitteeDecision(models.Model):
    """What a committee decided, as a summary that may be public."""

    committee = ParentalKey(Committee, on_delete=models.CASCADE, related_name="decisions")
    decided_on = models.DateField(_("decided on"))
    summary = TranslatedField(_("public summary"), max_length=600, multiline=True)
    is_public = models.BooleanField(_("public"), default=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar[list[str]] = ["-decided_on", "-pk"]

    def __str__(self) -> str:
        return str(self.summary)[:80]
