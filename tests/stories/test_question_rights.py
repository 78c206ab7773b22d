"""Who may do what to a question: each role, of each Partnership and side, by service and screen."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.utils import timezone

from partnerships.enums import Role, Side
from portal.models import User
from stories.models import (
    Answer,
    AskedPartnership,
    Question,
    QuestionState,
    ReplyLink,
)
from stories.services import question_answers, question_links, questions
from stories.services.question_answers import AnswerText
from stories.services.question_steps import MONTH
from tests import factories as make
from tests.stories.asking import Network, again, asked_of, person
from tests.stories.test_question_links import ANSWER, links
from tests.stories.test_question_pages import address, form_data

pytestmark = pytest.mark.django_db

MODERATION = {"approve", "send_back", "refuse", "show_answer", "send_answer_back", "refuse_answer"}
#: What each role may do: of the Partnership that asks, of one that is asked, of any other.
TABLE: dict[Role, tuple[set[str], set[str], set[str]]] = {
    Role.COORDINATOR: (
        {"ask", "change", "withdraw", "useful"},
        {"answer", "pass_on", "end_links"},
        set(),
    ),
    Role.EDITOR: ({"ask"}, {"answer", "pass_on"}, set()),
    Role.CHAIR: ({"ask"}, {"answer", "pass_on"}, set()),
    Role.PROFESSIONAL: ({"ask"}, {"answer"}, set()),
}
STAFF = {*MODERATION, "ask", "change", "withdraw", "end_links"}
#: Whoever asked may do so too, whatever the role.
ASKER = {"ask", "change", "withdraw", "useful"}


class Stage:
    """Questions in all the states in which something can be done to them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.sent_back = network.ask(1, title="Sent back")
        questions.send_back(again(network.staff), self.sent_back, "Why?")
        self.open = network.open(1, title="Open")
        self.asked = asked_of(self.open)[0]
        self.answered = network.open(1, title="Answered")
        self.waiting_answer = question_answers.answer(
            again(network.coordinators[self.asked.partnership_id]),
            asked_of(self.answered)[0],
            AnswerText("Here.", "en"),
        )
        Question.objects.update(created_at=timezone.now() - MONTH)
        self.waiting = network.ask(1, title="Waiting")

    def shown(self) -> Answer:
        question_answers.show_answer(again(self.network.staff), self.waiting_answer)
        return self.waiting_answer


def by_service(stage: Stage, user: User) -> dict[str, Callable[[], Any]]:
    """Return each act as a call of a service."""
    network, text = stage.network, AnswerText("Here.", "en")
    chosen = [network.others[2].pk]
    return {
        "ask": lambda: questions.ask(user, network.own, network.text(), chosen),
        "change": lambda: questions.hand_in_again(user, stage.sent_back, network.text(), chosen),
        "withdraw": lambda: questions.withdraw(user, stage.open),
        "approve": lambda: questions.approve(user, stage.waiting),
        "send_back": lambda: questions.send_back(user, stage.waiting, "Why?"),
        "refuse": lambda: questions.refuse(user, stage.waiting, "No."),
        "answer": lambda: question_answers.answer(user, stage.asked, text),
        "pass_on": lambda: question_answers.pass_on(user, stage.asked),
        "end_links": lambda: question_links.revoke_links(user, stage.asked, timezone.now()),
        "show_answer": lambda: question_answers.show_answer(user, stage.waiting_answer),
        "send_answer_back": lambda: question_answers.send_answer_back(
            user, stage.waiting_answer, "Where?"
        ),
        "refuse_answer": lambda: question_answers.refuse_answer(user, stage.waiting_answer, "No."),
        "useful": lambda: question_answers.mark_useful(user, stage.shown(), True),
    }


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def allowed_by_service(stage: Stage, user: User) -> set[str]:
    allowed = set()
    for name in by_service(stage, user):
        with undone():
            try:
                by_service(stage, again(user))[name]()
            except PermissionDenied:
                continue
            allowed.add(name)
    return allowed


def allowed_on_screen(stage: Stage, user: User | None, space: str) -> set[str]:
    """Return what a person (None: a visitor) gets done by posting, shown buttons or not."""
    client = Client()
    if user is not None:
        client.force_login(user)
    asked, answer = {"asked": stage.asked.pk}, {"answer": stage.waiting_answer.pk}
    said = {"remark": "Why?"}
    posts: dict[str, tuple[Question, dict[str, Any]]] = {
        "withdraw": (stage.open, {}),
        "approve": (stage.waiting, {}),
        "send_back": (stage.waiting, said),
        "refuse": (stage.waiting, said),
        "answer": (stage.open, {**ANSWER, **asked}),
        "pass_on": (stage.open, asked),
        "end_links": (stage.open, asked),
        "show_answer": (stage.answered, answer),
        "send_answer_back": (stage.answered, {**answer, **said}),
        "refuse_answer": (stage.answered, {**answer, **said}),
        "useful": (stage.answered, answer),
    }
    allowed = set()
    for name, (question, data) in posts.items():
        with undone():
            if name == "useful":
                stage.shown()
            before = state_of_all()
            url = address(space, "detail", question.key)
            response = client.post(url, {**data, "action": name})
            changed = state_of_all() != before
            assert changed == (response.get("Location") == url), name
            if changed:
                allowed.add(name)
    chosen = {"hand_in": "1", "asked": [stage.network.others[2].pk]}
    for name, url in (
        ("ask", address(space, "ask")),
        ("change", address(space, "change", stage.sent_back.key)),
    ):
        with undone():
            before = state_of_all()
            client.post(url, form_data(stage.network, **chosen))
            if state_of_all() != before:
                allowed.add(name)
    return allowed


def state_of_all() -> list[Any]:
    """Return what any act would change."""
    return [
        *Question.objects.order_by("pk").values_list("pk", "state", "title"),
        *Answer.objects.order_by("pk").values_list("pk", "state", "is_useful"),
        *asked_rows(),
    ]


def asked_rows() -> list[Any]:
    return [
        *AskedPartnership.objects.order_by("pk").values_list("pk", "state"),
        *ReplyLink.objects.order_by("pk").values_list("pk", "ended_why"),
    ]


@pytest.mark.parametrize("role", list(TABLE))
@pytest.mark.parametrize("whose", [0, 1, 2], ids=["asks", "is asked", "another"])
def test_what_each_role_may_do(network: Network, role: Role, whose: int) -> None:
    stage = Stage(network)
    partnership = [network.own, network.others[0], make.PartnershipFactory()][whose]
    user = person(role, partnership)
    expected = TABLE[role][whose]
    assert allowed_by_service(stage, user) == expected
    if role in (Role.COORDINATOR, Role.EDITOR):
        assert allowed_on_screen(stage, user, "questions_admin") == expected
    else:
        assert allowed_on_screen(stage, user, "questions") == expected
        client = Client()
        client.force_login(user)
        url = address("questions_admin", "detail", stage.open.key)
        assert client.post(url, {"action": "withdraw"}).status_code in (302, 403)
        stage.open.refresh_from_db()
        assert stage.open.state == QuestionState.OPEN


def test_the_staff_moderate_and_never_answer_for_a_partnership(network: Network) -> None:
    stage = Stage(network)
    assert allowed_by_service(stage, network.staff) == STAFF
    assert allowed_on_screen(stage, network.staff, "questions_admin") == STAFF


@pytest.mark.parametrize("role", list(TABLE))
def test_the_asker_keeps_the_own_question(network: Network, role: Role) -> None:
    network.asker = person(role, network.own)
    stage = Stage(network)
    assert allowed_by_service(stage, network.asker) == ASKER
    assert allowed_on_screen(stage, network.asker, "questions") == ASKER


def test_who_has_no_role_does_nothing_and_a_superuser_what_staff_do(network: Network) -> None:
    stage = Stage(network)
    nobody, superuser = make.UserFactory(), make.UserFactory(is_superuser=True)
    assert allowed_by_service(stage, superuser) == STAFF
    assert allowed_on_screen(stage, superuser, "questions_admin") == STAFF
    assert allowed_by_service(stage, nobody) == set()
    for space in ("questions", "questions_admin"):
        assert allowed_on_screen(stage, nobody, space) == set()
        assert allowed_on_screen(stage, None, space) == set()


def test_a_role_that_ended_does_nothing(network: Network) -> None:
    stage = Stage(network)
    user = person(Role.COORDINATOR, network.own)
    user.role_assignments.update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    assert allowed_by_service(stage, user) == set()
    assert allowed_on_screen(stage, user, "questions") == set()
    network.asker.role_assignments.all().delete()  # and she who asked, once she has left
    assert allowed_by_service(stage, again(network.asker)) == set()


@pytest.mark.parametrize(
    ("asker_side", "keeper_side", "may"),
    [
        (Side.ISRAEL, Side.ISRAEL, True),
        (Side.ISRAEL, Side.DIASPORA, False),
        (Side.ISRAEL, "", True),
        ("", Side.DIASPORA, True),
    ],
)
def test_a_side_keeps_its_own_questions(
    network: Network, asker_side: str, keeper_side: str, may: bool
) -> None:
    network.asker = person(Role.EDITOR, network.own, side=asker_side)
    stage = Stage(network)
    assert stage.open.side == asker_side
    keeper = person(Role.COORDINATOR, network.own, side=keeper_side)
    expected = {"ask", "change", "withdraw", "useful"} if may else {"ask"}
    assert allowed_by_service(stage, keeper) == expected
    assert allowed_on_screen(stage, keeper, "questions") == expected


@pytest.mark.parametrize(
    ("author_side", "keeper_side", "may"),
    [(Side.ISRAEL, Side.ISRAEL, True), (Side.ISRAEL, Side.DIASPORA, False)],
)
def test_a_side_changes_its_own_answers(
    network: Network, author_side: str, keeper_side: str, may: bool
) -> None:
    question = network.open(1)
    asked = asked_of(question)[0]
    author = person(Role.EDITOR, asked.partnership, side=author_side)
    answer = question_answers.answer(author, asked, AnswerText("Here.", "en"))
    assert answer.side == author_side
    question_answers.send_answer_back(again(network.staff), answer, "Where?")
    keeper = person(Role.COORDINATOR, asked.partnership, side=keeper_side)
    for other, allowed in ((person(Role.EDITOR, asked.partnership), False), (keeper, may)):
        try:
            with undone():
                question_answers.answer(other, asked, AnswerText("There.", "en"))
                assert allowed
        except PermissionDenied:
            assert not allowed


def test_a_reply_link_acts_for_its_partnership_alone(network: Network) -> None:
    stage = Stage(network)
    url = links(stage.open)[0]
    client = Client()
    for action in ("withdraw", "approve", "refuse", "useful", "show_answer", "end_links"):
        before = state_of_all()
        client.post(url, {"action": action, "remark": "x", "answer": stage.waiting_answer.pk})
        assert state_of_all() == before, action
    other = network.open(2, title="Another")
    client.post(url, {**ANSWER, "asked": asked_of(other)[0].pk, "question": other.pk})
    assert not Answer.objects.filter(asked__question=other).exists()
    assert Answer.objects.get(asked__question=stage.open).asked.partnership == network.others[0]
    other.refresh_from_db()
    assert other.state == QuestionState.OPEN
