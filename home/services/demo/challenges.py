"""Where the demonstration's challenges stand: how some ended, and how long others were silent."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from home.services.demo.library import key_of
from search.services.writer import write_pages
from stories.models import (
    Adoption,
    ChallengeFacts,
    ChallengePage,
    PracticeAnnouncement,
    PracticeFacts,
)


def call_announced() -> None:
    """Note the invented practices as told: nobody gets a mail of them."""
    keys = PracticeFacts.objects.filter(is_demo=True).values_list("pk", flat=True)
    PracticeAnnouncement.objects.bulk_create(
        [PracticeAnnouncement(translation_key=key) for key in keys], ignore_conflicts=True
    )


@transaction.atomic
def write_endings(entries: list[dict[str, Any]]) -> None:
    """Write how the challenges of the files stand, where nobody has touched them yet."""
    today = timezone.localdate()
    for entry in entries:
        quiet, closed = entry.get("quiet_days", 0), entry.get("closed")
        key = key_of(entry["reference"])
        untouched = ChallengeFacts.objects.filter(pk=key, is_demo=True, warned_on=None)
        untouched = untouched.filter(status="open", closed_on=None, news_on=today)
        if not (quiet or closed) or not untouched.exists():
            continue
        day = datetime.timedelta(days=1)
        values: dict[str, Any] = {"news_on": today - quiet * day}
        if closed:
            note = closed.get("note", {})
            values |= {
                "status": closed["status"],
                "closed_on": today - closed.get("days_ago", 30) * day,
                "solved_by": key_of(closed["adoption"]) if closed.get("adoption") else None,
                "closing_note": next(iter(note.values()), ""),
                "closing_language": next(iter(note), ""),
            }
        untouched.update(**values)
        write_pages(ChallengePage.objects.filter(translation_key=key, live=True))


def tie_solutions() -> None:
    """Tie the challenges that were solved to what their Partnerships brought over."""
    for facts in ChallengeFacts.objects.filter(is_demo=True, adoption=None).exclude(solved_by=None):
        own = Adoption.objects.filter(pk=facts.solved_by, partnership=facts.partnership_id)
        ChallengeFacts.objects.filter(pk=facts.pk).update(adoption=own.first())
