"""After 14 days: questions close, answers become a note of the library, silence is told once."""

from __future__ import annotations

import datetime

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from partnerships.enums import Role
from partnerships.models import PartnershipPage, RoleAssignment
from portal.each import RowsFailed
from portal.models import OutgoingMail, User
from portal.schedule import load_jobs
from portal.waiting import what_waits
from search.query import LibraryQuery
from search.services.library import find
from stories.models import (
    LinkEnd,
    Question,
    QuestionState,
    QuestionStep,
    ReplyLink,
    ResourcePage,
)
from stories.services import question_answers, question_notes
from stories.services.question_answers import AnswerText
from stories.services.question_steps import OPEN_FOR
from tests.stories.asking import Network, again, asked_of, person

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def after(question: Question, days: int = 0) -> datetime.datetime:
    """Return a moment after the question's time."""
    return question.closes_at + datetime.timedelta(days=days, seconds=1)


def run(moment: datetime.datetime) -> tuple[int, int]:
    question_notes.close_due(moment)
    return question_notes.note_due(moment), question_notes.tell_due(moment)


def note_of(question: Question) -> ResourcePage:
    question.refresh_from_db()
    return ResourcePage.objects.get(translation_key=question.note_key)


@pytest.fixture
def answered(network: Network) -> Question:
    """Return a question with an answer in English and one in Hebrew, which helped."""
    question = network.open(3, language="en")
    network.answered(question, 0, text="We ask the schools first.", shown_name="Ruth")
    useful = network.answered(question, 1, text="דרך בתי הספר.\nואחר כך הקהילה.", language="he")
    question_answers.mark_useful(again(network.asker), useful, True)
    return question


def test_a_question_closes_after_fourteen_days_and_not_before(network: Network) -> None:
    question = network.open(1)
    assert question.closes_at - question.opened_at == OPEN_FOR
    assert question_notes.close_due(question.closes_at - DAY) == 0
    assert question_notes.close_due(after(question)) == 1
    assert question_notes.close_due(after(question)) == 0
    question.refresh_from_db()
    assert question.state == QuestionState.CLOSED
    assert ReplyLink.objects.get().ended_why == LinkEnd.CLOSED


def test_the_answers_become_a_draft_under_the_askers_partnership(
    answered: Question, network: Network
) -> None:
    assert run(after(answered)) == (1, 0)
    note = note_of(answered)
    assert not note.live
    parent = note.get_parent().specific
    assert isinstance(parent, PartnershipPage)
    assert (parent.partnership, parent.language) == (network.own, "en")
    assert note.title == answered.title
    assert list(note.get_latest_revision_as_object().concepts.all()) == [network.concept]
    assert note.resource_language == "en, he"
    assert run(after(answered, days=30)) == (0, 0)
    assert ResourcePage.objects.filter(title=answered.title).count() == 1


def test_its_text_is_what_was_said_word_for_word(answered: Question) -> None:
    run(after(answered))
    body = [(block.block_type, block.value) for block in note_of(answered).body]
    assert [kind for kind, _value in body] == [
        *("heading", "quote"),
        *("heading", "quote", "paragraph"),
        *("heading", "quote"),
    ]
    asked, useful, other = (value for kind, value in body if kind == "quote")
    assert (asked["text"], asked["language"]) == (answered.text, "en")
    assert asked["role"] == "coordinator, Akko - Omaha"
    assert (useful["text"], useful["language"]) == ("דרך בתי הספר.\nואחר כך הקהילה.", "he")
    assert useful["role"] == "coordinator, Other 1"
    assert other["role"] == "Ruth, coordinator, Other 0"


def test_the_coordinator_publishes_it_and_it_is_found_in_both_languages(
    answered: Question, network: Network, client: Client
) -> None:
    run(after(answered))
    note = note_of(answered)
    hits = find(LibraryQuery(text="דרך בתי הספר")).hits
    assert note.translation_key not in [hit.thing_key for hit in hits]
    client.force_login(network.asker)
    board = client.get(f"/admin/questions/mine/{answered.key}/").content.decode()
    assert f"/admin/pages/{note.pk}/edit/" in board
    note.get_latest_revision().publish(user=network.asker)
    for words in ("host families in August", "schools first", "דרך בתי הספר"):
        hits = find(LibraryQuery(text=words)).hits
        assert note.translation_key in [hit.thing_key for hit in hits], words
    html = Client().get(note.url).content.decode()
    assert '<blockquote class="quote__words" lang="he" dir="rtl">' in html
    public = Client().get(f"/en/questions/{answered.key}/").content.decode()
    assert note.url in public


@pytest.mark.parametrize("asked_in", ["en", "he"])
def test_both_originals_stand_in_the_note_and_are_found_from_both_languages(
    network: Network, asked_in: str
) -> None:
    question = network.open(2, language=asked_in)
    network.answered(question, 0, text="We ask the zoological schools first.", language="en")
    network.answered(question, 1, text="שואלים קודם את גני הזואולוגיה.", language="he")
    run(after(question))
    note = note_of(question)
    note.get_latest_revision().publish(user=network.asker)
    html = Client().get(note.get_url()).content.decode()
    shown = BeautifulSoup(html, "html.parser").select("blockquote")
    assert [quote.get("lang", asked_in) for quote in shown] == [asked_in, "en", "he"]
    assert "zoological" in shown[1].get_text()
    assert "הזואולוגיה" in shown[2].get_text()
    for reader in ("en", "he"):
        for words in ("zoological school", "זואולוגיה", "לגני הזואולוגיה"):
            answer = Client().get("/api/v1/search", {"q": words, "lang": reader}).json()
            found = [hit["id"] for hit in answer["results"]]
            assert found == [str(note.translation_key)], (reader, words)


def test_those_who_asked_are_told_of_the_note_once(answered: Question, network: Network) -> None:
    person(Role.COORDINATOR, network.own, email="second@example.org")
    run(after(answered))
    run(after(answered, days=1))
    mails = OutgoingMail.objects.filter(key__startswith="noted:").order_by("to")
    assert [mail.to for mail in mails] == ["asker@example.org", "second@example.org"]
    waiting = {group.key for group in what_waits(again(network.asker))}
    assert "notes_to_publish" in waiting
    note_of(answered).get_latest_revision().publish()
    waiting = {group.key for group in what_waits(again(network.asker))}
    assert "notes_to_publish" not in waiting


def test_answers_that_wait_for_the_staff_are_waited_for_a_week(
    answered: Question, network: Network
) -> None:
    last = asked_of(answered)[2]
    late = question_answers.answer(
        again(network.coordinators[last.partnership_id]), last, AnswerText("Late.", "en")
    )
    assert run(after(answered, days=6)) == (0, 0)
    question_answers.show_answer(network.staff, late)
    assert run(after(answered, days=6)) == (1, 0)
    assert "Late." in str(note_of(answered).body)


def test_silence_is_told_once_to_the_coordinators_and_the_staff(network: Network) -> None:
    question = network.open(2)
    assert run(after(question)) == (0, 1)
    assert run(after(question, days=1)) == (0, 0)
    mails = OutgoingMail.objects.filter(key__startswith="unanswered:").order_by("to")
    assert [mail.to for mail in mails] == ["asker@example.org", "staff@example.org"]
    assert question.events.filter(step=QuestionStep.UNANSWERED).count() == 1
    question.refresh_from_db()
    assert question.note_key is None


def test_only_refused_answers_are_silence_too(network: Network) -> None:
    question = network.open(1)
    asked = asked_of(question)[0]
    found = question_answers.answer(
        again(network.coordinators[asked.partnership_id]), asked, AnswerText("Spam.", "en")
    )
    assert run(after(question)) == (0, 0)
    question_answers.refuse_answer(network.staff, found, "No answer.")
    assert run(after(question)) == (0, 1)


def test_without_a_page_in_the_questions_language_another_one_holds_the_note(
    network: Network,
) -> None:
    PartnershipPage.objects.get(partnership=network.own, locale__language_code="he").delete()
    question = network.open(1, language="he", title="איך מוצאים משפחות?")
    network.answered(question)
    run(after(question))
    note = note_of(question)
    assert note.locale.language_code == "en"
    asked = next(block.value for block in note.body if block.block_type == "quote")
    assert asked["language"] == "he"


def test_two_questions_of_one_title_get_two_addresses(network: Network) -> None:
    for _time in range(2):
        question = network.open(1)
        network.answered(question)
        run(after(question))
    slugs = Page.objects.filter(title=question.title).values_list("slug", flat=True)
    assert len(set(slugs)) == 2


def test_one_question_that_fails_keeps_no_other_back(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = person(Role.COORDINATOR, network.own)
    questions = [network.open(1) for _number in range(2)]
    for question in questions:
        network.answered(question)
    bad, good = questions
    User.objects.filter(pk=stranger.pk).update(email="no address")  # its mail is refused
    Question.objects.filter(pk=bad.pk).update(asked_by=stranger)
    RoleAssignment.objects.filter(user=stranger).delete()
    Question.objects.update(created_at=timezone.now() - 40 * DAY)  # three are a month's
    silent = [network.open(1), network.open(1)]
    Question.objects.filter(pk=silent[0].pk).update(asked_by=stranger)
    moment = after(silent[1])
    question_notes.close_due(moment)
    with pytest.raises(RowsFailed, match="1 failed, 1 done"):
        question_notes.note_due(moment)
    with pytest.raises(RowsFailed, match="1 failed, 1 done"):
        question_notes.tell_due(moment)
    assert note_of(good)
    bad.refresh_from_db()
    assert bad.note_key is None
    assert f"questions: note: {bad.pk} failed" in caplog.text
    User.objects.filter(pk=stranger.pk).update(email="right@example.org")
    assert (question_notes.note_due(moment), question_notes.tell_due(moment)) == (1, 1)


def test_the_scheduler_knows_the_jobs(network: Network) -> None:
    jobs = load_jobs()
    question = network.open(1)
    network.answered(question)
    Question.objects.filter(pk=question.pk).update(closes_at=timezone.now() - DAY)
    silent = network.open(1)
    Question.objects.filter(pk=silent.pk).update(closes_at=timezone.now() - DAY)
    jobs["questions: close"].function()
    jobs["questions: note"].function()
    assert note_of(question)
    jobs["questions: nobody answered"].function()
    silent.refresh_from_db()
    assert silent.unanswered_told_at is not None
    jobs["questions: forget"].function()
