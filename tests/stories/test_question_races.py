"""Two at once: whoever comes second waits, and one consistent record is left (real threads)."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from partnerships.enums import Role
from portal.models import OutgoingMail
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    Question,
    QuestionState,
    QuestionStep,
    ReplyLink,
    ResourcePage,
)
from stories.services import question_answers, question_notes, questions
from stories.services.question_answers import AnswerText
from stories.services.question_steps import ASKED_A_MONTH, ASKS_A_MONTH, QuestionProblem
from tests.site_tree import build_site
from tests.stories.asking import Network, again, asked_of, make_network, person

pytestmark = [
    pytest.mark.engines,
    pytest.mark.requires("postgresql"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def crowd() -> Network:
    """Return a network whose rows are committed, so that threads see them."""
    build_site()
    return make_network(others=3)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Run `steps` in threads that begin together; their results, or what they were refused by."""
    barrier = threading.Barrier(len(steps))
    results: list[Any] = [None] * len(steps)

    def run(place: int, step: Callable[[], Any]) -> None:
        try:
            with connection.cursor() as cursor:  # connected before the start
                cursor.execute("SELECT 1")
            barrier.wait(timeout=30)
            results[place] = step()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, step)) for place, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    return results


def refused(results: list[Any]) -> int:
    """Return how many were told kindly; any other fault is one of ours."""
    faults = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, QuestionProblem) for one in faults), faults
    return len(faults)


def test_a_partnership_answers_once_or_passes_on(crowd: Network) -> None:
    question = crowd.open(1)
    [asked] = asked_of(question)
    colleague = person(Role.COORDINATOR, asked.partnership)
    user = crowd.coordinators[asked.partnership_id]
    results = at_once(
        *(
            lambda one=one: question_answers.answer(
                again(one), asked, AnswerText(f"From {one.pk}", "en")
            )
            for one in (user, colleague)
        )
    )
    assert refused(results) == 1
    answer = Answer.objects.get()
    events = question.events.filter(step=QuestionStep.ANSWERED)
    assert [event.actor_id for event in events] == [answer.author_id]
    assert answer.text == f"From {answer.author_id}"
    assert not ReplyLink.objects.filter(ended_at=None).exists()

    other = crowd.open(1, title="Another")
    [asked] = asked_of(other)
    results = at_once(
        lambda: question_answers.answer(again(user), asked, AnswerText("Here.", "en")),
        lambda: question_answers.pass_on(again(colleague), asked),
    )
    assert refused(results) == 1
    asked.refresh_from_db()
    has_answer = Answer.objects.filter(asked=asked).exists()
    assert has_answer == (asked.state == AskedState.ASKED)
    assert len(asked_of(other)) == has_answer


def test_one_judgement_holds(crowd: Network) -> None:
    question = crowd.ask(2)
    second = person(Role.NETWORK_STAFF)
    results = at_once(
        lambda: questions.approve(again(crowd.staff), question),
        lambda: questions.approve(again(second), question),
        lambda: questions.refuse(again(second), question, "No."),
    )
    assert refused(results) == 2
    question.refresh_from_db()
    is_open = question.state == QuestionState.OPEN
    assert is_open or question.state == QuestionState.REFUSED
    assert ReplyLink.objects.count() == (2 if is_open else 0)
    assert OutgoingMail.objects.filter(key__startswith="question_asked").count() == 2 * is_open
    assert OutgoingMail.objects.filter(key__startswith="question_refused").count() == (not is_open)

    other = crowd.open(1, title="Another")
    [asked] = asked_of(other)
    user = crowd.coordinators[asked.partnership_id]
    answer = question_answers.answer(again(user), asked, AnswerText("Here.", "en"))
    results = at_once(
        lambda: question_answers.show_answer(again(crowd.staff), answer),
        lambda: question_answers.send_answer_back(again(second), answer, "Where?"),
    )
    assert refused(results) == 1
    answer.refresh_from_db()
    shown = answer.state == AnswerState.SHOWN
    assert asked.reply_links.filter(ended_at=None).count() == (not shown)
    assert OutgoingMail.objects.filter(key__startswith="answer_shown").count() == shown


def test_a_question_closes_once_and_its_note_is_one(crowd: Network) -> None:
    question = crowd.open(2)
    crowd.answered(question)
    last = asked_of(question)[1]
    user = crowd.coordinators[last.partnership_id]
    silent = crowd.open(1, title="Silent")
    Question.objects.update(closes_at=timezone.now() + datetime.timedelta(hours=1))
    moment = timezone.now() + datetime.timedelta(hours=2)
    at_once(
        lambda: question_answers.answer(again(user), last, AnswerText("Here.", "en")),
        lambda: question_notes.close_due(moment),
        lambda: question_notes.close_due(moment),
    )
    question.refresh_from_db()
    assert question.state == QuestionState.CLOSED
    steps = list(question.events.values_list("step", flat=True))
    assert steps.count(QuestionStep.CLOSED) == 1
    for late in Answer.objects.filter(asked=last):
        assert steps.index(QuestionStep.ANSWERED) < steps.index(QuestionStep.CLOSED)
        question_answers.show_answer(again(crowd.staff), late)
    for step in (question_notes.note_due, question_notes.tell_due):
        at_same_time = [lambda step=step: step(moment)] * 2  # type: ignore[misc]
        assert refused(at_once(*at_same_time)) == 0
    assert ResourcePage.objects.filter(title=question.title).count() == 1
    assert silent.events.filter(step=QuestionStep.UNANSWERED).count() == 1
    assert question.events.filter(step=QuestionStep.NOTED).count() == 1
    assert OutgoingMail.objects.filter(key__startswith="noted:").count() == 1
    assert OutgoingMail.objects.filter(key__startswith="unanswered:").count() == 2


def test_nobody_is_asked_and_nobody_asks_more_often_than_a_month_allows(crowd: Network) -> None:
    crowd.open(1)
    waiting = crowd.ask(1)
    results = at_once(lambda: crowd.ask(1), lambda: crowd.ask(1))
    assert refused(results) == 1
    assert Question.objects.count() == ASKS_A_MONTH
    [other] = [one for one in results if isinstance(one, Question)]
    at_once(
        *(lambda one=one: questions.approve(again(crowd.staff), one) for one in (waiting, other))
    )
    first = AskedPartnership.objects.exclude(asked_at=None).filter(partnership=crowd.others[0])
    assert first.count() == ASKED_A_MONTH
    opened = [*Question.objects.filter(state=QuestionState.OPEN)]
    rows = [asked_of(one)[0] for one in opened]
    results = at_once(
        *(
            lambda row=row: question_answers.pass_on(
                again(crowd.coordinators[row.partnership_id]), row
            )
            for row in rows
        )
    )
    assert refused(results) == 0  # no two of them wait for each other
    for partnership in (crowd.others[1], crowd.others[2]):
        asked = AskedPartnership.objects.filter(partnership=partnership).exclude(asked_at=None)
        assert asked.count() <= ASKED_A_MONTH
