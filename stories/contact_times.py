"""Times of people in two places: working days, hours in which both are awake, answer times.

A working week is Sunday to Thursday in Israel and Monday to Friday elsewhere; holidays are not
counted, so a deadline can fall on one: staff hear of it a little early, never late.
"""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: People are taken to be awake from … to … o'clock, wherever they are.
AWAKE_FROM, AWAKE_UNTIL = 8, 22
#: Friday and Saturday; Saturday and Sunday (Monday is 0).
WEEKEND_IN_ISRAEL, WEEKEND_ABROAD = frozenset({4, 5}), frozenset({5, 6})
#: Fewer answers than this say nothing about a usual time.
FEWEST_ANSWERS = 3
DAY = datetime.timedelta(days=1)


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def after_working_days(
    moment: datetime.datetime, days: int, time_zone: str, is_in_israel: bool
) -> datetime.datetime:
    """Return the same time of day, so many working days after `moment`, where its reader lives."""
    weekend = WEEKEND_IN_ISRAEL if is_in_israel else WEEKEND_ABROAD
    local = moment.astimezone(zone_of(time_zone))
    while days:
        local += DAY
        if local.weekday() not in weekend:
            days -= 1
    return local


@dataclass(frozen=True, slots=True)
class SharedHours:
    """A span in which people of both places are awake, on both clocks."""

    ours_from: datetime.time
    ours_until: datetime.time
    theirs_from: datetime.time
    theirs_until: datetime.time


def shared_hours(ours: str, theirs: str, day: datetime.date) -> list[SharedHours]:
    """Return when both are awake on `day` of the first place's calendar, in order."""
    here, there = zone_of(ours), zone_of(theirs)

    def awake(on: datetime.date, zone: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
        begin = datetime.datetime.combine(on, datetime.time(AWAKE_FROM), tzinfo=zone)
        end = datetime.datetime.combine(on, datetime.time(AWAKE_UNTIL), tzinfo=zone)
        return begin.astimezone(datetime.UTC), end.astimezone(datetime.UTC)

    own_from, own_until = awake(day, here)
    spans = []
    for shift in (-DAY, 0 * DAY, DAY):
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
    return spans


def usual_days(waits: Iterable[datetime.timedelta]) -> int | None:
    """Return the median wait in whole days, at least one; None where too few are known."""
    known = [wait.total_seconds() for wait in waits]
    if len(known) < FEWEST_ANSWERS:
        return None
    return max(1, math.ceil(statistics.median(known) / DAY.total_seconds()))
