"""What one person sees of a question behind the scenes, and which buttons there are for her.

A fixed number of queries. Answers that were not approved show to the staff and to those who wrote
them, nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from wagtail.models import Page
from wagtail.permissions import policy_registry

from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    Question,
    QuestionEvent,
    QuestionState,
)
from stories.questions import rights
from stories.questions.credits import answer_credit, question_credit


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A Partnership that is asked, as one person may see and act on it."""

    asked: AskedPartnership
    reasons: list[dict[str, Any]]
    answer: Answer | None
    credit: str
    may_answer: bool
    may_pass: bool
    may_moderate: bool
    may_thank: bool
    may_end_links: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class QuestionBoard:
    """A question, its Partnerships and its log, for one person."""

    credit: str
    lines: list[AskedLine]
    events: list[QuestionEvent]
    may_moderate: bool
    may_change: bool
    may_withdraw: bool
    is_asker: bool
    public_url: str
    note_links: list[tuple[Page, str]] = field(default_factory=list)

    @property
    def answer_initial(self) -> dict[str, str]:
        """What the form of a sent-back answer begins with."""
        for line in self.lines:
            if line.may_answer and line.answer is not None:
                found = line.answer
                names = ("text", "language", "shown_name")
                return {name: getattr(found, name) for name in names}
        return {}


def reasons_for_reader(asked: AskedPartnership) -> list[dict[str, Any]]:
    """Return the stored reasons in the reader's language, else in any."""
    stored = asked.reasons if isinstance(asked.reasons, dict) else {}
    return list(stored.get(get_language() or "") or next(iter(stored.values()), []))


def board_of(question: Question, user: Any) -> QuestionBoard:
    """Return what `user` sees of a question and may do with it."""
    staff = rights.is_staff(user)
    own = rights.own_partnerships(user)
    keeps = rights.may_keep(user, question)
    is_asker = staff or question.partnership_id in own
    rows = question.asked.select_related("partnership", "answer__author")
    lines = []
    for asked in rows:
        asked.question = question
        is_own = asked.partnership_id in own
        if not (is_asker or is_own) and asked.state not in (AskedState.ASKED, AskedState.PASSED):
            continue
        lines.append(_line(asked, question, user, staff=staff, is_own=is_own))
    events = question.events.select_related("asked__partnership") if is_asker else []
    public = _public_url(question, lines)
    return QuestionBoard(
        credit=question_credit(question),
        lines=lines,
        events=list(events),
        may_moderate=staff and question.state == QuestionState.WAITING,
        may_change=keeps and question.state == QuestionState.SENT_BACK,
        may_withdraw=keeps
        and question.state in (QuestionState.WAITING, QuestionState.SENT_BACK, QuestionState.OPEN),
        is_asker=is_asker,
        public_url=public,
        note_links=_note_links(question, user),
    )


def _line(
    asked: AskedPartnership, question: Question, user: Any, *, staff: bool, is_own: bool
) -> AskedLine:
    answer = getattr(asked, "answer", None)
    if answer is not None:
        answer.asked = asked
    is_open = question.state == QuestionState.OPEN and asked.state == AskedState.ASKED
    shows = answer is not None and (staff or is_own or answer.state == AnswerState.SHOWN)
    unanswered = is_open and answer is None
    sent_back = is_open and answer is not None and answer.state == AnswerState.SENT_BACK
    judged = question.state in (QuestionState.OPEN, QuestionState.CLOSED)
    return AskedLine(
        asked=asked,
        reasons=reasons_for_reader(asked),
        answer=answer if shows else None,
        credit=answer_credit(answer) if answer is not None and shows else "",
        may_answer=(unanswered and rights.answering_seat(user, asked) is not None)
        or (sent_back and answer is not None and rights.may_change_answer(user, answer)),
        may_pass=unanswered and rights.passing_seat(user, asked) is not None,
        may_moderate=staff
        and judged
        and answer is not None
        and answer.state == AnswerState.WAITING,
        may_thank=answer is not None
        and answer.state == AnswerState.SHOWN
        and rights.may_thank(user, question),
        may_end_links=unanswered and rights.may_end_links(user, asked),
        is_own=is_own,
    )


def _public_url(question: Question, lines: list[AskedLine]) -> str:
    if question.state not in (QuestionState.OPEN, QuestionState.CLOSED):
        return ""
    if not any(line.answer and line.answer.state == AnswerState.SHOWN for line in lines):
        return ""
    return reverse("questions:question", args=[question.key])


def _note_links(question: Question, user: Any) -> list[tuple[Page, str]]:
    """Return the pages of the note, with the editor's address where `user` may change them."""
    if question.note_key is None:
        return []
    pages = Page.objects.filter(translation_key=question.note_key).select_related("locale")
    allowed = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
    return [
        (page, reverse("wagtailadmin_pages:edit", args=[page.pk]))
        for page in pages.filter(pk__in=allowed.order_by().values("pk"))
    ]
