"""The register of twinned schools and classes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.fields import TranslatedField
from portal.models import Provenance

from .communities import Community
from .partnerships import Partnership


class SchoolLevel(models.TextChoices):
    """The ages of a twinned class."""

    KINDERGARTEN = "kindergarten", _("kindergarten")
    PRIMARY = "primary", _("primary school")
    MIDDLE = "middle", _("middle school")
    HIGH = "high", _("high school")
    SUPPLEMENTARY = "supplementary", _("supplementary school")


class SchoolTwin(Provenance):
    """Two schools that learn together.

    Names of schools are for the network only unless both schools asked otherwise (USERS F4); the
    public sees the communities and the level.
    """

    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="school_twins",
    )
    israel_community = models.ForeignKey(
        Community,
        verbose_name=_("place in Israel"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    diaspora_community = models.ForeignKey(
        Community,
        verbose_name=_("community abroad"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    israel_school = TranslatedField(_("school in Israel"), max_length=160)
    diaspora_school = TranslatedField(_("school abroad"), max_length=160)
    level = models.CharField(_("level"), max_length=14, choices=SchoolLevel.choices)
    since_year = models.PositiveSmallIntegerField(_("since"), null=True, blank=True)
    until_year = models.PositiveSmallIntegerField(_("until"), null=True, blank=True)
    names_are_public = models.BooleanField(_("names may be public"), default=False)

    class Meta:
        verbose_name = _("school twinning")
        verbose_name_plural = _("school twinnings")
        ordering: ClassVar[list[str]] = ["partnership", "pk"]

    def __str__(self) -> str:
        return f"{self.israel_school} – {self.diaspora_school}"
