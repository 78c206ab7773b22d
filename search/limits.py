"""Limits of numbers as a reader gives them: an age, a day to start by, money in some currency.

An address and a form hold these; `LibraryQuery` holds the numbers that they mean.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.library import COST_CURRENCY, Number
from portal.text import plain_number
from search.services.rates import Rates

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FOR_AGE = "for_age"
LEAD_TIME_MAX = "lead_time_max"
START_BY = "start_by"
DURATION_MAX = "duration_max"
COST_MAX = "cost_max"
COST_CURRENCY_NAME = "cost_currency"
COST_FOR = "cost_for"
COST_TRAVEL = "cost_travel"
UNTOLD = "untold"

WITH, WITHOUT = "with", "without"
#: Whose money is limited: each participant's where an address does not say.
USUAL_PAYER = "participant"
PAYERS: dict[str, StrOrPromise] = {
    "participant": gettext_lazy("each participant"),
    "diaspora": gettext_lazy("the community abroad"),
    "israel": gettext_lazy("the region in Israel"),
    "whole": gettext_lazy("both sides and donors together"),
}
_COST_NUMBERS = {
    ("participant", WITH): Number.COST_PARTICIPANT,
    ("participant", WITHOUT): Number.COST_PARTICIPANT_WITHOUT_TRAVEL,
    ("diaspora", WITH): Number.COST_DIASPORA,
    ("diaspora", WITHOUT): Number.COST_DIASPORA_WITHOUT_TRAVEL,
    ("israel", WITH): Number.COST_ISRAEL,
    ("israel", WITHOUT): Number.COST_ISRAEL_WITHOUT_TRAVEL,
    ("whole", WITH): Number.COST_WHOLE,
    ("whole", WITHOUT): Number.COST_WHOLE_WITHOUT_TRAVEL,
}
#: What things can fail to tell; the values of `untold=`.
UNTOLD_NAMES = ("age", "lead_time", "duration", "cost")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader asks of the numbers. None and empty mean: not asked.

    `cost_max` is an amount in `cost_currency`; `untold` are names of `UNTOLD_NAMES`: only things
    that don't tell these.
    """

    for_age: int | None = None
    lead_time_max: int | None = None
    start_by: datetime.date | None = None
    duration_max: int | None = None
    cost_max: Decimal | None = None
    cost_currency: str = COST_CURRENCY
    cost_for: str = USUAL_PAYER
    cost_travel: str = WITH
    untold: tuple[str, ...] = ()

    @property
    def cost_number(self) -> str:
        """The number that the limit of cost is about."""
        return _COST_NUMBERS[self.cost_for, self.cost_travel]

    @property
    def is_without_travel(self) -> bool:
        """Whether the limit of cost leaves travel out."""
        return self.cost_travel == WITHOUT

    @property
    def asked(self) -> list[str]:
        """The names of `UNTOLD_NAMES` that are limited."""
        weeks = self.lead_time_max is not None or self.start_by is not None
        given = {
            "age": self.for_age is not None,
            "lead_time": weeks,
            "duration": self.duration_max is not None,
            "cost": self.cost_max is not None,
        }
        return [name for name in UNTOLD_NAMES if given[name]]

    def at_most(self, rates: Rates) -> dict[str, float]:
        """Return the upper limits by number; costs in the library's currency."""
        limits: dict[str, float] = {}
        if self.for_age is not None:
            limits[Number.AGE_FROM] = self.for_age
        weeks = [] if self.lead_time_max is None else [self.lead_time_max]
        if self.start_by is not None:
            weeks.append((self.start_by - timezone.localdate()).days // 7)
        if weeks:
            limits[Number.LEAD_TIME] = min(weeks)
        if self.duration_max is not None:
            limits[Number.DURATION] = self.duration_max
        if self.cost_max is not None:
            amount = rates.convert(self.cost_max, self.cost_currency)
            limits[self.cost_number] = round(float(amount or 0), 2)
        return limits

    def at_least(self) -> dict[str, float]:
        """Return the lower limits by number."""
        return {} if self.for_age is None else {Number.AGE_TO: self.for_age}

    def untold_numbers(self) -> list[str]:
        """Return the numbers that things are asked not to tell."""
        numbers = {
            "age": Number.AGE_FROM,
            "lead_time": Number.LEAD_TIME,
            "duration": Number.DURATION,
            "cost": self.cost_number,
        }
        return [numbers[name] for name in self.untold]

    def without(self, name: str) -> Limits:
        """Return the limits without one of `UNTOLD_NAMES`, asked or untold."""
        untold = tuple(each for each in self.untold if each != name)
        if name == "age":
            return replace(self, untold=untold, for_age=None)
        if name == "lead_time":
            return replace(self, untold=untold, lead_time_max=None, start_by=None)
        if name == "duration":
            return replace(self, untold=untold, duration_max=None)
        return replace(self, untold=untold, cost_max=None)

    def with_untold(self, name: str) -> Limits:
        """Return the limits with things that don't tell `name` in place of its limit."""
        rest = self.without(name)
        return replace(rest, untold=(*rest.untold, name))

    def pairs(self) -> list[tuple[str, str]]:
        """Return the limits as parameters of an address; what stands for itself is left out."""
        pairs = [
            (FOR_AGE, self.for_age),
            (LEAD_TIME_MAX, self.lead_time_max),
            (START_BY, self.start_by and self.start_by.isoformat()),
            (DURATION_MAX, self.duration_max),
            (COST_MAX, self.cost_max),
        ]
        if self.cost_max is not None or "cost" in self.untold:
            is_usual = self.cost_currency == COST_CURRENCY
            pairs.append((COST_CURRENCY_NAME, None if is_usual else self.cost_currency))
            pairs.append((COST_FOR, None if self.cost_for == USUAL_PAYER else self.cost_for))
            pairs.append((COST_TRAVEL, None if self.cost_travel == WITH else self.cost_travel))
        pairs += [(UNTOLD, name) for name in self.untold]
        return [(name, str(value)) for name, value in pairs if value is not None]

    def described(self) -> Iterator[tuple[str, str]]:
        """Yield each limit in words, with the name of `UNTOLD_NAMES` that it is about."""
        if self.for_age is not None:
            yield "age", _("for age %(age)d") % {"age": self.for_age}
        if self.lead_time_max is not None:
            yield (
                "lead_time",
                _("at most %(weeks)d weeks to prepare") % {"weeks": self.lead_time_max},
            )
        if self.start_by is not None:
            yield (
                "lead_time",
                _("can start by %(day)s")
                % {"day": formats.date_format(self.start_by, "DATE_FORMAT")},
            )
        if self.duration_max is not None:
            yield "duration", _("at most %(days)d days long") % {"days": self.duration_max}
        if self.cost_max is not None:
            travel = _("with travel") if self.cost_travel == WITH else _("without travel")
            yield (
                "cost",
                _("at most %(amount)s %(currency)s for %(payer)s, %(travel)s")
                % {
                    "amount": plain_number(self.cost_max),
                    "currency": self.cost_currency,
                    "payer": PAYERS[self.cost_for],
                    "travel": travel,
                },
            )
        titles = untold_titles()
        for name in self.untold:
            yield name, titles[name]


def untold_titles() -> dict[str, str]:
    """Return what is said of things that don't tell a number."""
    return {
        "age": _("age not told"),
        "lead_time": _("lead time not told"),
        "duration": _("length not told"),
        "cost": _("cost not told"),
    }


def kinds_of_limit() -> dict[str, str]:
    """Return what each of `UNTOLD_NAMES` is called."""
    return {
        "age": _("Age"),
        "lead_time": _("Lead time"),
        "duration": _("Length of a run"),
        "cost": _("Cost"),
    }


def limit_titles() -> dict[str, str]:
    """Return what the parameters of limits are called, for notes on values that can't be used."""
    kinds = kinds_of_limit()
    return {
        FOR_AGE: kinds["age"],
        LEAD_TIME_MAX: kinds["lead_time"],
        START_BY: _("Can start by"),
        DURATION_MAX: kinds["duration"],
        COST_MAX: kinds["cost"],
        COST_CURRENCY_NAME: _("Currency"),
        COST_FOR: _("Whose money"),
        COST_TRAVEL: _("travel"),
        UNTOLD: _("not told"),
    }
