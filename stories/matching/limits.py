"""What a challenge is bound by, and whether a practice keeps within it: pure functions.

A limit that either side does not tell is "not told", never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from partnerships.enums import Direction, Season

#: Over the budget by up to this part, other money may be found; beyond it, hardly.
STRETCHED_BUDGET = 1.5
TRAVELS = frozenset({Direction.TO_ISRAEL, Direction.FROM_ISRAEL, Direction.BOTH})
_CODE = re.compile(r"[a-z]{2,3}")


class Verdict(StrEnum):
    """How a need and what there is go together."""

    OK = "ok"
    STRETCH = "stretch"
    BLOCK = "block"
    UNTOLD = "untold"


class LimitKind(StrEnum):
    """What can be a limit, in the order in which it is told."""

    TRAVEL = "travel"
    AGES = "ages"
    BUDGET = "budget"
    LANGUAGES = "languages"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a challenge; None and empty are "not told".

    `budget` is in the library's currency (`portal.library.COST_CURRENCY`).
    """

    without_travel: bool = False
    ages: tuple[int | None, int | None] = (None, None)
    budget: float | None = None
    languages: frozenset[str] = frozenset()
    season: str = ""

    @property
    def kinds(self) -> tuple[LimitKind, ...]:
        """The limits that are told."""
        told = {
            LimitKind.TRAVEL: self.without_travel,
            LimitKind.AGES: self.ages != (None, None),
            LimitKind.BUDGET: self.budget is not None,
            LimitKind.LANGUAGES: bool(self.languages),
            LimitKind.SEASON: self.season not in ("", Season.ALL_YEAR),
        }
        return tuple(kind for kind in LimitKind if told[kind])


@dataclass(frozen=True, slots=True)
class Needs:
    """What a practice takes; `cost` is what both sides bear for a first run."""

    direction: str = ""
    ages: tuple[float | None, float | None] = (None, None)
    cost: float | None = None
    languages: frozenset[str] = frozenset()
    season: str = ""


def language_codes(text: str) -> frozenset[str]:
    """Return the language codes of "en, he"; what is no code is left out."""
    return frozenset(_CODE.findall(text.casefold()))


def verdicts(limits: Limits, needs: Needs) -> Iterator[tuple[LimitKind, Verdict]]:
    """Yield how a practice keeps each limit that is told."""
    for kind in limits.kinds:
        yield kind, _VERDICTS[kind](limits, needs)


def _travel(limits: Limits, needs: Needs) -> Verdict:
    if not needs.direction:
        return Verdict.UNTOLD
    return Verdict.BLOCK if needs.direction in TRAVELS else Verdict.OK


def _ages(limits: Limits, needs: Needs) -> Verdict:
    low, high = needs.ages
    if low is None and high is None:
        return Verdict.UNTOLD
    own_low, own_high = limits.ages
    first = max(low or 0, own_low or 0)
    last = min(200 if high is None else high, 200 if own_high is None else own_high)
    if first > last:
        return Verdict.BLOCK
    is_within = (low or 0) <= (own_low or 0) and (own_high or 200) <= (high or 200)
    return Verdict.OK if is_within else Verdict.STRETCH


def _budget(limits: Limits, needs: Needs) -> Verdict:
    if needs.cost is None or limits.budget is None:
        return Verdict.UNTOLD
    if needs.cost <= limits.budget:
        return Verdict.OK
    return Verdict.STRETCH if needs.cost <= limits.budget * STRETCHED_BUDGET else Verdict.BLOCK


def _languages(limits: Limits, needs: Needs) -> Verdict:
    if not needs.languages:
        return Verdict.UNTOLD
    if limits.languages <= needs.languages:
        return Verdict.OK
    return Verdict.STRETCH if limits.languages & needs.languages else Verdict.BLOCK


def _season(limits: Limits, needs: Needs) -> Verdict:
    if not needs.season:
        return Verdict.UNTOLD
    return Verdict.OK if needs.season in (limits.season, Season.ALL_YEAR) else Verdict.STRETCH


_VERDICTS = {
    LimitKind.TRAVEL: _travel,
    LimitKind.AGES: _ages,
    LimitKind.BUDGET: _budget,
    LimitKind.LANGUAGES: _languages,
    LimitKind.SEASON: _season,
}
