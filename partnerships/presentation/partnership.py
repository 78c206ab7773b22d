"""What a Partnership's page shows beside its text, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils import timezone

from partnerships.enums import Side
from partnerships.listings.programs import ProgramRow, open_first, program_rows
from partnerships.models.communities import Community
from partnerships.models.events import Event
from partnerships.models.partnerships import Membership, Partnership
from partnerships.models.programs import WayToTakePart
from partnerships.presentation.committees import CommitteeView, committee_views
from partnerships.presentation.contacts import ContactRoute, contact_route
from partnerships.presentation.events import EventView, event_view
from partnerships.presentation.extras import Extra, extras_of
from partnerships.presentation.figures import FigureView, figure_views
from partnerships.presentation.participation import (
    BudgetYear,
    ParticipationYear,
    budget_years,
    participation_years,
)
from partnerships.presentation.public import PublicScope, page_links
from partnerships.presentation.schools import TwinView, twin_views
from partnerships.presentation.sides import SidePane, panes_of
from portal.demonstration import any_demo
from portal.library import LibraryType
from search.query import LibraryHit, LibraryQuery, Sort
from search.services.library import find

#: How many things of a kind, or events, a page shows; the library and the list have the rest.
MOST_OF_A_KIND = 4
MOST_EVENTS = 6

TOLD_TYPES = (
    LibraryType.PRACTICE,
    LibraryType.STORY,
    LibraryType.CHALLENGE,
    LibraryType.RESOURCE,
)


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """What was told of one kind: the newest, and how many there are in all."""

    type: LibraryType
    hits: tuple[LibraryHit, ...]
    total: int
    query: str

    @property
    def is_demo(self) -> bool:
        """Whether something shown of it is invented."""
        return any_demo(self.hits)


@dataclass
class PartnershipPortrait:
    """All that a Partnership's page shows beside its own text."""

    partnership: Partnership
    first: SidePane
    second: SidePane
    contacts: ContactRoute
    committees: list[CommitteeView]
    programs: list[ProgramRow]
    events: list[EventView]
    told: list[ToldGroup]
    figures: list[FigureView]
    participation: list[ParticipationYear]
    budget: list[BudgetYear]
    twins: list[TwinView]
    sources: list[str]
    themes: list[str]
    former_names: list[str] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)

    @property
    def shows_demo(self) -> bool:
        """Whether something that the page lists is invented."""
        return any_demo(
            self.programs,
            self.events,
            self.told,
            self.committees,
            self.figures,
            self.participation,
            self.budget,
            self.twins,
            self.extras,
        )

    @property
    def panes(self) -> tuple[SidePane, SidePane]:
        """Both sides in the reader's order."""
        return self.first, self.second

    def _pane(self, side: Side) -> SidePane:
        return self.first if self.first.side == side else self.second

    @property
    def count_israel(self) -> int:
        """How many places in Israel belong to it."""
        return len(self._pane(Side.ISRAEL).members)

    @property
    def count_abroad(self) -> int:
        """How many communities abroad belong to it."""
        return len(self._pane(Side.DIASPORA).members)

    @property
    def has_former(self) -> bool:
        """Whether a community has left."""
        return bool(self.first.former or self.second.former)


def told_groups(
    language: str, *, partnership: str = "", community: str = "", most: int = MOST_OF_A_KIND
) -> list[ToldGroup]:
    """Return what a Partnership or community has told, by kind; translations are one thing."""
    groups = []
    for kind in TOLD_TYPES:
        result = find(
            LibraryQuery(
                types=[kind],
                partnerships=[partnership] if partnership else [],
                communities=[community] if community else [],
                lang=language,
                sort=Sort.DATE,
                page_size=most,
                with_facets=False,
            )
        )
        if result.total:
            where = f"partnership={partnership}" if partnership else f"community={community}"
            groups.append(
                ToldGroup(kind, tuple(result.hits), result.total, f"type={kind.value}&{where}")
            )
    return groups


def upcoming_events(
    events: Iterable[Event],
    memberships: list[Membership],
    language: str,
    scope: PublicScope,
    request: HttpRequest | None = None,
) -> list[EventView]:
    """Return events as the public sees them, with their pages (one query)."""
    rows = list(events)
    links = page_links(Event, rows, language, scope, request)
    return [event_view(event, memberships, links.get(event.pk)) for event in rows]


def build_portrait(
    partnership: Partnership, language: str, request: HttpRequest | None = None
) -> PartnershipPortrait:
    """Gather what the page of `partnership` shows to a reader of `language`."""
    scope = PublicScope.of()
    memberships = list(partnership.memberships.select_related("community"))
    pages = page_links(Community, [m.community for m in memberships], language, scope, request)
    panes = panes_of(memberships, language, pages)
    current = [membership for membership in memberships if membership.is_current()]
    programs = open_first(
        scope.programs().filter(partnership=partnership), WayToTakePart.objects.all()
    ).for_public_display()
    events = (
        scope.events()
        .filter(partnership=partnership)
        .upcoming(timezone.now())
        .select_related("community", "partnership")[:MOST_EVENTS]
    )
    variants = list(partnership.variants.all())
    sources = [*partnership.source_list]
    for membership in memberships:
        sources += [line.strip() for line in membership.sources.splitlines() if line.strip()]
    return PartnershipPortrait(
        partnership=partnership,
        first=panes[0],
        second=panes[1],
        contacts=contact_route(partnership, panes),
        committees=committee_views(partnership, language),
        programs=program_rows(list(programs), language, scope, request),
        events=upcoming_events(events, current, language, scope, request),
        told=told_groups(language, partnership=partnership.slug),
        figures=figure_views(partnership.figures.all()),
        participation=participation_years(partnership.participation_rows.all(), language),
        budget=budget_years(partnership.budget_shares.all()),
        twins=twin_views(
            partnership.school_twins.select_related("israel_community", "diaspora_community"),
            language,
        ),
        sources=list(dict.fromkeys(sources)),
        themes=[str(theme) for theme in partnership.themes.all()],
        former_names=[variant.text for variant in variants if variant.kind == "former"],
        extras=extras_of(partnership, language, scope, request),
    )
