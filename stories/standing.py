"""Where a Partnership stands: what it gave, took and owes, as numbers that features register.

A feature says what it counts by Wagtail's hooks: `hooks.register("where_partnerships_stand",
function)`; the function yields `Count`s. So the page knows no feature, and each new one shows on it
by registering itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db.models import Count as RowCount
from django.db.models import QuerySet
from django.utils import timezone
from wagtail import hooks

from partnerships.models import Partnership

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HOOK = "where_partnerships_stand"

#: Numbers by Partnership (primary key); those without any may be left out. A fixed number of
#: queries, however many Partnerships are asked for.
Counter: TypeAlias = Callable[[Collection[int], datetime.date], Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Count:
    """One number: what it says, how it is counted, and where its things are listed.

    `is_due`: somebody waits for it, so more than none stands out. `address` takes a Partnership
    and gives a list in the admin ("": there is none).
    """

    key: str
    heading: StrOrPromise
    counter: Counter
    address: Callable[[Partnership], str] = lambda partnership: ""
    is_due: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of one Partnership, and where its things are listed."""

    count: Count
    number: int
    url: str

    @property
    def stands_out(self) -> bool:
        """Whether somebody waits."""
        return self.count.is_due and self.number > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One Partnership with all numbers, in the order of the headings."""

    partnership: Partnership
    cells: list[Cell]


def registered() -> list[Count]:
    """Return all registered numbers, in their order."""
    found: list[Count] = []
    for source in hooks.get_hooks(HOOK):
        found.extend(source())
    return sorted(found, key=lambda count: count.order)


def standings(
    partnerships: Iterable[Partnership], today: datetime.date | None = None
) -> tuple[list[Count], list[Standing]]:
    """Return the headings, and where each of `partnerships` stands."""
    day = today or timezone.localdate()
    chosen = list(partnerships)
    keys = [partnership.pk for partnership in chosen]
    counts = registered()
    numbers = [count.counter(keys, day) for count in counts]
    return counts, [
        Standing(
            partnership,
            [
                Cell(count, number.get(partnership.pk, 0), count.address(partnership))
                for count, number in zip(counts, numbers, strict=True)
            ],
        )
        for partnership in chosen
    ]


def rows_by(rows: QuerySet[Any], field: str = "partnership") -> Counter:
    """Return what counts `rows` by the Partnership in `field`; one query."""

    def count(keys: Collection[int], today: datetime.date) -> Mapping[int, int]:
        chosen = rows.filter(**{f"{field}__in": keys}).order_by()
        return dict(
            chosen.values(field).annotate(number=RowCount("pk")).values_list(field, "number")
        )

    return count
