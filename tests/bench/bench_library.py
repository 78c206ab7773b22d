"""The library with 10,000 rows (BENCH_LIBRARY_ROWS): writing, finding, rebuilding.

On SQLite; on PostgreSQL too where DATABASE_URL names one (in a database of its own).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.bench import BASE_DIR, Measurement, portal

ROWS = int(os.environ.get("BENCH_LIBRARY_ROWS", "10000"))
DATABASE = "bench_library"


def _manage(environment: dict[str, str], *arguments: str) -> str:
    process = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env={**environment, "DJANGO_SETTINGS_MODULE": "portal.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(process.stderr[-3000:])
    return process.stdout


def _figures(name: str, environment: dict[str, str]) -> Iterator[Measurement]:
    _manage(environment, "migrate", "--verbosity", "0")
    code = f"from tests.bench.library_work import main; main({ROWS})"
    out = _manage(environment, "shell", "--verbosity", "0", "-c", code)
    line = next(line for line in out.splitlines() if line.startswith("FIGURES "))
    for what, (value, unit) in json.loads(line.removeprefix("FIGURES ")).items():
        yield Measurement(f"{name}: {what}", value, unit)


def run() -> Iterator[Measurement]:
    """Measure on each database there is."""
    with portal() as one:
        path = one.data_dir / "library.sqlite3"
        yield from _figures("sqlite", {**one.environment, "DATABASE_URL": f"sqlite:///{path}"})
        url = os.environ.get("DATABASE_URL", "")
        if not url.startswith("postgres"):
            return
        import psycopg2

        own = urlsplit(url)._replace(path=f"/{DATABASE}").geturl()
        server = psycopg2.connect(url)
        server.autocommit = True
        try:
            with server.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
                cursor.execute(f"CREATE DATABASE {DATABASE}")
                yield from _figures("postgresql", {**one.environment, "DATABASE_URL": own})
                cursor.execute(f"DROP DATABASE {DATABASE}")
        finally:
            server.close()
