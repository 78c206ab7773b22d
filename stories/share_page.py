"""What a Partnership's page shows of recommendations that it took up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from partnerships.models import Partnership
from partnerships.presentation.extras import Extra, demo_partnerships, partnership_extras
from partnerships.presentation.public import PageLink, PublicScope, page_links
from portal.fields import text_direction
from stories.models import PracticePage, Share, ShareState
from stories.services.shares import public_pages

#: So many stand on the page, the latest first.
MOST_TAKEN_UP = 6


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A practice of others on a Partnership's page: credited, linked to where it is told."""

    title: str
    summary: str
    url: str
    language: str
    teller: Partnership
    teller_link: PageLink | None
    is_from_network: bool
    is_demo: bool

    @property
    def direction(self) -> str:
        """Writing direction of a title in another language ("" when it is the reader's)."""
        return text_direction(self.language) if self.language else ""


def taken_up(
    partnership: Partnership, language: str, scope: PublicScope, request: HttpRequest | None = None
) -> list[TakenUp]:
    """Return what was recommended to `partnership` and taken up, as far as it is public now.

    The practice shows in the reader's language where it has one (three queries).
    """
    shares = list(
        Share.objects.filter(to_partnership=partnership, state=ShareState.ACCEPTED)
        .select_related("from_partnership")
        .order_by("-answered_at", "-pk")
    )
    if not shares:
        return []
    pages: dict[uuid.UUID, PracticePage] = {}
    for page in public_pages({share.practice_key for share in shares}, scope).order_by("pk"):
        if page.translation_key not in pages or page.language == language:
            pages[page.translation_key] = page
    shown = [share for share in shares if share.practice_key in pages][:MOST_TAKEN_UP]
    tellers = [share.from_partnership for share in shown]
    links = page_links(Partnership, tellers, language, scope, request)
    rows = []
    for share in shown:
        page = pages[share.practice_key]
        rows.append(
            TakenUp(
                title=page.title,
                summary=page.summary,
                url=page.get_url(request) or "",
                language="" if page.language == language else page.language,
                teller=share.from_partnership,
                teller_link=links.get(share.from_partnership_id),
                is_from_network=share.is_from_network,
                is_demo=page.is_demo or share.is_demo,
            )
        )
    return rows


def taken_up_section(
    partnership: Partnership, language: str, scope: PublicScope, request: HttpRequest | None
) -> Extra | None:
    """Return the section of the Partnership's page; None where nothing was taken up."""
    rows = taken_up(partnership, language, scope, request)
    if not rows:
        return None
    return Extra(
        "stories/shares/taken_up.html", {"rows": rows}, is_demo=any(row.is_demo for row in rows)
    )


def receivers_of_demo() -> QuerySet[Any]:
    """Return the Partnerships whose page shows something invented that they took up."""
    invented = PracticePage.objects.filter(is_demo=True).values("translation_key")
    accepted = Share.objects.filter(state=ShareState.ACCEPTED)
    return (accepted.filter(is_demo=True) | accepted.filter(practice_key__in=invented)).values(
        "to_partnership_id"
    )


partnership_extras.append(taken_up_section)
demo_partnerships.append(receivers_of_demo)
