"""What is done about questions by the clock; `stories.jobs` imports it."""

from __future__ import annotations

import datetime

from portal.schedule import job
from stories.services import question_notes


@job("questions: close and note", every=datetime.timedelta(minutes=15))
def close_questions() -> None:
    """Close questions after their 14 days, draft their notes, tell of those without an answer."""
    question_notes.close_due()
    question_notes.follow_up()


@job("questions: forget", daily_at=datetime.time(3, 50))
def forget_questions() -> None:
    """Forget ended reply links, and what was refused, after 90 days."""
    question_notes.forget()
