"""Faceted search with highlights through HTTP beside the same questions by hand, at 100,000 pages.

On SQLite; on PostgreSQL and Elasticsearch too where DATABASE_URL and ELASTICSEARCH_URL name them.
The libraries are made once and kept under `var/bench`; `make bench BENCH_ARGS="library_speed 5000"`
takes a smaller one. The load of the machine is printed beside the figures: others may work on it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from search.analysis import ANALYSIS_VERSION
from tests.bench import BASE_DIR, Measurement, figures_of, manage

PAGES = 100_000
#: Another word here lets kept libraries be made anew (`library_pages`), and so do other terms.
STAMP = f"2-{ANALYSIS_VERSION}"
KEPT = BASE_DIR / "var" / "bench"


def _environment(directory: Path, url: str) -> dict[str, str]:
    environment = {
        **os.environ,
        "DATA_DIR": str(directory),
        "DATABASE_URL": url,
        "SEARCH_ENGINE": "database",
        "RATE_LIMITS": "off",
        "WEB_WORKERS": "1",
        "ELASTICSEARCH_PREFIX": "bench",
    }
    environment.pop("CACHE_URL", None)
    environment.pop("TASKS", None)
    return environment


def _figures(name: str, url: str, pages: int, work: str) -> Iterator[Measurement]:
    """Fill the library if it is not there, then let `library_speed_work` measure."""
    directory = KEPT / f"library-{pages}-{name}"
    stamp = directory / "stamp"
    environment = _environment(directory, url)
    is_kept = stamp.exists() and stamp.read_text() == STAMP
    if not (is_kept and _is_there(url)):  # a server may be another one than last time
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        _empty(url)
        manage(environment, "migrate", "--verbosity", "0")
        code = f"from tests.bench.library_speed_work import fill; fill({pages})"
        for what, (value, unit, limit) in figures_of(environment, code).items():
            yield Measurement(f"{name}: {what}", value, unit, limit)
        stamp.write_text(STAMP)
    manage(environment, "migrate", "--verbosity", "0")
    engine = name if work == "measure" else "elasticsearch"
    if engine == "elasticsearch":
        environment["SEARCH_ENGINE"] = engine
    code = f"from tests.bench.library_speed_work import {work}; {work}()"
    for what, (value, unit, limit) in figures_of(environment, code).items():
        yield Measurement(f"{engine}: {what}", value, unit, limit)


def _is_there(url: str) -> bool:
    """Whether the database of `url` exists (on PostgreSQL; a file went with its stamp)."""
    if not url.startswith("postgres"):
        return True
    import psycopg2

    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


def _empty(url: str) -> None:
    """Make an empty database in place of what was there (on PostgreSQL; a file is gone already)."""
    if not url.startswith("postgres"):
        return
    import psycopg2

    name = urlsplit(url).path.removeprefix("/")
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    finally:
        server.close()


def run(pages: int = PAGES) -> Iterator[Measurement]:
    """Measure each engine there is."""
    path = KEPT / f"library-{pages}-sqlite" / "library.sqlite3"
    yield from _figures("sqlite", f"sqlite:///{path}", pages, "measure")
    if os.environ.get("ELASTICSEARCH_URL"):
        yield from _figures("sqlite", f"sqlite:///{path}", pages, "measure_elasticsearch")
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        own = urlsplit(url)._replace(path=f"/bench_library_{pages}").geturl()
        yield from _figures("postgresql", own, pages, "measure")
