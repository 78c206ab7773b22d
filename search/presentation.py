"""What the library's page shows: hits, facets with their counts, chips, pages, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.fields import text_direction
from portal.library import Facet
from search.parameters import Refusal, read
from search.query import (
    CONCEPT,
    LANGUAGE,
    MAX_DEPTH,
    TYPE,
    LibraryHit,
    LibraryQuery,
    LibraryResult,
    Sort,
)
from search.services.labels import facet_titles, labels_of
from search.services.library import find

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 20
#: The facets in the order in which they stand on the page; those that are open without a choice.
SHOWN_FACETS = (
    TYPE,
    Facet.PROGRAM_TYPE,
    Facet.TOPIC,
    Facet.AUDIENCE,
    Facet.PARTNERSHIP,
    Facet.COUNTRY,
    Facet.COMMUNITY,
    Facet.DIRECTION,
    Facet.OUTCOME,
    Facet.SIDE,
    Facet.RESOURCE,
    Facet.YEAR,
    LANGUAGE,
)
OPEN_FACETS = frozenset({TYPE, Facet.TOPIC, Facet.AUDIENCE})


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One value of a facet as a checkbox."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet as a group of checkboxes."""

    name: str
    title: str
    options: Sequence[FacetOption]
    is_open: bool

    @property
    def chosen_count(self) -> int:
        """How many values are chosen."""
        return sum(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A value in force, and the address without it."""

    facet: str
    title: str
    value: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit, and the Partnerships that tell it by name."""

    hit: LibraryHit
    partnerships: Sequence[str]
    is_foreign: bool

    @property
    def direction(self) -> str:
        """Writing direction of the hit's language."""
        return text_direction(self.hit.language)


class LibraryListing:
    """One state of the library's page, as its address asks for it."""

    def __init__(self, result: LibraryResult, notes: Sequence[StrOrPromise]) -> None:
        self.result = result
        self.query: LibraryQuery = result.query
        self.notes = notes

    @property
    def is_filtered(self) -> bool:
        """Whether the reader looks for something, by words or filters."""
        return bool(self.query.text.strip() or self.query.filters)

    @property
    def page_obj(self) -> PaginatorPage:
        """The page among the others, for the pagination."""
        reachable = range(min(self.result.total, MAX_DEPTH))
        return Paginator(reachable, self.query.page_size).page(self.query.page)

    @cached_property
    def _titles(self) -> dict[str, str]:
        return facet_titles(self.query.lang)

    @cached_property
    def _labels(self) -> dict[str, Mapping[str, str]]:
        """The labels of all values that came or are chosen, by facet."""
        labels: dict[str, Mapping[str, str]] = {}
        for name, values in self.result.facets.items():
            known = {value.value: value.label for value in values}
            missing = [key for key in self.query.filters.get(name, ()) if key not in known]
            labels[name] = known | dict(
                labels_of(name, missing, self.query.lang) if missing else {}
            )
        return labels

    @property
    def rows(self) -> list[HitRow]:
        """The hits of this page."""
        names = self._labels.get(Facet.PARTNERSHIP, {})
        return [
            HitRow(
                hit,
                [names.get(key, key) for key in hit.partnerships],
                hit.language != self.query.lang,
            )
            for hit in self.result.hits
        ]

    @cached_property
    def groups(self) -> list[FacetGroup]:
        """The facets that part what was found; chosen values stay, even without a hit."""
        return list(self._groups())

    def _groups(self) -> Iterator[FacetGroup]:
        for name in SHOWN_FACETS:
            chosen = self.query.filters.get(name, ())
            options = [
                FacetOption(value.value, value.label, value.count, value.value in chosen)
                for value in self.result.facets.get(name, ())
            ]
            present = {option.value for option in options}
            options += [
                FacetOption(value, self._labels[name].get(value, value), 0, True)
                for value in chosen
                if value not in present
            ]
            if chosen or len(options) > 1:
                is_open = bool(chosen) or name in OPEN_FACETS
                yield FacetGroup(name, self._titles[name], options, is_open)

    @property
    def chips(self) -> list[FilterChip]:
        """The values in force, each with the address without it."""
        return [
            FilterChip(
                name,
                self._titles[name],
                value,
                self._labels[name].get(value, value),
                self.query_string(without=(name, value)),
            )
            for name, values in self.query.filters.items()
            for value in values
        ]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Filters that no checkbox shows, to be kept when the form is sent."""
        return [(CONCEPT, value) for value in self.query.filters.get(CONCEPT, ())]

    @property
    def sorts(self) -> list[tuple[str, StrOrPromise, bool]]:
        """The orders to choose from: value, name, whether it is in force."""
        return [(value, label, value == self.query.sort) for value, label in Sort.choices]

    def query_string(self, without: tuple[str, str] | None = None) -> str:
        """Return this state as the end of an address, without its page and one filter's value."""
        pairs = [("q", self.query.text)] if self.query.text.strip() else []
        pairs += [
            (name, value)
            for name, values in self.query.filters.items()
            for value in values
            if (name, value) != without
        ]
        if self.query.sort != Sort.RELEVANCE:
            pairs.append(("sort", self.query.sort))
        return urlencode(pairs)

    @property
    def address(self) -> str:
        """This state as the end of an address, without its page."""
        return self.query_string()


def listing_for(data: QueryDict, language: str) -> LibraryListing:
    """Return the page's state for an address; what can't be used is left out, with a note."""
    reading = read(data, lang=language, page_size=PAGE_SIZE)
    notes = _notes(reading.refusals, language)
    query = reading.query
    asked_page = _number(next((r.value for r in reading.refusals if r.parameter == "page"), ""))
    if asked_page:
        query = query.with_page(MAX_DEPTH // PAGE_SIZE)
    result = find(query)
    if query.page > result.page_count:
        asked_page = asked_page or query.page
        result = find(query.with_page(result.page_count))
    if asked_page:
        notes.append(
            _("There is no page “%(asked)s”; this is page %(shown)d of %(last)d.")
            % {
                "asked": asked_page,
                "shown": result.query.page,
                "last": result.page_count,
            }
        )
    return LibraryListing(result, notes)


def _number(value: str) -> int:
    """Return a page number that was refused for being too large; 0 for what is no number."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 0


def _notes(refusals: Sequence[Refusal], language: str) -> list[StrOrPromise]:
    """Return a sentence for each value that was left out."""
    titles = {**facet_titles(language), "sort": _("order")}
    return [
        _("“%(value)s” is not known as “%(filter)s”; this filter was left out.")
        % {"value": one.value[:60], "filter": titles[one.parameter]}
        for one in refusals[:5]
        if one.parameter in titles
    ]
