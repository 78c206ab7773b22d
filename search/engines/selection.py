"""Which engine answers."""

from __future__ import annotations

from .base import LibraryEngine
from .database import DatabaseEngine

_database = DatabaseEngine()


def get_engine() -> LibraryEngine:
    """Return the engine that SEARCH_ENGINE asks for: the database is the only one yet."""
    return _database
