"""Writes the demonstration's facts: programs, ways to take part, events, committees, numbers.

Each function adds what is missing by `reference` and leaves alone what is there.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from home.services.demo.library import key_of
from partnerships.enums import CommitteeKind, SeatRole, Side
from partnerships.models import (
    Committee,
    CommitteeDecision,
    CommitteeSeat,
    Community,
    Event,
    ParticipationRow,
    Partnership,
    Program,
    WayToTakePart,
)
from portal.models import Concept

SOURCE = "Demonstration: invented as an example."


def _in(days: int | None, today: datetime.date) -> datetime.date | None:
    return None if days is None else today + datetime.timedelta(days=days)


def _program(entry: Mapping[str, Any], partnership: Partnership, kind: Concept | None) -> Program:
    lower, upper = (entry.get("ages") or [None, None])[:2]
    amount, currency = entry.get("cost") or (None, "")
    return Program(
        key=key_of(f"program:{entry['reference']}"),
        reference=entry["reference"],
        sources=SOURCE,
        is_demo=True,
        partnership=partnership,
        slug=entry["slug"],
        name=entry["name"],
        summary=entry["summary"],
        type=kind,
        status=entry.get("status", "running"),
        direction=entry.get("direction", ""),
        season=entry.get("season", ""),
        age_from=lower,
        age_to=upper,
        participant_cost=amount,
        currency=currency,
        capacity=entry.get("capacity"),
        languages=entry.get("languages", ""),
        accessibility=entry.get("accessibility", {}),
        safeguarding=entry.get("safeguarding", ""),
        started_year=entry.get("since"),
        ended_year=entry.get("until"),
    )


def _way(
    way: Mapping[str, Any], program: Program, position: int, today: datetime.date
) -> WayToTakePart:
    lower, upper = (way.get("ages") or [None, None])[:2]
    return WayToTakePart(
        key=key_of(f"way:{program.reference}:{position}"),
        reference=f"{program.reference}-{position}",
        sources=SOURCE,
        is_demo=True,
        program=program,
        kind=way["kind"],
        side=way.get("side", ""),
        title=way["title"],
        asks=way.get("asks", {}),
        next_steps=way.get("next", {}),
        age_from=lower,
        age_to=upper,
        opens_on=_in(way.get("opens_in"), today),
        deadline=_in(way.get("deadline_in"), today),
        starts_on=_in(way.get("starts_in"), today),
        ends_on=_in(way.get("ends_in"), today),
        places=way.get("places"),
        places_left=way.get("left"),
        is_closed=bool(way.get("closed")),
        usually_opens=way.get("usually_opens", {}),
        involves_minors=bool(way.get("minors")),
        sort_order=position,
    )


@transaction.atomic
def write_programs(
    entries: list[dict[str, Any]],
    partnerships: Mapping[str, Partnership],
    concepts: Mapping[str, Concept],
) -> dict[str, Program]:
    """Add the programs that are missing, with their ways to take part; return all by reference."""
    today = timezone.localdate()
    there = {
        program.reference: program
        for program in Program.objects.filter(
            reference__in=[entry["reference"] for entry in entries]
        )
    }
    ways: list[WayToTakePart] = []
    for entry in entries:
        if entry["reference"] in there:
            continue
        program = _program(
            entry, partnerships[entry["partnership"]], concepts.get(entry.get("type", ""))
        )
        program.save()
        keys = dict.fromkeys(entry.get("concepts", []))
        program.concepts.set([concepts[key] for key in keys])
        program.save()
        there[program.reference] = program
        ways += [
            _way(way, program, position, today)
            for position, way in enumerate(entry.get("ways", []))
        ]
    WayToTakePart.objects.bulk_create(ways)
    return there


@transaction.atomic
def write_events(
    entries: list[dict[str, Any]],
    partnerships: Mapping[str, Partnership],
    programs: Mapping[str, Program],
    communities: Mapping[str, Community],
) -> int:
    """Add the events that are missing; return how many."""
    there = set(Event.objects.filter(is_demo=True).values_list("reference", flat=True))
    today = timezone.localdate()
    events = []
    for entry in entries:
        if entry["reference"] in there:
            continue
        zone = entry.get("time_zone", "Asia/Jerusalem")
        hour, minute = (int(part) for part in str(entry.get("time", "19:00")).split(":"))
        starts = datetime.datetime.combine(
            today + datetime.timedelta(days=entry["in_days"]),
            datetime.time(hour, minute),
            tzinfo=zoneinfo.ZoneInfo(zone),
        )
        hold = entry.get("hold_days")
        events.append(
            Event(
                key=key_of(f"event:{entry['reference']}"),
                reference=entry["reference"],
                sources=SOURCE,
                is_demo=True,
                partnership=partnerships.get(entry.get("partnership", "")),
                program=programs.get(entry.get("program", "")),
                name=entry["name"],
                summary=entry.get("summary", {}),
                starts_at=starts,
                ends_at=starts + datetime.timedelta(hours=entry.get("hours", 2)),
                time_zone=zone,
                community=communities.get(entry.get("community", "")),
                place=entry.get("place", {}),
                online_url=entry.get("online", ""),
                involves_minors=bool(entry.get("minors")),
                reveal_after=None if hold is None else starts + datetime.timedelta(days=hold),
                is_learning_session=bool(entry.get("learning")),
                recording_url=entry.get("recording", ""),
                follow_up=entry.get("follow_up", {}),
            )
        )
    Event.objects.bulk_create(events)
    return len(events)


@transaction.atomic
def write_committees(shapes: Mapping[str, Any], partnerships: Mapping[str, Partnership]) -> int:
    """Give each Partnership without a committee the shape that the file names; return how many.

    `shapes` holds `shapes` (by name: a list of committees with seats, parts and decisions),
    `partnerships` (slug → shape) and `default`.
    """
    have = set(Committee.objects.values_list("partnership_id", flat=True))
    today = timezone.localdate()
    made = 0

    def add(
        partnership: Partnership, spec: Mapping[str, Any], parent: Committee | None, place: int
    ) -> None:
        nonlocal made
        committee = Committee.objects.create(
            partnership=partnership,
            parent=parent,
            kind=CommitteeKind(spec["kind"]),
            side=spec.get("side", ""),
            name=spec["name"],
            meeting_rhythm=spec.get("rhythm", {}),
            sort_order=place,
            reference=f"demo-committee-{partnership.slug}-{made}",
            sources=SOURCE,
            is_demo=True,
        )
        made += 1
        CommitteeSeat.objects.bulk_create(
            CommitteeSeat(
                committee=committee,
                side=Side(seat["side"]),
                role=SeatRole(seat.get("role", "member")),
                title=seat.get("title", {}),
                is_volunteer=seat.get("volunteer", True),
                # Terms of three years that do not all end at once.
                term_from=datetime.date(today.year - position % 3, 1, 1),
                term_to=datetime.date(today.year - position % 3 + 2, 12, 31),
                sort_order=position,
            )
            for position, seat in enumerate(spec.get("seats", []))
        )
        CommitteeDecision.objects.bulk_create(
            CommitteeDecision(
                committee=committee,
                decided_on=today - datetime.timedelta(days=decision["days_ago"]),
                summary=decision["summary"],
            )
            for decision in spec.get("decisions", [])
        )
        for position, part in enumerate(spec.get("parts", [])):
            add(partnership, part, committee, position)

    chosen: Mapping[str, str] = shapes.get("partnerships", {})
    for partnership in partnerships.values():
        if partnership.pk in have:
            continue
        name = chosen.get(partnership.slug, shapes.get("default", ""))
        for position, spec in enumerate(shapes.get("shapes", {}).get(name, [])):
            add(partnership, spec, None, position)
    return made


@transaction.atomic
def write_participation(entries: list[dict[str, Any]], programs: Mapping[str, Program]) -> int:
    """Add the participation of programs that have none yet; return how many rows."""
    have = set(
        ParticipationRow.objects.filter(program__in=programs.values()).values_list(
            "program_id", flat=True
        )
    )
    rows = []
    for entry in entries:
        program = programs[entry["program"]]
        if program.pk in have:
            continue
        for year, sides in entry["years"].items():
            for side, cells in sides.items():
                for mode, count, method, *flags in cells if isinstance(cells[0], list) else [cells]:
                    rows.append(
                        ParticipationRow(
                            partnership_id=program.partnership_id,
                            program=program,
                            year=year,
                            side=Side(side),
                            mode=mode,
                            count=count,
                            method=method,
                            may_overlap="overlap" in flags,
                            reference=f"{program.reference}-{year}-{side}-{mode}",
                            sources=SOURCE,
                            is_demo=True,
                        )
                    )
    ParticipationRow.objects.bulk_create(rows)
    return len(rows)
