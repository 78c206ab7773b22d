"""How well the library answers: the judged sets over the demonstration, beside plain search.

On SQLite; on PostgreSQL and Elasticsearch too where DATABASE_URL and ELASTICSEARCH_URL name them.
Loads the network with its demonstration into databases of its own: some minutes, so this is no
test of the suite. The floors are those of the library's issue, on every engine; the held-out set
has none, since nothing is tuned on it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.bench import BASE_DIR, Measurement, portal

#: The database on PostgreSQL, which goes at the end, and how the names of indexes begin.
OWN = "bench_quality"


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


def run() -> Iterator[Measurement]:
    """Yield the figures of each engine; what falls short of a floor is a promise not kept."""
    elasticsearch = os.environ.get("ELASTICSEARCH_URL", "")
    server = os.environ.get("DATABASE_URL", "")
    with portal() as one:
        path = one.data_dir / "quality.sqlite3"
        environment = {**one.environment, "DATABASE_URL": f"sqlite:///{path}", "DEMO": "on"}
        environment.pop("ELASTICSEARCH_URL", None)
        _load(environment)
        yield from _figures("sqlite", environment)
        if elasticsearch:
            environment["ELASTICSEARCH_URL"] = elasticsearch
            environment["ELASTICSEARCH_PREFIX"] = OWN
            environment["SEARCH_ENGINE"] = "elasticsearch"
            _manage(environment, "rebuild_library", "--engine", "elasticsearch")
            yield from _figures("elasticsearch", environment)
    if server.startswith("postgres"):
        with portal() as one, _database(server) as url:
            environment = {**one.environment, "DATABASE_URL": url, "DEMO": "on"}
            _load(environment)
            yield from _figures("postgresql", environment)


def _load(environment: dict[str, str]) -> None:
    _manage(environment, "migrate", "--verbosity", "0")
    _manage(environment, "load_network", "--demo")


def _figures(engine: str, environment: dict[str, str]) -> Iterator[Measurement]:
    code = "from tests.bench.quality_work import main; main()"
    out = _manage(environment, "shell", "--verbosity", "0", "-c", code)
    line = next(line for line in out.splitlines() if line.startswith("FIGURES "))
    figures = json.loads(line.removeprefix("FIGURES "))
    for what, (value, unit) in figures.items():
        yield Measurement(f"{engine}: {what}", value, unit)
    gain = figures["gain in nDCG@10 over the better plain one"][0]
    yield Measurement(f"{engine}: nDCG@10 short of plain + 10", max(0.0, 10 - gain), "", 0)
    places, asked = figures["library: places at rank 1"][0], 40
    yield Measurement(f"{engine}: spellings of places not at rank 1", asked - places, "", 0)
    pairs = figures["library: pairs agree"][0]
    yield Measurement(f"{engine}: pairs that disagree", 60 - pairs, "", 6)


@contextmanager
def _database(server: str) -> Iterator[str]:
    """Yield the address of an empty database on the server; it goes afterwards."""
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {OWN}")
            cursor.execute(f"CREATE DATABASE {OWN}")
            yield urlsplit(server)._replace(path=f"/{OWN}").geturl()
            cursor.execute(f"DROP DATABASE IF EXISTS {OWN} WITH (FORCE)")
    finally:
        connection.close()
