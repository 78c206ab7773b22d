"""Pages of questions: the public ones, and the screens in the portal's frame and the admin's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from partnerships.enums import Role
from portal.models import User
from stories.models import AskedPartnership, Question, QuestionState
from stories.services import question_answers, questions
from stories.services.question_answers import AnswerText
from tests.stories.asking import Network, again, asked_of, person

pytestmark = pytest.mark.django_db

FRAMES = pytest.mark.parametrize("space", ["questions", "questions_admin"])


def address(space: str, name: str, *args: Any, language: str = "en") -> str:
    with override(language):
        return reverse(f"{space}:{name}", args=args)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def public(language: str, key: Any = "") -> str:
    return f"/{language}/questions/{f'{key}/' if key else ''}"


@pytest.fixture
def answered(network: Network) -> Question:
    question = network.open(2)
    network.answered(question, 0)
    found = network.answered(question, 1, text="דרך בתי הספר.", language="he")
    question_answers.mark_useful(again(network.asker), found, True)
    return question


# What everybody sees --------------------------------------------------------------------------


def test_only_approved_and_answered_questions_show(network: Network, client: Client) -> None:
    waiting, sent_back = network.ask(1, title="Waiting"), network.ask(1, title="Sent back")
    questions.send_back(network.staff, sent_back, "Why?")
    unanswered = network.open(2, title="Unanswered")
    asked = asked_of(unanswered)[0]
    question_answers.answer(
        again(network.coordinators[asked.partnership_id]), asked, AnswerText("Secret yet.", "en")
    )
    html = client.get(public("en")).content.decode()
    for question in (waiting, sent_back, unanswered):
        assert question.title not in html
        assert client.get(public("en", question.key)).status_code == 404
    questions.withdraw(again(network.asker), unanswered)
    assert client.get(public("en", unanswered.key)).status_code == 404


def test_a_question_shows_each_answer_in_its_language(
    answered: Question, network: Network, client: Client
) -> None:
    assert answered.title in client.get(public("he")).content.decode()
    html = client.get(public("en", answered.key)).content.decode()
    assert '<div class="ask-words" lang="he" dir="rtl"><p>דרך בתי הספר.</p></div>' in html
    assert "coordinator, Other 1" in html
    assert html.index("דרך בתי הספר.") < html.index("We ask the schools first.")
    hebrew = client.get(public("he", answered.key)).content.decode()
    assert '<div class="ask-words"><p>דרך בתי הספר.</p></div>' in hebrew
    assert '<div class="ask-words" lang="en" dir="ltr"><p>We ask the schools first.</p>' in hebrew
    assert "@example.org" not in html + hebrew


def test_a_partnership_that_does_not_show_has_no_question(
    answered: Question, client: Client
) -> None:
    assert client.get(public("en", answered.key)).status_code == 200
    for page in answered.partnership.pages.live():
        page.unpublish()
    assert client.get(public("en", answered.key)).status_code == 404
    assert answered.title not in client.get(public("en")).content.decode()


def test_links_in_texts_are_text_only(network: Network, client: Client) -> None:
    question = network.open(1)
    network.answered(question, text="See https://example.org/x <script>alert(1)</script>")
    html = client.get(public("en", question.key)).content.decode()
    assert 'href="https://example.org/x' not in html
    assert "<script>alert" not in html


def test_public_pages_keep_no_state_and_write_nothing(answered: Question) -> None:
    client = Client()
    for url in (public("en"), public("he"), public("en", answered.key), public("he", answered.key)):
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        assert response.status_code == 200
        assert not response.cookies
        assert "cookie" not in response.get("Vary", "").lower()
        assert b"csrf" not in response.content
        verbs = {query["sql"].split(None, 1)[0].upper() for query in captured}
        assert verbs <= {"SELECT", "WITH"}


def test_demonstration_is_marked(answered: Question, client: Client) -> None:
    assert "noindex" not in client.get(public("en", answered.key)).content.decode()
    Question.objects.update(is_demo=True)
    for url in (public("en"), public("en", answered.key)):
        assert '<meta name="robots" content="noindex">' in client.get(url).content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "%00", "٣"])
def test_bad_pages_are_told_kindly(answered: Question, client: Client, page: str) -> None:
    assert client.get(f"{public('en')}?page={page}").status_code == 200


def test_the_list_takes_the_same_queries_however_many(answered: Question, network: Network) -> None:
    def queries(url: str) -> int:
        Client().get(url)
        with CaptureQueriesContext(connection) as captured:
            Client().get(url)
        return len(captured)

    mine = signed_in(network.staff)

    def work_queries() -> int:
        mine.get(address("questions_admin", "mine"))
        with CaptureQueriesContext(connection) as captured:
            mine.get(address("questions_admin", "mine"))
        return len(captured)

    few, few_work = queries(public("en")), work_queries()
    copies(answered, 20)
    assert "Copy 19" in Client().get(public("en")).content.decode()
    assert (queries(public("en")), work_queries()) == (few, few_work)


def copies(question: Question, count: int) -> None:
    """Add as many questions like it, each answered by two."""
    rows = list(question.asked.select_related("answer"))
    for number in range(count):
        fields = {
            field.attname: getattr(question, field.attname)
            for field in Question._meta.concrete_fields
            if field.name not in ("id", "key")
        }
        copy = Question.objects.create(**{**fields, "title": f"Copy {number}"})
        for row in rows:
            asked = AskedPartnership.objects.create(
                question=copy,
                partnership_id=row.partnership_id,
                rank=row.rank,
                state=row.state,
                asked_at=row.asked_at,
            )
            if hasattr(row, "answer"):
                answer = row.answer
                answer.pk, answer.asked = None, asked
                answer._state.adding = True
                answer.save()


# Screens of people with a role ----------------------------------------------------------------


def form_data(network: Network, **changes: Any) -> dict[str, Any]:
    return {
        "partnership": network.own.pk,
        "language": "en",
        "title": "How do you find host families?",
        "text": "We need twelve.",
        "concepts": [network.concept.pk],
        "shown_name": "",
        **changes,
    }


@FRAMES
def test_one_asks_in_two_steps(network: Network, space: str) -> None:
    client = signed_in(network.asker)
    ask = address(space, "ask")
    assert "3 more questions" in client.get(ask).content.decode()
    html = client.post(ask, form_data(network, propose="1")).content.decode()
    assert "Other 0" in html
    assert "Hosting 0" in html
    assert html.count('name="asked"') == 5
    assert not Question.objects.exists()
    chosen = [network.others[0].pk, network.others[3].pk]
    response = client.post(ask, form_data(network, hand_in="1", asked=chosen))
    question = Question.objects.get()
    assert response["Location"] == address(space, "detail", question.key)
    assert set(
        question.asked.filter(state="proposed").values_list("partnership", flat=True)
    ) == set(chosen)
    assert client.get(response["Location"]).status_code == 200


@FRAMES
def test_bad_input_loses_nothing(network: Network, space: str) -> None:
    client = signed_in(network.asker)
    ask = address(space, "ask")
    for wrong in (
        {"title": ""},
        {"text": "call 052-1234567 now"},
        {"partnership": network.others[0].pk},
        {"language": "xx"},
        {"concepts": ["x"]},
        {"title": "a\x00b"},
        {"hand_in": "1", "asked": ["x", "99999"]},
        {"hand_in": "1"},
    ):
        response = client.post(ask, form_data(network, shown_name="Ruth of Akko", **wrong))
        assert response.status_code == 200, wrong
        assert "Ruth of Akko" in response.content.decode(), wrong
    assert not Question.objects.exists()


@FRAMES
def test_a_question_goes_its_whole_way_on_screen(network: Network, space: str) -> None:
    question = network.ask(1)
    detail = address(space, "detail", question.key)
    staff, asker = signed_in(network.staff), signed_in(network.asker)

    html = staff.post(detail, {"action": "refuse", "remark": ""}).content.decode()
    assert "Say why" in html
    staff.post(detail, {"action": "send_back", "remark": "How many?"})
    change = address(space, "change", question.key)
    assert "How many?" in asker.get(change).content.decode()
    asker.post(
        change,
        form_data(network, title="Twelve?", hand_in="1", asked=[network.others[0].pk]),
    )
    staff.post(detail, {"action": "approve"})
    question.refresh_from_db()
    assert (question.state, question.title) == (QuestionState.OPEN, "Twelve?")

    [asked] = asked_of(question)
    answerer = signed_in(again(network.coordinators[asked.partnership_id]))
    assert "Send the answer" in answerer.get(detail).content.decode()
    told = {"action": "answer", "asked": asked.pk, "text": "", "language": "he", "shown_name": "R"}
    assert 'value="R"' in answerer.post(detail, told).content.decode()
    answerer.post(detail, {**told, "text": "דרך בתי הספר."})
    assert "דרך בתי הספר." not in asker.get(detail).content.decode()
    asked.refresh_from_db()
    staff.post(detail, {"action": "show_answer", "answer": asked.answer.pk})
    assert "דרך בתי הספר." in asker.get(detail).content.decode()
    asker.post(detail, {"action": "useful", "answer": asked.answer.pk})
    asked.answer.refresh_from_db()
    assert asked.answer.is_useful
    again_shown = staff.post(detail, {"action": "show_answer", "answer": asked.answer.pk})
    assert "Nothing was changed" in again_shown.content.decode()


@FRAMES
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"action": "nonsense"},
        {"action": "answer"},
        {"action": "answer", "asked": "x"},
        {"action": "useful", "answer": "9" * 30},
        {"action": "show_answer", "answer": "٣"},
        {"action": "approve"},
    ],
)
def test_odd_posts_give_no_fault(network: Network, space: str, data: dict[str, str]) -> None:
    question = network.open(1)
    client = signed_in(network.staff)
    response = client.post(address(space, "detail", question.key), data)
    assert response.status_code in (200, 302, 403, 404)


def test_professionals_and_chairs_work_in_the_portals_frame(network: Network) -> None:
    for role in (Role.PROFESSIONAL, Role.CHAIR):
        client = signed_in(person(role, network.own))
        assert client.get(address("questions", "ask")).status_code == 200
        assert client.get(address("questions", "mine")).status_code == 200
        assert client.get(address("questions_admin", "ask")).status_code in (302, 403)


def test_others_are_kept_out(network: Network) -> None:
    question = network.open(1)
    for url in (address("questions", "ask"), address("questions", "detail", question.key)):
        response = Client().get(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
    nobody = signed_in(person(Role.PROFESSIONAL))
    assert nobody.get(address("questions", "mine")).status_code == 403
    elsewhere = signed_in(person(Role.COORDINATOR, network.others[6]))
    assert elsewhere.get(address("questions", "mine")).status_code == 200
    assert elsewhere.get(address("questions", "detail", question.key)).status_code == 404


def test_work_screens_are_in_hebrew(network: Network, answered: Question) -> None:
    network.asker.preferred_language = "he"
    network.asker.save()
    client = signed_in(network.asker)
    for name, args in (("mine", ()), ("ask", ()), ("detail", (answered.key,))):
        html = client.get(address("questions", name, *args, language="he")).content.decode()
        assert '<html lang="he" dir="rtl"' in html
        assert "שאלו את השותפויות" in html


def test_the_menu_has_a_way_to_the_questions(network: Network) -> None:
    html = signed_in(network.asker).get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("questions_admin:mine") in html
