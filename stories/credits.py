"""Credits a Partnership, on its page, with the outcomes that it reported, good or bad."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from partnerships.models import Partnership
from partnerships.presentation.extras import Extra, demo_partnerships, partnership_extras
from partnerships.presentation.public import PublicScope
from portal.fields import Translated
from stories.models import Outcome, PracticePage
from stories.travel import reports_of
from stories.travel_note import visible_by_key

#: So many practices stand on the page, those last reported first.
MOST_REPORTED = 6


@dataclass(frozen=True, slots=True)
class Credit:
    """A practice of which outcomes were reported: its title where it is public, and the last."""

    title: Translated
    url: str
    outcome: Outcome


def credits_section(
    partnership: Partnership, language: str, scope: PublicScope, request: HttpRequest | None
) -> Extra | None:
    """Return the section; None where nothing was reported (two queries)."""
    outcomes = reports_of(partnership)
    if not outcomes:
        return None
    latest: dict[uuid.UUID, Outcome] = {}
    for outcome in outcomes:
        known = latest.get(outcome.adoption_id)
        if known is None or known.months < outcome.months:
            latest[outcome.adoption_id] = outcome
    shown = list(latest.values())[:MOST_REPORTED]
    keys = [outcome.adoption_id for outcome in shown]
    pages = visible_by_key(PracticePage.objects, keys, language, scope)
    rows = []
    for outcome in shown:
        page, entry = pages.get(outcome.adoption_id), outcome.adoption.practice
        if page is not None:
            title = Translated({page.language: page.title})
        else:
            title = Translated(entry.titles if entry.was_public else {})
        url = reverse("lineage:travelled", args=[entry.pk]) if page or entry.was_public else ""
        rows.append(Credit(title, url, outcome))
    return Extra(
        "stories/includes/credits.html",
        {"rows": rows, "total": len(outcomes)},
        is_demo=any(outcome.adoption.is_demo for outcome in outcomes),
    )


def reporters_of_demo() -> QuerySet[Any]:
    """Return the Partnerships whose page tells of an outcome that is invented."""
    return Outcome.objects.filter(adoption__is_demo=True).values("adoption__partnership_id")


partnership_extras.append(credits_section)
demo_partnerships.append(reporters_of_demo)
