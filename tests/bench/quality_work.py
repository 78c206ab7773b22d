"""Scores the library beside plain Wagtail search on the loaded demonstration, in one process."""

from __future__ import annotations

import json
import time

from django.core.management import call_command

from tests.search.judged.rankers import PlainWagtail, kinds, library
from tests.search.judged.scoring import Scores, judged_queries, score


def main(with_misses: bool = False) -> None:
    """Print the figures as one line of JSON; misses to look at before it, if asked for."""
    call_command("update_index", verbosity=0)  # Wagtail's own, for the comparison
    known = kinds()
    figures: dict[str, tuple[float, str]] = {}
    scores = {
        "library": score(library, known),
        "plain Wagtail": score(PlainWagtail(), known),
        "plain Wagtail, any word": score(PlainWagtail("or"), known),
    }
    for name, found in scores.items():
        _add(figures, name, found)
    better = max(scores["plain Wagtail"].ndcg, scores["plain Wagtail, any word"].ndcg)
    figures["gain in nDCG@10 over the better plain one"] = (
        100 * (scores["library"].ndcg - better),
        "",
    )
    texts = [text for judged in judged_queries() for text in judged.texts.values()]
    began = time.perf_counter()
    for text in texts:
        library(text, "en")
    figures["library: mean of a query"] = (1000 * (time.perf_counter() - began) / len(texts), "ms")
    if with_misses:
        print("\n".join(scores["library"].missed))  # noqa: T201
    print("FIGURES " + json.dumps(figures))  # noqa: T201


def _add(figures: dict[str, tuple[float, str]], name: str, found: Scores) -> None:
    figures[f"{name}: nDCG@10"] = (100 * found.ndcg, "of 100")
    figures[f"{name}: MRR"] = (100 * found.mrr, "of 100")
    figures[f"{name}: recall@10"] = (100 * found.recall, "of 100")
    figures[f"{name}: right kind first"] = (found.kinds, f"of {found.asked}")
    figures[f"{name}: pairs agree"] = (found.pairs, f"of {found.pairs_asked}")
    figures[f"{name}: places at rank 1"] = (found.places, f"of {found.places_asked}")
