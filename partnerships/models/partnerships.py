"""The Partnership and its members."""

from __future__ import annotations

import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel

from partnerships.enums import (
    DatePrecision,
    MembershipRole,
    PartnershipStatus,
    Side,
    Verification,
)
from partnerships.querysets import MembershipQuerySet, PartnershipQuerySet
from portal.fields import TranslatedField
from portal.models import AbstractNameVariant, Provenance

from .communities import Community

#: What the network and its Partnerships have been called; the first is today's name.
NETWORK_NAMES = (
    "Partnership2Gether",
    "P2G",
    "P2K",
    "Partnership 2000",
    "Partnership 2Gether",
    "שותפות ביחד",
    "שותפות 2000",
)
#: What people say who look for their Partnership: it finds them all where it is all that they say.
PARTNERSHIP_CALLED = (
    "sister city",
    "sister region",
    "sister community",
    "our partnership",
    "Israel partnership",
    "Israeli partnership",
    "our Israel partnership",
    "partnership in Israel",
    "partnership with Israel",
    "our partnership in Israel",
    "our partnership with Israel",
    "עיר תאומה",
    "ערים תאומות",
    "ערי תאומות",
    "אזור תאום",
    "יישוב תאום",
    "השותפות שלנו",
    "השותפות בישראל",
    "השותפות הישראלית",
    "שותפות ישראל",
    "השותפות שלנו בישראל",
    "השותפות שלנו בארץ",
    "השותפות עם ישראל",
)


class PartnershipKind(models.Model):
    """A kind of Partnership: a vocabulary, since the network adds kinds (USERS E5)."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    label = TranslatedField(_("label"), max_length=120)
    is_counted = models.BooleanField(
        _("counted by the network"),
        default=True,
        help_text=_("Whether the network's own number of Partnerships includes this kind."),
    )

    class Meta:
        verbose_name = _("kind of Partnership")
        verbose_name_plural = _("kinds of Partnership")
        ordering: ClassVar[list[str]] = ["key"]

    def __str__(self) -> str:
        return str(self.label) or self.key


class Partnership(ClusterableModel, Provenance):
    """A tie between communities abroad and a city or region in Israel.

    `reference` and `slug` are stable: addresses, facets and the API hold them.
    """

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = TranslatedField(_("name"), max_length=200)
    kind = models.ForeignKey(
        PartnershipKind,
        verbose_name=_("kind"),
        on_delete=models.PROTECT,
        related_name="partnerships",
    )
    region_name = TranslatedField(
        _("name of the region in Israel"),
        max_length=160,
        blank=True,
        help_text=_("For example “Western Galilee”; empty for a single city."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=PartnershipStatus.choices,
        default=PartnershipStatus.ACTIVE,
    )
    verification = models.CharField(
        _("confirmation"),
        max_length=14,
        choices=Verification.choices,
        default=Verification.SUBSTANTIATED,
    )
    founded_year = models.PositiveSmallIntegerField(
        _("founded in"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1948), MaxValueValidator(2100)],
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    themes = ParentalManyToManyField(
        "portal.Concept", verbose_name=_("themes"), blank=True, related_name="partnerships"
    )
    collection = models.ForeignKey(
        "wagtailcore.Collection",
        verbose_name=_("collection of its pictures and files"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="partnerships",
    )
    contact_title = TranslatedField(
        _("contact's title"),
        max_length=120,
        blank=True,
        help_text=_("A role, for example “Partnership director”; never a name."),
    )
    contact_email = models.EmailField(
        _("contact's e-mail"), blank=True, help_text=_("Never shown; messages are passed on to it.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("usual answer time (days)"), null=True, blank=True
    )
    notes = models.TextField(_("notes for staff"), blank=True)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Partnership")
        verbose_name_plural = _("Partnerships")
        ordering: ClassVar[list[str]] = ["slug"]

    def __str__(self) -> str:
        return str(self.name) or self.slug

    @property
    def is_ended(self) -> bool:
        """Whether the Partnership has ended; its page stays, marked."""
        return self.status == PartnershipStatus.ENDED

    def clean(self) -> None:
        super().clean()
        if self.ended_on and self.status != PartnershipStatus.ENDED:
            raise ValidationError({"status": _("It has an end date, so its status is “ended”.")})


class PartnershipVariant(AbstractNameVariant):
    """Another or former name of a Partnership."""

    partnership = ParentalKey(Partnership, on_delete=models.CASCADE, related_name="variants")

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "text"], name="partnerships_partnershipvariant_once"
            )
        ]


class Membership(models.Model):
    """A community's dated place on one side of a Partnership, with its own contact.

    Members join and leave: rows are ended, never deleted (`left_on`). A contact by a visitor goes
    to the contact of the visitor's community, else to the Partnership's, else to network staff.
    """

    partnership = ParentalKey(Partnership, on_delete=models.CASCADE, related_name="memberships")
    community = models.ForeignKey(
        Community, verbose_name=_("community"), on_delete=models.PROTECT, related_name="memberships"
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    role = models.CharField(
        _("role"), max_length=10, choices=MembershipRole.choices, default=MembershipRole.PARTNER
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    joined_precision = models.CharField(
        _("exact to the"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.YEAR
    )
    left_on = models.DateField(_("left on"), null=True, blank=True)
    left_precision = models.CharField(
        _("exact to the"), max_length=5, choices=DatePrecision.choices, default=DatePrecision.YEAR
    )
    leaving_reason = TranslatedField(_("why it left"), max_length=255, blank=True)
    contact_title = TranslatedField(
        _("contact's title"),
        max_length=120,
        blank=True,
        help_text=_("A role, for example “Israel & Overseas associate”; never a name."),
    )
    contact_email = models.EmailField(
        _("contact's e-mail"), blank=True, help_text=_("Never shown; messages are passed on to it.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("usual answer time (days)"), null=True, blank=True
    )
    local_page = models.URLField(_("the community's own page"), blank=True)
    sources = models.TextField(_("sources"), blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner community")
        verbose_name_plural = _("partner communities")
        ordering: ClassVar[list[str]] = ["side", "sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True)
                | models.Q(joined_on__isnull=True)
                | models.Q(left_on__gte=models.F("joined_on")),
                name="partnerships_membership_leaves_after_joining",
            ),
            models.UniqueConstraint(
                fields=["partnership", "community", "side"],
                condition=models.Q(left_on__isnull=True),
                name="partnerships_membership_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community} – {self.partnership}"

    def is_current(self, on: datetime.date | None = None) -> bool:
        """Whether it belongs on that day (today when not given).

        The rule of `MembershipQuerySet.current`, for one row.
        """
        day = on or timezone.localdate()
        return (self.joined_on is None or self.joined_on <= day) and (
            self.left_on is None or self.left_on > day
        )

    def clean(self) -> None:
        super().clean()
        if self.joined_on and self.left_on and self.left_on < self.joined_on:
            raise ValidationError({"left_on": _("It can't leave before it joins.")})
        if self.side and self.community_id:
            in_israel = self.community.is_in_israel
            if in_israel != (self.side == Side.ISRAEL):
                raise ValidationError(
                    {"side": _("A place in Israel belongs to the Israeli side, others abroad.")}
                )
