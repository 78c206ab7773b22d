"""One search by bitmaps: the database tells what matches and how well, the rest is counted here.

What comes of it is what `search.engines.database` finds by SQL; the contract suite runs on both.
"""

from __future__ import annotations

import heapq
import uuid
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections

from search.models import LibraryEntry
from search.query import (
    CONCEPT,
    CONCEPT_FACETS,
    FACET_NAMES,
    EngineAnswer,
    LibraryQuery,
    Match,
    Sort,
)

from .bitmaps import Bitmaps, Planes, both, count, either, twice, without
from .counting import hidden_rows
from .fulltext import FullText, Sql
from .statements import SqlSearch, as_uuid

#: Up to so many things are put in order one by one; of more, the newest are looked for.
_FEW = 4000
#: Rows that begin as typed are kept if they are so many; the number of such beginnings.
_LONG, _KEPT = 1000, 100


class BitmapSearch(SqlSearch):
    """One search of the public, with the bitmaps of this process."""

    def __init__(
        self, using: str, full_text: FullText, query: LibraryQuery, bitmaps: Bitmaps
    ) -> None:
        super().__init__(using, full_text, query)
        self.bitmaps = bitmaps
        self._last: tuple[Sql | None, Found] | None = None

    def has(self, count: int, matching: Sql) -> bool:
        """Whether so many visible things match under the filters."""
        return self.found(matching).total >= count

    def answer(self, matching: Sql | None, is_widened: bool = False) -> EngineAnswer:
        """Return the page, the total and the counts for what `matching` finds (None: all)."""
        found, query = self.found(matching), self.query
        start = (query.page - 1) * query.page_size
        if query.sort in (Sort.TITLE, Sort.TESTED):  # what these go by is not held
            matches = self.page_or_nothing(matching)[1]
        else:
            is_ranked = matching is not None and query.sort == Sort.RELEVANCE
            page = (found.best if is_ranked else found.newest)(start, query.page_size)
            matches = [Match(as_uuid(thing), score) for thing, score in page]
        facets = found.counts(self.groups()) if query.with_facets else {}
        return EngineAnswer(found.total, tuple(matches), facets, is_widened)

    def things_beginning(self, words: Sequence[str]) -> list[uuid.UUID]:
        """Return the things with these words in title or names.

        Titles that begin so come first, then the shortest.
        """
        bitmaps, wanted = self.bitmaps, self.query.page_size
        digits = bitmaps.digits(self._among(None, {}).found)
        best: dict[int, tuple[bool, int]] = {}
        last = (False, 0)
        places, first = self._beginning(words)
        for number, place in enumerate(places):
            rank = (number >= first, bitmaps.lengths[place])
            if len(best) >= wanted and rank > last:
                break
            if digits[place] == "1" and (slot := place % bitmaps.width) not in best:
                best[slot] = last = rank
        things = sorted((rank, bitmaps.things[slot]) for slot, rank in best.items())
        return [as_uuid(thing) for _rank, thing in things[:wanted]]

    def _beginning(self, words: Sequence[str]) -> tuple[Sequence[int], int]:
        """Return the places of all rows with these words, seen or not, and how many come first.

        First are those whose title begins so; both parts are in the order of the titles' lengths.
        One letter begins a word of a quarter of all titles: what is as long is kept.
        """
        bitmaps, asked = self.bitmaps, tuple(words)
        kept = bitmaps.begun.get(asked)
        if kept is not None:
            return kept
        parts: tuple[list[int], list[int]] = ([], [])
        for row, begins in self.fetch(*self.full_text.beginning(words)):
            if (place := bitmaps.places.get(row)) is not None:
                parts[not begins].append(place)
        for part in parts:
            part.sort(key=bitmaps.lengths.__getitem__)
        places, first = [*parts[0], *parts[1]], len(parts[0])
        if len(places) >= _LONG:
            if len(bitmaps.begun) >= _KEPT:
                bitmaps.begun.clear()
            bitmaps.begun[asked] = (array("I", places), first)
        return places, first

    def concepts_with_things(self, keys: Sequence[str]) -> set[str]:
        """Return those of the concepts that something visible is about."""
        rows = self._among(None, {}).found
        return {
            key
            for key in keys
            if any(any(both(rows, self.bitmaps.having(name, [key]))) for name in CONCEPT_FACETS)
        }

    def found(self, matching: Sql | None) -> Found:
        """Return what `matching` finds (None: all); asked twice for the same, it looks once."""
        if self._last is None or self._last[0] != matching:
            self._last = (matching, self._looked_up(matching))
        return self._last[1]

    def _looked_up(self, matching: Sql | None) -> Found:
        if matching is None:
            return self._among(None, {})
        scores: dict[int, float] = dict(self.fetch(*matching))
        return self._among(scores, scores)

    def _among(self, ids: Collection[int] | None, scores: Mapping[int, float]) -> Found:
        """Return what of these rows (None: of all) may be seen and keeps filters and limits."""
        bitmaps, query = self.bitmaps, self.query
        hidden = hidden_rows(connections[self.using], self.hidden)  # after what it has to hide
        rows = without(bitmaps.public, bitmaps.where(hidden))
        if ids is not None:
            rows = both(rows, bitmaps.where(ids))
        limits = LibraryEntry.objects.using(self.using).limits(
            query.at_most, query.at_least, query.untold
        )
        for keeping in limits:
            rows = both(rows, bitmaps.where(list(keeping.values_list("entry_id", flat=True))))
        return Found(bitmaps, self.filters, rows, scores)


@dataclass
class Found:
    """The rows that a reader may see, and what is looked for among them.

    `rows` are those that match and may be seen, whatever the filters; `scores` tells how well
    (of more rows, perhaps).
    """

    bitmaps: Bitmaps
    filters: Mapping[str, Sequence[str]]
    rows: Planes
    scores: Mapping[int, float]

    def __post_init__(self) -> None:
        self.having = {name: self._having(name, values) for name, values in self.filters.items()}
        self.found = self._under(self.filters)

    @property
    def total(self) -> int:
        """How many things were found."""
        return count(self.found)

    def _having(self, name: str, values: Sequence[str]) -> Planes:
        names = CONCEPT_FACETS if name == CONCEPT else (name,)
        found = self.bitmaps.having(names[0], values)
        for other in names[1:]:
            found = either(found, self.bitmaps.having(other, values))
        return found

    def _under(self, filters: Mapping[str, Any]) -> Planes:
        rows = self.rows
        for name in filters:
            rows = both(rows, self.having[name])
        return rows

    def counts(self, groups: Mapping[frozenset[str], Sequence[str]]) -> dict[str, dict[str, int]]:
        """Return the counts of things; `groups` are facets by the filters that they leave out."""
        counts: dict[str, dict[str, int]] = {name: {} for name in FACET_NAMES}
        for skipped, names in groups.items():
            rows = self._under({name: 1 for name in self.filters if name not in skipped})
            own = {name: self.bitmaps.counts(rows, name) for name in names if name != CONCEPT}
            if CONCEPT in names:
                for name in CONCEPT_FACETS:
                    found = own[name] if name in own else self.bitmaps.counts(rows, name)
                    counts[CONCEPT].update(found)
            counts.update(own)
        return counts

    # The order ---------------------------------------------------------------------------------

    def best(self, start: int, size: int) -> list[tuple[Any, float]]:
        """Return things by score, then date, from `start` on."""
        bitmaps, digits = self.bitmaps, self.bitmaps.digits(self.found)
        places, factors = bitmaps.places, bitmaps.factors
        ranked = [
            (score * factors[place], place)
            for row, score in self.scores.items()
            if (place := places.get(row)) is not None and digits[place] == "1"
        ]
        wanted = start + size
        top = heapq.nlargest(wanted * bitmaps.planes, ranked)
        scores: dict[int, float] = {}
        for score, place in top:
            scores.setdefault(place % bitmaps.width, score)
        if len(top) < len(ranked) and len(scores) >= wanted:  # those that are as good as the last
            least = list(scores.values())[wanted - 1]
            for score, place in ranked:
                if score == least:
                    scores.setdefault(place % bitmaps.width, score)
        dates = self._dates(scores, digits)
        order = sorted(scores, key=bitmaps.things.__getitem__)
        order = _newest_first(order, dates)
        order.sort(key=lambda slot: -scores[slot])
        return [(bitmaps.things[slot], scores[slot]) for slot in order[start:wanted]]

    def newest(self, start: int, size: int) -> list[tuple[Any, float]]:
        """Return things by date, the newest first, from `start` on."""
        bitmaps, digits = self.bitmaps, self.bitmaps.digits(self.found)
        wanted = start + size
        if self.total <= max(_FEW, wanted):
            slots = {place % bitmaps.width for place in _places(digits)}
            order = sorted(slots, key=bitmaps.things.__getitem__)
            order = _newest_first(order, self._dates(order, digits))
        else:
            order = self._walked(wanted, digits)
        return [(bitmaps.things[slot], 0.0) for slot in order[start:wanted]]

    def _walked(self, wanted: int, digits: str) -> list[int]:
        """Return the slots of the first things by date, looking at the rows in their order."""
        bitmaps = self.bitmaps
        width, dates = bitmaps.width, bitmaps.dates
        told_twice = f"{twice(self.found):0{width}b}"[::-1]
        left: dict[int, int] = {}
        order: list[int] = []
        last: Any = None
        for place in reversed(bitmaps.by_date):
            if digits[place] == "0":
                continue
            if len(order) >= wanted and dates[place] != last:
                break
            slot = place % width
            if told_twice[slot] == "1":  # a thing is as old as the oldest of its rows
                if slot not in left:
                    left[slot] = sum(
                        digits[other] == "1" and dates[other] is not None
                        for other in range(slot, len(digits), width)
                    )
                left[slot] -= 1
                if left[slot]:
                    continue
            order.append(slot)
            last = dates[place]
        if len(order) < wanted:
            undated = {place % width for place in _places(digits)}.difference(order)
            order += undated
        order.sort(key=bitmaps.things.__getitem__)
        return _newest_first(order, self._dates(order, digits))

    def _dates(self, slots: Iterable[int], digits: str) -> dict[int, Any]:
        """Return the first date of the found rows of each thing."""
        bitmaps = self.bitmaps
        dates = {}
        for slot in slots:
            own = [
                bitmaps.dates[place]
                for place in range(slot, len(digits), bitmaps.width)
                if digits[place] == "1" and bitmaps.dates[place] is not None
            ]
            dates[slot] = min(own) if own else None
        return dates


def _places(digits: str) -> list[int]:
    """Return the places of the rows in a set."""
    found, place = [], digits.find("1")
    while place >= 0:
        found.append(place)
        place = digits.find("1", place + 1)
    return found


def _newest_first(slots: Sequence[int], dates: Mapping[int, Any]) -> list[int]:
    """Return the slots by date, without a date at the end; equal ones stay as they are."""
    dated = [slot for slot in slots if dates[slot] is not None]
    dated.sort(key=dates.__getitem__, reverse=True)
    return [*dated, *(slot for slot in slots if dates[slot] is None)]
