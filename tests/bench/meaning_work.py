"""Scores the library with and without vectors on the loaded demonstration, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from django.test import override_settings

from search.engines import DatabaseEngine, LibraryEngine, elasticsearch_engine, uses_elasticsearch
from search.query import LibraryQuery
from search.vectors import matrix, upkeep
from search.vectors.blending import MOST_ADDED, nearest
from search.vectors.encoder import encode_query
from tests.bench import print_figures
from tests.search.judged.rankers import kinds, library
from tests.search.judged.scoring import judged_queries, score

Figures = dict[str, tuple[float, str]]
MEANING = "words and meaning"


def main() -> None:
    """Print the figures as one line of JSON; indexes in Elasticsearch go at the end."""
    figures: Figures = {}
    began, made = time.perf_counter(), 0
    while some := upkeep.make_some():
        made += some
    if made:
        figures["vectors made"] = (made / (time.perf_counter() - began), "a second")
    upkeep.write_matrix()
    matrix.forget()
    texts = [text for judged in judged_queries() for text in judged.texts.values()]
    _score(figures, "words", texts, False)
    if not uses_elasticsearch():
        _score(figures, MEANING, texts, True)
        print_figures(figures)
        return
    engine = elasticsearch_engine()
    _compare(figures, engine, texts)
    _score(figures, f"{MEANING} (dense_vector)", texts, True)
    engine.vectors.indexes.remove_all()
    _score(figures, f"{MEANING} (matrix)", texts, True)
    engine.indexes.remove_all()
    print_figures(figures)


def _score(figures: Figures, name: str, texts: Sequence[str], is_on: bool) -> None:
    known = kinds()
    with override_settings(SEARCH_VECTORS=is_on):
        library(texts[0], "en")
        encode_query.cache_clear()
        taken = []
        for text in texts:
            began = time.perf_counter()
            library(text, "en")
            taken.append(1000 * (time.perf_counter() - began))
        found = score(library, known)
    figures[f"{name}: nDCG@10"] = (100 * found.ndcg, "of 100")
    figures[f"{name}: MRR"] = (100 * found.mrr, "of 100")
    figures[f"{name}: recall@10"] = (100 * found.recall, "of 100")
    figures[f"{name}: pairs agree"] = (found.pairs, f"of {found.pairs_asked}")
    figures[f"{name}: places at rank 1"] = (found.places, f"of {found.places_asked}")
    figures[f"{name}: mean of a query"] = (statistics.mean(taken), "ms")
    figures[f"{name}: median of a query"] = (statistics.median(taken), "ms")


def _compare(figures: Figures, engine: LibraryEngine, texts: Sequence[str]) -> None:
    """Tell how alike the two sources are: the nearest things, how near, and the time they take."""
    same, apart = [], [0.0]
    times: dict[str, list[float]] = {"dense_vector": [], "matrix": []}
    for text in texts:
        query, told = LibraryQuery(text=text), []
        encode_query(text.strip())
        for name, source in (("dense_vector", engine), ("matrix", DatabaseEngine())):
            began = time.perf_counter()
            near = nearest(query, source)
            times[name].append(1000 * (time.perf_counter() - began))
            told.append({one.thing_key: one.nearness for one in near[:MOST_ADDED]})
        first, second = told
        both = first.keys() & second.keys()
        same.append(100 * len(both) / max(len(second), 1))
        apart += [abs(first[key] - second[key]) for key in both]
    figures[f"the nearest {MOST_ADDED}: the same from both"] = (statistics.mean(same), "%")
    figures["nearness: furthest apart"] = (max(apart), "")
    for name, taken in times.items():
        figures[f"nearest by {name}: median"] = (statistics.median(taken), "ms")
