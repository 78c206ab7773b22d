"""The engines that search the library: one interface, the same answers."""

from .base import EngineUnavailable, LibraryEngine
from .database import DatabaseEngine
from .fallback import FallbackEngine
from .selection import elasticsearch_engine, get_engine, uses_elasticsearch

__all__ = [
    "DatabaseEngine",
    "EngineUnavailable",
    "FallbackEngine",
    "LibraryEngine",
    "elasticsearch_engine",
    "get_engine",
    "uses_elasticsearch",
]
