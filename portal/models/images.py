"""Images that know whom they show and whether those people agreed."""

from __future__ import annotations

import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition


class PeopleShown(models.TextChoices):
    """Who can be recognised in a picture."""

    UNKNOWN = "unknown", _("not said yet")
    NONE = "none", _("nobody recognisable")
    ADULTS = "adults", _("adults")
    MINORS = "minors", _("minors")


class ConsentState(models.TextChoices):
    """Whether the people shown agreed."""

    UNKNOWN = "unknown", _("not asked yet")
    GRANTED = "granted", _("given")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ConsentScope(models.TextChoices):
    """How far the consent reaches."""

    STORY = "story", _("this story only")
    PORTAL = "portal", _("this portal")
    PRESS = "press", _("this portal and the press")


class PortalImage(AbstractImage):
    """A picture with the record of consent that publication asks for.

    The evidence of consent is never kept here: images are public media. The Partnership of an
    image is its collection.
    """

    people_shown = models.CharField(
        _("people shown"),
        max_length=8,
        choices=PeopleShown.choices,
        default=PeopleShown.UNKNOWN,
        help_text=_("A picture can be public only when this is said."),
    )
    consent_state = models.CharField(
        _("consent"), max_length=10, choices=ConsentState.choices, default=ConsentState.UNKNOWN
    )
    consent_scope = models.CharField(
        _("consent reaches"), max_length=8, choices=ConsentScope.choices, blank=True
    )
    consent_expires_on = models.DateField(_("consent ends on"), null=True, blank=True)
    credit = models.CharField(_("credit"), max_length=255, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)

    admin_form_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "file",
        "description",
        "collection",
        "people_shown",
        "consent_state",
        "consent_scope",
        "consent_expires_on",
        "credit",
        "licence",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")
        permissions = [("choose_image", "Can choose image")]

    def may_be_public(self, on: datetime.date | None = None) -> bool:
        """Whether the picture may show on a public page on that day (today when not given)."""
        if self.people_shown == PeopleShown.NONE:
            return True
        if self.people_shown == PeopleShown.UNKNOWN or self.consent_state != ConsentState.GRANTED:
            return False
        day = on or timezone.localdate()
        return self.consent_expires_on is None or self.consent_expires_on >= day


class PortalRendition(AbstractRendition):
    """A size of a PortalImage."""

    image = models.ForeignKey(PortalImage, on_delete=models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        """Return the path in storage; its name can't be guessed from the picture's.

        Ready sizes are served without asking for rights, and the admin's thumbnails are made of
        pictures too that nobody agreed to show.
        """
        token = salted_hmac("portal.rendition", str(self.image_id)).hexdigest()[:16]
        return str(super().get_upload_to(f"{token}-{filename}"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"],
                name="portal_rendition_once",
            )
        ]
