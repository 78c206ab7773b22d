"""The rows of the table: what a practice needs, what they have, and how these go together.

Pure functions: everything they know stands in `PracticeNeeds` and `Profile`. A value that either
does not tell is "not told", never "ok".
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partnerships.calendars import OPPOSITE, days_off, next_season
from partnerships.clocks import AWAKE_FROM, AWAKE_UNTIL, shared_hours_between
from partnerships.enums import Direction, Season
from partnerships.models.communities import BudgetBand, SchoolYear, SecurityState, SizeBand
from portal.text import language_name
from stories.matching.limits import Verdict

from .table import Need, PracticeNeeds, Profile, Row

ISRAEL_ZONE = "Asia/Jerusalem"
#: People of a band, roughly in the middle of it.
PEOPLE = {"xs": 1_000, "s": 5_000, "m": 25_000, "l": 100_000, "xl": 300_000}
#: A group of more than this part of the people is a stretch, of more than that a block.
EASY_PART, HARD_PART = 0.02, 0.10
BAND_TOPS = {"1000": 1_000.0, "5000": 5_000.0, "20000": 20_000.0, "50000": 50_000.0}
#: More than told, by up to this factor, is a stretch.
STRETCH = 1.5
STAFF_STRETCH = 2.0
#: Fewer shared hours than this are a stretch, fewer than that a block.
EASY_HOURS, FEW_HOURS = 4.0, 1.0
#: More days on which a side is closed than this, in a season, are a stretch.
EASY_DAYS = 5
#: A run of so many days with pupils needs holidays.
LONG_RUN = 5


def fit_rows(
    needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str
) -> list[Row]:
    """Return the whole table."""
    return list(_rows(needs, profile, today, language))


def _rows(
    needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str
) -> Iterator[Row]:
    simple: Sequence[Callable[[PracticeNeeds, Profile], Row]] = (
        _languages,
        _budget,
        _staff,
        _size,
        _season,
        _school,
    )
    for rule in simple:
        yield rule(needs, profile)
    yield _hours(needs, profile, today)
    yield _holidays(needs, profile, today, language)
    yield _security(needs, profile)


def _untold() -> str:
    return _("not told")


def _names(codes: frozenset[str] | Sequence[str]) -> str:
    return ", ".join(sorted(language_name(code) for code in codes))


def _languages(needs: PracticeNeeds, profile: Profile) -> Row:
    spoken = frozenset(code for each in profile.languages for code in each)
    told = (_names(needs.languages) or _untold(), _names(spoken) or _untold())
    if not needs.languages or not profile.languages:
        return Row(Need.LANGUAGES, *told, Verdict.UNTOLD)
    sharing = [bool(each & needs.languages) for each in profile.languages]
    if all(sharing):
        return Row(Need.LANGUAGES, *told, Verdict.OK)
    if any(sharing):
        why = _("Not all of your communities speak one of them.")
        return Row(Need.LANGUAGES, *told, Verdict.STRETCH, why)
    if needs.has_interpretation:
        return Row(Need.LANGUAGES, *told, Verdict.STRETCH, _("It was run with interpretation."))
    return Row(Need.LANGUAGES, *told, Verdict.BLOCK, _("You share none of its languages."))


def _money(amount: float) -> str:
    return _("%(amount)s US dollars") % {
        "amount": number_format(round(amount), force_grouping=True)
    }


def _budget(needs: PracticeNeeds, profile: Profile) -> Row:
    need = _untold() if needs.cost is None else _money(needs.cost)
    bands = [str(BudgetBand(band).label) for band in profile.budget_bands]
    told = (need, ", ".join(bands) or _untold())
    if needs.cost == 0:
        return Row(Need.BUDGET, _("nothing"), told[1], Verdict.OK)
    if needs.cost is None or not profile.budget_bands:
        return Row(Need.BUDGET, *told, Verdict.UNTOLD)
    if BudgetBand.VERY_LARGE in profile.budget_bands:
        return Row(Need.BUDGET, *told, Verdict.OK)
    have = sum(BAND_TOPS[band] for band in profile.budget_bands)
    if needs.cost <= have:
        return Row(Need.BUDGET, *told, Verdict.OK)
    why = _("A first run costs more than you have for one program.")
    is_near = needs.cost <= have * STRETCH
    return Row(Need.BUDGET, *told, Verdict.STRETCH if is_near else Verdict.BLOCK, why)


def _staff(needs: PracticeNeeds, profile: Profile) -> Row:
    need, have = _untold(), _untold()
    if needs.staff_hours is not None:
        need = ngettext(
            "%(count)d paid hour a run", "%(count)d paid hours a run", needs.staff_hours
        )
        need %= {"count": needs.staff_hours}
    if profile.staff_hours is not None:
        have = ngettext("%(count)d hour a week", "%(count)d hours a week", profile.staff_hours)
        have %= {"count": profile.staff_hours}
    if needs.staff_hours == 0:
        return Row(Need.STAFF, _("no paid hours on your side"), have, Verdict.OK)
    if needs.staff_hours is None or needs.weeks is None or profile.staff_hours is None:
        return Row(Need.STAFF, need, have, Verdict.UNTOLD)
    a_week = needs.staff_hours / max(1, needs.weeks)
    why = _("Spread over its weeks that is about %(hours)s a week.") % {
        "hours": number_format(a_week, decimal_pos=1)
    }
    if a_week <= profile.staff_hours / 2:  # the other half has other work
        return Row(Need.STAFF, need, have, Verdict.OK, why)
    is_near = a_week <= profile.staff_hours / 2 * STAFF_STRETCH
    return Row(Need.STAFF, need, have, Verdict.STRETCH if is_near else Verdict.BLOCK, why)


def _size(needs: PracticeNeeds, profile: Profile) -> Row:
    need = _untold()
    if needs.group_size is not None:
        need = ngettext(
            "%(count)d person, both sides", "%(count)d people, both sides", needs.group_size
        )
        need %= {"count": needs.group_size}
    bands = [str(SizeBand(size).label) for size in profile.sizes]
    told = (need, ", ".join(bands) or _untold())
    if needs.group_size is None or not profile.sizes:
        return Row(Need.SIZE, *told, Verdict.UNTOLD)
    part = needs.group_size / 2 / sum(PEOPLE[size] for size in profile.sizes)
    if part <= EASY_PART:
        return Row(Need.SIZE, *told, Verdict.OK)
    why = _("Your half of the group is a large part of your people; run it smaller.")
    return Row(Need.SIZE, *told, Verdict.STRETCH if part <= HARD_PART else Verdict.BLOCK, why)


def _season(needs: PracticeNeeds, profile: Profile) -> Row:
    need = str(Season(needs.season).label) if needs.season else _untold()
    names = {"north": _("northern hemisphere"), "south": _("southern hemisphere")}
    yours = ", ".join(names[each] for each in sorted(profile.hemispheres)) or _untold()
    if not needs.season or not profile.hemispheres:
        return Row(Need.SEASON, need, yours, Verdict.UNTOLD)
    if needs.season == Season.ALL_YEAR or "south" not in profile.hemispheres:
        return Row(Need.SEASON, need, yours, Verdict.OK)
    names_of = {
        Season.WINTER: _("winter"),
        Season.SPRING: _("spring"),
        Season.SUMMER: _("summer"),
        Season.AUTUMN: _("autumn"),
    }
    season = Season(needs.season)
    why = _("What is %(one)s in the north is %(other)s in the south.") % {
        "one": names_of[season],
        "other": names_of[OPPOSITE[season]],
    }
    is_at_home = needs.direction in (Direction.ONLINE, Direction.AT_HOME)
    return Row(Need.SEASON, need, yours, Verdict.OK if is_at_home else Verdict.STRETCH, why)


def _school(needs: PracticeNeeds, profile: Profile) -> Row:
    yours = ", ".join(str(SchoolYear(each).label) for each in sorted(profile.school_years))
    yours = yours or _untold()
    if needs.is_for_pupils is None:
        return Row(Need.SCHOOL, _untold(), yours, Verdict.UNTOLD)
    if not needs.is_for_pupils:
        return Row(Need.SCHOOL, _("nobody of school age takes part"), yours, Verdict.OK)
    need = _("pupils take part: %(season)s") % {
        "season": Season(needs.season).label if needs.season else _untold()
    }
    if not profile.school_years or not needs.season:
        return Row(Need.SCHOOL, need, yours, Verdict.UNTOLD)
    begins_in_january = SchoolYear.SUMMER in profile.school_years
    if needs.season == Season.ALL_YEAR:
        if not begins_in_january:
            return Row(Need.SCHOOL, need, yours, Verdict.OK)
        why = _("School years are half a year apart: classes change on one side in the middle.")
        return Row(Need.SCHOOL, need, yours, Verdict.STRETCH, why)
    is_long = needs.travels and (needs.duration_days or 0) >= LONG_RUN
    in_term = {Season.SUMMER: begins_in_january, Season.WINTER: not begins_in_january}
    if not in_term.get(Season(needs.season), True):
        return Row(Need.SCHOOL, need, yours, Verdict.OK, _("It falls into long holidays."))
    if not is_long:
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


def _hours(needs: PracticeNeeds, profile: Profile, today: datetime.date) -> Row:
    first, last = _window(needs, today)
    found = [
        hours
        for zone in profile.zones
        if (hours := shared_hours_between(zone, ISRAEL_ZONE, first, last)) is not None
    ]
    if not needs.direction:
        need = _untold()
    elif needs.direction == Direction.ONLINE:
        need = _("meetings on the screen")
    else:
        need = _("calls for preparation")
    if not found:
        return Row(Need.HOURS, need, _untold(), Verdict.UNTOLD)
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


def _holidays(needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str) -> Row:
    if not profile.countries or not needs.season:
        need = str(Season(needs.season).label) if needs.season else _untold()
        return Row(Need.HOLIDAYS, need, _untold(), Verdict.UNTOLD)
    first, last = _window(needs, today)
    need = _("working days from %(first)s to %(last)s") % {
        "first": _day(first),
        "last": _day(last),
    }
    days = tuple(days_off(profile.countries, first, last, language))
    count = len({each.day for each in days})
    yours = ngettext(
        "%(count)d working day on which a side is closed",
        "%(count)d working days on which a side is closed",
        count,
    ) % {"count": count}
    if needs.season == Season.ALL_YEAR or count <= EASY_DAYS:
        return Row(Need.HOLIDAYS, need, yours, Verdict.OK, days=days)
    why = _("Choose the weeks with care.")
    return Row(Need.HOLIDAYS, need, yours, Verdict.STRETCH, why, days)


def _window(needs: PracticeNeeds, today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return the dates in question: the next such season, else a year from today on."""
    return next_season(needs.season, today) or (today, today + datetime.timedelta(days=364))


def _day(day: datetime.date) -> str:
    return str(date_format(day, "DATE_FORMAT"))


def _security(needs: PracticeNeeds, profile: Profile) -> Row:
    if not needs.direction:
        return Row(Need.SECURITY, _untold(), _states(profile.security), Verdict.UNTOLD)
    goes_to_israel = needs.direction in (Direction.TO_ISRAEL, Direction.BOTH)
    if not needs.travels:
        return Row(Need.SECURITY, _("nobody travels"), _states(profile.security), Verdict.OK)
    need = _("groups travel: %(direction)s") % {"direction": Direction(needs.direction).label}
    states = profile.israel_security if goes_to_israel else profile.security
    if not states:
        return Row(Need.SECURITY, need, _untold(), Verdict.UNTOLD)
    told = (need, _states(states))
    if SecurityState.NO_GROUPS in states:
        why = _("No group can come at present.")
        return Row(Need.SECURITY, *told, Verdict.BLOCK, why)
    if SecurityState.SHELTER in states:
        why = _("Everything has to be near a shelter.")
        return Row(Need.SECURITY, *told, Verdict.STRETCH, why)
    return Row(Need.SECURITY, *told, Verdict.OK)


def _states(states: frozenset[str]) -> str:
    return ", ".join(str(SecurityState(each).label) for each in sorted(states)) or _untold()
