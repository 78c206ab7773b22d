"""The engines that search the library: one interface (base), the same answers.

The database's (database) answers by SQL (statements), for the public by bitmaps that a process
holds (quick; counting keeps the bitmaps in step), on the full text of SQLite or PostgreSQL
(fulltext). Elasticsearch's is a package of its own; fallback stands before it and the database,
with a circuit breaker. selection says which of them answers.
"""

from .base import EngineUnavailable, LibraryEngine
from .counting import HeldBitmaps
from .database import DatabaseEngine, forget_bitmaps
from .fallback import FallbackEngine
from .selection import elasticsearch_engine, get_engine, uses_elasticsearch

__all__ = [
    "DatabaseEngine",
    "EngineUnavailable",
    "FallbackEngine",
    "HeldBitmaps",
    "LibraryEngine",
    "elasticsearch_engine",
    "forget_bitmaps",
    "get_engine",
    "uses_elasticsearch",
]
