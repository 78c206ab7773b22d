"""Participation and budget as the public may read them (FEATURES L8).

Where the same people may be in several rows, a sum is only "at least … at most …". A number under
`SMALL` is told as "fewer than 5", so that nobody is recognised by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from partnerships.enums import BudgetGoal, CountMethod, Side
from partnerships.models.figures import BudgetShare, ParticipationRow
from partnerships.presentation.sides import sides_for

SMALL = 5


@dataclass(frozen=True, slots=True)
class Span:
    """How many people there were: at least `low`, at most `high`.

    `is_small` is a single small number, which is told as "fewer than 5" only.
    """

    low: int
    high: int
    is_small: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether there is one number to tell."""
        return self.low == self.high and not self.is_small

    @property
    def words(self) -> str:
        """The span in words: "120", "at least 80, at most 120", "fewer than 5", "–" for none."""
        if self.is_small:
            return _("fewer than %(limit)d") % {"limit": SMALL}
        if self.high == 0:
            return "–"
        if self.is_exact:
            return f"{self.high:,}"
        return _("at least %(low)s, at most %(high)s") % {
            "low": f"{self.low:,}",
            "high": f"{self.high:,}",
        }


NOBODY = Span(0, 0)


def span_of(rows: Iterable[ParticipationRow]) -> Span:
    """Return how many different people the rows can mean.

    Rows that don't overlap add up; one that may overlap can lie wholly inside the others, so the
    least is the sum of the former or the largest of the latter. A row of all programs stands for
    the programs' own rows of its side and mode.
    """
    kept = _without_doubles(rows)
    if not kept:
        return NOBODY
    spans = [
        # A small number inside a sum counts as 1 to 4, else subtraction would tell it.
        (1, SMALL - 1, row.may_overlap)
        if 0 < row.count < SMALL
        else (row.count, row.count, row.may_overlap)
        for row in kept
    ]
    if len(kept) == 1:
        low, high, _overlaps = spans[0]
        return Span(low, high, is_small=low != high)
    apart = sum(low for low, _high, overlaps in spans if not overlaps)
    overlapping = max((low for low, _high, overlaps in spans if overlaps), default=0)
    return Span(max(apart, overlapping), sum(high for _low, high, _overlaps in spans))


def _without_doubles(rows: Iterable[ParticipationRow]) -> list[ParticipationRow]:
    """Leave out programs' rows where a row of all programs tells the same side and mode."""
    kept = list(rows)
    whole = {(row.year, row.side, row.mode) for row in kept if row.program_id is None}
    return [
        row for row in kept if row.program_id is None or (row.year, row.side, row.mode) not in whole
    ]


@dataclass(frozen=True, slots=True)
class ParticipationYear:
    """One year: the sides in the reader's order, both together, and how it was counted."""

    year: int
    first: Span
    second: Span
    both: Span
    methods: tuple[str, ...]
    sources: tuple[str, ...]
    may_overlap: bool
    is_demo: bool


def participation_years(rows: Iterable[ParticipationRow], language: str) -> list[ParticipationYear]:
    """Return the years of a Partnership's participation, the newest first."""
    by_year: dict[int, list[ParticipationRow]] = {}
    for row in rows:
        by_year.setdefault(row.year, []).append(row)
    first, second = sides_for(language)

    def side(of_year: list[ParticipationRow], wanted: Side) -> Span:
        return span_of(row for row in of_year if row.side == wanted)

    return [
        ParticipationYear(
            year=year,
            first=side(of_year, first),
            second=side(of_year, second),
            both=span_of(of_year),
            methods=tuple(
                str(CountMethod(method).label) for method in sorted({r.method for r in of_year})
            ),
            sources=tuple(dict.fromkeys(line for row in of_year for line in row.source_list)),
            may_overlap=any(row.may_overlap for row in of_year),
            is_demo=any(row.is_demo for row in of_year),
        )
        for year, of_year in sorted(by_year.items(), reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class Share:
    """One goal's share of a budget, and where its bar stands (percent of the width)."""

    goal: str
    label: str
    percent: Decimal
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """How a year's budget was shared between the goals."""

    year: int
    shares: tuple[Share, ...]
    rest: Decimal
    sources: tuple[str, ...]
    is_demo: bool


def budget_years(rows: Iterable[BudgetShare]) -> list[BudgetYear]:
    """Return the years for which a budget share is known, the newest first."""
    by_year: dict[int, list[BudgetShare]] = {}
    for row in rows:
        by_year.setdefault(row.year, []).append(row)
    order = list(BudgetGoal.values)
    years = []
    for year, of_year in sorted(by_year.items(), reverse=True):
        shares, start = [], Decimal(0)
        for row in sorted(of_year, key=lambda row: order.index(row.goal)):
            label = str(BudgetGoal(row.goal).label)
            shares.append(Share(row.goal, label, row.percent, f"{start:f}", f"{row.percent:f}"))
            start += row.percent
        years.append(
            BudgetYear(
                year=year,
                shares=tuple(shares),
                rest=max(Decimal(0), Decimal(100) - start),
                sources=tuple(dict.fromkeys(line for row in of_year for line in row.source_list)),
                is_demo=any(row.is_demo for row in of_year),
            )
        )
    return years
