"""Reads what is recorded of practices, as `stories.evidence` weighs it; many at once.

Pages of practices lean on this, so it knows the other models only.
"""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from partnerships.models import Partnership
from partnerships.presentation.public import PublicScope
from stories.enums import AgainstAim, NetworkPart
from stories.evidence import Evidence, EvidenceInputs, ReportedRun, evidence_of, told_by_page
from stories.models.adoptions import EarlierRun, Outcome, OutcomeAnswer
from stories.models.facts import PracticeFacts
from stories.models.lineage import AdoptionSource
from stories.practice_gate import missing_fields

if TYPE_CHECKING:
    from stories.models import PracticePage


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What others recorded of one practice: outcomes reported here, and earlier runs."""

    runs: tuple[ReportedRun, ...] = ()
    earlier_places: tuple[str, ...] = ()


def elsewhere(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, Elsewhere]:
    """Return what others recorded of each practice (five queries at most)."""
    wanted = list(keys)
    # The Partnership that told the practice answers for it: neither the reporter, nor who told
    # another source of the same adoption. What was said to an earlier judgement answers nothing.
    answered = OutcomeAnswer.objects.filter(
        outcome=OuterRef("adoption__outcomes"),
        partnership=OuterRef("parent__partnership"),
        at__gte=OuterRef("adoption__outcomes__judged_at"),
    ).exclude(partnership=OuterRef("adoption__partnership"))
    links = (
        AdoptionSource.objects.filter(parent__in=wanted, adoption__outcomes__isnull=False)
        .annotate(outcome=F("adoption__outcomes"), is_answered=Exists(answered))
        .values_list("parent_id", "outcome", "is_answered")
    )
    told = list(links)
    outcomes = Outcome.objects.select_related("adoption__partnership").in_bulk(
        {outcome for _parent, outcome, _is_answered in told}
    )

    def in_order(row: tuple[uuid.UUID, int, bool]) -> tuple[uuid.UUID, int]:
        return outcomes[row[1]].adoption_id, outcomes[row[1]].months

    last: dict[tuple[uuid.UUID, uuid.UUID], tuple[Outcome, bool]] = {}
    for parent, key, is_answered in sorted(told, key=in_order):
        outcome = outcomes[key]
        place = (parent, outcome.adoption_id)
        if outcome.against_aim != AgainstAim.UNKNOWN or place not in last:
            last[place] = (outcome, is_answered)
    runs: dict[uuid.UUID, list[ReportedRun]] = defaultdict(list)
    named = _named(outcome for outcome, _is_answered in last.values())
    for (parent, _adoption), (outcome, is_answered) in last.items():
        is_named = outcome.adoption.partnership_id in named
        runs[parent].append(_run(outcome, is_answered=is_answered, is_named=is_named))
    places: dict[uuid.UUID, list[str]] = defaultdict(list)
    for run in EarlierRun.objects.filter(practice_key__in=wanted).select_related("partnership"):
        places[run.practice_key].append(run.partnership.slug if run.partnership else str(run.place))
    return {key: Elsewhere(tuple(runs.get(key, ())), tuple(places.get(key, ()))) for key in wanted}


def _named(outcomes: Iterable[Outcome]) -> set[int]:
    """Return the Partnerships that readers are told for whom it went worse.

    One that does not show itself is not named. Two queries where there is such a report, else none.
    """
    worse = {
        outcome.adoption.partnership_id
        for outcome in outcomes
        if outcome.against_aim == AgainstAim.WORSE
    }
    if not worse:
        return set()
    showing = PublicScope.of().partnerships().filter(pk__in=worse)
    return set(showing.values_list("pk", flat=True))


def _run(outcome: Outcome, *, is_answered: bool, is_named: bool) -> ReportedRun:
    partnership: Partnership = outcome.adoption.partnership
    return ReportedRun(
        partnership=partnership.slug,
        region=region_of(partnership),
        against_aim=outcome.against_aim,
        reported_on=timezone.localdate(outcome.counted_at),
        is_answered=is_answered,
        place=str(partnership.name) if is_named else "",
        context=outcome.context if is_named else "",
    )


def region_of(partnership: Partnership) -> str:
    """Return the key of a Partnership's region in Israel: its name, else the Partnership itself.

    Several Partnerships share a region where they tie different communities to the same one.
    """
    return partnership.region_name.in_language("en").strip().casefold() or partnership.slug


def inputs_of_page(page: PracticePage, others: Elsewhere | None = None) -> EvidenceInputs:
    """Return what decides how well tested a practice is, as one of its pages tells it.

    On a translation, and on whatever is not the page first told, the facts speak.
    """
    facts = page.facts
    told = told_by_page(page)
    neutral: Any = page.neutral
    if isinstance(neutral, PracticeFacts):
        told = {name: getattr(neutral, name) for name in told}
    if others is None:
        others = elsewhere([page.translation_key])[page.translation_key]
    partnership = page.partnership
    return EvidenceInputs(
        today=timezone.localdate(),
        partnership=partnership.slug if partnership else "",
        is_complete=not missing_fields(page),
        has_counted_result=told["has_counted_result"],
        external_evaluator=told["external_evaluator"],
        is_reviewed=_is_reviewed(facts, told["evaluation_digest"]),
        reviewed_on=_reviewed_on(facts),
        last_confirmed_on=_confirmed(neutral.last_confirmed_on, told["first_told_on"]),
        runs=others.runs,
        earlier_places=others.earlier_places,
    )


def _confirmed(
    typed: datetime.date | None, first_told: datetime.date | None
) -> datetime.date | None:
    """Return when it was last confirmed; a day that has not come yet confirms nothing."""
    return typed if typed and typed <= timezone.localdate() else first_told


def _is_reviewed(facts: PracticeFacts | None, digest: str) -> bool:
    """Whether the network's staff accepted the evaluations that `digest` stands for."""
    return bool(facts and facts.accepted_at and facts.evaluation_digest == digest)


def _reviewed_on(facts: PracticeFacts | None) -> datetime.date | None:
    return timezone.localdate(facts.accepted_at) if facts and facts.accepted_at else None


def inputs_of_facts(
    facts: PracticeFacts, others: Elsewhere, template: EvidenceInputs
) -> EvidenceInputs:
    """Return the same from the facts alone: what was public once had all twelve fields."""
    return replace(
        template,
        partnership=facts.partnership.slug,
        has_counted_result=facts.has_counted_result,
        external_evaluator=facts.external_evaluator,
        is_reviewed=facts.accepted_at is not None,
        reviewed_on=_reviewed_on(facts),
        last_confirmed_on=_confirmed(facts.last_confirmed_on, facts.first_told_on),
        runs=others.runs,
        earlier_places=others.earlier_places,
    )


def evidence_of_page(page: PracticePage) -> Evidence:
    """Return how well tested the practice is that `page` tells.

    Who evaluated it is named only where evaluations are not for the network alone.
    """
    evidence = evidence_of(inputs_of_page(page, page.__dict__.get("elsewhere")))
    return for_everybody(evidence, page.closed_parts)


def for_everybody(evidence: Evidence, closed_parts: Collection[str]) -> Evidence:
    """Return the evidence without who evaluated it, where that is for the network alone."""
    if NetworkPart.EVALUATIONS in closed_parts:
        return replace(evidence, evaluator="")
    return evidence
