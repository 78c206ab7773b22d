"""Working days where somebody lives: what “an answer within three working days” is counted in.

A working week is Sunday to Thursday in Israel and Monday to Friday elsewhere. The country's
national holidays are no working days, nor are the Jewish festivals on which no work is done, as
they are kept there (one day in Israel, two abroad): those who answer are Jewish communities. A
place is a country ("AU") or, where it is told, its state ("AU-VIC"). What a single office keeps is
not known, so a deadline can fall on such a day: staff then hear of a silence a little early, never
late.
"""

from __future__ import annotations

import datetime
from functools import lru_cache

from partnerships.calendars import country_of, days_off, workdays_of
from partnerships.clocks import zone_of

_DAY = datetime.timedelta(days=1)


def is_working_day(day: datetime.date, place: str) -> bool:
    """Whether people of that place work on `day`."""
    return day.weekday() in workdays_of(country_of(place)) and day not in _closed(place, day.year)


def after_working_days(
    moment: datetime.datetime, days: int, time_zone: str, place: str
) -> datetime.datetime:
    """Return the same time of day, so many working days after `moment`, where its reader lives."""
    local = moment.astimezone(zone_of(time_zone))
    while days > 0:
        local += _DAY
        if is_working_day(local.date(), place):
            days -= 1
    return local


@lru_cache(maxsize=128)
def _closed(place: str, year: int) -> frozenset[datetime.date]:
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return frozenset(off.day for off in days_off([place], first, last, "en"))
