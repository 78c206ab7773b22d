"""Writes the demonstration's questions to the Partnerships: who asked whom, answers, a note.

Nothing is mailed: rows are written as the steps would have left them.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from home.services.demo.library import key_of
from home.services.demo.reading import DemoRefused
from partnerships.models import Partnership
from portal.models import Concept
from portal.services.bulk_pages import BulkPageWriter
from stories.models import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    Question,
    QuestionEvent,
    QuestionState,
    QuestionStep,
)
from stories.questions.matching import reasons_in_each_language
from stories.services.question_notes import build_note, place_of_note
from stories.services.question_steps import OPEN_FOR

FILE = "questions.yaml"


def read_questions(
    folder: Path, partnerships: Collection[str], concepts: Collection[str]
) -> list[dict[str, Any]]:
    """Read the questions; raises DemoRefused with every fault found."""
    path = folder / FILE
    if not path.exists():
        return []
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    problems = []
    for entry in entries:
        where = f"{FILE}, {entry.get('reference', '?')}"
        slugs = [entry.get("partnership"), *[one["partnership"] for one in entry.get("asked", [])]]
        problems += [
            f"{where}: no Partnership {slug!r}" for slug in slugs if slug not in partnerships
        ]
        problems += [
            f"{where}: no concept {key!r}" for key in entry["concepts"] if key not in concepts
        ]
    if problems:
        raise DemoRefused(problems)
    return entries


def write_questions(
    entries: list[dict[str, Any]],
    partnerships: Mapping[str, Partnership],
    concepts: Mapping[str, Concept],
) -> int:
    """Add the questions that are missing; returns how many."""
    keys = [key_of(entry["reference"]) for entry in entries]
    there = set(Question.objects.filter(key__in=keys).values_list("key", flat=True))
    new = [entry for entry in entries if key_of(entry["reference"]) not in there]
    for entry in new:
        with transaction.atomic():
            question = _write(entry, partnerships, concepts)
        if entry.get("note"):
            _write_note(question, entry)
    return len(new)


def _write(
    entry: Mapping[str, Any],
    partnerships: Mapping[str, Partnership],
    concepts: Mapping[str, Concept],
) -> Question:
    now = timezone.now()
    handed_in = now - datetime.timedelta(days=entry["days_ago"])
    state = QuestionState(entry["state"])
    was_sent = state in (QuestionState.OPEN, QuestionState.CLOSED)
    opened = handed_in + datetime.timedelta(days=1) if was_sent else None
    question = Question.objects.create(
        key=key_of(entry["reference"]),
        partnership=partnerships[entry["partnership"]],
        role=entry["role"],
        side=entry.get("side", ""),
        title=entry["title"],
        text=entry["text"],
        language=entry["language"],
        state=state,
        created_at=handed_in,
        opened_at=opened,
        closes_at=opened + OPEN_FOR if opened else None,
        closed_at=opened + OPEN_FOR if opened and state == QuestionState.CLOSED else None,
        is_demo=True,
    )
    question.concepts.set([concepts[key] for key in entry["concepts"]])
    _log(question, QuestionStep.SUBMITTED, handed_in)
    if opened:
        _log(question, QuestionStep.APPROVED, opened)
    asked = entry["asked"]
    pks = [partnerships[one["partnership"]].pk for one in asked]
    reasons = reasons_in_each_language(entry["title"], entry["text"], entry["concepts"], pks)
    for rank, (one, pk) in enumerate(zip(asked, pks, strict=True)):
        row = AskedPartnership.objects.create(
            question=question,
            partnership_id=pk,
            rank=rank,
            reasons=reasons[pk],
            state=AskedState.ASKED if was_sent else AskedState.PROPOSED,
            asked_at=opened,
        )
        if opened:
            _log(question, QuestionStep.ASKED, opened, row)
        if opened and "answer" in one:
            _answer(question, row, one["answer"], opened)
    if question.closed_at:
        _log(question, QuestionStep.CLOSED, question.closed_at)
    return question


def _answer(
    question: Question,
    row: AskedPartnership,
    told: Mapping[str, Any],
    opened: datetime.datetime,
) -> None:
    moment = opened + datetime.timedelta(days=told["after_days"])
    Answer.objects.create(
        asked=row,
        role=told["role"],
        side=told.get("side", ""),
        text=told["text"],
        language=told["language"],
        state=AnswerState.SHOWN,
        is_useful=bool(told.get("useful")),
        answered_at=moment,
        moderated_at=moment,
    )
    _log(question, QuestionStep.ANSWERED, moment, row)
    _log(question, QuestionStep.ANSWER_SHOWN, moment, row)


def _log(
    question: Question,
    step: QuestionStep,
    moment: datetime.datetime,
    row: AskedPartnership | None = None,
) -> None:
    QuestionEvent.objects.create(question=question, asked=row, step=step, at=moment)


def _write_note(question: Question, entry: Mapping[str, Any]) -> None:
    """Write the library note, published as its coordinator would have done."""
    parent = place_of_note(question)
    if parent is None:
        return
    page = build_note(question, parent)
    page.translation_key = key_of(f"{entry['reference']}-note")
    page.reference = f"{entry['reference']}-note"
    page.concepts = list(question.concepts.all())
    page.live = True
    page.first_published_at = question.closed_at
    if not type(page).objects.filter(translation_key=page.translation_key).exists():
        with BulkPageWriter() as writer:
            writer.add(page, parent)
    question.note_key = page.translation_key
    question.noted_at = question.closed_at
    question.save(update_fields=["note_key", "noted_at"])
    if question.closed_at:
        _log(question, QuestionStep.NOTED, question.closed_at)
