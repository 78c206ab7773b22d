"""Elasticsearch in tests: an index of its own for each worker of the suite, empty for each test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from search.engines import elasticsearch_engine, selection
from search.engines.elasticsearch import ElasticsearchEngine
from search.models import EngineIndex
from search.query import EngineAnswer, LibraryQuery

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


class EngineInStep(ElasticsearchEngine):
    """Feeds itself before each question: tests that are about the feed do so themselves."""

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Search what stands in the table now."""
        self.feed.keep()
        return super().search(query)

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Suggest what stands in the table now."""
        self.feed.keep()
        return super().suggest(query)

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID]:
        """Look among the vectors that stand in the table now."""
        self.vectors.keep()
        return super().nearest(vector, count)

    def verify(self, thorough: bool = False) -> list[str]:
        """Compare with what stands in the table now."""
        self.feed.keep()
        return super().verify(thorough)


def engine_in_step() -> EngineInStep:
    """Return an engine with an empty index; it takes more time than usual, as CI has less."""
    engine = EngineInStep(os.environ["ELASTICSEARCH_URL"], f"suite-{WORKER}", timeout=60)
    empty(engine)
    return engine


def empty(engine: ElasticsearchEngine) -> None:
    """Empty the index of the test before: the keys of things never come again.

    A new index would do too, and takes ten times as long.
    """
    serving = engine.indexes.present().serving
    if serving is None:
        engine.feed.rebuild()
        return
    found = engine.client.search(index=serving, size=10_000, source=False)["hits"]["hits"]
    if found:
        engine.client.bulk(
            index=serving,
            operations=[{"delete": {"_id": hit["_id"]}} for hit in found],
            refresh=True,
        )
    EngineIndex.objects.create(name=serving, is_serving=True)


@pytest.fixture
def elasticsearch(settings: Any) -> Iterator[ElasticsearchEngine]:
    """Let the portal use Elasticsearch, with an empty index, fed by nobody but the test."""
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.ELASTICSEARCH_URL = os.environ["ELASTICSEARCH_URL"]
    settings.ELASTICSEARCH_PREFIX = f"suite-{WORKER}"
    settings.ELASTICSEARCH_TIMEOUT = 60
    selection._with_fallback.cache_clear()  # a circuit that another test has opened
    engine = elasticsearch_engine()
    empty(engine)
    yield engine
    selection._with_fallback.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def no_index_left() -> Iterator[None]:
    """Remove the indexes of this worker at the end."""
    yield
    if url := os.environ.get("ELASTICSEARCH_URL"):
        engine = ElasticsearchEngine(url, f"suite-{WORKER}")
        engine.indexes.remove_all()
        engine.vectors.indexes.remove_all()
