"""What the library filters practices by: ages, length, lead time, costs, how well tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from portal.library import Facet, Number
from portal.library_bands import AGES, COSTS, DURATIONS, LEAD_TIMES, UNTOLD, ages
from search.services.rates import Rates
from stories.costs import CostLine, CostSum, cost_tables
from stories.enums import CostPayer, EvidenceLevel, LiveOffer, MentorOffer

if TYPE_CHECKING:
    from stories.models import ChallengeFacts, ChallengePage, PracticeFacts, PracticePage

#: Which numbers tell what a payer bears; None is for all but the participants.
_COST_NUMBERS = {
    CostPayer.ISRAEL: (Number.COST_ISRAEL, Number.COST_ISRAEL_WITHOUT_TRAVEL),
    CostPayer.DIASPORA: (Number.COST_DIASPORA, Number.COST_DIASPORA_WITHOUT_TRAVEL),
    CostPayer.PARTICIPANT: (Number.COST_PARTICIPANT, Number.COST_PARTICIPANT_WITHOUT_TRAVEL),
    None: (Number.COST_WHOLE, Number.COST_WHOLE_WITHOUT_TRAVEL),
}


def costs_by_payer(lines: Iterable[CostLine], rates: Rates) -> dict[CostPayer, CostSum] | None:
    """Return what each payer bears, in the library's currency; None where a rate is missing."""
    sums: dict[CostPayer, CostSum] = {}
    for table in cost_tables(lines):
        one = rates.convert(Decimal(1), table.currency)
        if one is None:
            return None
        for row in table.payers:
            sums[row.payer] = sums.get(row.payer, CostSum()) + row.sum.times(one)
    return sums


def cost_numbers(sums: Mapping[CostPayer, CostSum] | None) -> dict[str, float | None]:
    """Return what a first run costs each side and a participant, with and without travel.

    The whole is what all but the participants bear, as in its band. What is paid once belongs to
    the first run; what is given in kind is left out, since nobody has to find that money. Without
    sums (nothing told, or no rate) all are None.
    """
    numbers: dict[str, float | None] = {}
    for payer, (with_travel, without_travel) in _COST_NUMBERS.items():
        own = None
        if sums is not None:
            own = sums.get(payer, CostSum()) if payer else _borne(sums)
        numbers[with_travel] = None if own is None else float(own.each_run + own.once)
        numbers[without_travel] = None if own is None else float(own.without_travel + own.once)
    return numbers


def _borne(sums: Mapping[CostPayer, CostSum]) -> CostSum:
    """Return what both sides and donors bear, participants apart."""
    borne = (each for payer, each in sums.items() if payer != CostPayer.PARTICIPANT)
    return sum(borne, CostSum())


def cost_band(sums: Mapping[CostPayer, CostSum] | None) -> str:
    """Return the band of what both sides and donors bear for a first run, participants apart."""
    if sums is None:
        return UNTOLD
    borne = _borne(sums)
    return COSTS.key_of(float(borne.each_run + borne.once))


def told_costs(page: PracticePage, rates: Rates) -> dict[CostPayer, CostSum] | None:
    """Return a practice's costs by payer: none of them where it is free, None if not told."""
    if not page.cost_lines and not page.is_free:
        return None
    return costs_by_payer(page.cost_lines, rates)


def practice_numbers(page: PracticePage, rates: Rates) -> dict[str, float | None]:
    """Return the numbers of a practice; None for what it does not tell."""
    neutral = page.neutral
    return {
        Number.TESTED: EvidenceLevel.values.index(practice_evidence(page)),
        **age_numbers(neutral.age_from, neutral.age_to),
        Number.DURATION: neutral.duration_days,
        Number.LEAD_TIME: neutral.lead_time_weeks,
        **cost_numbers(told_costs(page, rates)),
    }


def practice_facets(page: PracticePage, rates: Rates) -> dict[str, list[str]]:
    """Return the facets that stem from a practice's language-neutral facts and its results."""
    neutral = page.neutral
    facets = {
        Facet.OUTCOME: [neutral.outcome],
        Facet.OFFER: live_offers(neutral),
        Facet.COST: [cost_band(told_costs(page, rates))],
        Facet.EVIDENCE: [practice_evidence(page).value],
        **whom_and_when(neutral),
    }
    if neutral.duration_days is not None:
        facets[Facet.DURATION] = [DURATIONS.key_of(neutral.duration_days)]
    if neutral.lead_time_weeks is not None:
        facets[Facet.LEAD_TIME] = [LEAD_TIMES.key_of(neutral.lead_time_weeks)]
    return facets


def live_offers(neutral: PracticePage | PracticeFacts) -> list[str]:
    """Return what the owners offer and look for now: to mentor (while they have room), partners."""
    offers = []
    if neutral.mentor_offer == MentorOffer.OPEN:
        offers.append(LiveOffer.MENTORS.value)
    if neutral.is_looking_for_partners:
        offers.append(LiveOffer.PARTNERS.value)
    return offers


def whom_and_when(
    neutral: PracticePage | PracticeFacts | ChallengePage | ChallengeFacts,
) -> dict[str, list[str]]:
    """Return the facets of age, direction and season."""
    told = ages(neutral.age_from, neutral.age_to)
    return {
        Facet.AGE: AGES.keys_between(*told) if told else [],
        Facet.DIRECTION: [neutral.direction] if neutral.direction else [],
        Facet.SEASON: [neutral.season] if neutral.season else [],
    }


def age_numbers(age_from: int | None, age_to: int | None) -> dict[str, float | None]:
    """Return the youngest and the oldest age; open ends closed, None where neither is told."""
    low, high = ages(age_from, age_to) or (None, None)
    return {Number.AGE_FROM: low, Number.AGE_TO: high}


def practice_evidence(page: PracticePage) -> EvidenceLevel:
    """Return how well tested a practice is; see `stories.evidence`."""
    return page.tested.level
