"""Writes who brought which demonstration practice over, what came of it, and earlier runs."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from home.services.demo.library import key_of
from home.services.demo.reading import as_date
from partnerships.enums import Role
from partnerships.models import Partnership
from stories.enums import AdoptionState
from stories.evidence import add_months
from stories.models import (
    Adoption,
    AdoptionChange,
    AdoptionSource,
    EarlierRun,
    Outcome,
    OutcomeAnswer,
    PracticePage,
    StopAgreement,
)
from stories.services.copies import taken_version
from stories.services.evidence import evidence_changed
from stories.services.lineage import remember


def _noon(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), tzinfo=datetime.UTC)


@transaction.atomic
def write_travels(travels: Mapping[str, Any], partnerships: Mapping[str, Partnership]) -> int:
    """Add adoptions and earlier runs that are missing; return how many."""
    adoptions = travels.get("adoptions", [])
    runs = travels.get("earlier_runs", [])
    wanted = {entry["practice"] for entry in [*adoptions, *runs]}
    wanted |= {reference for entry in adoptions for reference in entry["from"]}
    pages = _pages({key_of(reference) for reference in wanted})
    there = set(Adoption.objects.values_list("pk", flat=True))
    written = 0
    for entry in adoptions:
        child = pages.get(key_of(entry["practice"]))
        parents = [page for name in entry["from"] if (page := pages.get(key_of(name)))]
        if child is None or not parents or child.translation_key in there:
            continue
        _write_adoption(entry, child, parents)
        written += 1
    written += _write_runs(runs, partnerships)
    evidence_changed(pages)
    return written


def _pages(keys: set[uuid.UUID]) -> dict[uuid.UUID, PracticePage]:
    """Return the page first told of each practice."""
    pages = PracticePage.objects.filter(translation_key__in=keys, is_demo=True, alias_of=None)
    found = pages.select_related("locale", "live_revision", "latest_revision").order_by("pk")
    return {page.translation_key: page for page in found if not page.is_translation}


def _write_adoption(
    entry: Mapping[str, Any], child: PracticePage, parents: list[PracticePage]
) -> None:
    partnership = child.partnership
    if partnership is None:
        return
    states = {name: as_date(day) for name, day in entry["states"].items()}
    last = list(states)[-1]
    adoption = Adoption.objects.create(
        practice=remember(child),
        partnership=partnership,
        state=last,
        planned_start=as_date(entry.get("planned_start")),
        started_on=states.get("running"),
        ended_on=states.get("completed") or states.get("stopped"),
        contact_role=entry["contact"],
        stop_reason=entry.get("reason", ""),
        copied_from=parents[0].translation_key if parents else None,
        is_demo=True,
    )
    owners: dict[str, Partnership] = {}
    for position, (name, parent) in enumerate(zip(entry["from"], parents, strict=False)):
        source, version = remember(parent), taken_version(parent)
        if source.partnership:
            owners[name] = source.partnership
        AdoptionSource.objects.create(
            adoption=adoption,
            parent=source,
            sort_order=position,
            language=parent.language,
            title=parent.title,
            partnership_name=source.partnership_name,
            page_id=parent.pk,
            revision_id=version.revision_id,
            revision_number=version.number,
            revision_at=version.at,
        )
    _write_changes(adoption, {AdoptionState.CONSIDERING: as_date(entry["taken"]), **states})
    for told in entry.get("outcomes", []):
        _write_outcome(adoption, told, owners)
    if entry.get("agreed"):
        for end in {partnership, *owners.values()}:
            StopAgreement.objects.create(adoption=adoption, partnership=end, role=Role.COORDINATOR)


def _write_changes(adoption: Adoption, states: Mapping[str, datetime.date | None]) -> None:
    former = ""
    for state, day in states.items():
        change = AdoptionChange.objects.create(
            adoption=adoption, from_state=former, to_state=state, on=day, role=Role.COORDINATOR
        )
        if day:
            AdoptionChange.objects.filter(pk=change.pk).update(at=_noon(day))
        former = state


def _write_outcome(
    adoption: Adoption, told: Mapping[str, Any], owners: Mapping[str, Partnership]
) -> None:
    amount, currency, year = told.get("cost") or (None, "", None)
    plain = ("reached", "counted_how", "against_aim", "context", "lesson", "lesson_language")
    outcome = Outcome.objects.create(
        adoption=adoption,
        months=told["months"],
        cost_amount=amount,
        cost_currency=currency,
        cost_year=year,
        role=Role.COORDINATOR,
        **{name: told[name] for name in plain if name in told},
    )
    if adoption.started_on:
        day = add_months(adoption.started_on, told["months"]) + datetime.timedelta(days=9)
        at = min(_noon(day), timezone.now())
        Outcome.objects.filter(pk=outcome.pk).update(at=at, counted_at=at, judged_at=at)
    for answer in told.get("answers", []):
        if owner := owners.get(answer["of"]):
            OutcomeAnswer.objects.create(
                outcome=outcome,
                partnership=owner,
                text=answer["text"],
                language=answer["language"],
                role=Role.COORDINATOR,
            )


def _write_runs(runs: list[Mapping[str, Any]], partnerships: Mapping[str, Partnership]) -> int:
    """Add the earlier runs of practices that have none yet."""
    there = set(EarlierRun.objects.values_list("practice_key", flat=True))
    new = [
        EarlierRun(
            practice_key=key_of(run["practice"]),
            partnership=partnerships.get(run.get("partnership", "")),
            place=run.get("place", {}),
            year=run.get("year"),
            kind=run["kind"],
            source=run["source"],
            source_url=run.get("url", ""),
            is_demo=True,
        )
        for run in runs
        if key_of(run["practice"]) not in there
    ]
    EarlierRun.objects.bulk_create(new)
    return len(new)
