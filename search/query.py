"""The library's typed question and its typed answer: what every engine takes and gives.

A `LibraryQuery` says what a reader wants; `search.services.library.find` answers it with a
`LibraryResult`, whichever engine did the work. Later work adds fields, it does not rename them.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.fields import default_language, text_direction
from portal.library import Facet, Number
from portal.visibility import PUBLIC, Viewer
from search.analysis import TextQuery
from search.analysis.query import MAX_TEXT as MAX_TEXT  # callers of engines cut by it, too

if TYPE_CHECKING:
    from portal.models import PortalImage

MAX_PAGE_SIZE = 100
#: How deep one may page (page × page size); further down nobody reads, and engines pay for it.
MAX_DEPTH = 10_000

#: Filters that are columns of the row or stand for several facets, beside the facets of `Facet`.
TYPE = "type"
LANGUAGE = "language"
CONCEPT = "concept"

#: The facets that concepts fill; `concept=` means any of them.
CONCEPT_FACETS = (Facet.PROGRAM_TYPE, Facet.TOPIC, Facet.AUDIENCE, Facet.RESOURCE)
#: Every facet that is kept as rows of keys.
KEY_FACETS = (
    *CONCEPT_FACETS,
    Facet.PARTNERSHIP,
    Facet.COMMUNITY,
    Facet.COUNTRY,
    Facet.SIDE,
    Facet.DIRECTION,
    Facet.YEAR,
    Facet.OUTCOME,
    Facet.AGE,
    Facet.SEASON,
    Facet.DURATION,
    Facet.LEAD_TIME,
    Facet.COST,
    Facet.EVIDENCE,
    Facet.OPEN,
    Facet.OFFER,
    Facet.STATUS,
)
#: Every number that can be filtered by.
NUMBER_NAMES = frozenset(
    value for name, value in vars(Number).items() if name.isupper() and isinstance(value, str)
)
#: The numbers that are amounts in `portal.library.COST_CURRENCY`.
COST_NUMBERS = frozenset(name for name in NUMBER_NAMES if name.startswith("cost_"))
#: Every name that can be filtered by, and is counted: the API's closed list.
FACET_NAMES = (TYPE, CONCEPT, *KEY_FACETS, LANGUAGE)


def own_filters(facet: str) -> frozenset[str]:
    """Return the filters that a facet's counts leave out: its own, and for concepts any of them."""
    return frozenset((facet, CONCEPT) if facet in CONCEPT_FACETS else (facet,))


class Sort(models.TextChoices):
    """In which order things are found."""

    RELEVANCE = "relevance", _("best match")
    DATE = "date", _("newest first")
    TITLE = "title", _("title")
    TESTED = "tested", _("best tested first")


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """What a reader looks for.

    Values within a filter are alternatives (OR), filters narrow each other (AND). `facets` holds
    the filters that have no field of their own, by name of `Facet`. `at_most` and `at_least` are
    limits (inclusive) of numbers, by name of `Number`; a thing that does not tell a number passes
    no limit of it. `untold` are names of numbers that things should tell and do not. `lang` is the
    reader's language: translations of a thing are one hit, shown in it if they can be. An empty
    text finds everything, newest first. `only` narrows to these things; `widened` says whether
    things with some of the words are given too (None: where too few have all). `exact` looks up the
    words as typed, without other names; `translated` says whether everyday words are looked up in
    the other language too; `without_concepts` are not searched as well though the text names them.
    `words` are what the text was understood as (None: not yet). Raises ValueError for an unknown
    facet, number, order or page size.
    """

    text: str = ""
    types: Sequence[str] = ()
    concepts: Sequence[str] = ()
    partnerships: Sequence[str] = ()
    communities: Sequence[str] = ()
    languages: Sequence[str] = ()
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)
    at_least: Mapping[str, float] = field(default_factory=dict)
    untold: Sequence[str] = ()
    lang: str = field(default_factory=default_language)
    sort: str = Sort.RELEVANCE
    page: int = 1
    page_size: int = 20
    viewer: Viewer = PUBLIC
    with_facets: bool = True
    exact: bool = False
    without_concepts: Sequence[str] = ()
    words: TextQuery | None = None
    only: Sequence[uuid.UUID] | None = None
    widened: bool | None = None
    translated: bool = True

    def __post_init__(self) -> None:
        if unknown := set(self.facets) - set(KEY_FACETS):
            raise ValueError(f"no such facet: {', '.join(sorted(unknown))}")
        if unknown := {*self.at_most, *self.at_least, *self.untold} - NUMBER_NAMES:
            raise ValueError(f"no such number: {', '.join(sorted(unknown))}")
        if self.sort not in Sort.values:
            raise ValueError(f"no such order: {self.sort}")
        if self.page < 1 or not 1 <= self.page_size <= MAX_PAGE_SIZE:
            raise ValueError("page and page size start at 1; a page has at most 100 hits")

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """The filters in force, by name; those without a value are left out."""
        named = {
            TYPE: self.types,
            CONCEPT: self.concepts,
            Facet.PARTNERSHIP: self.partnerships,
            Facet.COMMUNITY: self.communities,
            LANGUAGE: self.languages,
        }
        values: dict[str, tuple[str, ...]] = {}
        for name, chosen in [*named.items(), *self.facets.items()]:
            if chosen:
                values[name] = tuple(dict.fromkeys([*values.get(name, ()), *chosen]))
        return values

    @property
    def has_limits(self) -> bool:
        """Whether numbers are asked about: limits, or that they are not told."""
        return bool(self.at_most or self.at_least or self.untold)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the text narrows what is found."""
        return self.has_limits or bool(self.filters)

    def with_page(self, page: int) -> LibraryQuery:
        """Return the same question for another page of its answer."""
        return replace(self, page=page)

    def with_page_size(self, page_size: int) -> LibraryQuery:
        """Return the same question for pages of another length."""
        return replace(self, page_size=page_size)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a facet, its label in the reader's language, and how many things have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A file that the thing attaches and that has found words: its name, and the piece of it.

    `snippet` is safe HTML, the found words in `<mark>`; empty where only the name has them.
    """

    name: str
    title: str
    url: str
    snippet: SafeString
    language: str = ""

    @property
    def direction(self) -> str:
        """Writing direction of the file's language: "rtl", "ltr", or "auto" where nobody knows."""
        return text_direction(self.language) if self.language else "auto"


@dataclass(frozen=True, slots=True)
class LibraryHit:
    """One thing that was found, in the language in which it is shown.

    `snippet` and `title_html` are safe HTML, the found words in `<mark>`. `reasons` names the
    parts that matched: title, names, concepts, summary, body, documents (attached files), or
    translation (the words stand in another language of the same thing), or meaning (none of the
    words, but nearest in meaning). `travel_label` says which way people travel, where the thing
    tells it; `offers` are live tags (“looking for partners”). `outcome_label` says that it did not
    work (or only in part), `evidence_label` how well tested it is.
    """

    thing_key: uuid.UUID
    type: str
    type_label: str
    language: str
    title: str
    title_html: SafeString
    summary: str
    snippet: SafeString
    url: str
    date: datetime.datetime | None = None
    reference: str = ""
    concepts: tuple[str, ...] = ()
    partnerships: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    is_demo: bool = False
    image: PortalImage | None = None
    page_id: int | None = None
    documents: tuple[DocumentHit, ...] = ()
    travel_label: str = ""
    offers: tuple[str, ...] = ()
    outcome_label: str = ""
    evidence_label: str = ""

    @property
    def direction(self) -> str:
        """Writing direction of the hit's own language: "rtl" or "ltr"."""
        return text_direction(self.language)


@dataclass(frozen=True, slots=True)
class Expansion:
    """A concept that was named in the text, and the other words that stand for it.

    `typed` is what of the text named it, `label` its name in the reader's language, `texts` what
    was searched as well (`LibraryResult.expansions`) or could be (`LibraryResult.offers`).
    """

    key: str
    label: str
    typed: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryResult:
    """The answer: one page of hits, and what the whole of it looks like.

    `total` and the counts are of things, not of rows (a thing and its translations are one).
    `is_widened` says that too few things have all the words, and that things with some of them are
    given too; `is_unquoted` that nothing has the quoted phrases of a question as they stand, so
    that their words were looked for (where both are, things may have none of these).
    `expansions` are the concepts that were searched as well ("also searched"; each can be taken
    out by `without_concepts`), `offers` those that a loose synonym named: they were not searched,
    and can be put in place of the word. `translations` are words of the other language that were
    searched as well (`translated` takes them out).
    `suggestion` is another spelling of the text that finds more.
    """

    query: LibraryQuery
    total: int
    hits: tuple[LibraryHit, ...]
    facets: Mapping[str, tuple[FacetCount, ...]]
    engine: str
    took_ms: float
    suggestion: str | None = None
    is_widened: bool = False
    is_unquoted: bool = False
    expansions: tuple[Expansion, ...] = ()
    offers: tuple[Expansion, ...] = ()
    translations: tuple[str, ...] = ()

    @property
    def page_count(self) -> int:
        """How many pages can be asked for; at least one."""
        reachable = min(self.total, MAX_DEPTH)
        return max(1, -(-reachable // self.query.page_size))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title or name that begins as the reader typed."""

    text: str
    type: str
    language: str
    url: str


@dataclass(frozen=True, slots=True)
class Match:
    """What an engine says of one thing: which, and how well it matches (higher is better)."""

    thing_key: uuid.UUID
    score: float


@dataclass(frozen=True, slots=True)
class EngineAnswer:
    """What an engine gives: the same for all; texts, labels and addresses are added afterwards.

    `matches` are the things of the asked page, in order. `facets` maps a name to values and counts
    of things, each facet counted without its own filter.
    """

    total: int
    matches: tuple[Match, ...]
    facets: Mapping[str, Mapping[str, int]]
    is_widened: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


#: The answer to a text that has no word.
NOTHING = EngineAnswer(total=0, matches=(), facets={name: {} for name in FACET_NAMES})
