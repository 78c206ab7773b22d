"""Which engine answers: SEARCH_ENGINE and ELASTICSEARCH_URL decide (README, table)."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

from .base import LibraryEngine
from .database import DatabaseEngine
from .fallback import FallbackEngine

if TYPE_CHECKING:
    from .elasticsearch import ElasticsearchEngine

_database = DatabaseEngine()


def get_engine() -> LibraryEngine:
    """Return the engine that answers: the database, or Elasticsearch with it behind."""
    if not uses_elasticsearch():
        return _database
    return _with_fallback(
        settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_PREFIX, settings.ELASTICSEARCH_TIMEOUT
    )


def uses_elasticsearch() -> bool:
    """Whether Elasticsearch is configured; says nothing about whether it answers."""
    return bool(settings.ELASTICSEARCH_URL) and settings.SEARCH_ENGINE != "database"


def elasticsearch_engine() -> ElasticsearchEngine:
    """Return the engine that Elasticsearch is; raises LookupError where none is configured."""
    engine = get_engine()
    if not isinstance(engine, FallbackEngine):
        raise LookupError("no Elasticsearch is configured (ELASTICSEARCH_URL, SEARCH_ENGINE)")
    first: ElasticsearchEngine = engine.first  # type: ignore[assignment]
    return first


@lru_cache(maxsize=4)
def _with_fallback(url: str, prefix: str, timeout: float) -> FallbackEngine:
    # Its client takes most of a second and 30 MB to import: only where it is used.
    package = import_module("search.engines.elasticsearch")
    return FallbackEngine(package.ElasticsearchEngine(url, prefix, timeout), _database)
