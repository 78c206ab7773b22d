"""What a program's page shows beside its text, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from partnerships.models.communities import Community
from partnerships.models.partnerships import Membership, Partnership
from partnerships.models.programs import Program
from partnerships.presentation.contacts import ContactRoute, contact_route
from partnerships.presentation.events import EventView
from partnerships.presentation.participation import ParticipationYear, participation_years
from partnerships.presentation.partnership import MOST_EVENTS, upcoming_events
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.presentation.sides import SidePane, panes_of
from partnerships.presentation.ways import WayView, age_range, way_views
from portal.demonstration import any_demo
from portal.text import language_name


@dataclass
class ProgramPortrait:
    """All that a program's page shows beside its own text."""

    program: Program
    ways: list[WayView]
    first: SidePane
    second: SidePane
    contacts: ContactRoute
    partnership_page: PageLink | None
    events: list[EventView]
    participation: list[ParticipationYear]
    ages: str
    languages: list[str]
    concepts: list[str] = field(default_factory=list)

    @property
    def shows_demo(self) -> bool:
        """Whether something that the page lists is invented."""
        return any_demo([view.way for view in self.ways], self.events, self.participation)

    @property
    def open_ways(self) -> list[WayView]:
        """The ways that one can take now."""
        return [view for view in self.ways if view.is_open]

    @property
    def closed_ways(self) -> list[WayView]:
        """The ways that are closed now."""
        return [view for view in self.ways if not view.is_open]


def build_program(
    program: Program, language: str, request: HttpRequest | None = None
) -> ProgramPortrait:
    """Gather what the page of `program` shows to a reader of `language`."""
    scope = PublicScope.of()
    partnership = program.partnership
    memberships: list[Membership] = list(
        partnership.memberships.current().select_related("community")
    )
    pages = page_links(Community, [m.community for m in memberships], language, scope, request)
    homes = page_links(Partnership, [partnership], language, scope, request)
    panes = panes_of(memberships, language, pages)
    events = (
        scope.events()
        .filter(program=program)
        .upcoming()
        .select_related("community", "partnership")[:MOST_EVENTS]
    )
    spoken = [code.strip() for code in program.languages.split(",") if code.strip()]
    return ProgramPortrait(
        program=program,
        ways=way_views(program),
        first=panes[0],
        second=panes[1],
        contacts=contact_route(partnership, panes),
        partnership_page=homes.get(partnership.pk),
        events=upcoming_events(events, memberships, language, scope, request),
        participation=participation_years(program.participation_rows.all(), language),
        ages=age_range(program.age_from, program.age_to),
        languages=[language_name(code) for code in spoken],
        concepts=[str(concept) for concept in program.concepts.all()],
    )
