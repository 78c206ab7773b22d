"""Clocks of two places: in which hours of a day people of both are awake. Pure functions.

One rule for every page that speaks of it: from eight in the morning to eight in the evening, by the
clock of each place on the very day, summer time included.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Hours of a day at which people can be called: from … to … o'clock, wherever they live.
AWAKE_FROM, AWAKE_UNTIL = 8, 20
_DAY = datetime.timedelta(days=1)


def known_zone(name: str) -> ZoneInfo | None:
    """Return a time zone; None where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone; UTC where this machine does not know it."""
    return known_zone(name) or ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class SharedHours:
    """A span in which people of both places are awake, on both clocks."""

    ours_from: datetime.time
    ours_until: datetime.time
    theirs_from: datetime.time
    theirs_until: datetime.time

    @property
    def hours(self) -> float:
        """How long it is; it never crosses midnight, since nobody is awake then."""
        minutes = (self.ours_until.hour - self.ours_from.hour) * 60
        minutes += self.ours_until.minute - self.ours_from.minute
        return minutes / 60


@lru_cache(maxsize=4096)
def shared_hours(ours: str, theirs: str, day: datetime.date) -> tuple[SharedHours, ...]:
    """Return when both are awake on `day` of the first place's calendar, in order.

    A zone that this machine does not know counts as UTC; ask `known_zone` where that matters.
    """
    here, there = zone_of(ours), zone_of(theirs)

    def awake(on: datetime.date, zone: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
        begin = datetime.datetime.combine(on, datetime.time(AWAKE_FROM), tzinfo=zone)
        end = datetime.datetime.combine(on, datetime.time(AWAKE_UNTIL), tzinfo=zone)
        return begin.astimezone(datetime.UTC), end.astimezone(datetime.UTC)

    own_from, own_until = awake(day, here)
    spans = []
    for shift in (-_DAY, 0 * _DAY, _DAY):
        other_from, other_until = awake(day + shift, there)
        begin, end = max(own_from, other_from), min(own_until, other_until)
        if begin < end:
            spans.append(
                SharedHours(
                    begin.astimezone(here).time(),
                    end.astimezone(here).time(),
                    begin.astimezone(there).time(),
                    end.astimezone(there).time(),
                )
            )
    return tuple(spans)


def shared_hours_between(
    ours: str, theirs: str, first: datetime.date, last: datetime.date
) -> tuple[float, float] | None:
    """Return the fewest and the most shared hours of a day from `first` to `last`, both included.

    Both places change their clocks on days of their own, so each day is looked at. None where a
    zone is not known.
    """
    here, there = known_zone(ours), known_zone(theirs)
    if here is None or there is None:
        return None
    found = {
        sum(span.hours for span in shared_hours(ours, theirs, day))
        for day in _days_of_each_distance(here, there, first, last)
    }
    return min(found), max(found)


def _days_of_each_distance(
    here: ZoneInfo, there: ZoneInfo, first: datetime.date, last: datetime.date
) -> Iterable[datetime.date]:
    """Return the first day of each distance that the two clocks have from one another."""
    found: dict[object, datetime.date] = {}
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        moment = datetime.datetime.combine(day, datetime.time(12), tzinfo=here)
        found.setdefault((moment.utcoffset(), moment.astimezone(there).utcoffset()), day)
    return found.values()
