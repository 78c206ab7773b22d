"""What all steps of a question share: the lock, the log, the limits of a month."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from partnerships.enums import Role
from partnerships.models import Partnership
from stories.models import AskedPartnership, Question, QuestionEvent, QuestionState, QuestionStep
from stories.public_words import address_problem
from stories.questions.rights import Seat

#: So many Partnerships are asked at a time.
MOST_ASKED = 5
#: A Partnership is asked at most so often within any `MONTH`.
ASKED_A_MONTH = 2
#: A Partnership asks at most so often within any `MONTH`.
ASKS_A_MONTH = 3
MONTH = datetime.timedelta(days=30)
#: So long answers are taken.
OPEN_FOR = datetime.timedelta(days=14)


class QuestionProblem(ValidationError):
    """Why a step can't be done now, in words for the person."""


def locked(question_id: int) -> Question:
    """Return the question, locked until the transaction ends; whoever comes second waits."""
    return (
        Question.objects.select_for_update(of=("self",), no_key=True)
        .select_related("partnership", "asked_by")
        .get(pk=question_id)
    )


def lock_months(*keys: int) -> None:
    """Let nobody else count or use up the month of these Partnerships (none named: all) meanwhile.

    Always in the same order, so that two who lock wait for each other and never both.
    """
    rows = Partnership.objects.filter(pk__in=keys) if keys else Partnership.objects.all()
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def note(
    question: Question,
    step: QuestionStep,
    now: datetime.datetime,
    *,
    actor: Any = None,
    seat: Seat | None = None,
    asked: AskedPartnership | None = None,
    remark: str = "",
) -> QuestionEvent:
    """Write a step into the question's log."""
    return QuestionEvent.objects.create(
        question=question,
        asked=asked,
        step=step,
        at=now,
        actor=actor,
        role=seat.role if seat else "",
        side=seat.side if seat else "",
        remark=remark,
    )


def asked_too_often(now: datetime.datetime) -> set[int]:
    """Return the Partnerships (primary keys) that were asked as often as a month allows."""
    rows: QuerySet[Any] = AskedPartnership.objects.filter(asked_at__gt=now - MONTH)
    counted = rows.order_by().values("partnership").annotate(times=Count("pk"))
    return set(counted.filter(times__gte=ASKED_A_MONTH).values_list("partnership", flat=True))


def asks_left(partnership: Partnership, now: datetime.datetime) -> int:
    """Return how many questions a Partnership may still ask in this month.

    What was refused or withdrawn before it was sent does not count.
    """
    asked = (
        Question.objects.filter(partnership=partnership, created_at__gt=now - MONTH)
        .exclude(state=QuestionState.REFUSED)
        .exclude(state=QuestionState.WITHDRAWN, opened_at=None)
    )
    return max(0, ASKS_A_MONTH - asked.count())


def without_addresses(text: str) -> str:
    """Return a text that may show; raises QuestionProblem where it tells an address or number."""
    cleaned = text.replace("\r\n", "\n").strip()
    if problem := address_problem(cleaned):
        raise QuestionProblem(problem, code="address")
    return cleaned


def require_state(question: Question, *states: QuestionState) -> None:
    """Raise QuestionProblem unless the question stands so; somebody else may have been quicker."""
    if question.state not in states:
        raise QuestionProblem(
            _("Meanwhile this question is: %(state)s. Nothing was changed.")
            % {"state": question.get_state_display()},
            code="meanwhile",
        )


def require_remark(remark: str) -> str:
    """Return a remark that says something; raises QuestionProblem for an empty one."""
    remark = remark.strip()
    if not remark:
        raise QuestionProblem(_("Say why, in a sentence: it is sent to them."), code="remark")
    return remark


def staff_seat(question: Question) -> Seat:
    """Return the seat from which the network's staff judge."""
    return Seat(Role.NETWORK_STAFF, question.partnership_id)
