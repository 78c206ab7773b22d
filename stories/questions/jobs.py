"""What is done about questions by the clock; `stories.jobs` imports it."""

from __future__ import annotations

import datetime

from portal.schedule import job
from stories.services import question_notes

QUARTER = datetime.timedelta(minutes=15)


@job("questions: close", every=QUARTER)
def close_questions() -> None:
    """Close questions after their 14 days."""
    question_notes.close_due()


@job("questions: note", every=QUARTER)
def note_questions() -> None:
    """Draft the notes of those that were answered."""
    question_notes.note_due()


@job("questions: nobody answered", every=QUARTER)
def tell_of_silence() -> None:
    """Tell of those that nobody answered."""
    question_notes.tell_due()


@job("questions: forget", daily_at=datetime.time(3, 50))
def forget_questions() -> None:
    """Forget ended reply links, and what never showed, after 90 days."""
    question_notes.forget()
