"""What the table compares: needs, a profile, and a row with its verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy

from partnerships.calendars import DayOff
from partnerships.school_years import SchoolBreak
from stories.matching.limits import TRAVELS, Verdict

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SCHOOL_AGES = (6, 18)


class Need(StrEnum):
    """What is compared, in the order of the table."""

    LANGUAGES = "languages"
    BUDGET = "budget"
    STAFF = "staff"
    SIZE = "size"
    SEASON = "season"
    WEATHER = "weather"
    SCHOOL = "school"
    HOURS = "hours"
    HOLIDAYS = "holidays"
    SECURITY = "security"


NEED_LABELS: dict[Need, StrOrPromise] = {
    Need.LANGUAGES: gettext_lazy("Languages"),
    Need.BUDGET: gettext_lazy("Money"),
    Need.STAFF: gettext_lazy("Staff"),
    Need.SIZE: gettext_lazy("Size"),
    Need.SEASON: gettext_lazy("Season"),
    Need.WEATHER: gettext_lazy("Weather"),
    Need.SCHOOL: gettext_lazy("School year"),
    Need.HOURS: gettext_lazy("Shared waking hours"),
    Need.HOLIDAYS: gettext_lazy("Holidays of both sides"),
    Need.SECURITY: gettext_lazy("Security"),
}
VERDICT_LABELS: dict[Verdict, StrOrPromise] = {
    Verdict.OK: gettext_lazy("ok"),
    Verdict.STRETCH: gettext_lazy("a stretch"),
    Verdict.BLOCK: gettext_lazy("a block"),
    Verdict.UNTOLD: gettext_lazy("not told"),
}


def untold() -> str:
    """Return what stands in the place of a value that nobody told."""
    return gettext("not told")


@dataclass(frozen=True, slots=True)
class Report:
    """What a Partnership that took it over reported: people reached, and money in US dollars."""

    title: str
    reached: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class PracticeNeeds:
    """What a practice takes; money is what the asking side bears for a first run, in US dollars.

    `cost_once` is the part of it that is paid once, `cost_participant` what each participant pays.

    `staff_hours` are the paid hours of a run on that side, over `weeks` from the decision to the
    last day.
    """

    languages: frozenset[str] = frozenset()
    has_interpretation: bool = False
    cost: float | None = None
    cost_once: float = 0
    cost_participant: float = 0
    reports: tuple[Report, ...] = ()
    staff_hours: int | None = None
    weeks: int | None = None
    group_size: int | None = None
    direction: str = ""
    season: str = ""
    ages: tuple[int | None, int | None] = (None, None)
    duration_days: int | None = None
    security_need: str = ""
    weather_need: str = ""

    @property
    def is_for_pupils(self) -> bool | None:
        """Whether people of school age take part; None where ages are not told."""
        low, high = self.ages
        if low is None and high is None:
            return None
        return (low or 0) <= SCHOOL_AGES[1] and (high or 200) >= SCHOOL_AGES[0]

    @property
    def travels(self) -> bool:
        """Whether people travel."""
        return self.direction in TRAVELS


@dataclass(frozen=True, slots=True)
class Profile:
    """What a community or Partnership is like, as far as it tells.

    `languages` holds a set for each of its communities that tells them. `hemispheres` and
    `school_years` are of all places taking part; `zones` those abroad; `calendars` both sides', as
    countries or their states ("AU-VIC"). `israel_security` is that of the places in Israel which
    would be visited; `climates` are pairs of climate and hemisphere, of each side's places.
    """

    languages: tuple[frozenset[str], ...] = ()
    budget_bands: tuple[str, ...] = ()
    staff_hours: int | None = None
    sizes: tuple[str, ...] = ()
    hemispheres: frozenset[str] = frozenset()
    school_years: frozenset[str] = frozenset()
    zones: tuple[str, ...] = ()
    calendars: tuple[str, ...] = ()
    israel_climates: frozenset[tuple[str, str]] = frozenset()
    climates_abroad: frozenset[tuple[str, str]] = frozenset()
    security: frozenset[str] = frozenset()
    israel_security: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    `days` and `breaks` are what the verdicts on holidays and on school years rest on; `notes` say
    more: what was counted, and what is not known.
    """

    need: Need
    needs: str
    yours: str
    verdict: Verdict
    why: str = ""
    days: tuple[DayOff, ...] = field(default=())
    breaks: tuple[SchoolBreak, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def label(self) -> StrOrPromise:
        """What is compared."""
        return NEED_LABELS[self.need]

    @property
    def verdict_label(self) -> StrOrPromise:
        """The verdict in words."""
        return VERDICT_LABELS[self.verdict]
