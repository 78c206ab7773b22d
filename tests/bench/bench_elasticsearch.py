"""Elasticsearch: from the table to the index, beside sending the same documents ready made.

With BENCH_LIBRARY_ROWS rows (10,000); left out where ELASTICSEARCH_URL names none. Half the raw
rate or more is promised, and memory that does not grow with the table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.bench import BASE_DIR, Measurement, portal

ROWS = int(os.environ.get("BENCH_LIBRARY_ROWS", "10000"))


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
    """Measure on SQLite, whose table is read as fast as any."""
    if not os.environ.get("ELASTICSEARCH_URL"):
        print("left out: ELASTICSEARCH_URL is not set")  # noqa: T201
        return
    with portal() as one:
        environment = {
            **one.environment,
            "SEARCH_ENGINE": "elasticsearch",
            "ELASTICSEARCH_PREFIX": f"bench-{os.getpid()}",
            "ELASTICSEARCH_TIMEOUT": "60",
        }
        _manage(environment, "migrate", "--verbosity", "0")
        code = f"from tests.bench.elasticsearch_work import main; main({ROWS})"
        out = _manage(environment, "shell", "--verbosity", "0", "-c", code)
    line = next(line for line in out.splitlines() if line.startswith("FIGURES "))
    for name, value, unit, limit in json.loads(line.removeprefix("FIGURES ")):
        yield Measurement(name, value, unit, limit)
