"""Asking: handing in, moderation, sending, withdrawing. Each step is one short transaction."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from partnerships.models import Partnership
from portal.models import Concept
from stories.models import (
    AskedPartnership,
    AskedState,
    LinkEnd,
    Question,
    QuestionState,
    QuestionStep,
)
from stories.questions.matching import Match, matches_for, reasons_in_each_language
from stories.questions.rights import (
    asking_seat,
    is_staff,
    may_keep,
    require_right,
)
from stories.services.question_links import end_links_of, send_question, unreachable
from stories.services.question_mail import askers_of, tell_askers
from stories.services.question_steps import (
    MOST_ASKED,
    OPEN_FOR,
    QuestionProblem,
    asked_too_often,
    asks_left,
    lock_months,
    locked,
    note,
    require_remark,
    require_state,
    staff_seat,
    without_addresses,
)


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What is asked, in one language, and what it is about."""

    title: str
    text: str
    language: str
    concepts: Sequence[Concept] = ()
    shown_name: str = ""

    @property
    def concept_keys(self) -> list[str]:
        """The stable keys of the concepts."""
        return [concept.key for concept in self.concepts]

    def checked(self) -> QuestionText:
        """Return it cleaned; raises QuestionProblem where it tells addresses."""
        return QuestionText(
            without_addresses(self.title),
            without_addresses(self.text),
            self.language,
            self.concepts,
            without_addresses(self.shown_name),
        )


def propose(
    partnership: Partnership,
    text: QuestionText,
    *,
    without: Collection[int] = (),
    limit: int = MOST_ASKED,
    now: datetime.datetime | None = None,
) -> list[Match]:
    """Return the Partnerships to ask, the best match first, at most five, with reasons.

    Left out are the asker's own, ended ones, those that were asked twice within a month, and those
    in which nobody can be reached.
    """
    left_out = asked_too_often(now or timezone.now()) | unreachable()
    return matches_for(
        text.title,
        text.text,
        text.concept_keys,
        get_language() or text.language,
        without={partnership.pk, *without, *left_out},
        limit=limit,
    )


def ask(
    user: Any, partnership: Partnership, text: QuestionText, chosen: Collection[int]
) -> Question:
    """Hand a question in, to those of the proposed Partnerships that are `chosen`.

    Raises PermissionDenied, or QuestionProblem: the month is used up, nobody is chosen, or
    somebody whom the matcher did not propose.
    """
    seat = asking_seat(user, partnership.pk)
    require_right(seat)
    text = text.checked()
    now = timezone.now()
    proposed = propose(partnership, text, now=now)
    _check_chosen(proposed, chosen)
    rows = _rows(text, proposed, chosen)
    with transaction.atomic():
        lock_months(partnership.pk)
        if asks_left(partnership, now) == 0:
            raise QuestionProblem(
                _("Your Partnership has asked as often as a month allows. Ask again later."),
                code="month",
            )
        question = Question.objects.create(
            partnership=partnership,
            asked_by=user,
            role=seat.role if seat else "",
            side=seat.side if seat else "",
            created_at=now,
            **_fields(text),
        )
        question.concepts.set(text.concepts)
        _write_asked(question, rows)
        note(question, QuestionStep.SUBMITTED, now, actor=user, seat=seat)
    return question


def _fields(text: QuestionText) -> dict[str, str]:
    return {name: getattr(text, name) for name in ("title", "text", "language", "shown_name")}


def _check_chosen(proposed: Iterable[Match], chosen: Collection[int]) -> None:
    if not chosen:
        raise QuestionProblem(_("Choose at least one Partnership to ask."), code="nobody")
    if not set(chosen) <= {match.partnership.pk for match in proposed}:
        raise QuestionProblem(
            _("Only Partnerships that were proposed can be asked. Look through them again."),
            code="not_proposed",
        )


def _rows(
    text: QuestionText, proposed: Sequence[Match], chosen: Collection[int]
) -> list[AskedPartnership]:
    keys = [match.partnership.pk for match in proposed]
    reasons = reasons_in_each_language(text.title, text.text, text.concept_keys, keys)
    return [
        AskedPartnership(
            partnership_id=key,
            rank=rank,
            reasons=reasons[key],
            state=AskedState.PROPOSED if key in chosen else AskedState.DROPPED,
        )
        for rank, key in enumerate(keys)
    ]


def _write_asked(question: Question, rows: Iterable[AskedPartnership]) -> None:
    for row in rows:
        row.question = question
        row.save()


def hand_in_again(
    user: Any, question: Question, text: QuestionText, chosen: Collection[int]
) -> Question:
    """Hand in a changed question that was sent back; the Partnerships are proposed anew."""
    require_right(may_keep(user, question))
    text = text.checked()
    now = timezone.now()
    proposed = propose(question.partnership, text, now=now)
    _check_chosen(proposed, chosen)
    rows = _rows(text, proposed, chosen)
    with transaction.atomic():
        question = locked(question.pk)
        require_state(question, QuestionState.SENT_BACK)
        for name, value in _fields(text).items():
            setattr(question, name, value)
        question.state = QuestionState.WAITING
        question.remark = ""
        question.save()
        question.concepts.set(text.concepts)
        question.asked.all().delete()
        _write_asked(question, rows)
        seat = asking_seat(user, question.partnership_id)
        note(question, QuestionStep.CHANGED, now, actor=user, seat=seat)
    return question


class _NobodyLeft(Exception):
    """None of those who know about it can be asked now."""


def approve(user: Any, question: Question) -> Question:
    """Send a question: as the network's staff, to those proposed who may still be asked.

    Who was asked twice meanwhile, or in whom nobody can be reached any more, is replaced by the
    next match. When nobody is left it is sent back to those who ask, with this reason.
    """
    require_right(is_staff(user))
    now = timezone.now()
    with transaction.atomic():
        question = locked(question.pk)
        require_state(question, QuestionState.WAITING)
        lock_months()
        try:
            with transaction.atomic():
                _send(user, question, now)
        except _NobodyLeft:
            question = locked(question.pk)
            with override(_language_of_askers(question)):
                remark = _(
                    "Nobody can be asked at the moment: those who know about it were asked twice"
                    " within a month, have nobody who answers, or their forms are closed. Hand it"
                    " in again in some weeks, or in other words."
                )
            _give_back(user, question, remark, now)
    return question


def _send(user: Any, question: Question, now: datetime.datetime) -> None:
    wanted = list(question.asked.filter(state=AskedState.PROPOSED))
    left_out = asked_too_often(now) | unreachable()
    question.state = QuestionState.OPEN
    question.opened_at = now
    question.closes_at = now + OPEN_FOR
    question.remark = ""
    question.save()
    event = note(question, QuestionStep.APPROVED, now, actor=user, seat=staff_seat(question))
    sent = 0
    for row in wanted:
        if row.partnership_id not in left_out and _put_to(question, row, now):
            sent += 1
        else:
            _drop(row)
            sent += ask_next(question, now)
    if not sent:
        raise _NobodyLeft
    tell_askers(event, "question_approved")


def _language_of_askers(question: Question) -> str:
    people = askers_of(question)
    return people[0].preferred_language if people else question.language


def ask_next(question: Question, now: datetime.datetime) -> int:
    """Ask the next match in place of one that can't or won't; returns how many were asked.

    Call it inside a transaction that holds the question's lock and all months'.
    """
    text = QuestionText(
        question.title, question.text, question.language, list(question.concepts.all())
    )
    while True:
        known = set(question.asked.values_list("partnership_id", flat=True))
        proposed = propose(question.partnership, text, without=known, limit=1, now=now)
        if not proposed:
            return 0
        [row] = _rows(text, proposed, {match.partnership.pk for match in proposed})
        row.rank = len(known)
        if _put_to(question, row, now):
            return 1
        _drop(row)


def _drop(row: AskedPartnership) -> None:
    """Note that a Partnership was not asked after all."""
    row.state = AskedState.DROPPED
    row.asked_at = None
    row.save(update_fields=["state", "asked_at"])


def _put_to(question: Question, row: AskedPartnership, now: datetime.datetime) -> bool:
    """Ask a Partnership; returns False where nobody could be written to."""
    row.question = question
    row.state = AskedState.ASKED
    row.asked_at = now
    row.save()
    if not send_question(row, now):
        return False
    note(question, QuestionStep.ASKED, now, asked=row)
    return True


def send_back(user: Any, question: Question, remark: str) -> Question:
    """Give a question back with a remark: it can be changed and handed in again."""
    return _decline(user, question, remark, QuestionState.SENT_BACK, QuestionStep.SENT_BACK)


def refuse(user: Any, question: Question, reason: str) -> Question:
    """Refuse a question for good, with a reason."""
    return _decline(user, question, reason, QuestionState.REFUSED, QuestionStep.REFUSED)


def _decline(
    user: Any, question: Question, remark: str, state: QuestionState, step: QuestionStep
) -> Question:
    require_right(is_staff(user))
    remark = require_remark(remark)
    now = timezone.now()
    with transaction.atomic():
        question = locked(question.pk)
        require_state(question, QuestionState.WAITING)
        _give_back(user, question, remark, now, state, step)
    return question


def _give_back(
    user: Any,
    question: Question,
    remark: str,
    now: datetime.datetime,
    state: QuestionState = QuestionState.SENT_BACK,
    step: QuestionStep = QuestionStep.SENT_BACK,
) -> None:
    question.state = state
    question.remark = remark
    question.save(update_fields=["state", "remark"])
    event = note(question, step, now, actor=user, seat=staff_seat(question), remark=remark)
    tell_askers(event, f"question_{step.value}")


def withdraw(user: Any, question: Question) -> Question:
    """Take a question back; links end, and nothing of it shows any more."""
    require_right(may_keep(user, question))
    now = timezone.now()
    with transaction.atomic():
        question = locked(question.pk)
        require_state(question, QuestionState.WAITING, QuestionState.SENT_BACK, QuestionState.OPEN)
        question.state = QuestionState.WITHDRAWN
        question.closed_at = now
        question.save(update_fields=["state", "closed_at"])
        end_links_of(question, LinkEnd.WITHDRAWN, now)
        seat = asking_seat(user, question.partnership_id)
        note(question, QuestionStep.WITHDRAWN, now, actor=user, seat=seat)
    return question
