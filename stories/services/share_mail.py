"""Tells people of recommendations by mail: at once or in a digest, as each of them chose; once.

`ShareNotice` remembers who was told of what. It is written in the transaction that queues the mail,
so whoever changes the rhythm in between, or a task that runs twice, gets nothing twice.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partnerships.enums import Role
from partnerships.models import RoleAssignment
from portal.each import for_each
from portal.liveness import stop_requested
from portal.mail import queue_mail
from portal.models import User
from portal.tasks import retrying_task
from portal.visibility import visible_pages
from stories.models import (
    MailRhythm,
    NoticeKind,
    PracticePage,
    Share,
    ShareNotice,
    ShareState,
    SharingPreference,
)

#: What is older than this when nobody was told of it is told of no more.
TOO_OLD = datetime.timedelta(days=30)
#: So many lines a digest; the rest is counted.
MOST_LINES = 20
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A share as a mail tells it: titles by language, the rest from the row."""

    share: Share
    title: str
    url: str

    @property
    def admin_url(self) -> str:
        """Where it is answered."""
        return settings.BASE_URL + reverse("wagtailadmin_share", args=[self.share.pk])


def rhythm_of(user: User) -> str:
    """Return how soon a person wants to hear of recommendations."""
    choice = SharingPreference.objects.filter(user=user).first()
    return choice.rhythm if choice else MailRhythm.DAILY


def still_public(shares: Iterable[Share]) -> list[Share]:
    """Return those whose practice everybody may read in some language: no mail tells another."""
    rows = list(shares)
    pages = visible_pages(PracticePage.objects.filter(alias_of=None))
    keys = {share.practice_key for share in rows}
    shown = set(pages.filter(translation_key__in=keys).values_list("translation_key", flat=True))
    return [share for share in rows if share.practice_key in shown]


def lines_for(
    shares: Iterable[Share], language: str, *, only_public: bool = False
) -> list[ShareLine]:
    """Return shares with the titles of their practices, in the reader's language if there is one.

    A practice that is gone or not public has no address; with `only_public` no page that is not
    public gives its title either.
    """
    rows = list(shares)
    titles: dict[uuid.UUID, tuple[bool, str, str]] = {}
    pages = PracticePage.objects.filter(
        translation_key__in={share.practice_key for share in rows}, alias_of=None
    ).select_related("locale")
    if only_public:
        pages = visible_pages(pages)
    for page in pages.order_by("pk"):
        is_own = page.locale.language_code == language
        if page.translation_key not in titles or is_own:
            address = page.full_url if page.live else ""
            titles[page.translation_key] = (is_own, page.title, address or "")
    nothing = (False, "", "")
    return [ShareLine(share, *titles.get(share.practice_key, nothing)[1:]) for share in rows]


# Who is told ------------------------------------------------------------------------------------


def people_of_partnership(partnership_id: int) -> list[User]:
    """Return who answers for a Partnership: coordinators, else editors, else network staff."""
    current = RoleAssignment.objects.current().filter(user__is_active=True)
    for condition in (
        Q(role=Role.COORDINATOR, partnership=partnership_id),
        Q(role=Role.EDITOR, partnership=partnership_id),
        Q(role=Role.NETWORK_STAFF),
    ):
        people = User.objects.filter(pk__in=current.filter(condition).values("user")).order_by("pk")
        if found := list(people):
            return found
    return []


def hearers_of(share: Share) -> list[User]:
    """Return who hears of a share as it stands.

    Of an offer: who answers for its receiver. Of an answer: who recommended it, if still there,
    else who answers for the Partnership that did.
    """
    if share.state == ShareState.OFFERED:
        return people_of_partnership(share.to_partnership_id)
    offerer = share.offered_by
    if offerer is not None and offerer.is_active:
        current = RoleAssignment.objects.current().filter(user=offerer)
        own = Q(partnership=share.from_partnership_id) | Q(role=Role.NETWORK_STAFF)
        if offerer.is_superuser or current.filter(own).exists():
            return [offerer]
    return people_of_partnership(share.from_partnership_id)


# At once ----------------------------------------------------------------------------------------


@retrying_task(max_attempts=6, backoff=20)
def tell_of_offers(share_ids: list[int]) -> None:
    """Write at once to those who want it so; the others find it in their digest."""
    shares = Share.objects.filter(pk__in=share_ids, state=ShareState.OFFERED)
    for share in shares.select_related("from_partnership", "to_partnership"):
        if stop_requested():
            break
        hearers = people_of_partnership(share.to_partnership_id) if still_public([share]) else []
        for person in hearers:
            if rhythm_of(person) == MailRhythm.AT_ONCE:
                _write(person, [share], f"share:{share.pk}:{person.pk}")


@retrying_task(max_attempts=6, backoff=20)
def tell_of_answer(share_id: int) -> None:
    """Tell at once who recommended what became of it, where that person wants it so."""
    share = Share.objects.select_related("from_partnership", "to_partnership", "offered_by").get(
        pk=share_id
    )
    if share.state not in (ShareState.ACCEPTED, ShareState.DECLINED) or not still_public([share]):
        return
    for person in hearers_of(share):
        if rhythm_of(person) == MailRhythm.AT_ONCE and person.pk != share.answered_by_id:
            _write(person, [share], f"share-{share.state}:{share.pk}:{person.pk}")


# Digests ----------------------------------------------------------------------------------------


def send_digests(today: datetime.date | None = None) -> int:
    """Write the day's digests, on Sundays the weekly ones too; return how many were queued.

    One that can't be written keeps nobody else's back; raises RowsFailed at the end.
    """
    day = today or timezone.localdate()

    def write(told: tuple[User, list[Share]]) -> bool:
        person, shares = told
        marks = ",".join(f"{share.pk}{share.state}" for share in shares)
        mark = hashlib.sha256(marks.encode()).hexdigest()[:12]  # what it tells: never twice
        return _write(person, shares, f"share-digest:{person.pk}:{day:%Y-%m-%d}:{mark}")

    return for_each("recommendations: digests", _untold(day), write)


def _untold(day: datetime.date) -> Iterator[tuple[User, list[Share]]]:
    """Yield people with the shares of which they have not been told."""
    since = timezone.now() - TOO_OLD
    rows = still_public(
        Share.objects.filter(
            Q(state=ShareState.OFFERED, offered_at__gte=since)
            | Q(state__in=[ShareState.ACCEPTED, ShareState.DECLINED], answered_at__gte=since),
            is_demo=False,
        )
        .select_related("from_partnership", "to_partnership", "offered_by")
        .order_by("pk")
    )
    told = set(
        ShareNotice.objects.filter(share__in=rows).values_list("share_id", "user_id", "kind")
    )
    waiting: dict[int, list[Share]] = defaultdict(list)
    people: dict[int, User] = {}
    hearers: dict[tuple[object, ...], list[User]] = {}
    for share in rows:
        if share.state == ShareState.OFFERED:
            whose: tuple[object, ...] = (share.to_partnership_id,)
        else:
            whose = (share.offered_by_id, share.from_partnership_id)
        if whose not in hearers:
            hearers[whose] = hearers_of(share)
        for person in hearers[whose]:
            if person.pk != share.answered_by_id and (share.pk, person.pk, share.state) not in told:
                people[person.pk] = person
                waiting[person.pk].append(share)
    rhythms = dict(
        SharingPreference.objects.filter(user__in=waiting).values_list("user_id", "rhythm")
    )
    for pk, found in waiting.items():
        weekly = rhythms.get(pk, MailRhythm.DAILY) == MailRhythm.WEEKLY
        if not weekly or day.weekday() == SUNDAY:
            yield people[pk], found


def _write(person: User, shares: list[Share], key: str) -> bool:
    """Queue one mail of what `person` is told and remember it; False if told meanwhile."""
    try:
        with transaction.atomic():
            ShareNotice.objects.bulk_create(
                ShareNotice(share=share, user=person, kind=NoticeKind(share.state))
                for share in shares
            )
            queue_mail(key=key, user=person, template="shares", context=_context(person, shares))
    except IntegrityError:  # another worker told it a moment ago
        return False
    return True


def _context(person: User, shares: list[Share]) -> dict[str, Any]:
    lines = lines_for(shares, person.preferred_language, only_public=True)
    offers = [line for line in lines if line.share.state == ShareState.OFFERED]
    answers = [line for line in lines if line.share.state != ShareState.OFFERED]
    return {
        "offers": offers[:MOST_LINES],
        "answers": answers[:MOST_LINES],
        "offer_count": len(offers),
        "answer_count": len(answers),
        "more": max(0, len(offers) - MOST_LINES) + max(0, len(answers) - MOST_LINES),
        "inbox_url": settings.BASE_URL + reverse("wagtailadmin_shares"),
        "settings_url": settings.BASE_URL + reverse("wagtailadmin_account"),
    }
