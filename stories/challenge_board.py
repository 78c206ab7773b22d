"""The two-way board: what Partnerships look for, and what they offer. Public, without a cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.generic import TemplateView

from portal.demonstration import any_demo
from portal.library import Facet, LibraryType
from portal.text import language_name, whole_number
from portal.visibility import PUBLIC, hidden_prefixes
from search.models import LibraryEntry
from search.query import LibraryHit, LibraryQuery, Sort
from search.services.labels import labels_of
from search.services.library import find, hits_of
from stories.enums import ChallengeStatus, MentorOffer
from stories.models import PracticeFacts

PER_PAGE = 20
#: So many offers stand on the board, the latest practices first.
MOST_OFFERS = 12


@dataclass(frozen=True, slots=True)
class BoardLine:
    """Something that is looked for or offered, and by whom."""

    hit: LibraryHit
    tellers: tuple[str, ...]
    is_looking: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """Both halves: a page of open challenges, and offers to mentor."""

    looked_for: tuple[BoardLine, ...]
    offered: tuple[BoardLine, ...]
    page_obj: PaginatorPage
    total: int

    @property
    def shows_demo(self) -> bool:
        """Whether something invented is on it."""
        return any_demo([line.hit for line in (*self.looked_for, *self.offered)])


def board_for(language: str, page: int) -> Board:
    """Return the board in the reader's language; a fixed number of queries."""
    result = find(
        LibraryQuery(
            types=[LibraryType.CHALLENGE],
            facets={Facet.STATUS: [ChallengeStatus.OPEN]},
            lang=language,
            sort=Sort.DATE,
            page=page,
            page_size=PER_PAGE,
            with_facets=False,
        )
    )
    offers = PracticeFacts.objects.filter(mentor_offer=MentorOffer.OPEN)
    looking = dict(offers.values_list("pk", "is_looking_for_partners"))
    visible = LibraryEntry.objects.visible(PUBLIC, hidden_prefixes())
    rows = visible.filter(thing_key__in=offers.values("pk"), date__isnull=False)
    newest = rows.order_by("-date", "thing_key").values_list("thing_key", flat=True)
    keys = list(dict.fromkeys(newest[: MOST_OFFERS * 4]))[:MOST_OFFERS]
    offered = hits_of(keys, LibraryQuery(lang=language))
    slugs = {slug for hit in (*result.hits, *offered) for slug in hit.partnerships}
    names = labels_of(Facet.PARTNERSHIP, slugs, language) if slugs else {}

    def line(hit: LibraryHit) -> BoardLine:
        tellers = tuple(names[slug] for slug in hit.partnerships if slug in names)
        return BoardLine(hit, tellers, looking.get(hit.thing_key, False))

    paginator = Paginator(range(result.total), PER_PAGE)
    return Board(
        looked_for=tuple(line(hit) for hit in result.hits),
        offered=tuple(line(hit) for hit in offered),
        page_obj=paginator.get_page(page),
        total=result.total,
    )


class BoardView(TemplateView):
    """`/<lang>/board/`: touches neither user nor session."""

    template_name = "stories/board.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the board of the page that is asked for; a number that is none means the first."""
        context = super().get_context_data(**kwargs)
        page = whole_number(self.request.GET.get("page", ""), 3) or 1
        language = get_language() or settings.LANGUAGE_CODE
        board = board_for(language, page)
        if not board.looked_for and page > 1:
            board = board_for(language, 1)
        context["board"] = board
        context["page_obj"] = board.page_obj
        context["shows_demo"] = board.shows_demo
        context["body_class"] = "template-challenge-board"
        context["noindex"] = bool(self.request.GET)
        context["other_languages"] = _other_languages(self.request, language)
        return context


def _other_languages(request: HttpRequest, language: str) -> list[dict[str, str]]:
    """Return the board's addresses in the portal's other languages."""
    found = []
    for code, _name in settings.LANGUAGES:
        if code != language:
            with override(code):
                found.append({"code": code, "name": language_name(code), "url": reverse("board")})
    return found
