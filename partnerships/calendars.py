"""Seasons, holidays and working days of places: computed, never typed. Pure functions."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import holidays
from pyluach import dates as hebrew

from partnerships.enums import Season

#: Nearer to the equator there are no seasons to clash.
TROPICAL = 10.0
#: First and last month of the seasons, as the northern hemisphere names them.
MONTHS = {
    Season.WINTER: (12, 2),
    Season.SPRING: (3, 5),
    Season.SUMMER: (6, 8),
    Season.AUTUMN: (9, 11),
}
OPPOSITE = {
    Season.WINTER: Season.SUMMER,
    Season.SUMMER: Season.WINTER,
    Season.SPRING: Season.AUTUMN,
    Season.AUTUMN: Season.SPRING,
}
ISRAEL = "IL"
#: Weekdays (Monday is 0) on which schools and offices are open.
_WORKDAYS = {ISRAEL: frozenset({6, 0, 1, 2, 3})}
_WORKDAYS_ELSEWHERE = frozenset({0, 1, 2, 3, 4})
#: Names of festivals as the network writes them.
_SPELLED = {
    "Rosh Hashana": "Rosh Hashanah",
    "Succos": "Sukkot",
    "Shmini Atzeres": "Shemini Atzeret",
    "Simchas Torah": "Simchat Torah",
    "Shavuos": "Shavuot",
}
#: By our codes, how the library of holidays calls its languages, the best first.
_LANGUAGES = {"he": ("he", "en_US"), "en": ("en_US",)}


@dataclass(frozen=True, slots=True, order=True)
class DayOff:
    """A working day on which a side is closed, and why, in the language of `language`."""

    day: datetime.date
    name: str
    country: str
    language: str = ""


def hemisphere(latitude: float | None) -> str:
    """Return "north", "south", or "" where nobody told or there are no seasons."""
    if latitude is None or abs(latitude) < TROPICAL:
        return ""
    return "north" if latitude > 0 else "south"


def next_season(season: str, today: datetime.date) -> tuple[datetime.date, datetime.date] | None:
    """Return the first and the last day of the next such season that has not begun."""
    if season not in MONTHS:
        return None
    first, last = MONTHS[Season(season)]
    year = today.year if datetime.date(today.year, first, 1) > today else today.year + 1
    ends_in = year + (last < first)
    after = datetime.date(ends_in, last + 1, 1)
    return datetime.date(year, first, 1), after - datetime.timedelta(days=1)


def workdays_of(country: str) -> frozenset[int]:
    """Return the weekdays (Monday is 0) of a working week: Sunday to Thursday in Israel."""
    return _WORKDAYS.get(country, _WORKDAYS_ELSEWHERE)


@lru_cache(maxsize=512)
def knows_holidays(country: str) -> bool:
    """Whether the country's holidays are known."""
    return country in holidays.list_supported_countries()


def days_off(
    places: Iterable[str], first: datetime.date, last: datetime.date, language: str
) -> list[DayOff]:
    """Return the working days between two days on which a side is closed, in order.

    `places` are countries ("AU") or their states ("AU-VIC"). National holidays, those of the state
    where it is told, and the Jewish festivals on which no work is done, as they are kept there
    (two days abroad). A day is told once a country.
    """
    found: dict[tuple[datetime.date, str], DayOff] = {}
    for place in dict.fromkeys(places):
        country = country_of(place)
        workdays = workdays_of(country)
        known = [
            *_festivals(country, first, last, language),
            *_national(place, first, last, language),
        ]
        for off in known:
            if off.day.weekday() in workdays:
                found.setdefault((off.day, country), off)
    return sorted(found.values())


def _national(place: str, first: datetime.date, last: datetime.date, language: str) -> list[DayOff]:
    years = tuple(range(first.year, last.year + 1))
    calendar, spoken = holidays_of(place, years, language)
    country = country_of(place)
    return [DayOff(day, name, country, spoken) for day, name in calendar if first <= day <= last]


@lru_cache(maxsize=512)
def holidays_of(
    place: str, years: Sequence[int], language: str, category: str = "public"
) -> tuple[tuple[tuple[datetime.date, str], ...], str]:
    """Return days with their names, in order, and the language of the names; empty if not known.

    `category` is one of the library's: national and state holidays are "public". A state that the
    library does not know counts as its country.
    """
    country = country_of(place)
    if not knows_holidays(country):
        return (), ""
    bare = holidays.country_holidays(country)
    if category not in bare.supported_categories:
        return (), ""
    wanted = (*_LANGUAGES.get(language, ()), "en_US")
    chosen = next((code for code in wanted if code in bare.supported_languages), None)
    region = region_of(place)
    rows = holidays.country_holidays(
        country,
        subdiv=region if region in bare.subdivisions else None,
        years=years,
        language=chosen,
        categories=(category,),
    )
    spoken = (chosen or bare.default_language or "en").split("_")[0]
    return tuple((day, str(name)) for day, name in sorted(rows.items())), spoken


def regions_of(country: str) -> tuple[str, ...]:
    """Return the codes of the states or provinces that keep holidays of their own."""
    if not knows_holidays(country):
        return ()
    return tuple(holidays.country_holidays(country).subdivisions)


def country_of(place: str) -> str:
    """Return the country of a place such as "AU-VIC" or "AU"."""
    return place.partition("-")[0]


def region_of(place: str) -> str:
    """Return the state or province of a place such as "AU-VIC"; "" where none is told."""
    return place.partition("-")[2]


def _festivals(
    country: str, first: datetime.date, last: datetime.date, language: str
) -> list[DayOff]:
    spoken = "he" if language == "he" else "en"
    return [
        DayOff(day, name, country, spoken)
        for year in range(first.year, last.year + 1)
        for day, name in _festivals_of(year, country == ISRAEL, spoken == "he")
        if first <= day <= last
    ]


@lru_cache(maxsize=64)
def _festivals_of(
    year: int, in_israel: bool, in_hebrew: bool
) -> tuple[tuple[datetime.date, str], ...]:
    """Return the festivals of a year on which no work is done, day by day."""
    found = []
    day = datetime.date(year, 1, 1)
    while day.year == year:
        name = hebrew.HebrewDate.from_pydate(day).festival(
            israel=in_israel, hebrew=in_hebrew, include_working_days=False
        )
        if name:
            found.append((day, _SPELLED.get(name, name)))
        day += datetime.timedelta(days=1)
    return tuple(found)
