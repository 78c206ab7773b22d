"""Reads the demonstration's YAML files; refuses what does not fit before anything is written."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DEMO_DIR = Path(__file__).resolve().parent.parent.parent / "demo"
LIBRARY_KINDS = ("practices", "challenges", "stories", "resources")

#: The texts a practice must have in each language (the gate's twelve, `stories.practice_gate`).
PRACTICE_TEXTS = (
    "problem", "audience", "steps", "roles", "results", "difficulties", "must_keep",
    "may_change", "safeguarding", "resources", "contact",
)  # fmt: skip


class DemoRefused(Exception):
    """The files have faults; `problems` names each with its file and entry."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(slots=True)
class DemoNetwork:
    """Everything the files say, by kind; entries are mappings as home/demo/README.md tells."""

    library: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    programs: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    committees: dict[str, Any] = field(default_factory=dict)
    participation: list[dict[str, Any]] = field(default_factory=list)


def _load(path: Path, problems: list[str]) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        problems.append(f"{path.name}: not readable as YAML ({error})")
        return None


def _entries(folder: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else [folder]
    for path in paths:
        if not path.exists():
            continue
        content = _load(path, problems)
        if content is None:
            continue
        if not isinstance(content, list):
            problems.append(f"{path.name}: must be a list of entries")
            continue
        for entry in content:
            entry["_file"] = path.name
            yield entry


def _check_text(kind: str, entry: dict[str, Any], problems: list[str]) -> None:
    where = f"{entry['_file']}, {entry.get('reference', '?')}"
    texts = entry.get("text") or {}
    if entry.get("language") not in texts:
        problems.append(f"{where}: no text in the language first told")
    for language, text in texts.items():
        if kind != "programs" and not text.get("title"):
            problems.append(f"{where} ({language}): no title")
        if len(text.get("title", "")) > 100:
            problems.append(f"{where} ({language}): title over 100 characters")
        if not text.get("summary"):
            problems.append(f"{where} ({language}): no summary")
        if len(text.get("summary") or "") > 200:
            problems.append(f"{where} ({language}): summary over 200 characters")
        if kind == "practices":
            problems.extend(
                f"{where} ({language}): no {name}" for name in PRACTICE_TEXTS if not text.get(name)
            )


def read_demo(
    folder: Path = DEMO_DIR,
    *,
    partnerships: set[str],
    concepts: set[str],
) -> DemoNetwork:
    """Read all files under `folder`.

    `partnerships` and `concepts` are the slugs and keys that exist. Raises DemoRefused with every
    fault found.
    """
    problems: list[str] = []
    network = DemoNetwork()
    references: set[str] = set()
    for kind in LIBRARY_KINDS:
        network.library[kind] = list(_entries(folder / kind, problems))
    network.programs = list(_entries(folder / "programs", problems))
    network.events = list(_entries(folder / "events.yaml", problems))
    network.participation = list(_entries(folder / "participation.yaml", problems))
    committees = folder / "committees.yaml"
    if committees.exists():
        network.committees = _load(committees, problems) or {}

    keyed = [(kind, entry) for kind in LIBRARY_KINDS for entry in network.library[kind]]
    keyed += [("programs", entry) for entry in network.programs]
    for kind, entry in keyed:
        where = f"{entry['_file']}, {entry.get('reference', '?')}"
        reference = entry.get("reference")
        if not reference or reference in references:
            problems.append(f"{where}: reference missing or given twice")
        references.add(str(reference))
        if entry.get("partnership") not in partnerships:
            problems.append(f"{where}: no Partnership {entry.get('partnership')!r}")
        for key in [*entry.get("concepts", []), *([entry["type"]] if entry.get("type") else [])]:
            if key not in concepts:
                problems.append(f"{where}: no concept {key!r}")
        _check_text(kind, entry, problems)
    for _kind, entry in keyed:
        for name in ("program", "practice"):
            if entry.get(name) and entry[name] not in references:
                problems.append(f"{entry['_file']}, {entry['reference']}: no {entry[name]!r}")
    for entry in [*network.events, *network.participation]:
        if entry.get("program") and entry["program"] not in references:
            problems.append(f"{entry['_file']}: no program {entry['program']!r}")
        if entry.get("partnership") and entry["partnership"] not in partnerships:
            problems.append(f"{entry['_file']}: no Partnership {entry['partnership']!r}")
    if problems:
        raise DemoRefused(problems)
    return network


def as_date(value: Any) -> datetime.date | None:
    """Return a date as YAML gives it (a date, a datetime or ISO text), or None."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value
