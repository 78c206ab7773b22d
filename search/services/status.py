"""What the library holds, and what still waits to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from search import vectors
from search.engines import (
    DatabaseEngine,
    LibraryEngine,
    elasticsearch_engine,
    get_engine,
    uses_elasticsearch,
)
from search.metrics import CountedDay, daily_counts
from search.models import LibraryEntry


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """Rows, rows whose texts wait for the worker, and the lag of each engine in rows (vectors).

    `days` tell how an engine outside the database did lately, of all processes together.
    """

    engine: str
    rows: int
    stale: int
    lag: dict[str, int]
    days: tuple[CountedDay, ...] = ()

    @property
    def is_drained(self) -> bool:
        """Whether nothing waits."""
        return not any(self.lag.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        days = {str(one.day): dict(one.counts) for one in self.days}
        return {
            "engine": self.engine,
            "rows": self.rows,
            "stale": self.stale,
            "engines": {name: {"lag": lag} for name, lag in self.lag.items()},
            **({"days": days} if days else {}),
        }


def library_status() -> LibraryStatus:
    """Return the state of the library; the database is always among the engines."""
    engine = get_engine()
    engines: dict[str, LibraryEngine] = {DatabaseEngine.name: DatabaseEngine()}
    engines[engine.name] = engine
    lag = {name: each.lag() for name, each in engines.items()}
    if vectors.are_on() and uses_elasticsearch():
        lag[f"{engine.name} (vectors)"] = elasticsearch_engine().vectors.lag()
    return LibraryStatus(
        engine=engine.name,
        rows=LibraryEntry.objects.count(),
        stale=LibraryEntry.objects.stale().count(),
        lag=lag,
        days=tuple(daily_counts()),
    )


def engine_state() -> str:
    """Return what an engine that can fail says of itself in this process; empty for the others."""
    state = getattr(get_engine(), "state", None)
    return str(state()) if state else ""
