"""The reply link: scanners spend nothing, people spend it once, for one role and Partnership."""

from __future__ import annotations

import datetime
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from partnerships.enums import Role
from partnerships.models import FormsClosure, RoleAssignment
from portal.models import OutgoingMail
from stories.models import Answer, AnswerState, AskedState, Question, QuestionStep, ReplyLink
from stories.services import question_answers, question_links, question_notes, questions
from stories.services.question_steps import OPEN_FOR
from tests.factories import RoleAssignmentFactory
from tests.stories.asking import Network, again, asked_of

pytestmark = pytest.mark.django_db

#: What mail filters and previews call themselves.
SCANNERS = (
    "Mozilla/5.0 (compatible; Microsoft Outlook SafeLinks)",
    "Barracuda Sentinel (EE)",
    "GoogleImageProxy",
    "WhatsApp/2.23",
    "Slackbot-LinkExpanding 1.0",
)
ANSWER = {"action": "answer", "text": "דרך בתי הספר.", "language": "he", "shown_name": ""}


def link_in(mail: OutgoingMail) -> str:
    found = re.search(r"http://testserver(/\w\w/questions/reply/\S+)", mail.text)
    assert found
    return found[1]


def links(question: Question) -> list[str]:
    """Return the addresses in the mails that went out for a question, by recipient."""
    keys = ReplyLink.objects.filter(asked__question=question).values_list("pk", flat=True)
    mails = OutgoingMail.objects.filter(key__in=[f"question_asked:{key}" for key in keys])
    return [link_in(mail) for mail in mails.order_by("to", "pk")]


@pytest.fixture
def question(network: Network) -> Question:
    return network.open(2)


@pytest.fixture
def strict() -> Client:
    """A browser without cookies, against a server that asks for tokens."""
    return Client(enforce_csrf_checks=True)


def test_scanners_spend_nothing(question: Question, strict: Client) -> None:
    url = links(question)[0]
    for agent in SCANNERS:
        for ask in (strict.get, strict.head):
            with CaptureQueriesContext(connection) as captured:
                response = ask(url, headers={"user-agent": agent})
            assert response.status_code == 200
            assert {q["sql"].split(None, 1)[0].upper() for q in captured} <= {"SELECT", "WITH"}
    assert not Answer.objects.exists()
    assert strict.post(url, ANSWER).status_code == 200
    assert Answer.objects.get().text == "דרך בתי הספר."


def test_the_page_is_private_and_sets_no_cookie(question: Question, strict: Client) -> None:
    response = strict.get(links(question)[0])
    assert not response.cookies
    assert "cookie" not in response.get("Vary", "").lower()
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    html = response.content.decode()
    assert 'name="robots" content="noindex"' in html
    assert "csrfmiddlewaretoken" not in html
    assert "18 and over" in html
    assert "asker@example.org" not in html
    assert "coordinator-" not in html


def test_the_mail_names_the_role_in_words(question: Question) -> None:
    mails = OutgoingMail.objects.filter(key__startswith="question_asked:").order_by("to")
    assert {mail.language for mail in mails} == {"en", "he"}
    for mail in mails:
        with override(mail.language):
            role = str(Role.COORDINATOR.label)
        for text in (mail.text, mail.html):
            assert role in text
            assert "functools" not in text


def test_it_is_in_the_readers_language(question: Question, strict: Client) -> None:
    hebrew = links(question)[1]
    assert hebrew.startswith("/he/")
    html = strict.get(hebrew).content.decode()
    assert '<html lang="he" dir="rtl"' in html
    assert '<bdi lang="en" dir="ltr">How do you find host families in August?</bdi>' in html


def test_an_answer_is_credited_by_role_and_bound_to_the_partnership(
    question: Question, network: Network, strict: Client
) -> None:
    strict.post(links(question)[0], {**ANSWER, "asked": asked_of(question)[1].pk})
    answer = Answer.objects.get()
    assert answer.asked.partnership == network.others[0]
    assert (answer.role, answer.shown_name, answer.state) == ("coordinator", "", "waiting")
    assert answer.author == network.coordinators[network.others[0].pk]


def test_a_spent_link_says_what_happened(question: Question, strict: Client) -> None:
    url = links(question)[0]
    strict.post(url, ANSWER)
    for again_asked in (strict.get(url), strict.post(url, {**ANSWER, "text": "Again"})):
        assert again_asked.status_code == 410
        assert "answered this question already" in again_asked.content.decode()
    assert Answer.objects.get().text == ANSWER["text"]


def test_bad_input_loses_nothing(question: Question, strict: Client) -> None:
    url = links(question)[0]
    for wrong in (
        {"text": ""},
        {"text": "Write to ruth@example.org"},
        {"language": "xx"},
        {"text": "a\x00b"},
        {"text": "x" * 6001},
    ):
        response = strict.post(url, {**ANSWER, "shown_name": "Ruth of Akko", **wrong})
        assert response.status_code == 200
        html = response.content.decode()
        assert 'role="alert"' in html
        assert "Ruth of Akko" in html
    assert not Answer.objects.exists()
    assert strict.put(url).status_code == 405


def test_not_us_by_link(question: Question, network: Network, strict: Client) -> None:
    url = links(question)[0]
    response = strict.post(url, {"action": "pass_on"})
    assert response.status_code == 200
    assert [row.partnership.slug for row in asked_of(question)] == ["other-1", "other-5"]
    assert strict.get(url).status_code == 410


@pytest.mark.parametrize("token", ["x", "x:y", "a" * 400, "%D7%A9:%00"])
def test_made_up_links_are_not_found(question: Question, strict: Client, token: str) -> None:
    assert strict.get(f"/en/questions/reply/{token}/").status_code == 404
    real = links(question)[0].rstrip("/")
    assert strict.get(f"{real[:-1]}/").status_code == 404


def test_the_database_holds_no_secret(question: Question) -> None:
    url = links(question)[0]
    secret = url.rstrip("/").rpartition("/")[2].partition(":")[0]
    link = ReplyLink.objects.order_by("pk").first()
    assert link is not None
    assert len(secret) > 40
    assert secret not in str(ReplyLink.objects.values())


def test_it_ends_with_the_role(question: Question, network: Network, strict: Client) -> None:
    url = links(question)[0]
    role = RoleAssignment.objects.get(user=network.coordinators[network.others[0].pk])
    role.ends_on = timezone.localdate() - datetime.timedelta(days=1)
    role.save()
    response = strict.post(url, ANSWER)
    assert response.status_code == 410
    assert "no longer have the role" in response.content.decode()
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("sent_for", "held_now", "answers_for"),
    [
        ("", ["israel"], "israel"),
        ("", ["diaspora"], "diaspora"),
        ("", ["israel", "diaspora"], ""),
        ("israel", [""], "israel"),
        ("israel", ["israel"], "israel"),
        ("israel", ["diaspora"], None),
    ],
)
def test_it_answers_for_no_side_that_is_not_theirs_now(
    network: Network, strict: Client, sent_for: str, held_now: list[str], answers_for: str | None
) -> None:
    role = RoleAssignment.objects.get(user=network.coordinators[network.others[0].pk])
    role.side = sent_for
    role.save()
    url = links(network.open(1))[0]
    role.delete()
    for side in held_now:
        RoleAssignmentFactory(
            user=role.user, role=role.role, partnership=role.partnership, side=side
        )
    response = strict.post(url, ANSWER)
    if answers_for is None:
        assert response.status_code == 410
        assert "no longer have the role" in response.content.decode()
        assert not Answer.objects.exists()
    else:
        assert response.status_code == 200
        assert Answer.objects.get().side == answers_for


def test_it_ends_with_the_account(question: Question, network: Network, strict: Client) -> None:
    user = network.coordinators[network.others[0].pk]
    user.is_active = False
    user.save()
    assert strict.get(links(question)[0]).status_code == 410


def test_a_mailboxs_link_ends_when_the_mailbox_changes(network: Network, strict: Client) -> None:
    first = network.others[0]
    first.role_assignments.all().delete()
    first.contact_email = "office@example.org"
    first.save()
    url = links(network.open(1))[0]
    assert strict.get(url).status_code == 200
    first.contact_email = "new@example.org"
    first.save()
    assert strict.get(url).status_code == 410


def test_it_is_revoked_by_hand_and_one_answers_signed_in(
    question: Question, network: Network, strict: Client
) -> None:
    asked = asked_of(question)[0]
    user = network.coordinators[asked.partnership_id]
    assert question_links.revoke_links(user, asked, timezone.now()) == 1
    response = strict.get(links(question)[0])
    assert response.status_code == 410
    assert "was ended by your Partnership" in response.content.decode()
    assert strict.get(links(question)[1]).status_code == 200
    assert question.events.filter(step=QuestionStep.LINKS_ENDED).count() == 1
    network.answered(question)


def test_after_the_time_and_after_a_withdrawal_it_says_so(
    question: Question, network: Network, strict: Client
) -> None:
    url = links(question)[0]
    Question.objects.filter(pk=question.pk).update(closes_at=timezone.now())
    response = strict.post(url, ANSWER)  # before the job has come by
    assert response.status_code == 410
    assert "time for answers is over" in response.content.decode()
    question_notes.close_due(timezone.now())
    assert strict.get(url).status_code == 410
    other = network.open(1)
    questions.withdraw(again(network.asker), other)
    assert "withdrawn" in strict.get(links(other)[0]).content.decode()


def test_an_answer_sent_back_is_changed_by_a_new_link(
    question: Question, network: Network, strict: Client
) -> None:
    old = links(question)[0]
    strict.post(old, ANSWER)
    question_answers.send_answer_back(network.staff, Answer.objects.get(), "Which schools?")
    new = links(question)
    assert old in new
    [fresh] = [url for url in new if strict.get(url).status_code == 200 and url != new[-1]]
    html = strict.get(fresh).content.decode()
    assert "Which schools?" in html
    assert ANSWER["text"] in html
    strict.post(fresh, {**ANSWER, "text": "The two in the centre."})
    answer = Answer.objects.get()
    assert (answer.text, answer.state) == ("The two in the centre.", AnswerState.WAITING)


def test_ended_links_are_forgotten_after_three_months(question: Question, network: Network) -> None:
    network.answered(question)
    assert question_notes.forget() == 0
    later = timezone.now() + OPEN_FOR + question_notes.KEEP
    question_notes.close_due(later)
    assert question_notes.forget(later + question_notes.KEEP) == 2
    assert not ReplyLink.objects.exists()
    assert Answer.objects.get().asked.state == AskedState.ASKED


def test_what_was_refused_is_forgotten_after_three_months(network: Network) -> None:
    refused = network.ask(1)
    questions.refuse(network.staff, refused, "No.")
    question = network.open(1)
    found = question_answers.answer(
        again(network.coordinators[network.others[0].pk]),
        asked_of(question)[0],
        question_answers.AnswerText("Rude words.", "en", "Ruth"),
    )
    question_answers.refuse_answer(network.staff, found, "Rude.")
    question_notes.forget(timezone.now() + question_notes.KEEP + datetime.timedelta(days=1))
    assert not Question.objects.filter(pk=refused.pk).exists()
    found = Answer.objects.get(pk=found.pk)
    assert (found.text, found.shown_name, found.remark) == ("", "", "Rude.")


def test_what_never_showed_is_forgotten_after_three_months(network: Network) -> None:
    later = timezone.now() + question_notes.KEEP + datetime.timedelta(days=1)
    withdrawn = network.open(2)
    row = asked_of(withdrawn)[0]
    words = question_answers.AnswerText("Our own words.", "en", "Ruth")
    question_answers.answer(again(network.coordinators[row.partnership_id]), row, words)
    questions.withdraw(network.asker, withdrawn)
    returned, handed_in = network.ask(1), network.ask(1)
    for question in (returned, handed_in):
        questions.send_back(network.staff, question, "Say more.")
    assert question_notes.forget() == 0
    with time_machine.travel(later - datetime.timedelta(days=5)):
        chosen = [network.others[4].pk]
        questions.hand_in_again(network.asker, handed_in, network.text(), chosen)
        questions.send_back(network.staff, handed_in, "More still.")
    question_notes.forget(later)
    assert list(Question.objects.all()) == [handed_in]
    assert not Answer.objects.exists()


def test_an_answer_that_nobody_let_show_is_forgotten_with_its_question(network: Network) -> None:
    question = network.open(3)
    shown = network.answered(question, 0)
    for place in (1, 2):
        row = asked_of(question)[place]
        words = question_answers.AnswerText("Not read by anybody.", "en", "Ruth")
        found = question_answers.answer(again(network.coordinators[row.partnership_id]), row, words)
        if place == 2:
            question_answers.send_answer_back(network.staff, found, "Whose?")
    closed = timezone.now() + OPEN_FOR
    question_notes.close_due(closed)
    question_notes.forget(closed + question_notes.KEEP - datetime.timedelta(days=1))
    assert Answer.objects.exclude(text="").count() == 3
    question_notes.forget(closed + question_notes.KEEP)
    assert list(Answer.objects.exclude(text="")) == [shown]
    assert Answer.objects.filter(text="", shown_name="").count() == 2


def test_the_panic_switch_closes_the_link_and_nothing_is_lost(
    question: Question, network: Network, strict: Client
) -> None:
    url = links(question)[0]
    closure = FormsClosure.objects.create(
        partnership=network.others[0], instead={"en": "Call the office."}
    )
    assert "Call the office." in strict.get(url).content.decode()
    response = strict.post(url, ANSWER)
    assert response.status_code == 403
    assert ANSWER["text"] in response.content.decode()
    assert strict.post(url, {"action": "pass_on"}).status_code == 403
    assert not Answer.objects.exists()
    assert strict.get(links(question)[1]).status_code == 200
    closure.delete()
    strict.post(url, ANSWER)
    assert Answer.objects.count() == 1
