"""What the front page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from partnerships.enums import WayKind
from partnerships.listings.programs import (
    ProgramRow,
    open_first,
    open_kind_counts,
    program_rows,
)
from partnerships.models import Figure, WayToTakePart
from partnerships.presentation.figures import FigureView, figure_views
from partnerships.presentation.public import PublicScope
from portal.demonstration import any_demo
from portal.library import LibraryType
from portal.listing import Choice
from portal.models import PortalPage
from portal.navigation import pages_right_below
from search.query import LibraryHit, LibraryQuery, Sort
from search.services.library import find

MOST_PROGRAMS = 6
MOST_TOLD = 6
MOST_ABOUT = 3


@dataclass(frozen=True, slots=True)
class AboutLink:
    """A page about the network, under the front page."""

    title: str
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class Front:
    """All that the front page shows beside its own text."""

    figures: list[FigureView]
    kinds: list[Choice]
    open_programs: list[ProgramRow]
    newest: tuple[LibraryHit, ...]
    about: list[AboutLink]

    @property
    def shows_demo(self) -> bool:
        """Whether something that the page shows is invented."""
        return any_demo(self.figures, self.open_programs, self.newest)


def build_front(page: PortalPage, request: HttpRequest | None = None) -> Front:
    """Gather what the front page of one language shows.

    Figures are quoted with their date and source; rows are never counted in their stead.
    """
    language = page.language
    scope = PublicScope.of()
    programs = scope.programs()
    open_programs = open_first(programs, WayToTakePart.objects.all()).filter(has_open=True)
    counts = open_kind_counts(programs)
    newest = find(
        LibraryQuery(
            types=[LibraryType.PRACTICE, LibraryType.STORY],
            lang=language,
            sort=Sort.DATE,
            page_size=MOST_TOLD,
            with_facets=False,
        )
    )
    figures = Figure.objects.filter(partnership__isnull=True, is_headline=True)
    return Front(
        figures=figure_views(figures),
        kinds=[Choice(value, label, counts.get(value, 0)) for value, label in WayKind.choices],
        open_programs=program_rows(
            list(open_programs.for_public_display()[:MOST_PROGRAMS]), language, scope, request
        ),
        newest=tuple(newest.hits),
        about=_about(page, scope, request),
    )


def _about(page: PortalPage, scope: PublicScope, request: HttpRequest | None) -> list[AboutLink]:
    """Return the visible pages under the front page that are no index (two queries)."""
    if not page.path:
        return []
    links = []
    for child in pages_right_below(page).live().filter(scope.hidden).order_by("path"):
        model = child.specific_class
        if model is not None and issubclass(model, PortalPage) and not model.is_skeleton:
            links.append(
                AboutLink(child.title, child.search_description, child.get_url(request) or "")
            )
    return links[:MOST_ABOUT]  # the rest stands in the footer
