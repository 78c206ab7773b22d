"""What the library holds, and what still waits to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from search.engines import DatabaseEngine, LibraryEngine, get_engine
from search.models import LibraryEntry


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """Rows, rows whose texts wait for the worker, and the lag of each engine in rows."""

    engine: str
    rows: int
    stale: int
    lag: dict[str, int]

    @property
    def is_drained(self) -> bool:
        """Whether nothing waits."""
        return not any(self.lag.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "engine": self.engine,
            "rows": self.rows,
            "stale": self.stale,
            "engines": {name: {"lag": lag} for name, lag in self.lag.items()},
        }


def library_status() -> LibraryStatus:
    """Return the state of the library; the database is always among the engines."""
    engine = get_engine()
    engines: dict[str, LibraryEngine] = {DatabaseEngine.name: DatabaseEngine()}
    engines[engine.name] = engine
    return LibraryStatus(
        engine=engine.name,
        rows=LibraryEntry.objects.count(),
        stale=LibraryEntry.objects.stale().count(),
        lag={name: each.lag() for name, each in engines.items()},
    )


def engine_state() -> str:
    """Return what an engine that can fail says of itself in this process; empty for the others."""
    state = getattr(get_engine(), "state", None)
    return str(state()) if state else ""
