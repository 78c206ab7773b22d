"""Messages of visitors that the portal passes on, so that neither side sees an address.

What was written, and who wrote it, is forgotten after `KEPT_DAYS`; when it came and when it was
answered stays, since usual answer times are computed from it.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import Community, Partnership
from partnerships.services.routing import RouteKind
from portal.fields import language_choices

#: Texts, names and addresses are deleted after so many days (USERS F6).
KEPT_DAYS = 90


class ContactRequest(models.Model):
    """A visitor's message to who tells a page, or to the support desk (no page)."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form_key = models.CharField(max_length=64, unique=True, editable=False)
    page_key = models.UUIDField(_("page"), null=True, db_index=True, editable=False)
    page_title = models.CharField(_("about"), max_length=255, blank=True)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        null=True,
        on_delete=models.CASCADE,
        related_name="contact_requests",
    )
    community = models.ForeignKey(
        Community,
        verbose_name=_("the visitor’s community"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    place = models.CharField(_("community or Partnership"), max_length=160, blank=True)
    language = models.CharField(max_length=10, choices=language_choices)
    route = models.CharField(_("went to"), max_length=11, choices=RouteKind.choices)
    created_at = models.DateTimeField(_("came on"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered on"), null=True)
    forgotten_at = models.DateTimeField(_("text deleted on"), null=True)

    class Meta:
        verbose_name = _("message of a visitor")
        verbose_name_plural = _("messages of visitors")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["partnership", "created_at"], name="stories_contact_place"),
            models.Index(fields=["email", "created_at"], name="stories_contact_sender"),
        ]

    def __str__(self) -> str:
        return self.page_title or str(_("Support desk"))

    @property
    def is_forgotten(self) -> bool:
        """Whether its texts and addresses were deleted."""
        return self.forgotten_at is not None


class ContactRecipient(models.Model):
    """Somebody who was written to, hence may answer by the link of that mail."""

    request = models.ForeignKey(ContactRequest, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    email = models.EmailField(blank=True)

    class Meta:
        verbose_name = _("recipient of a visitor’s message")
        verbose_name_plural = _("recipients of visitors’ messages")
        constraints = [
            models.UniqueConstraint(
                fields=["request", "email"],
                condition=~models.Q(email=""),
                name="stories_contact_recipient_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.pk}"


class ContactMessageQuerySet(models.QuerySet["ContactMessage"]):
    """Messages by what is to be done with them."""

    def waiting(self) -> ContactMessageQuerySet:
        """Return what visitors wrote and nobody answered yet."""
        return self.filter(recipient=None, settled_at=None, request__forgotten_at=None)


class ContactMessage(models.Model):
    """One message of an exchange; `recipient` wrote it, or the visitor (None).

    A visitor's message waits until somebody answers in the exchange, or says that it needs no
    answer (`settled_at`); each that waits too long goes to the network's staff.
    """

    request = models.ForeignKey(ContactRequest, on_delete=models.CASCADE, related_name="messages")
    recipient = models.ForeignKey(
        ContactRecipient, null=True, on_delete=models.CASCADE, related_name="messages"
    )
    form_key = models.CharField(max_length=64, unique=True)
    text = models.TextField(blank=True)
    shows_address = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(_("to be answered by"), null=True)
    settled_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(_("given to the network’s staff on"), null=True)

    objects = ContactMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(recipient=None, settled_at=None, escalated_at=None),
                name="stories_contact_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.pk}"
