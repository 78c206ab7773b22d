"""Loads the demonstration: checked whole, then written in bulk, marked and removable.

A second run adds what is missing by `reference` and leaves alone what is there, so that nothing an
editor changed is lost.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wagtail.models import Page

from home.services.demo import facts
from home.services.demo.challenges import call_announced, tie_solutions, write_endings
from home.services.demo.files import write_files
from home.services.demo.library import (
    DemoPage,
    build_event_pages,
    build_pages,
    build_program_pages,
    key_of,
)
from home.services.demo.numbers import write_numbers
from home.services.demo.pictures import Pictures, draw_pictures, pictures_by_topic
from home.services.demo.places import write_place_texts
from home.services.demo.profiles import write_profiles
from home.services.demo.questions import read_questions, write_questions
from home.services.demo.reading import DEMO_DIR, as_date, read_demo
from home.services.demo.shares import write_shares
from home.services.demo.travels import write_travels
from partnerships.models import Community, Event, Partnership, PartnershipPage, Program
from portal.models import Concept
from portal.services.bulk_pages import BulkPageWriter
from stories.models import PracticeFacts, PracticePage, ResourcePage, StoryPage

#: Practices first: stories and resources point at them.
ORDER = ("practices", "challenges", "stories", "resources")


@dataclass(slots=True)
class DemoReport:
    """What a run added."""

    pictures: int = 0
    files: int = 0
    programs: int = 0
    pages: int = 0
    events: int = 0
    committees: int = 0
    participation: int = 0
    numbers: int = 0
    places: int = 0
    questions: int = 0
    shares: int = 0
    profiles: int = 0
    travels: int = 0


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
    questions = read_questions(folder, partnerships, concepts)
    report = DemoReport()

    report.pictures = draw_pictures(say)
    pictures = Pictures(pictures_by_topic())
    files = write_files(folder, say)
    report.files = files.made
    heroes = {
        entry["partnership"]: pictures.for_partnership(entry.get("cover", ""))
        for entry in network.partnership_texts
    }

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
    report.pages += _write(waiting, parents, concepts, pictures, {}, say)
    links: dict[str, PracticePage] = {}
    for kind in ORDER:
        waiting = build_pages(kind, network.library[kind], files.by_name)
        for item in waiting:
            if isinstance(item.page, ResourcePage):
                item.page.document = files.by_resource.get(item.page.reference)
        for entry in network.library[kind]:
            entry["_program"] = programs.get(entry.get("program", ""))
        report.pages += _write(
            waiting, parents, concepts, pictures, _targets(network.library[kind], links), say
        )
        if kind == "challenges":
            write_endings(network.library[kind])
        if kind == "practices":
            call_announced()
            _accept(network.library[kind])
            links = {
                page.reference: page
                for page in PracticePage.objects.filter(is_demo=True).order_by("-pk")
            }
    report.events = facts.write_events(network.events, partnerships, programs, communities)
    events = {row.reference: row for row in Event.objects.filter(is_demo=True)}
    waiting = build_event_pages(network.events, events)
    report.pages += _write(waiting, parents, concepts, pictures, {}, say)
    report.committees = facts.write_committees(network.committees, partnerships)
    report.participation = facts.write_participation(network.participation, programs)
    report.shares = write_shares(network.shares, partnerships)
    report.travels = write_travels(network.travels, partnerships)
    tie_solutions()
    report.numbers = write_numbers(network.numbers, partnerships, communities)
    report.places = write_place_texts(network.partnership_texts, network.community_texts, heroes)
    report.questions = write_questions(questions, partnerships, concepts)
    report.profiles = write_profiles(
        network.profiles, {row.slug: row for row in Community.objects.all()}
    )
    say(
        f"demonstration: {report.pages} pages, {report.events} events, {report.shares} shares,"
        f" {report.travels} adoptions and earlier runs,"
        f" {report.committees} committees, {report.participation} rows of participation,"
        f" {report.numbers} other numbers, texts of {report.places} places,"
        f" {report.questions} questions"
    )
    return report


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
    pictures: Pictures,
    targets: Mapping[str, tuple[Program | None, PracticePage | None]],
    say: Callable[[str], None],
) -> int:
    pictures.choose(waiting)
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
            page.hero_image = pictures.of(page.translation_key)
            if item.concepts:
                page.concepts = [concepts[key] for key in item.concepts]
            program, practice = targets.get(page.reference, (None, None))
            if isinstance(page, StoryPage):
                page.program = program
            if isinstance(page, (StoryPage, ResourcePage)):
                page.practice = practice
            page.first_published_at = item.published or _some_day(page.translation_key)
            writer.add(page, parents[item.partnership, item.language], tags=item.tags)
            if position % 25 == 0 and position:
                say(f"demonstration: {position} of {len(waiting)}")
    return writer.count


def _some_day(thing: uuid.UUID) -> datetime.datetime:
    """Return a day of the past for a page that tells none: else all programs were the newest."""
    first = datetime.datetime(2021, 1, 4, 9, tzinfo=datetime.UTC)
    return first + datetime.timedelta(days=thing.int % 1800)


def _accept(entries: list[dict[str, Any]]) -> None:
    """Set the network's review on practices whose entry has one."""
    for entry in entries:
        day = as_date(entry.get("accepted"))
        if day:
            moment = datetime.datetime.combine(day, datetime.time(9), tzinfo=datetime.UTC)
            PracticeFacts.objects.filter(
                pk=key_of(entry["reference"]), accepted_at__isnull=True
            ).update(accepted_at=moment)
