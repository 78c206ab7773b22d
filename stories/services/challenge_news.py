"""New practices that answer open challenges: noted once a pair, told in one mail a challenge.

All practices that nobody has heard of yet are looked at together, so that a thousand imported ones
give one mail a challenge, as one does.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.each import for_each
from portal.library import LibraryType
from portal.liveness import stop_requested
from portal.mail import queue_mail
from portal.visibility import PUBLIC, hidden_prefixes
from search.models import LibraryEntry
from search.query import LibraryQuery
from search.services.library import hits_of
from stories.enums import ChallengeStatus
from stories.matching import rank_practices
from stories.matching.challenges import problem_of
from stories.models import ChallengeFacts, ChallengeMatch, ChallengePage, PracticeAnnouncement
from stories.services.challenge_mail import admin_address
from stories.services.challenges import keepers_of

CHUNK = 500


def new_practices() -> list[uuid.UUID]:
    """Return the public practices whose matches nobody was told (two queries)."""
    visible = LibraryEntry.objects.visible(PUBLIC, hidden_prefixes())
    known = PracticeAnnouncement.objects.values("translation_key")
    rows = visible.filter(type=LibraryType.PRACTICE).exclude(thing_key__in=known)
    return sorted(set(rows.values_list("thing_key", flat=True)))


def announce_new_practices() -> int:
    """Tell the owners of open challenges of new practices that answer them; return how many mails.

    May run twice and at once: a pair is claimed by its row, in the transaction that queues the
    mail; practices are marked as told at the end, so that who is killed in the middle goes on. A
    challenge that fails keeps no other back; RowsFailed is raised at the end, so that it is tried
    again.
    """
    new = new_practices()
    if not new:
        return 0
    wanted = set(new)
    mails = 0
    open_ones = list(ChallengeFacts.objects.filter(status=ChallengeStatus.OPEN).order_by("pk"))
    pages = ChallengePage.live_by_key([facts.pk for facts in open_ones])

    def announce(facts: ChallengeFacts) -> None:
        nonlocal mails
        told = pages.get(facts.pk)
        found = [key for key in _answers(told[0]) if key in wanted] if told else []
        if told and found:
            mails += _tell(facts, told, found)

    for_each("challenges: new practices", open_ones, announce)
    if stop_requested():
        return mails
    rows = [PracticeAnnouncement(translation_key=key) for key in new]
    PracticeAnnouncement.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)
    return mails


def _answers(page: ChallengePage) -> list[uuid.UUID]:
    """Return what the challenge's own page shows: others' practices, the best first."""
    partnership = page.partnership
    own = [partnership.slug] if partnership else []
    ranking = rank_practices(problem_of(page), page.language, without=own)
    return [scored.candidate.key for scored in ranking.scored]


def _tell(facts: ChallengeFacts, pages: Sequence[ChallengePage], found: list[uuid.UUID]) -> int:
    """Note the pairs that are new and queue a mail a person of them."""
    with transaction.atomic():
        locked = ChallengeFacts.objects.select_for_update().filter(
            pk=facts.pk, status=ChallengeStatus.OPEN
        )
        if not locked.exists():
            return 0
        known = set(
            facts.matches.filter(practice_key__in=found).values_list("practice_key", flat=True)
        )
        fresh = [key for key in found if key not in known]
        if not fresh:
            return 0
        today = timezone.localdate()
        ChallengeMatch.objects.bulk_create(
            ChallengeMatch(challenge=facts, practice_key=key, found_on=today) for key in fresh
        )
        users = keepers_of(facts.partnership_id)
        for user in users:
            language = user.preferred_language or pages[0].language
            page = next((p for p in pages if p.language == language), pages[0])
            queue_mail(
                key=f"challenge-match:{facts.pk}:{_digest(fresh)}:{user.pk}",
                user=user,
                template="challenge_match",
                context={
                    "title": page.title,
                    "practices": [
                        (hit, urljoin(settings.BASE_URL, hit.url))
                        for hit in hits_of(fresh, LibraryQuery(lang=language))
                    ],
                    "page_url": urljoin(settings.BASE_URL, page.url or ""),
                    "address": admin_address(facts),
                },
            )
        return len(users)


def _digest(keys: Iterable[uuid.UUID]) -> str:
    joined = ",".join(sorted(str(key) for key in keys))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
