"""Answering, passing on, and what is done with answers."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from partnerships.enums import Role
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    LinkEnd,
    Question,
    QuestionState,
    QuestionStep,
    ReplyLink,
)
from stories.questions.rights import (
    Seat,
    answering_seat,
    is_staff,
    may_change_answer,
    may_thank,
    passing_seat,
    require_right,
)
from stories.services.question_links import (
    Recipient,
    end_links,
    recipients_of,
    seat_of_link,
    send_link,
    why_over,
)
from stories.services.question_mail import answerers_of, tell, tell_askers, tell_unanswered
from stories.services.question_steps import (
    QuestionProblem,
    lock_months,
    locked,
    note,
    require_remark,
    require_state,
    staff_seat,
    without_addresses,
)
from stories.services.questions import ask_next


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An answer in one language; without `shown_name` only the role is told."""

    text: str
    language: str
    shown_name: str = ""

    def checked(self) -> AnswerText:
        """Return it cleaned; raises QuestionProblem where it is empty or tells addresses."""
        text = without_addresses(self.text)
        if not text:
            raise QuestionProblem(_("Write your answer."), code="empty")
        return AnswerText(text, self.language, without_addresses(self.shown_name))


def answer(user: Any, asked: AskedPartnership, text: AnswerText) -> Answer:
    """Answer for the own Partnership, signed in; also changes an answer that was sent back."""
    seat = answering_seat(user, asked)
    require_right(seat)
    with transaction.atomic():
        return _answer(asked, text.checked(), user, seat, by_link=None)


def answer_by_link(link: ReplyLink, text: AnswerText) -> Answer:
    """Answer with a reply link, which is spent by it; raises QuestionProblem when it is over."""
    checked = text.checked()
    with transaction.atomic():
        link, seat = _working(link)
        return _answer(link.asked, checked, link.user, seat, by_link=link)


def _working(link: ReplyLink) -> tuple[ReplyLink, Seat]:
    """Return the link as it is now, under the question's lock; raises when it is over."""
    locked(link.asked.question_id)
    link = ReplyLink.objects.select_related("asked__question", "asked__partnership", "user").get(
        pk=link.pk
    )
    if why := why_over(link, timezone.now()):
        raise QuestionProblem(why, code="over")
    seat = seat_of_link(link)
    if seat is None:  # the role ended between the two questions
        raise QuestionProblem(_("You no longer have the role for which this link was sent."))
    return link, seat


def _answer(
    asked: AskedPartnership,
    text: AnswerText,
    user: Any,
    seat: Seat | None,
    *,
    by_link: ReplyLink | None,
) -> Answer:
    now = timezone.now()
    question = locked(asked.question_id)
    asked = question.asked.select_related("partnership").get(pk=asked.pk)
    _require_open(question, asked, now)
    values: dict[str, Any] = {
        "text": text.text,
        "language": text.language,
        "shown_name": text.shown_name,
        "state": AnswerState.WAITING,
        "remark": "",
        "answered_at": now,
    }
    found = Answer.objects.filter(asked=asked).select_related("asked").first()
    if found is None:
        found = Answer.objects.create(
            asked=asked,
            author=user,
            role=seat.role if seat else "",
            side=seat.side if seat else "",
            **values,
        )
        step = QuestionStep.ANSWERED
    elif found.state == AnswerState.SENT_BACK:
        require_right(by_link is not None or may_change_answer(user, found))
        for name, value in values.items():
            setattr(found, name, value)
        found.save()
        step = QuestionStep.ANSWER_CHANGED
    else:
        raise QuestionProblem(
            _("Your Partnership answered this question already (%(role)s).")
            % {"role": found.get_role_display()},
            code="meanwhile",
        )
    end_links(asked.reply_links.all(), LinkEnd.ANSWERED, now)
    note(question, step, now, actor=user, seat=seat, asked=asked)
    return found


def _require_open(question: Question, asked: AskedPartnership, now: datetime.datetime) -> None:
    require_state(question, QuestionState.OPEN)
    if question.closes_at is not None and now >= question.closes_at:
        raise QuestionProblem(str(LinkEnd.CLOSED.label), code="over")
    if asked.state != AskedState.ASKED:
        raise QuestionProblem(str(LinkEnd.PASSED.label), code="meanwhile")


def pass_on(user: Any, asked: AskedPartnership) -> int:
    """Say “not us”: the place goes to the next match; returns how many were asked instead."""
    seat = passing_seat(user, asked)
    require_right(seat)
    with transaction.atomic():
        return _pass_on(asked, user, seat)


def pass_on_by_link(link: ReplyLink) -> int:
    """Say “not us” with a reply link, which is spent by it."""
    with transaction.atomic():
        link, seat = _working(link)
        return _pass_on(link.asked, link.user, seat)


def _pass_on(asked: AskedPartnership, user: Any, seat: Seat | None) -> int:
    now = timezone.now()
    question = locked(asked.question_id)
    lock_months()
    asked = question.asked.get(pk=asked.pk)
    _require_open(question, asked, now)
    if Answer.objects.filter(asked=asked).exists():
        raise QuestionProblem(str(LinkEnd.ANSWERED.label), code="meanwhile")
    asked.state = AskedState.PASSED
    asked.passed_at = now
    asked.save(update_fields=["state", "passed_at"])
    end_links(asked.reply_links.all(), LinkEnd.PASSED, now)
    note(question, QuestionStep.PASSED, now, actor=user, seat=seat, asked=asked)
    count = ask_next(question, now)
    if not count and not question.asked.filter(state=AskedState.ASKED).exists():
        tell_unanswered(question, now, "nobody_left")
    return count


# Moderation -----------------------------------------------------------------------------------


def show_answer(user: Any, found: Answer) -> Answer:
    """Let an answer show, as the network's staff; those who asked are told."""
    with transaction.atomic():
        found, event = _judge(user, found, AnswerState.SHOWN, QuestionStep.ANSWER_SHOWN)
        tell_askers(event, "answer_shown", answer=found)
    return found


def send_answer_back(user: Any, found: Answer, remark: str) -> Answer:
    """Give an answer back with a remark; who answered gets a new link while there is time."""
    with transaction.atomic():
        found, event = _judge(
            user, found, AnswerState.SENT_BACK, QuestionStep.ANSWER_SENT_BACK, remark
        )
        for recipient in _answerer(found):
            send_link(found.asked, recipient, event.at, remark=event.remark)
    return found


def _answerer(found: Answer) -> list[Recipient]:
    """Return who gets an answer back: its author, else those who were asked."""
    seat = Seat(Role(found.role), found.asked.partnership_id, found.side)
    people = answerers_of(found)
    if people:
        return [Recipient(one.email, one.preferred_language, seat, one) for one in people]
    return recipients_of(found.asked)


def refuse_answer(user: Any, found: Answer, reason: str) -> Answer:
    """Refuse an answer for good, with a reason."""
    with transaction.atomic():
        found, event = _judge(user, found, AnswerState.REFUSED, QuestionStep.ANSWER_REFUSED, reason)
        tell(answerers_of(found), event, "answer_refused", answer=found)
    return found


def _judge(
    user: Any, found: Answer, state: AnswerState, step: QuestionStep, remark: str | None = None
) -> tuple[Answer, Any]:
    require_right(is_staff(user))
    words = "" if remark is None else require_remark(remark)
    now = timezone.now()
    question = locked(found.asked.question_id)
    # Once the time is over nobody can change an answer: it shows, or it does not.
    late = () if state == AnswerState.SENT_BACK else (QuestionState.CLOSED,)
    require_state(question, QuestionState.OPEN, *late)
    found = Answer.objects.select_related("asked__question", "asked__partnership", "author").get(
        pk=found.pk
    )
    if found.state != AnswerState.WAITING:
        raise QuestionProblem(
            _("Meanwhile this answer is: %(state)s. Nothing was changed.")
            % {"state": found.get_state_display()},
            code="meanwhile",
        )
    found.state = state
    found.remark = words
    found.moderated_at = now
    found.save(update_fields=["state", "remark", "moderated_at"])
    event = note(
        question, step, now, actor=user, seat=staff_seat(question), asked=found.asked, remark=words
    )
    return found, event


def mark_useful(user: Any, found: Answer, is_useful: bool) -> Answer:
    """Say that an answer helped, or take that back: those who asked."""
    with transaction.atomic():
        question = locked(found.asked.question_id)
        require_right(may_thank(user, question))
        found = Answer.objects.select_related("asked").get(pk=found.pk)
        if found.state != AnswerState.SHOWN:
            raise QuestionProblem(_("Only an answer that shows can be marked."), code="meanwhile")
        if found.is_useful != is_useful:
            found.is_useful = is_useful
            found.save(update_fields=["is_useful"])
            step = QuestionStep.USEFUL if is_useful else QuestionStep.NOT_USEFUL
            note(question, step, timezone.now(), actor=user, asked=found.asked)
    return found
