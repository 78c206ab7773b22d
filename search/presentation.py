"""What the library's page shows: hits, facets with their counts, chips, pages, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.library import Facet
from portal.text import language_name, whole_number
from portal.visibility import PUBLIC, Viewer
from search.families import by_family
from search.limits import PAYERS, Limits, limit_titles, untold_titles
from search.near import FEW, NamedConcept, NearThings, near_things, nearest_concepts, next_level
from search.page_parts import (
    OPEN_FACETS,
    SHOWN_FACETS,
    AlsoSearched,
    AlsoSearchedAll,
    FacetGroup,
    FacetOption,
    FilterChip,
    HitRow,
    LanguageChoice,
    LimitInText,
    NextLevel,
    WayOn,
    some_of,
)
from search.parameters import EXACT, READ_LIMIT, TRANSLATE, WITHOUT_CONCEPT, Reading, Refusal, read
from search.query import (
    CONCEPT,
    LANGUAGE,
    MAX_DEPTH,
    LibraryHit,
    LibraryQuery,
    LibraryResult,
    Sort,
)
from search.services.labels import facet_titles, labels_of
from search.services.library import find
from search.services.network import network_more
from search.services.other_names import with_other_names

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 20


class LibraryListing:
    """One state of the library's page, as its address asks for it."""

    def __init__(
        self, result: LibraryResult, reading: Reading, notes: Sequence[StrOrPromise]
    ) -> None:
        self.result = result
        self.query: LibraryQuery = result.query
        self.reading = reading
        self.limits = reading.limits
        self.rates = reading.rates
        self.notes = notes

    @property
    def is_filtered(self) -> bool:
        """Whether the reader looks for something, by words or filters."""
        query = self.query
        return bool(query.text.strip() or query.filters or self.limits.asked or query.untold)

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

    @cached_property
    def rows(self) -> list[HitRow]:
        """The hits of this page; the best match has those of its model directly below it."""
        rows = self._rows(self.result.hits)
        is_ranked = self.query.sort == Sort.RELEVANCE and self.query.text.strip()
        return by_family(rows) if is_ranked else rows

    def _rows(self, hits: Iterable[LibraryHit]) -> list[HitRow]:
        names = dict(self._labels.get(Facet.PARTNERSHIP, {}))
        found = list(hits)
        if missing := {key for hit in found for key in hit.partnerships} - set(names):
            names |= labels_of(Facet.PARTNERSHIP, missing, self.query.lang)
        return [
            HitRow(
                hit,
                [names.get(key, key) for key in hit.partnerships],
                hit.language != self.query.lang,
            )
            for hit in found
        ]

    @cached_property
    def groups(self) -> list[FacetGroup]:
        """The facets that part what was found; chosen values stay, even without a hit."""
        return with_other_names(self._groups())

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

    @cached_property
    def chips(self) -> list[FilterChip]:
        """The values and limits in force, each with the address without it."""
        chips = [
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
        chips += [  # their words say what they limit
            FilterChip(name, "", words, words, self.query_string(limits=self.limits.without(name)))
            for name, words in self.limits.described()
        ]
        return chips

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Filters that no field shows, to be kept when the form is sent."""
        hidden = [(CONCEPT, value) for value in self.query.filters.get(CONCEPT, ())]
        return [*hidden, *(("untold", name) for name in self.limits.untold), *self._switches()]

    def _switches(self) -> list[tuple[str, str]]:
        """What of the words is not to be searched as well."""
        without = [(WITHOUT_CONCEPT, key) for key in self.query.without_concepts]
        without += [] if self.query.translated else [(TRANSLATE, "0")]
        if self.reading.in_text and not self.reading.reads_text and not self.query.exact:
            without.append((READ_LIMIT, "0"))
        return [*without, (EXACT, "1")] if self.query.exact else without

    @property
    def languages(self) -> list[LanguageChoice]:
        """The switch: texts in all languages, or only in one."""
        chosen = self.query.filters.get(LANGUAGE, ())
        only = chosen[0] if len(chosen) == 1 else ""
        counts = {count.value: count.count for count in self.result.facets.get(LANGUAGE, ())}
        return [
            LanguageChoice("", _("all languages"), not only),
            *[
                LanguageChoice(
                    code,
                    _("only %(language)s") % {"language": language_name(code)},
                    code == only,
                    counts.get(code, 0),
                )
                for code, _name in settings.LANGUAGES
            ],
        ]

    @property
    def payers(self) -> list[tuple[str, StrOrPromise, bool]]:
        """Whose money can be limited: value, name, whether it is in force."""
        return [(value, label, value == self.limits.cost_for) for value, label in PAYERS.items()]

    @cached_property
    def untold(self) -> list[WayOn]:
        """Things apart that don't tell what a limit asks: how many, and the way to them."""
        titles = untold_titles()
        found = []
        for name in self.limits.asked:
            limits = self.limits.with_untold(name)
            total = self._total(limits=limits)
            if total:
                found.append(WayOn(titles[name], self.query_string(limits=limits), total))
        return found

    def _total(self, *, limits: Limits | None = None, **changes: Any) -> int:
        """Return how many things the question finds when it is changed (one search)."""
        limits = self.limits if limits is None else limits
        asked = replace(
            self.query,
            at_most=limits.at_most(self.rates),
            at_least=limits.at_least(),
            untold=limits.untold_numbers(),
            page=1,
            page_size=1,
            with_facets=False,
            **changes,
        )
        return find(asked).total

    @cached_property
    def network_more(self) -> int:
        """How many things more the network would find; they are never named."""
        return network_more(self.result)

    @cached_property
    def next_level(self) -> NextLevel | None:
        """Where a filter by evidence leaves little: what is one level lower."""
        chosen = self.query.filters.get(Facet.EVIDENCE, ())
        if not chosen or self.result.total >= FEW:
            return None
        level = next_level(self.query, chosen)
        if level is None:
            return None
        facets = {**self.query.facets, Facet.EVIDENCE: [level]}
        result = find(replace(self.query, facets=facets, page=1, page_size=10, with_facets=False))
        if not result.total:
            return None
        label = labels_of(Facet.EVIDENCE, [level], self.query.lang).get(level, level)
        more = [(Facet.EVIDENCE, value) for value in (*chosen, level)]
        kept = [pair for pair in self._pairs() if pair[0] != Facet.EVIDENCE]
        return NextLevel(label, self._rows(result.hits), result.total, urlencode([*kept, *more]))

    @cached_property
    def near_concepts(self) -> list[NamedConcept]:
        """Where nothing was found: the concepts whose names are most like the words."""
        if self.result.total or not self.query.text.strip():
            return []
        return nearest_concepts(self.query.text, self.query.lang, self.query.viewer)

    @cached_property
    def near(self) -> NearThings:
        """Where nothing was found, nor at the next level: what comes close, or is new."""
        if self.result.total or not self.is_filtered or self.next_level:
            return NearThings()
        concepts = [concept.key for concept in self.near_concepts]
        return near_things(self.query, self.result.suggestion, concepts)

    @cached_property
    def near_rows(self) -> list[HitRow]:
        """The things of `near`."""
        return self._rows(self.near.hits)

    @property
    def also_searched(self) -> AlsoSearchedAll:
        """Concepts and words of the other language that were searched as well, and ways without."""
        found = [
            (list(dict.fromkeys([one.label, *one.texts])), (WITHOUT_CONCEPT, one.key))
            for one in self.result.expansions
        ]
        if words := self.result.translations:
            label = _("in the other language: %(words)s") % {"words": some_of(words)}
            found.append(([label], (TRANSLATE, "0")))
        return AlsoSearchedAll.of(
            [AlsoSearched(names, self.query_string(more=[out])) for names, out in found]
        )

    @property
    def limit_in_text(self) -> LimitInText | None:
        """How an amount in the text was read, and the way to read it otherwise."""
        reading = self.reading
        if reading.in_text is None or self.query.exact:
            return None
        pairs = self._pairs(self.limits.without("cost"), reading.typed)
        pairs = [pair for pair in pairs if pair != (READ_LIMIT, "0")]
        if reading.is_in_force:
            pairs.append((READ_LIMIT, "0"))
        return LimitInText(reading.in_text.words, urlencode(pairs), reading.is_in_force)

    @property
    def offers(self) -> list[WayOn]:
        """The concepts that a word may have meant; they were not searched."""
        return [
            WayOn(one.label, self.query_string(more=[(CONCEPT, one.key)], text=""))
            for one in self.result.offers
        ]

    @property
    def spelling(self) -> WayOn | None:
        """Another spelling of the words that finds more."""
        other = self.result.suggestion
        return WayOn(other, self.query_string(text=other)) if other else None

    @property
    def sorts(self) -> list[tuple[str, StrOrPromise, bool]]:
        """The orders to choose from: value, name, whether it is in force."""
        return [(value, label, value == self.query.sort) for value, label in Sort.choices]

    def query_string(
        self,
        without: tuple[str, str] | None = None,
        limits: Limits | None = None,
        text: str | None = None,
        more: Sequence[tuple[str, str]] = (),
    ) -> str:
        """Return this state as the end of an address, without its page.

        `without` leaves out one filter's value; `limits` and `text` stand in place of this state's;
        `more` is added.
        """
        pairs = self._pairs(limits, text)
        return urlencode([*[pair for pair in pairs if pair != without], *more])

    def _pairs(
        self, limits: Limits | None = None, text: str | None = None
    ) -> list[tuple[str, str]]:
        query = self.query
        words = query.text if text is None else text
        pairs = [("q", words)] if words.strip() else []
        pairs += [(name, value) for name, values in query.filters.items() for value in values]
        pairs += (self.limits if limits is None else limits).pairs()
        pairs += self._switches()
        if query.sort != Sort.RELEVANCE:
            pairs.append(("sort", query.sort))
        return pairs

    @property
    def address(self) -> str:
        """This state as the end of an address, without its page."""
        return self.query_string()


def listing_for(data: QueryDict, language: str, viewer: Viewer = PUBLIC) -> LibraryListing:
    """Return the page's state for an address; what can't be used is left out, with a note."""
    reading = read(data, lang=language, page_size=PAGE_SIZE, text_overrules=True, viewer=viewer)
    notes = _notes(reading.refusals, language)
    query = reading.query
    refused = next((one.value for one in reading.refusals if one.parameter == "page"), "")
    asked_page = whole_number(refused, 8) or 0  # a number that was refused is too large
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
    return LibraryListing(result, reading, notes)


def _notes(refusals: Sequence[Refusal], language: str) -> list[StrOrPromise]:
    """Return a sentence for each value that was left out."""
    titles = {**facet_titles(language), "sort": _("order"), **limit_titles()}
    return [
        _("“%(value)s” is not known as “%(filter)s”; this filter was left out.")
        % {"value": one.value[:60], "filter": titles[one.parameter]}
        for one in refusals[:5]
        if one.parameter in titles
    ]
