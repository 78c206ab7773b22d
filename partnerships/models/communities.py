"""Communities: Jewish communities abroad and places in Israel."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from partnerships.calendars import regions_of
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


class SchoolYear(models.TextChoices):
    """When schools begin their year, as far as it matters for what is done together."""

    AUTUMN = "autumn", _("begins in August or September")
    SUMMER = "summer", _("begins in January or February")


class BudgetBand(models.TextChoices):
    """What a community can put into one program in a year, roughly; its own side's money."""

    TINY = "1000", _("up to 1,000 US dollars")
    SMALL = "5000", _("up to 5,000 US dollars")
    MEDIUM = "20000", _("up to 20,000 US dollars")
    LARGE = "50000", _("up to 50,000 US dollars")
    VERY_LARGE = "more", _("more than 50,000 US dollars")


class SecurityState(models.TextChoices):
    """What security allows at present."""

    OPEN = "open", _("no special limits")
    SHELTER = "shelter", _("near a shelter only")
    NO_GROUPS = "no_groups", _("no groups from outside")


class Climate(models.TextChoices):
    """What the weather of a place is like over the year."""

    MEDITERRANEAN = "mediterranean", _("dry hot summers, mild rainy winters")
    DESERT = "desert", _("very hot summers, mild dry winters")
    CONTINENTAL = "continental", _("warm summers, winters with snow")
    OCEANIC = "oceanic", _("mild summers, cool winters, rain all year")
    TROPICAL = "tropical", _("warm all year")


class Community(ClusterableModel, Provenance):
    """A Jewish community abroad, or a town or regional council in Israel.

    It can belong to several Partnerships, by `Membership` rows. `slug` is its stable address.
    """

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = TranslatedField(_("name"), max_length=160)
    country_code = models.CharField(
        _("country"), max_length=2, help_text=_("Two letters, for example IL or US."), db_index=True
    )
    region_code = models.CharField(
        _("state or province"),
        max_length=20,
        blank=True,
        help_text=_("Its short code, for example VIC or ON: whose holidays are kept there."),
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
    school_year = models.CharField(
        _("school year"), max_length=6, choices=SchoolYear.choices, blank=True
    )
    budget_band = models.CharField(
        _("money for a program"), max_length=5, choices=BudgetBand.choices, blank=True
    )
    staff_hours = models.PositiveSmallIntegerField(
        _("paid hours a week for the Partnership"), null=True, blank=True
    )
    security = models.CharField(
        _("security at present"), max_length=9, choices=SecurityState.choices, blank=True
    )
    climate = models.CharField(_("climate"), max_length=13, choices=Climate.choices, blank=True)
    profile_is_demo = models.BooleanField(default=False, editable=False)
    introduction = TranslatedField(_("introduction"), max_length=2000, multiline=True, blank=True)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return str(self.name) or self.slug

    #: What “Would it fit us?” compares.
    PROFILE: ClassVar[tuple[str, ...]] = (
        "size_band",
        "spoken_languages",
        "school_year",
        "budget_band",
        "staff_hours",
        "security",
        "climate",
    )

    def clean(self) -> None:
        super().clean()
        told = self.region_code.strip()
        known = {code.casefold(): code for code in regions_of(self.country_code)}
        if told and known and told.casefold() not in known:
            codes = ", ".join(known.values())
            message = _("In this country it is one of: %(codes)s.") % {"codes": codes}
            raise ValidationError({"region_code": message})
        self.region_code = known.get(told.casefold(), told)
        if self.profile_is_demo and self.pk:  # who changes an invented profile tells the own one
            before = type(self).objects.filter(pk=self.pk).values(*self.PROFILE).first()
            if before != {name: getattr(self, name) for name in self.PROFILE}:
                self.profile_is_demo = False

    @property
    def calendar_code(self) -> str:
        """The country, with the state or province where it is told: "AU-VIC"."""
        return "-".join(filter(None, (self.country_code, self.region_code)))

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
