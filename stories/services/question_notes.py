"""Closing: after its time a question ends, and its answers become a draft of a library note.

The note is a resource page under the asker's Partnership: readers find it where all that they can
use is found, the ordinary gate and the rights of that Partnership hold, and no page type is added
to the tree. Its text is put together from what was asked and answered, word for word: headings,
credits by role, and each answer as a quotation in its own language.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Page

from partnerships.enums import Role
from partnerships.models import PartnershipPage
from portal.each import for_each
from stories.models import (
    Answer,
    AnswerState,
    LinkEnd,
    Question,
    QuestionEvent,
    QuestionState,
    QuestionStep,
    ReplyLink,
    ResourcePage,
)
from stories.questions.credits import answer_credit, question_credit
from stories.services import question_mail
from stories.services.question_links import end_links_of
from stories.services.question_mail import askers_of, people_in, tell
from stories.services.question_steps import locked, note

#: Answers that wait for moderation are waited for so long after the end.
WAIT_FOR_STAFF = datetime.timedelta(days=7)
#: Reply links, and texts that never showed, are kept so long after the end.
KEEP = datetime.timedelta(days=90)
SUMMARY_LENGTH = 200


def close_due(now: datetime.datetime | None = None) -> int:
    """Close the questions whose time is over; returns how many (raises RowsFailed at the end)."""
    now = now or timezone.now()
    due = Question.objects.filter(state=QuestionState.OPEN, closes_at__lte=now)
    keys = list(due.values_list("pk", flat=True))
    return for_each("questions: close", keys, lambda key: close(key, now))


def close(question_id: int, now: datetime.datetime) -> bool:
    """Close one question; returns whether it was this call that did."""
    with transaction.atomic():
        question = locked(question_id)
        is_due = question.closes_at is not None and question.closes_at <= now
        if question.state != QuestionState.OPEN or not is_due:
            return False
        question.state = QuestionState.CLOSED
        question.closed_at = now
        question.save(update_fields=["state", "closed_at"])
        end_links_of(question, LinkEnd.CLOSED, now)
        note(question, QuestionStep.CLOSED, now)
    return True


def _answers(state: AnswerState) -> Exists:
    return Exists(Answer.objects.filter(asked__question=OuterRef("pk"), state=state))


def note_due(now: datetime.datetime | None = None) -> int:
    """Draft the notes of closed questions, each once; returns how many (RowsFailed at the end)."""
    now = now or timezone.now()
    closed = Question.objects.filter(state=QuestionState.CLOSED, noted_at=None)
    ready = closed.filter(~_answers(AnswerState.WAITING)) | closed.filter(
        closed_at__lte=now - WAIT_FOR_STAFF
    )
    keys = list(ready.filter(_answers(AnswerState.SHOWN)).values_list("pk", flat=True))
    return for_each("questions: note", keys, lambda key: draft_note(key, now))


def tell_due(now: datetime.datetime | None = None) -> int:
    """Tell of closed questions that nobody answered, each once; returns how many, likewise."""
    now = now or timezone.now()
    silent = Question.objects.filter(
        ~_answers(AnswerState.SHOWN),
        ~_answers(AnswerState.WAITING),
        state=QuestionState.CLOSED,
        noted_at=None,
        unanswered_told_at=None,
    )
    keys = list(silent.values_list("pk", flat=True))
    return for_each("questions: nobody answered", keys, lambda key: tell_unanswered(key, now))


def tell_unanswered(question_id: int, now: datetime.datetime) -> bool:
    """Tell the asker's coordinators and the network's staff, once, that nobody answered."""
    with transaction.atomic():
        question = locked(question_id)
        if question.unanswered_told_at is not None:
            return False
        question_mail.tell_unanswered(question, now)
    return True


def draft_note(question_id: int, now: datetime.datetime) -> bool:
    """Draft the library note of a closed question, once; returns whether this call did.

    Without any page of the asker's Partnership there is no place for it: it is tried again.
    """
    with transaction.atomic():
        question = locked(question_id)
        if question.noted_at is not None or question.state != QuestionState.CLOSED:
            return False
        parent = place_of_note(question)
        if parent is None:
            return False
        page = build_note(question, parent)
        parent.add_child(instance=page)
        page.concepts.set(question.concepts.all())
        page.save_revision(user=page.owner, log_action=True)
        question.note_key = page.translation_key
        question.noted_at = now
        question.save(update_fields=["note_key", "noted_at"])
        event = note(question, QuestionStep.NOTED, now)
        coordinators = people_in(Role.COORDINATOR, question.partnership_id)
        tell(dict.fromkeys([*askers_of(question), *coordinators]), event, "noted")
    return True


def place_of_note(question: Question) -> PartnershipPage | None:
    """Return the asker's Partnership's page in the question's language, else in any."""
    pages = PartnershipPage.objects.filter(
        partnership=question.partnership_id, alias_of=None
    ).select_related("locale")
    by_language = {page.locale.language_code: page for page in pages.order_by("-pk")}
    return by_language.get(question.language) or next(iter(by_language.values()), None)


def build_note(question: Question, parent: PartnershipPage) -> ResourcePage:
    """Return the note as a page that is not in the tree yet: what was said, word for word."""
    shown = shown_answers(question)
    with override(parent.locale.language_code):
        languages = sorted({answer.language for answer in shown})
        return ResourcePage(
            title=question.title,
            summary=_summary(question),
            body=_body(question, shown),
            resource_language=", ".join(languages),
            locale=parent.locale,
            owner=question.asked_by,
            is_demo=question.is_demo,
            live=False,
        )


def shown_answers(question: Question) -> list[Answer]:
    """Return the answers that show, the useful ones first."""
    return list(
        Answer.objects.filter(asked__question=question, state=AnswerState.SHOWN)
        .select_related("asked__partnership", "author")
        .order_by("-is_useful", "asked__rank", "pk")
    )


def _summary(question: Question) -> str:
    text = _("Answers of Partnerships to a question of %(name)s.") % {
        "name": str(question.partnership.name) or question.partnership.slug
    }
    return text if len(text) <= SUMMARY_LENGTH else f"{text[: SUMMARY_LENGTH - 1]}…"


def _body(question: Question, shown: list[Answer]) -> list[tuple[str, Any]]:
    """Return the blocks of the note, in the active language."""
    body: list[tuple[str, Any]] = [
        ("heading", _("The question")),
        (
            "quote",
            {
                "text": question.text,
                "role": question_credit(question),
                "language": question.language,
            },
        ),
    ]
    for answer in shown:
        body.append(("heading", str(answer.asked.partnership.name)[:255]))
        body.append(
            (
                "quote",
                {
                    "text": answer.text,
                    "role": answer_credit(answer),
                    "language": answer.language,
                },
            )
        )
        if answer.is_useful:
            words = _("Those who asked marked this answer as useful.")
            body.append(("paragraph", str(format_html("<p>{}</p>", words))))
    return body


def note_pages(questions: QuerySet[Question] | list[Question]) -> dict[Any, list[Page]]:
    """Return the pages of the questions' notes by their key, in all languages (one query)."""
    keys = {question.note_key for question in questions if question.note_key}
    found: dict[Any, list[Page]] = {key: [] for key in keys}
    for page in Page.objects.filter(translation_key__in=keys, alias_of=None).select_related(
        "locale"
    ):
        found[page.translation_key].append(page)
    return found


def forget(now: datetime.datetime | None = None) -> int:
    """Forget what never showed, and ended links, 90 days after the end; returns how many rows.

    A question that was refused, withdrawn, or sent back and never handed in again goes with all
    that belongs to it. Of an answer that does not show the words go; that its Partnership answered,
    and why it does not show, stays.
    """
    now = now or timezone.now()
    old = now - KEEP
    links = ReplyLink.objects.filter(ended_at__lte=old).delete()[0]
    hidden = Answer.objects.exclude(state=AnswerState.SHOWN).exclude(text="")
    answers = hidden.filter(state=AnswerState.REFUSED, moderated_at__lte=old)
    # Once a question is closed nobody can hand a returned answer in again.
    answers |= hidden.filter(
        asked__question__state=QuestionState.CLOSED, asked__question__closed_at__lte=old
    )
    erased = answers.update(text="", shown_name="")
    recent = QuestionEvent.objects.filter(question=OuterRef("pk"), at__gt=old)
    questions = Question.objects.filter(
        ~Exists(recent),
        state__in=[QuestionState.REFUSED, QuestionState.WITHDRAWN, QuestionState.SENT_BACK],
        created_at__lte=old,
    )
    return links + erased + questions.delete()[0]
