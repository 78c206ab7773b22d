"""The library with 10,000 rows (BENCH_LIBRARY_ROWS): writing, finding, rebuilding.

On SQLite; on PostgreSQL too where DATABASE_URL names one (in a database of its own).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from tests.bench import Measurement, empty_database, figures_of, manage, portal

ROWS = int(os.environ.get("BENCH_LIBRARY_ROWS", "10000"))
DATABASE = "bench_library"


def _figures(name: str, environment: dict[str, str]) -> Iterator[Measurement]:
    manage(environment, "migrate", "--verbosity", "0")
    code = f"from tests.bench.library_work import main; main({ROWS})"
    for what, (value, unit) in figures_of(environment, code).items():
        yield Measurement(f"{name}: {what}", value, unit)


def run() -> Iterator[Measurement]:
    """Measure on each database there is."""
    with portal() as one:
        path = one.data_dir / "library.sqlite3"
        yield from _figures("sqlite", {**one.environment, "DATABASE_URL": f"sqlite:///{path}"})
        server = os.environ.get("DATABASE_URL", "")
        if server.startswith("postgres"):
            with empty_database(server, DATABASE) as url:
                yield from _figures("postgresql", {**one.environment, "DATABASE_URL": url})
