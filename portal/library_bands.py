"""Bands of numbers as facets of the library: ages, durations, lead times, costs.

A band's key is where it begins, so keys are stable and sort themselves; labels are joined when
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from portal.library import COST_CURRENCY, Facet, facet_labels, facet_orders

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: The key of things that should tell a number and don't.
UNTOLD = "untold"
#: Nobody is older (for “from 18 on”).
MAX_AGE = 120


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands of one number: `starts` are the lowest values that belong to each, in order."""

    starts: Sequence[float]
    keys: Sequence[str]

    def key_of(self, value: float) -> str:
        """Return the key of the band that has `value`; a lower one belongs to the first."""
        key = self.keys[0]
        for start, each in zip(self.starts, self.keys, strict=True):
            if value >= start:
                key = each
        return key

    def keys_between(self, low: float, high: float) -> list[str]:
        """Return the keys of all bands that share a value with `low` to `high`."""
        ends = [following for _start, following in pairwise([*self.starts, float("inf")])]
        return [
            key
            for start, end, key in zip(self.starts, ends, self.keys, strict=True)
            if low < end and high >= start
        ]


AGES = Bands((0, 6, 10, 14, 18, 26, 65), ("0-5", "6-9", "10-13", "14-17", "18-25", "26-64", "65-"))
#: Days.
DURATIONS = Bands((0, 2, 8, 32, 121), ("day", "week", "month", "season", "longer"))
#: Weeks.
LEAD_TIMES = Bands((0, 5, 14, 27, 53), ("4", "13", "26", "52", "more"))
#: Amounts in COST_CURRENCY: above the start, up to the next.
COSTS = Bands(
    (0, 0.01, 1000.01, 5000.01, 20000.01, 50000.01), ("0", "1000", "5000", "20000", "50000", "more")
)

_AGE_LABELS: Mapping[str, StrOrPromise] = {
    "0-5": _("up to 5 years"),
    "6-9": _("6 to 9 years"),
    "10-13": _("10 to 13 years"),
    "14-17": _("14 to 17 years"),
    "18-25": _("18 to 25 years"),
    "26-64": _("26 to 64 years"),
    "65-": _("65 years and older"),
}
_DURATION_LABELS: Mapping[str, StrOrPromise] = {
    "day": _("one day"),
    "week": _("two days to a week"),
    "month": _("eight days to a month"),
    "season": _("one to four months"),
    "longer": _("more than four months"),
}
_LEAD_TIME_LABELS: Mapping[str, StrOrPromise] = {
    "4": _("up to 4 weeks"),
    "13": _("up to three months"),
    "26": _("up to half a year"),
    "52": _("up to a year"),
    "more": _("more than a year"),
}
_COST_LABELS: Mapping[str, StrOrPromise] = {
    "0": _("nothing"),
    "1000": _("up to 1,000 %(currency)s"),
    "5000": _("1,000 to 5,000 %(currency)s"),
    "20000": _("5,000 to 20,000 %(currency)s"),
    "50000": _("20,000 to 50,000 %(currency)s"),
    "more": _("more than 50,000 %(currency)s"),
    UNTOLD: _("not told"),
}


def _source(
    labels: Mapping[str, StrOrPromise],
) -> Callable[[Iterable[str], str], Mapping[str, str]]:
    def labels_of(keys: Iterable[str], language: str) -> dict[str, str]:
        with override(language):
            return {
                key: str(labels[key]) % {"currency": COST_CURRENCY} for key in keys if key in labels
            }

    return labels_of


for _facet, _labels in (
    (Facet.AGE, _AGE_LABELS),
    (Facet.DURATION, _DURATION_LABELS),
    (Facet.LEAD_TIME, _LEAD_TIME_LABELS),
    (Facet.COST, _COST_LABELS),
):
    facet_labels[_facet] = _source(_labels)
    facet_orders[_facet] = tuple(_labels)


def ages(low: int | None, high: int | None) -> tuple[int, int] | None:
    """Return a range of ages with open ends closed; None where neither is told."""
    if low is None and high is None:
        return None
    return low or 0, MAX_AGE if high is None else high
