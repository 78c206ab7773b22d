"""Builds the demonstration's library pages and program pages; writes nothing."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from home.services.demo import texts
from home.services.demo.reading import as_date
from partnerships.models import Event, EventPage, Program, ProgramPage
from portal.models import PortalDocument, PortalPage
from stories.models import ChallengePage, PracticePage, ResourcePage, StoryPage

#: A fixed namespace, so that a thing has the same key on every machine that loads the demo.
_NAMESPACE = uuid.UUID("6d2c7a0e-5c2b-4f58-9d5a-0f3b5a6f2e46")

_RICH = (
    "problem", "context", "aim", "must_keep", "may_change", "depends_on", "safeguarding",
    "security", "when_not",
)  # fmt: skip
_NEUTRAL = {
    "outcome": "outcome",
    "direction": "direction",
    "season": "season",
    "group_size": "group_size",
    "lead_weeks": "lead_time_weeks",
    "days": "duration_days",
    "first_run": "first_run_year",
    "running": "is_running",
    "activity_languages": "activity_languages",
    "security_need": "security_need",
    "weather_need": "weather_need",
    "mentor": "mentor_offer",
    "looking": "is_looking_for_partners",
}


@dataclass(slots=True)
class DemoPage:
    """An unsaved page, where it goes, and what is set once it has a row."""

    page: PortalPage
    partnership: str
    language: str
    concepts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    cover: str = ""
    published: datetime.datetime | None = None


def key_of(reference: str) -> uuid.UUID:
    """Return the `translation_key` of the thing with that reference."""
    return uuid.uuid5(_NAMESPACE, reference)


def _stream(blocks: list[dict[str, Any]]) -> str:
    return json.dumps(blocks)


def _common(entry: dict[str, Any], language: str, text: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": text["title"],
        "summary": text["summary"],
        "body": _stream(texts.body_blocks(text.get("body"))),
        "translation_key": key_of(entry["reference"]),
        "reference": entry["reference"],
        "original_language": entry["language"],
        "is_demo": True,
        "slug": entry["reference"].removeprefix("demo-"),
    }


def _ages(entry: dict[str, Any]) -> dict[str, Any]:
    lower, upper = (entry.get("ages") or [None, None])[:2]
    return {"age_from": lower, "age_to": upper}


def build_practice(entry: dict[str, Any], language: str, text: dict[str, Any]) -> PracticePage:
    """Return the practice page of one language, unsaved."""
    return PracticePage(
        **_common(entry, language, text),
        **_ages(entry),
        **{name: entry[key] for key, name in _NEUTRAL.items() if entry.get(key) is not None},
        **{name: texts.rich_text(text.get(name)) for name in _RICH},
        do_differently=texts.rich_text(text.get("differently")),
        audience=text["audience"],
        steps=_stream(texts.steps(text.get("steps"))),
        roles=_stream(texts.roles(text.get("roles"))),
        costs=_stream(texts.costs(entry.get("costs"))),
        has_no_cost=not entry.get("costs"),
        last_confirmed_on=as_date(entry.get("confirmed")),
        results=_stream(texts.results(text.get("results"))),
        difficulties=_stream(texts.difficulties(text.get("difficulties"))),
        resources=_stream(texts.resources(text.get("resources"), entry.get("_files", {}))),
        evidence=_stream(texts.evaluations(text.get("evaluations"), entry.get("_files", {}))),
        rhythm=text.get("rhythm", ""),
        interpretation=text.get("interpretation", ""),
        contact_role=text["contact"],
        network_parts=list(entry.get("network", [])),
    )


def build_challenge(entry: dict[str, Any], language: str, text: dict[str, Any]) -> ChallengePage:
    """Return the challenge page of one language, unsaved."""
    amount, currency = entry.get("budget") or (None, "")
    return ChallengePage(
        **_common(entry, language, text),
        **_ages(entry),
        problem=texts.rich_text(text["problem"]),
        audience=text.get("audience", ""),
        tried_already=texts.rich_text(text.get("tried")),
        constraints=texts.rich_text(text.get("constraints")),
        direction=entry.get("direction", ""),
        season=entry.get("season", ""),
        budget_amount=amount,
        budget_currency=currency,
        without_travel=bool(entry.get("no_travel")),
        languages=entry.get("languages", ""),
    )


def build_story(entry: dict[str, Any], language: str, text: dict[str, Any]) -> StoryPage:
    """Return the story page of one language, unsaved and without its links."""
    return StoryPage(
        **_common(entry, language, text),
        told_by=entry.get("told_by", ""),
        happened_on=as_date(entry.get("happened")),
    )


def build_resource(entry: dict[str, Any], language: str, text: dict[str, Any]) -> ResourcePage:
    """Return the resource page of one language, unsaved and without its links."""
    return ResourcePage(
        **_common(entry, language, text),
        resource_language=entry.get("resource_language", ""),
        licence=entry.get("licence", ""),
        version_label=str(entry.get("version", "")),
        is_accessible=entry.get("accessible"),
    )


BUILDERS = {
    "practices": build_practice,
    "challenges": build_challenge,
    "stories": build_story,
    "resources": build_resource,
}


def _moment(value: Any) -> datetime.datetime | None:
    day = as_date(value)
    if day is None:
        return None
    return datetime.datetime.combine(day, datetime.time(9), tzinfo=datetime.UTC)


def build_pages(
    kind: str, entries: list[dict[str, Any]], files: Mapping[str, PortalDocument] | None = None
) -> list[DemoPage]:
    """Return the pages of one kind, each entry's language first told before its translations.

    `files` are those that practices name, by their names.
    """
    pages: list[DemoPage] = []
    for entry in entries:
        entry["_files"] = files or {}
        languages = sorted(entry["text"], key=lambda code: code != entry["language"])
        for language in languages:
            pages.append(
                DemoPage(
                    page=BUILDERS[kind](entry, language, entry["text"][language]),
                    partnership=entry["partnership"],
                    language=language,
                    concepts=list(entry.get("concepts", [])),
                    tags=list(entry.get("tags", [])),
                    cover=entry.get("cover", ""),
                    published=_moment(entry.get("published")),
                )
            )
    return pages


def build_program_pages(
    entries: list[dict[str, Any]], programs: dict[str, Program]
) -> list[DemoPage]:
    """Return the pages of the programs, in each language that has a text."""
    pages: list[DemoPage] = []
    for entry in entries:
        program = programs[entry["reference"]]
        languages = sorted(entry["text"], key=lambda code: code != entry["language"])
        for language in languages:
            text = entry["text"][language]
            page = ProgramPage(
                title=program.name.in_language(language),
                summary=text["summary"],
                body=_stream(texts.body_blocks(text.get("body"))),
                program=program,
                slug=entry["slug"],
                translation_key=key_of(entry["reference"]),
                reference=entry["reference"],
                original_language=entry["language"],
                is_demo=True,
            )
            pages.append(
                DemoPage(
                    page=page,
                    partnership=entry["partnership"],
                    language=language,
                    cover=entry.get("cover", ""),
                    published=_moment(entry.get("published")),
                )
            )
    return pages


def build_event_pages(entries: list[dict[str, Any]], events: Mapping[str, Event]) -> list[DemoPage]:
    """Return the pages of the events that are told at length, in each language with a text."""
    pages: list[DemoPage] = []
    for entry in entries:
        if not (told := entry.get("page")):
            continue
        event = events[entry["reference"]]
        for language in sorted(told["text"], key=lambda code: code != told["language"]):
            text = told["text"][language]
            page = EventPage(
                title=event.name.in_language(language),
                body=_stream(texts.body_blocks(text.get("body"))),
                event=event,
                slug=told["slug"],
                translation_key=key_of(f"page:{entry['reference']}"),
                reference=entry["reference"],
                original_language=told["language"],
                is_demo=True,
            )
            pages.append(
                DemoPage(
                    page=page,
                    partnership=entry["partnership"],
                    language=language,
                    cover=told.get("cover", ""),
                )
            )
    return pages
