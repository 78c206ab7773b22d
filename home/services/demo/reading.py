"""Reads the demonstration's YAML files; refuses what does not fit before anything is written."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from partnerships.enums import BudgetGoal, Side
from stories.enums import NetworkPart

SIDES = tuple(Side.values)
DEMO_DIR = Path(__file__).resolve().parent.parent.parent / "demo"
#: Kinds whose pages have the name of their fact as title.
UNTITLED = ("programs", "partnerships")
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
    travels: dict[str, Any] = field(default_factory=dict)
    shares: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    committees: dict[str, Any] = field(default_factory=dict)
    participation: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    profiles: dict[str, Any] = field(default_factory=dict)
    partnership_texts: list[dict[str, Any]] = field(default_factory=list)
    community_texts: dict[str, dict[str, str]] = field(default_factory=dict)


def _load(path: Path, problems: list[str]) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        problems.append(f"{path.name}: not readable as YAML ({error})")
        return None


def _mapping(path: Path, problems: list[str]) -> dict[str, Any]:
    """Return a file that is one mapping; empty when there is none."""
    content = (_load(path, problems) or {}) if path.exists() else {}
    if not isinstance(content, dict):
        problems.append(f"{path.name}: must be a mapping")
        return {}
    return content


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
        if kind not in UNTITLED and not text.get("title"):
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
    communities: Collection[str] = (),
) -> DemoNetwork:
    """Read all files under `folder`.

    `partnerships`, `concepts` and `communities` are the slugs and keys that exist. Raises
    DemoRefused with every fault found.
    """
    problems: list[str] = []
    network = DemoNetwork()
    references: set[str] = set()
    for kind in LIBRARY_KINDS:
        network.library[kind] = list(_entries(folder / kind, problems))
    network.programs = list(_entries(folder / "programs", problems))
    network.events = list(_entries(folder / "events.yaml", problems))
    network.shares = list(_entries(folder / "shares.yaml", problems))
    network.participation = list(_entries(folder / "participation.yaml", problems))
    network.committees = _mapping(folder / "committees.yaml", problems)
    network.numbers = _mapping(folder / "numbers.yaml", problems)
    network.profiles = _mapping(folder / "profiles.yaml", problems)
    network.travels = _mapping(folder / "travels.yaml", problems)
    network.partnership_texts = list(_entries(folder / "partnerships", problems))
    network.community_texts = _mapping(folder / "communities.yaml", problems)

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
        if unknown := set(entry.get("network", [])) - set(NetworkPart.values):
            problems.append(f"{where}: no part {', '.join(sorted(unknown))} for the network")
        for key in [*entry.get("concepts", []), *([entry["type"]] if entry.get("type") else [])]:
            if key not in concepts:
                problems.append(f"{where}: no concept {key!r}")
        _check_text(kind, entry, problems)
    for _kind, entry in keyed:
        for name in ("program", "practice"):
            if entry.get(name) and entry[name] not in references:
                problems.append(f"{entry['_file']}, {entry['reference']}: no {entry[name]!r}")
    for entry in network.events:
        if page := entry.get("page"):
            where = f"{entry['_file']}, {entry['reference']}"
            if page["language"] not in page["text"]:
                problems.append(f"{where}: no text in the language first told")
            if not entry.get("partnership"):
                problems.append(f"{where}: a page needs a Partnership")
    for entry in [*network.events, *network.participation]:
        if entry.get("program") and entry["program"] not in references:
            problems.append(f"{entry['_file']}: no program {entry['program']!r}")
        if entry.get("partnership") and entry["partnership"] not in partnerships:
            problems.append(f"{entry['_file']}: no Partnership {entry['partnership']!r}")
    for entry in network.shares:
        if entry.get("practice") not in references:
            problems.append(f"shares.yaml: no practice {entry.get('practice')!r}")
        if entry.get("to") not in partnerships:
            problems.append(f"shares.yaml: no Partnership {entry.get('to')!r}")
    _check_travels(network.travels, references, partnerships, problems)
    _check_places(network, partnerships, communities, problems)
    if problems:
        raise DemoRefused(problems)
    return network


def _check_travels(
    travels: Mapping[str, Any],
    references: Collection[str],
    partnerships: Collection[str],
    problems: list[str],
) -> None:
    """Check who brought which practice over, and earlier runs."""
    adoptions, runs = travels.get("adoptions", []), travels.get("earlier_runs", [])
    named = [entry.get("practice") for entry in [*adoptions, *runs]]
    named += [reference for entry in adoptions for reference in entry.get("from", [])]
    problems += [f"travels.yaml: no practice {name!r}" for name in named if name not in references]
    problems += [
        f"travels.yaml: no Partnership {run['partnership']!r}"
        for run in runs
        if run.get("partnership") and run["partnership"] not in partnerships
    ]


def _check_places(
    network: DemoNetwork,
    partnerships: Collection[str],
    communities: Collection[str],
    problems: list[str],
) -> None:
    """Check the texts and numbers of Partnerships and communities."""
    for entry in network.partnership_texts:
        entry.setdefault("reference", entry.get("partnership"))
        _check_text("partnerships", entry, problems)
    budgets, figures, twins = (
        network.numbers.get(name, {}) for name in ("budgets", "figures", "twins")
    )
    told = [("partnerships", entry.get("partnership")) for entry in network.partnership_texts]
    told += [("numbers.yaml", slug) for slug in budgets]
    told += [("numbers.yaml", entry.get("partnership")) for entry in [*figures, *twins]]
    problems += [
        f"{where}: no Partnership {slug!r}" for where, slug in told if slug not in partnerships
    ]
    places = [*network.community_texts, *(twin[side] for twin in twins for side in SIDES)]
    problems += [f"no community {slug!r}" for slug in places if slug not in communities]
    for slug, years in budgets.items():
        for year, shares in years.items():
            if len(shares) != len(BudgetGoal) or not 0 < sum(shares) <= 100:
                problems.append(f"numbers.yaml, {slug}: shares of {year} don't fit in 100 percent")


def as_date(value: Any) -> datetime.date | None:
    """Return a date as YAML gives it (a date, a datetime or ISO text), or None."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value
