"""Questions that wait for a person: to moderate, to answer, to change, to make use of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from partnerships.permissions import standing_of
from portal.templatetags.portal_tags import localized
from portal.waiting import WaitingGroup, WaitingLine, group_of, in_its_language
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    Question,
    QuestionState,
)
from stories.questions import rights


def _url(question: Question) -> str:
    return reverse("questions_admin:detail", args=[question.key])


def _day(moment: datetime.datetime | None) -> str:
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""


def _line(question: Question, note: str = "") -> WaitingLine:
    return WaitingLine(
        title=in_its_language(question.title, question.language),
        url=_url(question),
        note=note,
        where=localized(question.partnership.name),
    )


def questions_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield what `user` may do something about."""
    standing = standing_of(user)
    if standing.acts_for_all:
        yield from _for_staff()
    own = rights.own_partnerships(user)
    if own:
        yield from _for_partnerships(user, own)


def _for_staff() -> Iterator[WaitingGroup]:
    list_url = reverse("questions_admin:mine")
    questions = Question.objects.filter(state=QuestionState.WAITING).select_related("partnership")
    yield group_of(
        questions.order_by("created_at", "pk"),
        lambda row: _line(row, _("handed in on %(day)s") % {"day": _day(row.created_at)}),
        key="questions_to_moderate",
        heading=_("Questions to look at before they are sent"),
        icon="help",
        more_url=f"{list_url}?state={QuestionState.WAITING}",
    )
    answers = (
        Answer.objects.filter(state=AnswerState.WAITING)
        .filter(asked__question__state__in=[QuestionState.OPEN, QuestionState.CLOSED])
        .select_related("asked__question", "asked__partnership")
        .order_by("answered_at", "pk")
    )
    yield group_of(
        answers,
        lambda row: WaitingLine(
            title=in_its_language(row.asked.question.title, row.asked.question.language),
            url=_url(row.asked.question),
            note=_("answered on %(day)s") % {"day": _day(row.answered_at)},
            where=localized(row.asked.partnership.name),
        ),
        key="answers_to_moderate",
        heading=_("Answers to look at before they show"),
        icon="help",
        more_url=list_url,
    )


def _for_partnerships(user: Any, own: set[int]) -> Iterator[WaitingGroup]:
    list_url = reverse("questions_admin:mine")
    asked = (
        AskedPartnership.objects.filter(
            partnership__in=own, state=AskedState.ASKED, question__state=QuestionState.OPEN
        )
        .filter(Q(answer=None) | Q(answer__state=AnswerState.SENT_BACK))
        .select_related("question__partnership")
        .order_by("question__closes_at", "pk")
    )
    yield group_of(
        asked,
        lambda row: _line(
            row.question, _("answer until %(day)s") % {"day": _day(row.question.closes_at)}
        ),
        key="questions_to_answer",
        heading=_("Questions of other Partnerships to you"),
        icon="help",
        more_url=list_url,
    )
    returned = Question.objects.filter(partnership__in=own, state=QuestionState.SENT_BACK)
    yield group_of(
        returned.select_related("partnership").order_by("created_at", "pk"),
        lambda row: _line(row, row.remark[:200]),
        key="questions_sent_back",
        heading=_("Questions of yours that were sent back"),
        icon="help",
        more_url=list_url,
    )
    unread = Answer.objects.filter(
        asked__question=OuterRef("pk"), state=AnswerState.SHOWN, is_useful=False
    )
    thanked = Answer.objects.filter(asked__question=OuterRef("pk"), is_useful=True)
    answered = (
        Question.objects.filter(partnership__in=own, state=QuestionState.OPEN)
        .filter(Exists(unread), ~Exists(thanked))
        .select_related("partnership")
        .order_by("closes_at", "pk")
    )
    yield group_of(
        answered,
        lambda row: _line(row, _("mark the answers that help you")),
        key="questions_answered",
        heading=_("Questions of yours that were answered"),
        icon="help",
        more_url=list_url,
    )
    drafts = Page.objects.filter(translation_key=OuterRef("note_key"), live=False)
    public = Page.objects.filter(translation_key=OuterRef("note_key"), live=True)
    noted = (
        Question.objects.filter(partnership__in=own, note_key__isnull=False)
        .filter(Exists(drafts), ~Exists(public))
        .select_related("partnership")
        .order_by("-noted_at", "pk")
    )
    yield group_of(
        noted,
        lambda row: _line(row, _("read the draft, and publish it")),
        key="notes_to_publish",
        heading=_("Library notes made of answers to your questions"),
        icon="doc-full",
        more_url=list_url,
    )
