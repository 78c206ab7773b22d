"""When schools are closed: days where a calendar publishes them, else the months of a pattern.

Nothing is invented. `holidays` publishes the breaks of Israel (but for the summer), of the states
of Australia and Germany, and of regions of Belgium, France, the Netherlands and Poland, for some
years ahead. For other places `data/school_years.json` tells, with its sources, in which whole
months schools are closed as a rule. Everything else is not known, and said to be so.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from partnerships.calendars import (
    ISRAEL,
    country_of,
    days_off,
    holidays_of,
    region_of,
    workdays_of,
)

FILE = Path(__file__).parent / "data" / "school_years.json"
SCHOOL = "school"
#: Countries of which the calendar holds the breaks within a school year, but not the long one.
_WITHOUT_SUMMER = frozenset({ISRAEL})
_DAY = datetime.timedelta(days=1)

Span = tuple[datetime.date, datetime.date]


@dataclass(frozen=True, slots=True, order=True)
class SchoolBreak:
    """Days on end on which the schools of a place are closed, in the words of `language`."""

    first: datetime.date
    last: datetime.date
    name: str
    place: str
    language: str

    @property
    def country(self) -> str:
        """The country's code."""
        return country_of(self.place)

    @property
    def region(self) -> str:
        """The state's code, "" where the whole country has one calendar."""
        return region_of(self.place)


def knows_school_days(place: str, first: datetime.date, last: datetime.date) -> bool:
    """Whether days of school holidays are published for all years between two days."""
    years = range(first.year, last.year + 1)
    return all(holidays_of(place, (year,), "en", SCHOOL)[0] for year in years)


def has_whole_calendar(place: str, first: datetime.date, last: datetime.date) -> bool:
    """Whether these days are all there are: Israel's calendar leaves the summer out."""
    return country_of(place) not in _WITHOUT_SUMMER and knows_school_days(place, first, last)


def long_break(place: str) -> tuple[int, ...]:
    """Return the months in which the place's schools are closed as a rule; empty: not known."""
    told = _patterns()
    return told.get(place) or told.get(country_of(place)) or ()


def school_breaks(
    places: Iterable[str], first: datetime.date, last: datetime.date, language: str
) -> list[SchoolBreak]:
    """Return the breaks whose days are published, cut to the days asked for, in order."""
    found = []
    for place in dict.fromkeys(places):
        years = tuple(range(first.year, last.year + 1))
        rows, spoken = holidays_of(place, years, language, SCHOOL)
        within = [(day, name) for day, name in rows if first <= day <= last]
        for begin, end, name in _runs_of_one_name(within):
            found.append(SchoolBreak(begin, end, name, place, spoken))
    return sorted(found)


def free_of_school(places: Iterable[str], first: datetime.date, last: datetime.date) -> list[Span]:
    """Return the spans in which no place has school, as far as is known, the earliest first.

    A place is free in published breaks, in the months of its pattern where its calendar is not
    whole, and on the weekends and holidays that touch these.
    """
    common: set[datetime.date] | None = None
    for place in dict.fromkeys(places):
        days = _free_days(place, first, last)
        common = days if common is None else common & days
    return [
        (run[0], run[-1])
        for run in _runs(sorted(common or ()))
        if any(_is_break(place, run, first, last) for place in places)
    ]


def _is_break(
    place: str, run: list[datetime.date], first: datetime.date, last: datetime.date
) -> bool:
    """Whether a run is more than a weekend or a holiday."""
    return bool(set(run) & _break_days(place, first, last))


def _free_days(place: str, first: datetime.date, last: datetime.date) -> set[datetime.date]:
    days = set(_break_days(place, first, last))
    days |= {off.day for off in days_off([place], first, last, "en")}
    workdays = workdays_of(country_of(place))
    return days | {day for day in _days(first, last) if day.weekday() not in workdays}


@lru_cache(maxsize=512)
def _break_days(place: str, first: datetime.date, last: datetime.date) -> frozenset[datetime.date]:
    days = {
        day
        for each in school_breaks([place], first, last, "en")
        for day in _days(each.first, each.last)
    }
    if not has_whole_calendar(place, first, last):
        months = long_break(place)
        days |= {day for day in _days(first, last) if day.month in months}
    return frozenset(days)


def _days(first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY


def _runs(days: list[datetime.date]) -> Iterator[list[datetime.date]]:
    """Yield days on end."""
    if not days:
        return
    run = [days[0]]
    for before, day in pairwise(days):
        if day - before > _DAY:
            yield run
            run = []
        run.append(day)
    yield run


def _runs_of_one_name(
    rows: list[tuple[datetime.date, str]],
) -> Iterator[tuple[datetime.date, datetime.date, str]]:
    for name in dict.fromkeys(name for _day, name in rows):
        for run in _runs([day for day, other in rows if other == name]):
            yield run[0], run[-1], name


@lru_cache(maxsize=1)
def _patterns() -> dict[str, tuple[int, ...]]:
    told = json.loads(FILE.read_text("utf-8"))["long_breaks"]
    return {place: tuple(row["months"]) for place, row in told.items()}
