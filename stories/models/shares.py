"""Recommendations of practices from one Partnership to another, and how people hear of them.

A share is a row, never an alias: the practice stays where it is told, and the receiver's page shows
it credited (docs/adr/0019). It hangs on the practice's `translation_key`, hence on no language.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partnerships.models import Partnership


class ShareState(models.TextChoices):
    """Where a recommendation stands."""

    OFFERED = "offered", _("waits for an answer")
    ACCEPTED = "accepted", _("taken up")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class DeclineReason(models.TextChoices):
    """Why a recommendation was not taken up."""

    NOT_FOR_US = "not_for_us", _("it does not fit our communities")
    HAVE_IT = "have_it", _("we have something like it already")
    NO_MEANS = "no_means", _("we lack the people or the money for it")
    NOT_NOW = "not_now", _("not now, perhaps later")
    OTHER = "other", _("another reason")


class Share(models.Model):
    """A practice that one Partnership recommends to another: one row a receiver."""

    practice_key = models.UUIDField(_("practice"), db_index=True, editable=False)
    from_partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("told by"),
        on_delete=models.CASCADE,
        related_name="shares_given",
    )
    to_partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("recommended to"),
        on_delete=models.CASCADE,
        related_name="shares_received",
    )
    is_from_network = models.BooleanField(_("recommended by the network’s staff"), default=False)
    note = models.TextField(_("note"), max_length=600, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=ShareState.choices, default=ShareState.OFFERED
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    offered_at = models.DateTimeField(_("recommended on"), default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered on"), null=True)
    decline_reason = models.CharField(
        _("reason"), max_length=10, choices=DeclineReason.choices, blank=True
    )
    decline_text = models.TextField(_("in your words"), max_length=600, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)

    class Meta:
        verbose_name = _("recommendation between Partnerships")
        verbose_name_plural = _("recommendations between Partnerships")
        ordering: ClassVar[list[str]] = ["-offered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice_key", "to_partnership"],
                condition=models.Q(state__in=[ShareState.OFFERED, ShareState.ACCEPTED]),
                name="stories_share_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_partnership=models.F("to_partnership")),
                name="stories_share_to_another",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["to_partnership", "state"], name="stories_share_inbox"),
            models.Index(fields=["from_partnership", "offered_at"], name="stories_share_given"),
        ]

    def __str__(self) -> str:
        return f"{self.from_partnership} → {self.to_partnership}"


class NoticeKind(models.TextChoices):
    """What a person is told of a share: the state in which it then was."""

    OFFERED = "offered", _("a recommendation")
    ACCEPTED = "accepted", _("it was taken up")
    DECLINED = "declined", _("it was declined")


class ShareNotice(models.Model):
    """That a person was told of a share by mail: once, whether at once or in a digest."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_notices"
    )
    kind = models.CharField(max_length=8, choices=NoticeKind.choices)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("notice of a recommendation")
        verbose_name_plural = _("notices of recommendations")
        constraints = [
            models.UniqueConstraint(
                fields=["share", "user", "kind"], name="stories_share_told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.share_id} → {self.user_id}"


class MailRhythm(models.TextChoices):
    """How soon a person is written to about recommendations."""

    AT_ONCE = "at_once", _("at once, a mail for each")
    DAILY = "daily", _("once a day, all in one mail")
    WEEKLY = "weekly", _("once a week, on Sunday, all in one mail")


class SharingPreference(models.Model):
    """How soon a person wants to hear of recommendations; without a row: once a day."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="sharing_preference",
    )
    rhythm = models.CharField(
        _("mails about recommendations"),
        max_length=7,
        choices=MailRhythm.choices,
        default=MailRhythm.DAILY,
        help_text=_("When other Partnerships recommend something to yours, or answer you."),
    )

    class Meta:
        verbose_name = _("choice of mails about recommendations")
        verbose_name_plural = _("choices of mails about recommendations")

    def __str__(self) -> str:
        return f"{self.user}: {self.rhythm}"
