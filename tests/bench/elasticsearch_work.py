"""What `bench_elasticsearch` runs in a process of its own."""

from __future__ import annotations

import json
import resource
import time
import uuid
from collections.abc import Iterator

from search.engines import elasticsearch_engine
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch.documents import Document, documents
from search.engines.elasticsearch.sending import send
from search.models import LibraryEntry
from search.services.library import find
from tests.bench import median_ms
from tests.bench.library_work import fill, questions

CHUNK = 400


def _chunks() -> Iterator[list[uuid.UUID]]:
    things = LibraryEntry.objects.order_by("thing_key").values_list("thing_key", flat=True)
    keys = list(things.distinct())
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def _raw(engine: ElasticsearchEngine) -> float:
    """Send all documents, ready made, one chunk after another; return the seconds that took."""
    made: list[list[Document]] = [documents(keys) for keys in _chunks()]
    engine.indexes.create()
    begun = time.perf_counter()
    for chunk in made:
        send(engine.client, engine.indexes.filling_alias, chunk)
    engine.client.indices.refresh(index=engine.indexes.filling_alias)
    seconds = time.perf_counter() - begun
    engine.indexes.remove(engine.indexes.present().filling or "")
    return seconds


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(rows: int) -> None:
    """Fill the table and print figures as JSON: name, value, unit, limit."""
    fill(rows)
    entries = LibraryEntry.objects.count()
    engine = elasticsearch_engine()
    figures: list[tuple[str, float, str, float | None]] = [("rows", entries, "", None)]
    try:
        before = _megabytes()
        begun = time.perf_counter()
        engine.feed.rebuild()
        seconds = time.perf_counter() - begun
        figures.append(("rows a second, table to index", entries / seconds, "/s", None))
        figures.append(("memory that a new index takes", _megabytes() - before, "MB", 100))
        raw = _raw(engine)
        figures.append(("rows a second, ready documents", entries / raw, "/s", None))
        figures.append(("times as long as ready documents", seconds / raw, "", 2))
        begun = time.perf_counter()
        problems = engine.verify(thorough=True)
        figures.append(
            ("rows a second, comparison", entries / (time.perf_counter() - begun), "/s", None)
        )
        figures.append(("differences", len(problems), "", 0))
        for name, query in questions().items():
            found = find(query)
            taken = median_ms(lambda query=query: find(query), rounds=7, warm=3)
            figures.append((f"{found.engine}: {name} ({found.total} things)", taken, "ms", None))
    finally:
        engine.indexes.remove_all()
    print("FIGURES", json.dumps(figures))  # noqa: T201
