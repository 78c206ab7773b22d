"""The engines that search the library: one interface, the same answers."""

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
