"""What the work beside the web process remembers: who is alive, jobs, refusals, mail to send."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.fields import language_choices


class Heartbeat(models.Model):
    """A worker or scheduler that says regularly that it lives.

    `beats` only grows. Others watch whether it moves, by their own monotonic clock, so that
    neither a clock that jumps nor two machines' clocks that differ make a living process look
    dead (`portal.liveness`). `beaten_at` is for people and for `/readyz`.
    """

    class Kind(models.TextChoices):
        """What the process does."""

        WORKER = "worker", _("worker")
        SCHEDULER = "scheduler", _("scheduler")

    token = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, db_index=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    beats = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    beaten_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"


class ScheduledJob(models.Model):
    """When a job of `portal.schedule` last ran, how it ended, and who holds it now.

    `holder` is the `Heartbeat.token` of the scheduler that runs it; empty when nobody does.
    `slot` is the number of the period that the last run was for.
    """

    name = models.CharField(max_length=80, primary_key=True)
    slot = models.BigIntegerField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("scheduled job")
        verbose_name_plural = _("scheduled jobs")

    def __str__(self) -> str:
        return self.name


class ScheduleRefusal(models.Model):
    """A publication or expiry that was due and could not be done; it is tried again later.

    `key` names what was tried: "publish:<revision>" or "expire:<content type>:<object>".
    """

    key = models.CharField(max_length=120, primary_key=True)
    error = models.TextField()
    attempts = models.PositiveIntegerField(default=0)
    first_refused_at = models.DateTimeField(default=timezone.now)
    next_attempt_at = models.DateTimeField()

    class Meta:
        verbose_name = _("refused publication")
        verbose_name_plural = _("refused publications")

    def __str__(self) -> str:
        return self.key


class MailState(models.TextChoices):
    """Where a mail is on its way out.

    SENDING means: a process has it in hand. If that process dies, nobody can know whether the
    mail server had already accepted the mail, so it becomes UNKNOWN and is not sent again unless
    a person says so.
    """

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown whether sent")


class OutgoingMail(models.Model):
    """One mail to one person, kept until it is sent; `key` makes sure that it is sent once."""

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=500)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    language = models.CharField(max_length=10, choices=language_choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reply_to = models.EmailField(max_length=254, blank=True)
    is_sensitive = models.BooleanField(
        default=False,
        help_text="Holds a link that lets its reader in: the text goes as soon as it is sent.",
    )
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "next_attempt_at"], name="portal_mail_due"),
            models.Index(fields=["state", "created_at"], name="portal_mail_age"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
