"""Scores the library with and without vectors on the loaded demonstration, in one process."""

from __future__ import annotations

import time

from django.test import override_settings

from search.vectors import matrix, upkeep
from tests.bench import print_figures
from tests.search.judged.rankers import kinds, library
from tests.search.judged.scoring import judged_queries, score


def main() -> None:
    """Print the figures as one line of JSON."""
    figures: dict[str, tuple[float, str]] = {}
    began, made = time.perf_counter(), 0
    while some := upkeep.make_some():
        made += some
    figures["vectors made"] = (made / (time.perf_counter() - began), "a second")
    upkeep.write_matrix()
    matrix.forget()
    known = kinds()
    texts = [text for judged in judged_queries() for text in judged.texts.values()]
    for name, is_on in (("words", False), ("words and meaning", True)):
        with override_settings(SEARCH_VECTORS=is_on):
            began = time.perf_counter()
            for text in texts:
                library(text, "en")
            each = 1000 * (time.perf_counter() - began) / len(texts)
            found = score(library, known)
        figures[f"{name}: nDCG@10"] = (100 * found.ndcg, "of 100")
        figures[f"{name}: MRR"] = (100 * found.mrr, "of 100")
        figures[f"{name}: recall@10"] = (100 * found.recall, "of 100")
        figures[f"{name}: pairs agree"] = (found.pairs, f"of {found.pairs_asked}")
        figures[f"{name}: places at rank 1"] = (found.places, f"of {found.places_asked}")
        figures[f"{name}: mean of a query"] = (each, "ms")
    print_figures(figures)
