"""What the stories do by the clock."""

from __future__ import annotations

import datetime

from django.utils import timezone

from portal.schedule import job
from stories.questions import jobs as question_jobs  # noqa: F401  registers its own
from stories.services.challenge_mail import warn_of_stale
from stories.services.challenges import close_stale
from stories.services.contact_clock import escalate, forget
from stories.services.evidence import follow_evidence
from stories.services.share_mail import send_digests
from stories.services.telling import remind_of_outcomes


@job("recommendations: digests", daily_at=datetime.time(4, 30))
def write_digests() -> None:
    """Write to those who want to hear of recommendations once a day or once a week."""
    send_digests()


@job("challenges: stale ones", daily_at=datetime.time(4, 20))
def follow_challenges() -> None:
    """Close what was told of and stayed silent."""
    close_stale(timezone.localdate())


@job("challenges: soon stale", daily_at=datetime.time(4, 25))
def warn_of_challenges() -> None:
    """Tell those whose challenge will count as stale."""
    warn_of_stale(timezone.localdate())


@job("contact: what nobody answered", every=datetime.timedelta(hours=1))
def give_late_messages_to_staff() -> None:
    """Let network staff know of visitors' messages that wait longer than three working days."""
    escalate()


@job("contact: forget", daily_at=datetime.time(3, 40))
def forget_messages() -> None:
    """Delete texts and addresses of visitors' messages after 90 days."""
    forget()


@job("practices: outcomes due", daily_at=datetime.time(5, 0))
def ask_for_outcomes() -> None:
    """Write to those who owe an outcome that came due, once each."""
    remind_of_outcomes()


@job("practices: how well tested", daily_at=datetime.time(0, 20))
def lower_what_is_old() -> None:
    """Let the library know of practices that nobody confirmed for two years."""
    follow_evidence()
