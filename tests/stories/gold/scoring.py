"""How much of the hand-set answers the matcher finds among its first ten, by language.

An answer is a list of references, the best first. With `with_concepts=False` the coordinator
ticked nothing: what the words alone find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from search.models import LibraryEntry
from stories.matching import Limits, Problem, rank_practices

HERE = Path(__file__).parent
LANGUAGES = ("en", "he")
PREFIX = "demo-practice-"


@dataclass(slots=True)
class Recall:
    """Means over the set by language: recall@10, and how often the first is a best answer."""

    recall: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def challenges() -> list[dict[str, Any]]:
    """Return the gold set."""
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / "challenges.yaml").read_text("utf-8"))
    return rows


def limits_of(row: Mapping[str, Any]) -> Limits:
    """Return the limits of a challenge."""
    told = row.get("limits", {})
    return Limits(
        without_travel=told.get("travel") == "none",
        ages=tuple(told.get("ages", (None, None))),
        budget=float(told["budget"][0]) if "budget" in told else None,
        season=told.get("season", ""),
    )


def measure(with_concepts: bool = True) -> Recall:
    """Return how the matcher does on the loaded demonstration."""
    rows = LibraryEntry.objects.filter(reference__startswith=PREFIX)
    references = {
        key: reference.removeprefix(PREFIX)
        for key, reference in rows.values_list("thing_key", "reference")
    }
    found = Recall()
    told = challenges()
    for language in LANGUAGES:
        recall = first = shown = 0.0
        for row in told:
            problem = Problem(
                title=row[language]["title"],
                text=row[language]["problem"],
                concepts=tuple(row.get("concepts", ())) if with_concepts else (),
                limits=limits_of(row),
            )
            ranking = rank_practices(problem, language)
            answer = [references[one.candidate.key] for one in ranking.scored]
            right = row["answers"]
            recall += len(set(answer) & set(right)) / len(right)
            first += bool(answer) and right.get(answer[0]) == 2
            shown += len(answer)
            if missing := set(right) - set(answer):
                found.missed.append(f"{language} {row['key']}: {sorted(missing)} not in {answer}")
        found.recall[language] = recall / len(told)
        found.first[language] = first / len(told)
        found.shown[language] = shown / len(told)
    return found
