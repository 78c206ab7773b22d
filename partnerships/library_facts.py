"""What the library filters programs by: ages, season, what is open now, cost to a participant."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from partnerships.enums import PARTICIPANT_KINDS, Side, WayKind
from portal.library import Facet, Number
from portal.library_bands import AGES, ages
from search.services.rates import current_rates

if TYPE_CHECKING:
    from partnerships.models import Program, WayToTakePart


def age_ranges(program: Program) -> list[tuple[int, int]]:
    """Return the ages of the program and of each of its ways: a host may be of any."""
    told = [
        ages(program.age_from, program.age_to),
        *[ages(way.age_from, way.age_to) for way in program.ways.all()],
    ]
    return [each for each in told if each]


def open_ways(program: Program, on: datetime.date | None = None) -> set[str]:
    """Return what one can apply for on that day (today when not given), as kinds of way."""
    day = on or timezone.localdate()
    return {way.kind for way in program.ways.all() if way.is_open(day)}


def program_facets(program: Program) -> dict[str, list[str]]:
    """Return the facets of a program's facts; what is open changes with the day."""
    bands = {key for low, high in age_ranges(program) for key in AGES.keys_between(low, high)}
    return {
        Facet.AGE: sorted(bands),
        Facet.SEASON: [program.season] if program.season else [],
        Facet.OPEN: sorted(open_ways(program) & set(WayKind.values)),
    }


def way_facets(way: WayToTakePart, program: Program) -> dict[str, list[str]]:
    """Return the facets of a way that is open: what one does, for which side, of which age.

    A participant has the program's ages where the way tells none; a host has none (USERS A1).
    """
    told = _way_ages(way, program)
    return {
        Facet.OPEN: [way.kind],
        Facet.SIDE: [way.side] if way.side else list(Side.values),
        Facet.AGE: AGES.keys_between(*told) if told else [],
    }


def way_numbers(way: WayToTakePart, program: Program) -> dict[str, float | None]:
    """Return the ages of a way."""
    low, high = _way_ages(way, program) or (None, None)
    return {Number.AGE_FROM: low, Number.AGE_TO: high}


def _way_ages(way: WayToTakePart, program: Program) -> tuple[int, int] | None:
    own = ages(way.age_from, way.age_to)
    if own or way.kind not in PARTICIPANT_KINDS:
        return own
    return ages(program.age_from, program.age_to)


def program_numbers(program: Program) -> dict[str, float | None]:
    """Return the youngest and the oldest who can take part, and what a participant pays.

    What a program costs does not say how much of it is travel: it counts with and without.
    """
    told = age_ranges(program)
    cost = None
    if program.participant_cost is not None:
        cost = current_rates().convert(program.participant_cost, program.currency)
    amount = None if cost is None else float(cost)
    return {
        Number.AGE_FROM: min((low for low, _high in told), default=None),
        Number.AGE_TO: max((high for _low, high in told), default=None),
        Number.COST_PARTICIPANT: amount,
        Number.COST_PARTICIPANT_WITHOUT_TRAVEL: amount,
    }
