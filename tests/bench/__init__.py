"""Benchmarks. Each module `bench_<name>.py` here has `run()`, which yields measurements.

`make bench` runs all, `make bench BENCH_ARGS="start pages"` the named ones. Results are printed
as a table and written to `var/bench/<name>.json` with the machine they were taken on.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent.parent
_FIGURES = "FIGURES "


@dataclass(frozen=True)
class Measurement:
    """One figure; `limit` is what was promised (the value must not be above it)."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the promise is kept (True where there is none)."""
        return self.limit is None or self.value <= self.limit


def median_ms(action: Callable[[], object], rounds: int = 20, warm: int = 3) -> float:
    """Return the median milliseconds that `action` takes, after `warm` calls not counted."""
    for _ in range(warm):
        action()
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        action()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the portal in a process of its own, with the settings of development.

    Returns what it prints; raises RuntimeError with the end of its complaint when it fails.
    """
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


def figures_of(environment: Mapping[str, str], code: str) -> dict[str, Any]:
    """Run `code` inside the portal, in a process of its own; return what it `print_figures`."""
    out = manage(environment, "shell", "--verbosity", "0", "-c", code)
    line = next(line for line in out.splitlines() if line.startswith(_FIGURES))
    found: dict[str, Any] = json.loads(line.removeprefix(_FIGURES))
    return found


def print_figures(figures: Mapping[str, Any]) -> None:
    """Print figures as the one line of JSON that `figures_of` reads."""
    print(_FIGURES + json.dumps(figures))  # noqa: T201


def load_demonstration(environment: Mapping[str, str]) -> None:
    """Load the demonstration into an empty database."""
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "load_network", "--demo")


def by_elasticsearch(environment: Mapping[str, str], url: str, prefix: str) -> dict[str, str]:
    """Build the index of a library whose indexes begin so; return the environment it serves in."""
    changed = {
        **environment,
        "ELASTICSEARCH_URL": url,
        "ELASTICSEARCH_PREFIX": prefix,
        "SEARCH_ENGINE": "elasticsearch",
    }
    manage(changed, "rebuild_library", "--engine", "elasticsearch")
    return changed


@contextmanager
def empty_database(server: str, name: str) -> Iterator[str]:
    """Yield the address of an empty database `name` on a PostgreSQL server; it goes afterwards."""
    import psycopg2

    connection = psycopg2.connect(server)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        connection.close()


@dataclass
class Portal:
    """A portal with a data directory of its own, for benchmarks that look at it from outside."""

    data_dir: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.environment = {**os.environ, "DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        self.environment.pop("DATABASE_URL", None)
        self.environment["SEARCH_ENGINE"] = "database"  # what measures another one says so

    @contextmanager
    def served(self) -> Iterator[float]:
        """Run the portal; yields the seconds it took until it served."""
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run", "--end-with-parent"],
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        if not any(line.startswith("Serving on") for line in process.stdout):
            raise RuntimeError(f"the portal ended with {process.wait()}")
        try:
            yield time.monotonic() - begun
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.close()
            process.wait(60)


@contextmanager
def portal() -> Iterator[Portal]:
    """Yield a portal whose data go when the benchmark ends."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as directory:
        yield Portal(Path(directory))
