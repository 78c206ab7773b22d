"""Challenges that wait for their owners: new answers, silence, and solutions that were stopped."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from partnerships.permissions import standing_of
from portal.waiting import SHOWN, WaitingGroup, WaitingLine, in_its_language
from search.query import LibraryQuery
from search.services.library import hits_of
from stories.enums import ChallengeStatus
from stories.models import ChallengeFacts, ChallengeMatch, ChallengePage
from stories.services.challenges import KEEPERS, STALE_AFTER, in_doubt

#: What was found longer ago than this waits no more.
FRESH = datetime.timedelta(days=60)


def kept_challenges(user: Any) -> QuerySet[ChallengeFacts]:
    """Return the open challenges that `user` keeps."""
    return of_own(user, ChallengeFacts.objects.filter(status=ChallengeStatus.OPEN))


def of_own(user: Any, rows: QuerySet[ChallengeFacts]) -> QuerySet[ChallengeFacts]:
    """Return those of `rows` that `user` keeps."""
    standing = standing_of(user)
    if standing.acts_for_all:
        return rows
    return rows.filter(partnership__in=standing.partnership_ids(KEEPERS))


def challenges_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield new answers to the person's open challenges, and challenges that went quiet."""
    kept = kept_challenges(user)
    matches = ChallengeMatch.objects.filter(challenge__in=kept, found_on__gt=today - FRESH)
    quiet = kept.filter(warned_on__isnull=False).order_by("news_on", "pk")
    doubted = of_own(user, in_doubt())
    shown, silent, doubtful = list(matches[:SHOWN]), list(quiet[:SHOWN]), list(doubted[:SHOWN])
    titles = _titles(
        [match.challenge_id for match in shown] + [facts.pk for facts in (*silent, *doubtful)]
    )
    query = LibraryQuery(lang=get_language() or "en")
    hits = {hit.thing_key: hit for hit in hits_of([m.practice_key for m in shown], query)}
    yield WaitingGroup(
        key="challenge_matches",
        heading=_("New practices that may answer a challenge of yours"),
        icon="help",
        lines=[
            WaitingLine(
                title=in_its_language(
                    hits[match.practice_key].title, hits[match.practice_key].language
                ),
                url=hits[match.practice_key].url,
                note=_("found on %(day)s")
                % {"day": formats.date_format(match.found_on, "DATE_FORMAT")},
                where=titles.get(match.challenge_id, ""),
            )
            for match in shown
            if match.practice_key in hits
        ],
        total=matches.count(),
    )
    yield WaitingGroup(
        key="quiet_challenges",
        heading=_("Challenges that will count as stale"),
        icon="warning",
        lines=[
            WaitingLine(
                title=titles.get(facts.pk, ""),
                url=reverse("wagtailadmin_challenge", args=[facts.pk]),
                note=_("on %(day)s, unless you say that it still stands")
                % {"day": formats.date_format(facts.news_on + STALE_AFTER, "DATE_FORMAT")},
            )
            for facts in silent
        ],
        total=quiet.count(),
    )
    yield WaitingGroup(
        key="doubted_challenges",
        heading=_("Challenges solved with what was stopped since"),
        icon="warning",
        lines=[
            WaitingLine(
                title=titles.get(facts.pk, ""),
                url=reverse("wagtailadmin_challenge", args=[facts.pk]),
                note=_("say whether it is solved still"),
            )
            for facts in doubtful
        ],
        total=doubted.count(),
    )


def _titles(keys: list[Any]) -> dict[Any, Any]:
    """Return the titles of challenges, in the reader's language where they have one (one query)."""
    titles = {}
    for key, pages in ChallengePage.live_by_key(keys).items():
        page = next((p for p in pages if p.language == get_language()), pages[0])
        titles[key] = in_its_language(page.title, page.language)
    return titles
