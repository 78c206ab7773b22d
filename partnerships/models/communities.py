"""Communities: Jewish communities abroad and places in Israel."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from partnerships.querysets import CommunityQuerySet
from portal.fields import TranslatedField
from portal.models import AbstractNameVariant, Provenance
from portal.models.users import validate_time_zone


class SizeBand(models.TextChoices):
    """How many people live in a community, roughly."""

    VERY_SMALL = "xs", _("under 2,000")
    SMALL = "s", _("2,000 to 10,000")
    MEDIUM = "m", _("10,000 to 50,000")
    LARGE = "l", _("50,000 to 200,000")
    VERY_LARGE = "xl", _("over 200,000")


class Community(ClusterableModel, Provenance):
    """A Jewish community abroad, or a town or regional council in Israel.

    It can belong to several Partnerships, by `Membership` rows. `slug` is its stable address.
    """

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = TranslatedField(_("name"), max_length=160)
    country_code = models.CharField(
        _("country"), max_length=2, help_text=_("Two letters, for example IL or US."), db_index=True
    )
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Asia/Jerusalem", validators=[validate_time_zone]
    )
    federation = TranslatedField(
        _("Federation or council"),
        max_length=200,
        blank=True,
        help_text=_("Who brings it together."),
    )
    website = models.URLField(_("website"), blank=True)
    size_band = models.CharField(_("size"), max_length=2, choices=SizeBand.choices, blank=True)
    spoken_languages = models.CharField(
        _("languages spoken"), max_length=120, blank=True, help_text=_("Codes, for example en, es.")
    )
    introduction = TranslatedField(_("introduction"), max_length=2000, multiline=True, blank=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return str(self.name) or self.slug

    @property
    def is_in_israel(self) -> bool:
        """Whether this is a place in Israel."""
        return self.country_code == "IL"


class CommunityVariant(AbstractNameVariant):
    """Another name of a community, a suburb or county it serves included."""

    community = ParentalKey(Community, on_delete=models.CASCADE, related_name="variants")

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "text"], name="partnerships_communityvariant_once"
            )
        ]
