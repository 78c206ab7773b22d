"""The rows about time: school years, shared hours and holidays. Pure functions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils import dates
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partnerships.calendars import (
    country_of,
    days_off,
    knows_holidays,
    next_season,
    region_of,
    regions_of,
)
from partnerships.clocks import AWAKE_FROM, AWAKE_UNTIL, shared_hours_between
from partnerships.countries import country_name
from partnerships.enums import Direction, Season
from partnerships.models.communities import SchoolYear
from partnerships.school_years import (
    Span,
    free_of_school,
    has_whole_calendar,
    knows_school_days,
    long_break,
    school_breaks,
)
from stories.matching.limits import Verdict

from .table import Need, PracticeNeeds, Profile, Row, untold

ISRAEL_ZONE = "Asia/Jerusalem"
#: Fewer shared hours than this are a stretch, fewer than that a block.
EASY_HOURS, FEW_HOURS = 4.0, 1.0
#: More days on which a side is closed than this, in a season, are a stretch.
EASY_DAYS = 5
#: A run of so many days with pupils needs holidays.
LONG_RUN = 5
MOST_SPANS = 4


def school_row(needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str) -> Row:
    """Return whether school years leave room for it, and when both sides are free of school."""
    row = _school_years(needs, profile)
    if not needs.is_for_pupils or not needs.season or not profile.calendars:
        return row
    first, last = _window(needs, today)
    places = profile.calendars
    spans = [
        span
        for span in free_of_school(places, first, last)
        if (span[1] - span[0]).days + 1 >= LONG_RUN
    ]
    longest = max(((end - begin).days + 1 for begin, end in spans), default=0)
    has_room = _takes_days(needs) and longest >= (needs.duration_days or 0)
    if has_room and row.verdict in (Verdict.STRETCH, Verdict.BLOCK):
        is_certain = all(has_whole_calendar(place, first, last) for place in places)
        row = replace(
            row,
            verdict=Verdict.OK if is_certain else Verdict.STRETCH,
            why=_("Both sides are free of school long enough; choose these days."),
        )
    return replace(
        row,
        breaks=tuple(school_breaks(places, first, last, language)),
        notes=tuple(_school_notes(places, first, last, spans)),
    )


def _takes_days(needs: PracticeNeeds) -> bool:
    return needs.travels and (needs.duration_days or 0) >= LONG_RUN


def _school_notes(
    places: Sequence[str], first: datetime.date, last: datetime.date, spans: Sequence[Span]
) -> Iterator[str]:
    """Yield when both sides are free of school, and what that rests on."""
    published = [place for place in places if knows_school_days(place, first, last)]
    by_months = [
        place
        for place in places
        if long_break(place) and not has_whole_calendar(place, first, last)
    ]
    unknown = [place for place in places if place not in (*published, *by_months)]
    if spans:
        told = ", ".join(f"{_day(begin)} – {_day(end)}" for begin, end in spans[:MOST_SPANS])
        yield _("Both sides are free of school: %(days)s.") % {"days": told}
    elif not unknown:
        yield _("No %(count)d days on end are known on which both sides are free of school.") % {
            "count": LONG_RUN
        }
    if published:
        yield _("By days that are published: %(places)s.") % {"places": _places(published)}
    if by_months:
        told = ", ".join(
            f"{place_name(place)} ({', '.join(str(dates.MONTHS[m]) for m in long_break(place))})"
            for place in by_months
        )
        yield _("By usual months only, since the days are set locally: %(places)s.") % {
            "places": told
        }
    if unknown:
        yield _("School holidays that are not known: %(places)s.") % {"places": _places(unknown)}


def place_name(place: str) -> str:
    """Return the name of a place such as "AU-VIC" in the reader's language."""
    name = str(country_name(country_of(place)))
    return f"{name} ({region_of(place)})" if region_of(place) else name


def _places(places: Sequence[str]) -> str:
    return ", ".join(place_name(place) for place in places)


def _school_years(needs: PracticeNeeds, profile: Profile) -> Row:
    yours = ", ".join(str(SchoolYear(each).label) for each in sorted(profile.school_years))
    yours = yours or untold()
    if needs.is_for_pupils is None:
        return Row(Need.SCHOOL, untold(), yours, Verdict.UNTOLD)
    if not needs.is_for_pupils:
        return Row(Need.SCHOOL, _("nobody of school age takes part"), yours, Verdict.OK)
    need = _("pupils take part: %(season)s") % {
        "season": Season(needs.season).label if needs.season else untold()
    }
    if not profile.school_years or not needs.season:
        return Row(Need.SCHOOL, need, yours, Verdict.UNTOLD)
    begins_in_january = SchoolYear.SUMMER in profile.school_years
    if needs.season == Season.ALL_YEAR:
        if not begins_in_january:
            return Row(Need.SCHOOL, need, yours, Verdict.OK)
        why = _("School years are half a year apart: classes change on one side in the middle.")
        return Row(Need.SCHOOL, need, yours, Verdict.STRETCH, why)
    in_term = {Season.SUMMER: begins_in_january, Season.WINTER: not begins_in_january}
    if not in_term.get(Season(needs.season), True):
        return Row(Need.SCHOOL, need, yours, Verdict.OK, _("It falls into long holidays."))
    if not _takes_days(needs):
        return Row(Need.SCHOOL, need, yours, Verdict.OK)
    why = _("It falls into your school term and takes %(count)d days.") % {
        "count": needs.duration_days or 0
    }
    # In summer schools elsewhere are closed, so it was made for holidays; in term it was made so.
    is_made_for_holidays = needs.season == Season.SUMMER
    return Row(
        Need.SCHOOL,
        need,
        yours,
        Verdict.BLOCK if is_made_for_holidays else Verdict.STRETCH,
        why,
    )


def hours_row(needs: PracticeNeeds, profile: Profile, today: datetime.date) -> Row:
    """Return whether both sides are awake together long enough."""
    first, last = _window(needs, today)
    found = [
        hours
        for zone in profile.zones
        if (hours := shared_hours_between(zone, ISRAEL_ZONE, first, last)) is not None
    ]
    if not needs.direction:
        need = untold()
    elif needs.direction == Direction.ONLINE:
        need = _("meetings on the screen")
    else:
        need = _("calls for preparation")
    if not found:
        return Row(Need.HOURS, need, untold(), Verdict.UNTOLD)
    fewest, most = min(low for low, _high in found), max(high for _low, high in found)
    shown = {
        "low": _hours_text(fewest),
        "high": _hours_text(most),
        "from": AWAKE_FROM,
        "until": AWAKE_UNTIL,
        "first": _day(first),
        "last": _day(last),
    }
    yours = (
        _(
            "%(low)s to %(high)s hours a day between %(from)d:00 and %(until)d:00 on both clocks,"
            " from %(first)s to %(last)s"
        )
        if fewest != most
        else _(
            "%(low)s hours a day between %(from)d:00 and %(until)d:00 on both clocks,"
            " from %(first)s to %(last)s"
        )
    ) % shown
    if not needs.direction:
        return Row(Need.HOURS, need, yours, Verdict.UNTOLD)
    if needs.direction != Direction.ONLINE or fewest >= EASY_HOURS:
        return Row(Need.HOURS, need, yours, Verdict.OK)
    why = _("Somebody meets early or late; in some weeks clocks change on one side only.")
    verdict = Verdict.STRETCH if fewest >= FEW_HOURS else Verdict.BLOCK
    return Row(Need.HOURS, need, yours, verdict, why)


def _hours_text(hours: float) -> str:
    return number_format(hours, decimal_pos=0 if hours == int(hours) else 1)


def holidays_row(
    needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str
) -> Row:
    """Return how many working days a side is closed in the dates in question."""
    if not profile.calendars or not needs.season:
        need = str(Season(needs.season).label) if needs.season else untold()
        return Row(Need.HOLIDAYS, need, untold(), Verdict.UNTOLD)
    first, last = _window(needs, today)
    need = _("working days from %(first)s to %(last)s") % {
        "first": _day(first),
        "last": _day(last),
    }
    days = tuple(days_off(profile.calendars, first, last, language))
    count = len({each.day for each in days})
    yours = ngettext(
        "%(count)d working day on which a side is closed",
        "%(count)d working days on which a side is closed",
        count,
    ) % {"count": count}
    notes = tuple(_holiday_notes(profile.calendars))
    if needs.season == Season.ALL_YEAR or count <= EASY_DAYS:
        return Row(Need.HOLIDAYS, need, yours, Verdict.OK, days=days, notes=notes)
    why = _("Choose the weeks with care.")
    return Row(Need.HOLIDAYS, need, yours, Verdict.STRETCH, why, days, notes=notes)


def _holiday_notes(places: Sequence[str]) -> Iterator[str]:
    """Yield what was counted, and what is not known."""
    yield _("Counted: national holidays, and Jewish festivals as they are kept on each side.")
    without_region = [
        place for place in places if not region_of(place) and regions_of(country_of(place))
    ]
    if without_region:
        yield _("Holidays of a state or province are not known: %(places)s.") % {
            "places": _places(without_region)
        }
    unknown = [place for place in places if not knows_holidays(country_of(place))]
    if unknown:
        yield _("National holidays are not known: %(places)s.") % {"places": _places(unknown)}


def _window(needs: PracticeNeeds, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return the dates in question: the next such season, else a year from today on."""
    return next_season(needs.season, today) or (today, today + datetime.timedelta(days=364))


def _day(day: datetime.date) -> str:
    return str(date_format(day, "DATE_FORMAT"))
