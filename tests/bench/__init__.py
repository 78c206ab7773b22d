"""Benchmarks. Each module `bench_<name>.py` here has `run()`, which yields measurements.

`make bench` runs all, `make bench BENCH_ARGS="start pages"` the named ones. Results are printed
as a table and written to `var/bench/<name>.json` with the machine they were taken on.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent


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
