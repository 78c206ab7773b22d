"""Asking the Partnerships: proposals, limits, moderation, answers, passing on, mails, log."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import override

from partnerships.enums import PartnershipStatus, Role
from partnerships.services.closures import close_forms
from portal.models import OutgoingMail, User
from portal.waiting import what_waits
from stories.models import (
    AnswerState,
    AskedPartnership,
    AskedState,
    LinkEnd,
    Question,
    QuestionEvent,
    QuestionState,
    QuestionStep,
    ReplyLink,
)
from stories.services import question_answers, question_notes, question_steps, questions
from stories.services.question_answers import AnswerText
from stories.services.question_steps import QuestionProblem
from tests import factories as make
from tests.stories.asking import Network, again, asked_of, person

pytestmark = pytest.mark.django_db


def names(rows: Any) -> list[str]:
    return [row.partnership.slug for row in rows]


def steps(question: Question) -> list[str]:
    return list(question.events.values_list("step", flat=True))


def mails(key: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(key__startswith=f"{key}:").order_by("to"))


def groups(user: Any) -> set[str]:
    return {group.key for group in what_waits(again(user))}


# Proposals ------------------------------------------------------------------------------------


def test_the_best_five_are_proposed_with_reasons_in_the_readers_language(network: Network) -> None:
    proposed = questions.propose(network.own, network.text())
    assert names(proposed) == [f"other-{number}" for number in range(5)]
    assert all(match.reasons for match in proposed)
    with override("he"):
        hebrew = questions.propose(network.own, network.text())
    assert names(hebrew) == names(proposed)
    assert "אירוח" in str(hebrew[0].reasons)


def test_own_ended_and_hidden_partnerships_are_not_proposed(network: Network) -> None:
    for page in (
        make.PracticePageFactory(parent=make.page_of(network.own), concepts=[network.concept]),
        make.PracticePageFactory(
            parent=make.PartnershipPageFactory(partnership__slug="draft"),
            concepts=[network.concept],
            live=False,
        ),
    ):
        page.save_revision()
    network.others[0].status = PartnershipStatus.ENDED
    network.others[0].save()
    found = names(questions.propose(network.own, network.text(), limit=20))
    assert found == [f"other-{number}" for number in range(1, 7)]


def test_who_was_asked_twice_within_a_month_is_not_proposed(network: Network) -> None:
    for _time in range(2):
        network.open(2)
    assert names(questions.propose(network.own, network.text())) == [
        f"other-{number}" for number in range(2, 7)
    ]
    later = timezone.now() + question_steps.MONTH + datetime.timedelta(minutes=1)
    assert names(questions.propose(network.own, network.text(), now=later))[0] == "other-0"


def test_some_may_be_left_out_and_none_added(network: Network) -> None:
    proposed = questions.propose(network.own, network.text())
    keys = [match.partnership.pk for match in proposed]
    question = questions.ask(network.asker, network.own, network.text(), keys[1:3])
    rows = list(question.asked.all())
    assert names(rows) == names(proposed)
    assert [row.state for row in rows].count(AskedState.DROPPED) == 3
    assert set(rows[1].reasons) == {"en", "he"}
    for chosen in ([], [network.others[6].pk], [*keys, network.others[6].pk], [network.own.pk]):
        with pytest.raises(QuestionProblem):
            questions.ask(network.asker, network.own, network.text(), chosen)
    assert Question.objects.count() == 1


def test_a_partnership_asks_three_times_a_month(network: Network) -> None:
    refused = network.ask(1)
    questions.refuse(network.staff, refused, "Better by telephone.")
    for _time in range(3):
        network.ask(1)
    with pytest.raises(QuestionProblem) as refusal:
        network.ask(1)
    assert refusal.value.code == "month"
    month_ago = timezone.now() - question_steps.MONTH - datetime.timedelta(minutes=1)
    Question.objects.filter(pk=Question.objects.latest("pk").pk).update(created_at=month_ago)
    network.ask(1)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Write to ruth@example.org please"},
        {"title": "Call 052-123-4567?"},
        {"shown_name": "ruth@example.org"},
    ],
)
def test_addresses_and_numbers_are_not_taken(network: Network, changes: dict[str, str]) -> None:
    with pytest.raises(QuestionProblem):
        network.ask(1, **changes)
    network.ask(1, text="From 2019 to 2024 we had 1,200 guests, 30 a week in 2023.")


# Moderation -----------------------------------------------------------------------------------


def test_nothing_is_sent_before_the_staff_approve(network: Network) -> None:
    question = network.ask(3)
    assert question.state == QuestionState.WAITING
    assert not OutgoingMail.objects.exists()
    assert not ReplyLink.objects.exists()
    assert "questions_to_moderate" in groups(network.staff)
    assert "questions_to_answer" not in groups(network.coordinators[network.others[0].pk])

    question = questions.approve(network.staff, question)
    assert question.state == QuestionState.OPEN
    assert names(asked_of(question)) == ["other-0", "other-1", "other-2"]
    sent = mails("question_asked")
    assert [mail.to for mail in sent] == [f"coordinator-{n}@example.org" for n in range(3)]
    assert [mail.language for mail in sent] == ["en", "he", "en"]
    assert all(mail.is_sensitive for mail in sent)
    assert [mail.to for mail in mails("question_approved")] == ["asker@example.org"]
    assert "questions_to_moderate" not in groups(network.staff)
    assert "questions_to_answer" in groups(network.coordinators[network.others[0].pk])
    assert steps(question) == ["submitted", "approved", "asked", "asked", "asked"]


def test_a_question_comes_back_and_is_handed_in_again(network: Network) -> None:
    question = network.ask(2)
    with pytest.raises(QuestionProblem):
        questions.send_back(network.staff, question, "  ")
    questions.send_back(network.staff, question, "Say how many families.")
    assert "questions_sent_back" in groups(network.asker)
    [mail] = mails("question_sent_back")
    assert "Say how many families." in mail.text
    chosen = [network.others[3].pk]
    again_in = questions.hand_in_again(network.asker, question, network.text(title="12?"), chosen)
    assert (again_in.state, again_in.title, again_in.remark) == ("waiting", "12?", "")
    questions.approve(network.staff, question)
    assert names(asked_of(question)) == ["other-3"]
    with pytest.raises(QuestionProblem):
        questions.hand_in_again(network.asker, question, network.text(), chosen)


def test_a_refusal_has_a_reason_and_is_told(network: Network) -> None:
    question = network.ask(1)
    questions.refuse(network.staff, question, "This is for the support desk.")
    [mail] = mails("question_refused")
    assert "This is for the support desk." in mail.text
    for step in (questions.approve, questions.withdraw):
        with pytest.raises(QuestionProblem):
            step(network.staff, question)
    event = QuestionEvent.objects.get(step=QuestionStep.REFUSED)
    assert (event.actor, event.role, event.remark) == (
        network.staff,
        Role.NETWORK_STAFF,
        "This is for the support desk.",
    )


def test_who_was_asked_twice_meanwhile_is_replaced_at_approval(network: Network) -> None:
    waiting = network.ask(1)
    for _time in range(2):
        network.open(1)
    questions.approve(network.staff, waiting)
    assert names(asked_of(waiting)) == ["other-5"]  # the five proposed first are known already
    assert waiting.asked.get(partnership__slug="other-0").state == AskedState.DROPPED


def test_a_question_that_can_reach_nobody_comes_back_and_says_why(network: Network) -> None:
    for other in network.others[1:]:
        other.status = PartnershipStatus.ENDED
        other.save()
    first, second, third = (network.ask(1) for _time in range(3))
    questions.approve(network.staff, first)
    questions.approve(network.staff, second)
    back = questions.approve(network.staff, third)
    third.refresh_from_db()
    assert back.state == third.state == QuestionState.SENT_BACK
    assert (third.opened_at, third.closes_at) == (None, None)
    assert ReplyLink.objects.filter(asked__question=third).count() == 0
    assert steps(third) == ["submitted", "sent_back"]
    [mail] = mails("question_sent_back")
    assert mail.to == "asker@example.org"
    assert "asked twice" in mail.text
    assert not mails(f"question_approved:{third.pk}")


def _silence(network: Network, place: int) -> None:
    """Let nobody be reached in one of the others: no people, no right any more, or closed forms."""
    other = network.others[place]
    if place % 3 == 0:
        other.role_assignments.all().delete()
    elif place % 3 == 1:
        User.objects.filter(pk=network.coordinators[other.pk].pk).update(is_active=False)
    else:
        close_forms(other, user=network.staff)


def test_nobody_is_proposed_in_whom_nobody_can_be_reached(network: Network) -> None:
    for place in range(3):
        _silence(network, place)
    proposed = questions.propose(network.own, network.text())
    assert [one.partnership.slug for one in proposed] == [
        "other-3",
        "other-4",
        "other-5",
        "other-6",
    ]


def test_who_can_be_reached_no_more_is_replaced_at_approval(network: Network) -> None:
    waiting = network.ask(3)
    for place in (*range(3), 3):  # the next match is silent as well
        _silence(network, place)
    questions.approve(network.staff, waiting)
    assert names(asked_of(waiting)) == ["other-5", "other-6"]
    assert waiting.asked.filter(state=AskedState.DROPPED).count() == 3 + 2  # not chosen: two
    assert {mail.to for mail in mails("question_asked")} == {
        "coordinator-5@example.org",
        "coordinator-6@example.org",
    }


def test_while_all_forms_are_closed_nobody_is_asked(network: Network) -> None:
    waiting = network.ask(2)
    close_forms(None, user=network.staff)
    assert questions.approve(network.staff, waiting).state == QuestionState.SENT_BACK
    assert not mails("question_asked")


def test_when_all_passed_on_and_nobody_is_left_they_are_told_at_once(network: Network) -> None:
    question = network.open(5)
    while rows := asked_of(question):
        question_answers.pass_on(network.coordinators[rows[0].partnership_id], rows[0])
    assert AskedPartnership.objects.filter(question=question).count() == 7
    assert {mail.to for mail in mails("nobody_left")} == {"asker@example.org", "staff@example.org"}
    assert "passed" in mails("nobody_left")[0].text
    later = timezone.now() + datetime.timedelta(days=15)
    question_notes.close_due(later)
    question_notes.tell_due(later)
    assert not mails("unanswered")


def test_a_withdrawn_question_ends_its_links(network: Network) -> None:
    question = network.open(2)
    questions.withdraw(network.asker, question)
    assert set(ReplyLink.objects.values_list("ended_why", flat=True)) == {LinkEnd.WITHDRAWN}
    with pytest.raises(QuestionProblem):
        network.answered(question)


# Answers --------------------------------------------------------------------------------------


def test_an_answer_shows_once_approved_and_is_marked_useful(network: Network) -> None:
    question = network.open(2)
    asked = asked_of(question)[1]
    user = network.coordinators[asked.partnership_id]
    answer = question_answers.answer(user, asked, AnswerText("דרך בתי הספר.", "he"))
    assert (answer.state, answer.role, answer.language) == ("waiting", "coordinator", "he")
    assert "answers_to_moderate" in groups(network.staff)
    assert "questions_to_answer" not in groups(user)
    with pytest.raises(QuestionProblem):
        question_answers.mark_useful(network.asker, answer, True)
    question_answers.show_answer(network.staff, answer)
    [mail] = mails("answer_shown")
    assert mail.to == "asker@example.org"
    assert "questions_answered" in groups(network.asker)
    answer = question_answers.mark_useful(network.asker, answer, True)
    assert answer.is_useful
    assert "questions_answered" not in groups(network.asker)
    assert steps(question)[-3:] == ["answered", "answer_shown", "useful"]


def test_a_partnership_answers_once(network: Network) -> None:
    question = network.open(1)
    [asked] = asked_of(question)
    user = network.coordinators[asked.partnership_id]
    question_answers.answer(user, asked, AnswerText("One.", "en"))
    with pytest.raises(QuestionProblem):
        question_answers.answer(user, asked, AnswerText("Two.", "en"))
    with pytest.raises(QuestionProblem):
        question_answers.pass_on(user, asked)


def test_an_answer_comes_back_with_a_link_and_is_changed(network: Network) -> None:
    question = network.open(1)
    [asked] = asked_of(question)
    user = network.coordinators[asked.partnership_id]
    answer = question_answers.answer(user, asked, AnswerText("Ask them.", "en"))
    question_answers.send_answer_back(network.staff, answer, "Whom?")
    assert ReplyLink.objects.filter(asked=asked, ended_at=None).count() == 1
    assert "Whom?" in mails("question_asked")[-1].text
    assert "questions_to_answer" in groups(user)
    changed = question_answers.answer(user, asked, AnswerText("Ask the schools.", "en"))
    assert (changed.pk, changed.state, changed.text) == (
        answer.pk,
        AnswerState.WAITING,
        "Ask the schools.",
    )
    question_answers.refuse_answer(network.staff, changed, "It names a family.")
    [mail] = mails("answer_refused")
    assert "It names a family." in mail.text


def test_passing_on_frees_the_place_for_the_next_match(network: Network) -> None:
    question = network.open(5)
    asked = asked_of(question)[2]
    count = question_answers.pass_on(network.coordinators[asked.partnership_id], asked)
    assert count == 1
    assert names(asked_of(question)) == ["other-0", "other-1", "other-3", "other-4", "other-5"]
    assert mails("question_asked")[-1].to == "coordinator-5@example.org"
    for place in (0, 0, 0):
        row = asked_of(question)[place]
        question_answers.pass_on(network.coordinators[row.partnership_id], row)
    assert names(asked_of(question)) == ["other-4", "other-5", "other-6"]
    assert AskedPartnership.objects.filter(question=question).count() == 7


def test_without_a_coordinator_the_partnerships_mailbox_is_written_to(network: Network) -> None:
    first = network.others[0]
    first.role_assignments.all().delete()
    first.contact_email = "office@example.org"
    first.save()
    network.open(1)
    [mail] = mails("question_asked")
    assert (mail.to, mail.user) == ("office@example.org", None)


def test_a_mail_is_read_in_its_own_direction_and_tells_no_address(network: Network) -> None:
    network.open(2)
    hebrew = mails("question_asked")[1]
    assert hebrew.language == "he"
    assert 'dir="rtl"' in hebrew.html
    assert "\u2068How do you find host families in August?\u2069" in hebrew.text
    assert '<div lang="en" dir="ltr"' in hebrew.html
    for mail in mails("question_asked"):
        assert "asker@example.org" not in mail.text + mail.html


def test_nobody_without_a_role_there_asks_or_answers(network: Network) -> None:
    question = network.open(1)
    stranger = person(Role.COORDINATOR, make.PartnershipFactory())
    with pytest.raises(PermissionDenied):
        questions.ask(stranger, network.own, network.text(), [network.others[0].pk])
    with pytest.raises(PermissionDenied):
        question_answers.answer(stranger, asked_of(question)[0], AnswerText("x", "en"))
