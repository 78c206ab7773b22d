"""The rows of the table: what a practice needs, what they have, and how these go together.

Pure functions: everything they know stands in `PracticeNeeds` and `Profile`. A value that either
does not tell is "not told", never "ok".
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partnerships.models.communities import BudgetBand, SizeBand
from portal.text import isolate, language_name, plain_number
from stories.matching.limits import Verdict

from .calendar_rules import holidays_row, hours_row, school_row
from .place_rules import season_row, security_row, weather_row
from .table import Need, PracticeNeeds, Profile, Row, untold

#: People of a band, roughly in the middle of it.
PEOPLE = {"xs": 1_000, "s": 5_000, "m": 25_000, "l": 100_000, "xl": 300_000}
#: A group of more than this part of the people is a stretch, of more than that a block.
EASY_PART, HARD_PART = 0.02, 0.10
BAND_TOPS = {"1000": 1_000.0, "5000": 5_000.0, "20000": 20_000.0, "50000": 50_000.0}
#: More than told, by up to this factor, is a stretch.
STRETCH = 1.5
STAFF_STRETCH = 2.0


def fit_rows(
    needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str
) -> list[Row]:
    """Return the whole table."""
    return list(_rows(needs, profile, today, language))


def _rows(
    needs: PracticeNeeds, profile: Profile, today: datetime.date, language: str
) -> Iterator[Row]:
    for rule in (_languages, _budget, _staff, _size, season_row, weather_row):
        yield rule(needs, profile)
    yield school_row(needs, profile, today, language)
    yield hours_row(needs, profile, today)
    yield holidays_row(needs, profile, today, language)
    yield security_row(needs, profile)


def _names(codes: frozenset[str] | Sequence[str]) -> str:
    return ", ".join(sorted(language_name(code) for code in codes))


def _languages(needs: PracticeNeeds, profile: Profile) -> Row:
    spoken = frozenset(code for each in profile.languages for code in each)
    told = (_names(needs.languages) or untold(), _names(spoken) or untold())
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
    return _("%(amount)s US dollars") % {"amount": plain_number(round(amount))}


def _budget(needs: PracticeNeeds, profile: Profile) -> Row:
    return replace(_budget_row(needs, profile), notes=tuple(_money_notes(needs)))


def _money_notes(needs: PracticeNeeds) -> Iterator[str]:
    """Yield what the sum is made of, and what those who took it over spent."""
    if needs.cost_once and needs.cost is not None:
        yield _("Of your side’s money %(once)s are paid once, %(run)s for each run.") % {
            "once": _money(needs.cost_once),
            "run": _money(needs.cost - needs.cost_once),
        }
    if needs.cost_participant:
        yield _("Each participant pays %(amount)s.") % {"amount": _money(needs.cost_participant)}
    for report in needs.reports:
        if report.cost is not None:
            yield _("Where it was taken over it cost %(amount)s in all: %(title)s") % {
                "amount": _money(report.cost),
                "title": isolate(report.title),
            }


def _reached_notes(needs: PracticeNeeds) -> Iterator[str]:
    """Yield how many people those reached who took it over."""
    for report in needs.reports:
        if report.reached is not None:
            yield ngettext(
                "Where it was taken over it reached %(count)s person: %(title)s",
                "Where it was taken over it reached %(count)s people: %(title)s",
                report.reached,
            ) % {
                "count": plain_number(report.reached),
                "title": isolate(report.title),
            }


def _budget_row(needs: PracticeNeeds, profile: Profile) -> Row:
    need = untold() if needs.cost is None else _money(needs.cost)
    bands = [str(BudgetBand(band).label) for band in profile.budget_bands]
    told = (need, ", ".join(bands) or untold())
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
    need, have = untold(), untold()
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
    return replace(_size_row(needs, profile), notes=tuple(_reached_notes(needs)))


def _size_row(needs: PracticeNeeds, profile: Profile) -> Row:
    need = untold()
    if needs.group_size is not None:
        need = ngettext(
            "%(count)d person, both sides", "%(count)d people, both sides", needs.group_size
        )
        need %= {"count": needs.group_size}
    bands = [str(SizeBand(size).label) for size in profile.sizes]
    told = (need, ", ".join(bands) or untold())
    if needs.group_size is None or not profile.sizes:
        return Row(Need.SIZE, *told, Verdict.UNTOLD)
    part = needs.group_size / 2 / sum(PEOPLE[size] for size in profile.sizes)
    if part <= EASY_PART:
        return Row(Need.SIZE, *told, Verdict.OK)
    why = _("Your half of the group is a large part of your people; run it smaller.")
    return Row(Need.SIZE, *told, Verdict.STRETCH if part <= HARD_PART else Verdict.BLOCK, why)
