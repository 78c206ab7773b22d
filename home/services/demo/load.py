"""Loads the demonstration: checked whole, then written in bulk, marked and removable.

A second run adds what is missing by `reference` and leaves alone what is there, so that nothing an
editor changed is lost.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.models import Collection, Page

from home.services.covers import TOPICS, draw_cover
from home.services.demo import facts
from home.services.demo.library import (
    DemoPage,
    build_event_pages,
    build_pages,
    build_program_pages,
    key_of,
)
from home.services.demo.numbers import write_numbers
from home.services.demo.places import write_place_texts
from home.services.demo.reading import DEMO_DIR, as_date, read_demo
from partnerships.models import Community, Event, Partnership, PartnershipPage, Program
from portal.models import Concept, PortalImage
from portal.services.bulk_pages import BulkPageWriter
from stories.models import PracticeFacts, PracticePage, ResourcePage, StoryPage

COLLECTION = "Demonstration"
VARIANTS = 2
#: Practices first: stories and resources point at them.
ORDER = ("practices", "challenges", "stories", "resources")


@dataclass(slots=True)
class DemoReport:
    """What a run added."""

    pictures: int = 0
    programs: int = 0
    pages: int = 0
    events: int = 0
    committees: int = 0
    participation: int = 0
    numbers: int = 0
    places: int = 0


def load_demo(
    folder: Path = DEMO_DIR, *, say: Callable[[str], None] = lambda text: None
) -> DemoReport:
    """Read `folder` and add what the portal lacks of it; `say` gets a line a step.

    Raises DemoRefused before anything is written when the files have faults.
    """
    partnerships = {row.slug: row for row in Partnership.objects.all()}
    concepts = {row.key: row for row in Concept.objects.all()}
    communities = {row.slug: row for row in Community.objects.all()}
    network = read_demo(
        folder,
        partnerships=set(partnerships),
        concepts=set(concepts),
        communities=set(communities),
    )
    report = DemoReport()

    report.pictures = _draw_covers(say)
    covers = _covers()

    before = Program.objects.count()
    programs = facts.write_programs(network.programs, partnerships, concepts)
    report.programs = Program.objects.count() - before
    say(f"demonstration: {report.programs} programs")

    parents = {
        (page.partnership.slug, page.locale.language_code): page
        for page in PartnershipPage.objects.select_related("partnership", "locale")
    }
    say("demonstration: writing pages")
    waiting = build_program_pages(network.programs, programs)
    report.pages += _write(waiting, parents, concepts, covers, {}, say)
    links: dict[str, PracticePage] = {}
    for kind in ORDER:
        waiting = build_pages(kind, network.library[kind])
        for entry in network.library[kind]:
            entry["_program"] = programs.get(entry.get("program", ""))
        report.pages += _write(
            waiting, parents, concepts, covers, _targets(network.library[kind], links), say
        )
        if kind == "practices":
            _accept(network.library[kind])
            links = {
                page.reference: page
                for page in PracticePage.objects.filter(is_demo=True).order_by("-pk")
            }
    report.events = facts.write_events(network.events, partnerships, programs, communities)
    events = {row.reference: row for row in Event.objects.filter(is_demo=True)}
    waiting = build_event_pages(network.events, events)
    report.pages += _write(waiting, parents, concepts, covers, {}, say)
    report.committees = facts.write_committees(network.committees, partnerships)
    report.participation = facts.write_participation(network.participation, programs)
    report.numbers = write_numbers(network.numbers, partnerships, communities)
    report.places = write_place_texts(network.partnership_texts, network.community_texts, covers)
    say(
        f"demonstration: {report.pages} pages, {report.events} events,"
        f" {report.committees} committees, {report.participation} rows of participation,"
        f" {report.numbers} other numbers, texts of {report.places} places"
    )
    return report


def _draw_covers(say: Callable[[str], None]) -> int:
    """Draw the covers that are missing."""
    with transaction.atomic():
        collection = Collection.objects.filter(name=COLLECTION, depth=2).first()
        if collection is None:
            root = Collection.objects.get(depth=1)
            collection = root.add_child(name=COLLECTION)
    there = set(PortalImage.objects.filter(is_demo=True).values_list("title", flat=True))
    drawn = 0
    for position, topic in enumerate(TOPICS):
        for variant in range(VARIANTS):
            title = f"{topic} {variant + 1}"
            if title in there:
                continue
            content = ContentFile(
                draw_cover(topic, position + variant), name=f"demo-{topic}-{variant + 1}.jpg"
            )
            PortalImage.objects.create(
                title=title,
                file=content,
                description="",
                collection=collection,
                people_shown="none",
                is_demo=True,
            )
            drawn += 1
    say(f"demonstration: {drawn} pictures drawn")
    return drawn


def _covers() -> dict[str, list[PortalImage]]:
    covers: dict[str, list[PortalImage]] = {}
    for image in PortalImage.objects.filter(is_demo=True).order_by("title"):
        covers.setdefault(image.title.rsplit(" ", 1)[0], []).append(image)
    return covers


def _targets(
    entries: list[dict[str, Any]], practices: Mapping[str, PracticePage]
) -> dict[str, tuple[Program | None, PracticePage | None]]:
    return {
        entry["reference"]: (entry["_program"], practices.get(entry.get("practice", "")))
        for entry in entries
    }


def _write(
    waiting: list[DemoPage],
    parents: Mapping[tuple[str, str], PartnershipPage],
    concepts: Mapping[str, Concept],
    covers: Mapping[str, list[PortalImage]],
    targets: Mapping[str, tuple[Program | None, PracticePage | None]],
    say: Callable[[str], None],
) -> int:
    keys = [item.page.translation_key for item in waiting]
    there = set(
        Page.objects.filter(translation_key__in=keys).values_list(
            "translation_key", "locale__language_code"
        )
    )
    with BulkPageWriter() as writer:
        for position, item in enumerate(waiting):
            page = item.page
            if (page.translation_key, item.language) in there:
                continue
            choice = covers.get(item.cover)
            if choice:
                page.hero_image = choice[page.translation_key.int % len(choice)]
            if item.concepts:
                page.concepts = [concepts[key] for key in item.concepts]
            program, practice = targets.get(page.reference, (None, None))
            if isinstance(page, StoryPage):
                page.program = program
            if isinstance(page, (StoryPage, ResourcePage)):
                page.practice = practice
            page.first_published_at = item.published or timezone.now()
            writer.add(page, parents[item.partnership, item.language], tags=item.tags)
            if position % 25 == 0 and position:
                say(f"demonstration: {position} of {len(waiting)}")
    return writer.count


def _accept(entries: list[dict[str, Any]]) -> None:
    """Set the network's review on practices whose entry has one."""
    for entry in entries:
        day = as_date(entry.get("accepted"))
        if day:
            moment = datetime.datetime.combine(day, datetime.time(9), tzinfo=datetime.UTC)
            PracticeFacts.objects.filter(
                pk=key_of(entry["reference"]), accepted_at__isnull=True
            ).update(accepted_at=moment)
