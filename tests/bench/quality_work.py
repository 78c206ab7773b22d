"""Scores the library beside plain Wagtail search on the loaded demonstration, in one process."""

from __future__ import annotations

import time

from django.core.management import call_command

from tests.bench import print_figures
from tests.search.judged.rankers import PlainWagtail, kinds, library
from tests.search.judged.scoring import HELD_OUT, TUNED, Scores, judged_queries, score

#: How each set is called in the figures.
_SETS = {TUNED: "", HELD_OUT: "held out, "}


def main(with_plain: bool = True, with_misses: bool = False) -> None:
    """Print the figures as one line of JSON; misses to look at before it, if asked for.

    Those of the held-out set are never printed: nobody is to tune on them.
    """
    known = kinds()
    rankers = {"library": library}
    if with_plain:
        call_command("update_index", verbosity=0)  # Wagtail's own, for the comparison
        rankers["plain Wagtail"] = PlainWagtail()
        rankers["plain Wagtail, any word"] = PlainWagtail("or")
    figures: dict[str, tuple[float, str]] = {}
    for name, words in _SETS.items():
        scores = {who: score(ranker, known, name) for who, ranker in rankers.items()}
        for who, found in scores.items():
            _add(figures, words + who, found)
        if with_misses and name == TUNED:
            print("\n".join(scores["library"].missed))  # noqa: T201
        if with_plain:
            better = max(found.ndcg for who, found in scores.items() if who != "library")
            gain = 100 * (scores["library"].ndcg - better)
            figures[f"{words}gain in nDCG@10 over the better plain one"] = (gain, "")
    texts = [text for judged in judged_queries() for text in judged.texts.values()]
    began = time.perf_counter()
    for text in texts:
        library(text, "en")
    figures["library: mean of a query"] = (1000 * (time.perf_counter() - began) / len(texts), "ms")
    print_figures(figures)


def _add(figures: dict[str, tuple[float, str]], name: str, found: Scores) -> None:
    figures[f"{name}: nDCG@10"] = (100 * found.ndcg, "of 100")
    figures[f"{name}: MRR"] = (100 * found.mrr, "of 100")
    figures[f"{name}: recall@10"] = (100 * found.recall, "of 100")
    figures[f"{name}: right kind first"] = (found.kinds, f"of {found.asked}")
    figures[f"{name}: pairs agree"] = (found.pairs, f"of {found.pairs_asked}")
    if found.places_asked:
        figures[f"{name}: places at rank 1"] = (found.places, f"of {found.places_asked}")
