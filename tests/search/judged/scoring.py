"""How well answers fit the judgements: nDCG@10, MRR, recall, kinds, pairs, places.

An answer is a list of references, the best first; a `Ranker` gives one for a text and the
reader's language. All figures are means over all queries, each pair counting twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
#: The sets: what the library is tuned on, and what it is never tuned on.
TUNED, HELD_OUT = "queries", "held_out"
DEPTH = 10
LANGUAGES = ("en", "he")

#: (text, language of the reader) -> references of the things found, the best first.
Ranker = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question in two languages, the kind of its right first answer, and graded things."""

    texts: Mapping[str, str]
    first: str
    grades: Mapping[str, int]


@dataclass(slots=True)
class Scores:
    """Means over the judged set; `missed` names what fell short, for people to look at."""

    ndcg: float = 0.0
    mrr: float = 0.0
    recall: float = 0.0
    kinds: int = 0
    asked: int = 0
    pairs: int = 0
    pairs_asked: int = 0
    places: int = 0
    places_asked: int = 0
    missed: list[str] = field(default_factory=list)


def judged_queries(name: str = TUNED) -> list[Judged]:
    """Return one of the judged sets."""
    rows: list[dict[str, Any]] = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    return [
        Judged({code: row[code] for code in LANGUAGES}, row["first"], row["grades"]) for row in rows
    ]


def judged_places() -> list[tuple[str, str]]:
    """Return spellings of places with the Partnership that each has to lead to."""
    rows = yaml.safe_load((HERE / "places.yaml").read_text("utf-8"))
    return [(row["text"], row["partnership"]) for row in rows]


def ndcg(answer: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the normalised discounted cumulative gain of the first ten, gains 2^grade - 1."""
    gains = [2 ** grades.get(reference, 0) - 1 for reference in answer[:DEPTH]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:DEPTH]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))


def reciprocal_rank(answer: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return 1 / place of the first thing that is just what was looked for (grade 3)."""
    places = (place for place, key in enumerate(answer, 1) if grades.get(key, 0) == 3)
    return 1 / next(places, math.inf)


def recall(answer: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the part of the useful things (grade 2 or 3) that is among the first ten."""
    useful = {key for key, grade in grades.items() if grade >= 2}
    return len(useful & set(answer[:DEPTH])) / len(useful)


def score(rank: Ranker, kinds: Mapping[str, str], name: str = TUNED) -> Scores:
    """Return the scores of a ranker; `kinds` gives the kind of each thing by reference.

    Places are asked with the set that the library is tuned on.

    A pair agrees if both answers have the same first thing of the kind that is looked for (a
    practice, in most of them); two answers that have none do not agree.
    """
    scores = Scores()
    for judged in judged_queries(name):
        tops = []
        for language in LANGUAGES:
            text = judged.texts[language]
            answer = list(rank(text, language))
            value = ndcg(answer, judged.grades)
            scores.ndcg += value
            scores.mrr += reciprocal_rank(answer, judged.grades)
            scores.recall += recall(answer, judged.grades)
            scores.asked += 1
            is_right = bool(answer) and kinds.get(answer[0]) == judged.first
            scores.kinds += is_right
            tops.append(next((key for key in answer if kinds.get(key) == judged.first), None))
            if value < 0.7 or not is_right:
                scores.missed.append(f"{value:.2f} {text}: {', '.join(answer[:4])}")
        scores.pairs_asked += 1
        agrees = tops[0] is not None and tops[0] == tops[1]
        scores.pairs += agrees
        if not agrees:
            scores.missed.append(f"pair {judged.texts['en']}: {tops[0]} / {tops[1]}")
    for mean in ("ndcg", "mrr", "recall"):
        setattr(scores, mean, getattr(scores, mean) / max(1, scores.asked))
    for text, partnership in judged_places() if name == TUNED else ():
        language = "he" if any("\u05d0" <= letter <= "\u05ea" for letter in text) else "en"
        answer = list(rank(text, language))
        scores.places_asked += 1
        if answer[:1] == [partnership]:
            scores.places += 1
        else:
            scores.missed.append(f"place {text}: {', '.join(answer[:2])}")
    return scores
