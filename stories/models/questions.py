"""A question that one Partnership asks others: who was asked and why, what they answered.

A question and its answers wait for the network's staff before anything is sent or shows. Each
step is a row of its own (`QuestionEvent`): who acted, in which role, when, and with which remark.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.enums import Role, Side
from partnerships.models import Partnership
from portal.fields import language_choices
from portal.models import Concept


class QuestionState(models.TextChoices):
    """Where a question stands."""

    WAITING = "waiting", _("waits for the network's staff")
    SENT_BACK = "sent_back", _("sent back with a remark")
    REFUSED = "refused", _("refused")
    OPEN = "open", _("open for answers")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class AskedState(models.TextChoices):
    """Where a Partnership stands with a question that was, or is to be, put to it."""

    PROPOSED = "proposed", _("to be asked")
    DROPPED = "dropped", _("left out by those who ask")
    ASKED = "asked", _("asked")
    PASSED = "passed", _("passed on: “not us”")


class AnswerState(models.TextChoices):
    """Where an answer stands."""

    WAITING = "waiting", _("waits for the network's staff")
    SENT_BACK = "sent_back", _("sent back with a remark")
    REFUSED = "refused", _("refused")
    SHOWN = "shown", _("shown")


class QuestionStep(models.TextChoices):
    """What happened to a question."""

    SUBMITTED = "submitted", _("handed in")
    CHANGED = "changed", _("changed and handed in again")
    APPROVED = "approved", _("approved and sent")
    SENT_BACK = "sent_back", _("sent back with a remark")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ASKED = "asked", _("a Partnership was asked")
    PASSED = "passed", _("a Partnership passed on")
    ANSWERED = "answered", _("a Partnership answered")
    ANSWER_CHANGED = "answer_changed", _("an answer was changed")
    ANSWER_SHOWN = "answer_shown", _("an answer was approved")
    ANSWER_SENT_BACK = "answer_sent_back", _("an answer was sent back with a remark")
    ANSWER_REFUSED = "answer_refused", _("an answer was refused")
    USEFUL = "useful", _("an answer was marked useful")
    NOT_USEFUL = "not_useful", _("the mark “useful” was taken away")
    LINKS_ENDED = "links_ended", _("reply links were ended")
    CLOSED = "closed", _("closed after its time")
    UNANSWERED = "unanswered", _("told that nobody answered")
    NOTED = "noted", _("a library note was drafted")


class LinkEnd(models.TextChoices):
    """Why a reply link no longer works."""

    ANSWERED = "answered", _("The question was answered.")
    PASSED = "passed", _("Your Partnership passed the question on.")
    REVOKED = "revoked", _("The link was ended by your Partnership or by the network's staff.")
    CLOSED = "closed", _("The time for answers is over.")
    WITHDRAWN = "withdrawn", _("The question was withdrawn.")


class Question(models.Model):
    """A question of one Partnership to at most five others."""

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    partnership = models.ForeignKey(
        Partnership,
        verbose_name=_("Partnership"),
        on_delete=models.CASCADE,
        related_name="questions",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role = models.CharField(_("role"), max_length=14, choices=Role.choices)
    side = models.CharField(_("side"), max_length=10, choices=Side.choices, blank=True)
    shown_name = models.CharField(_("name to be shown"), max_length=80, blank=True)
    title = models.CharField(_("the question in one sentence"), max_length=120)
    text = models.TextField(_("what stands behind it"), max_length=2000)
    language = models.CharField(_("language"), max_length=10, choices=language_choices)
    concepts = models.ManyToManyField(
        Concept, verbose_name=_("concepts"), blank=True, related_name="questions"
    )
    state = models.CharField(
        _("status"), max_length=10, choices=QuestionState.choices, default=QuestionState.WAITING
    )
    remark = models.TextField(_("remark of the network's staff"), blank=True)
    created_at = models.DateTimeField(_("handed in"))
    opened_at = models.DateTimeField(_("sent"), null=True)
    closes_at = models.DateTimeField(_("answers until"), null=True)
    closed_at = models.DateTimeField(_("closed on"), null=True)
    unanswered_told_at = models.DateTimeField(null=True)
    note_key = models.UUIDField(
        null=True, help_text=_("The `translation_key` of the library note made of the answers.")
    )
    noted_at = models.DateTimeField(null=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("question to the Partnerships")
        verbose_name_plural = _("questions to the Partnerships")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "closes_at"], name="stories_question_state"),
        ]

    def __str__(self) -> str:
        return self.title


class AskedPartnership(models.Model):
    """One Partnership that a question goes to, with the matcher's reasons."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="asked")
    partnership = models.ForeignKey(
        Partnership, on_delete=models.CASCADE, related_name="questions_asked_of"
    )
    rank = models.PositiveSmallIntegerField()
    reasons = models.JSONField(
        default=dict, help_text=_("Why, by language: what it tells, and what both share.")
    )
    state = models.CharField(max_length=8, choices=AskedState.choices, default=AskedState.PROPOSED)
    asked_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Partnership that is asked")
        verbose_name_plural = _("Partnerships that are asked")
        ordering: ClassVar[list[str]] = ["question", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "partnership"], name="stories_asked_once_a_question"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["partnership", "asked_at"], name="stories_asked_when"),
        ]

    def __str__(self) -> str:
        return f"{self.question}: {self.partnership}"


class Answer(models.Model):
    """What a Partnership answered: one answer each, in its own language, credited by role."""

    asked = models.OneToOneField(AskedPartnership, on_delete=models.CASCADE, related_name="answer")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role = models.CharField(max_length=14, choices=Role.choices)
    side = models.CharField(max_length=10, choices=Side.choices, blank=True)
    shown_name = models.CharField(max_length=80, blank=True)
    text = models.TextField(max_length=6000)
    language = models.CharField(max_length=10, choices=language_choices)
    state = models.CharField(
        max_length=10, choices=AnswerState.choices, default=AnswerState.WAITING
    )
    remark = models.TextField(blank=True)
    is_useful = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    moderated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering: ClassVar[list[str]] = ["asked__rank", "pk"]

    def __str__(self) -> str:
        return str(self.asked)


class ReplyLink(models.Model):
    """A way to answer without signing in: for one person or mailbox, Partnership and role.

    Only a digest of the secret is stored. It is spent by what is done with it, never by opening.
    Without `user` it went to the Partnership's own mailbox; `address_digest` says to which.
    """

    asked = models.ForeignKey(
        AskedPartnership, on_delete=models.CASCADE, related_name="reply_links"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    address_digest = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=14, choices=Role.choices)
    side = models.CharField(max_length=10, choices=Side.choices, blank=True)
    secret_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=LinkEnd.choices, blank=True)

    class Meta:
        verbose_name = _("reply link")
        verbose_name_plural = _("reply links")

    def __str__(self) -> str:
        return f"{self.asked} ({self.get_role_display()})"


class QuestionEvent(models.Model):
    """One step of a question: what, when, and by whom in which role."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="events")
    asked = models.ForeignKey(
        AskedPartnership, null=True, on_delete=models.CASCADE, related_name="events"
    )
    step = models.CharField(max_length=16, choices=QuestionStep.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role = models.CharField(max_length=14, choices=Role.choices, blank=True)
    side = models.CharField(max_length=10, choices=Side.choices, blank=True)
    remark = models.TextField(blank=True)

    class Meta:
        verbose_name = _("step of a question")
        verbose_name_plural = _("steps of questions")
        ordering: ClassVar[list[str]] = ["question", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.question}: {self.get_step_display()}"
