"""Events of a Partnership."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.querysets import EventQuerySet
from portal.fields import TranslatedField
from portal.models import Provenance
from portal.models.users import validate_time_zone

from .communities import Community
from .partnerships import Partnership
from .programs import Program


class Event(Provenance):
    """Something at a time and a place; the exact place can be held back until `reveal_after`."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="events",
        help_text=_("Empty: an event of the whole network."),
    )
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
    )
    name = TranslatedField(_("name"), max_length=160)
    summary = TranslatedField(_("summary"), max_length=600, multiline=True, blank=True)
    starts_at = models.DateTimeField(_("starts"), db_index=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=50, default="Asia/Jerusalem", validators=[validate_time_zone]
    )
    community = models.ForeignKey(
        Community,
        verbose_name=_("community"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
    )
    place = TranslatedField(_("exact place"), max_length=200, blank=True)
    online_url = models.URLField(_("online address"), blank=True)
    involves_minors = models.BooleanField(_("with minors"), default=False)
    reveal_after = models.DateTimeField(
        _("hold place and day until"),
        null=True,
        blank=True,
        help_text=_("Until then the public sees the region and the month only."),
    )

    is_learning_session = models.BooleanField(
        _("learning session"),
        default=False,
        help_text=_("People of the Partnerships learn something here; it stands under “Support”."),
    )
    recording_url = models.URLField(
        _("address of the recording"), blank=True, help_text=_("Shown once the event is over.")
    )
    follow_up = TranslatedField(
        _("material to follow up"),
        max_length=1000,
        multiline=True,
        blank=True,
        help_text=_("What was shown, where to read on; shown once the event is over."),
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar[list[str]] = ["starts_at", "pk"]

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        super().clean()
        if self.ends_at and self.starts_at and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _("It ends before it starts.")})
