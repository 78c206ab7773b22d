"""Short work that comes again every few seconds, beside the tasks of a worker.

    @cycle("library: outbox", every=2.0)
    def feed_engines() -> None: ...

Each cycle runs in a thread of its own in each worker, with its own database connection, so that no
long task holds it up, and no other cycle. Cycles live in each app's `cycles.py`. Several workers
run them at once, and one may be killed in the middle: a cycle must bear both.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection, connections, reset_queries
from django.utils import translation
from django.utils.module_loading import autodiscover_modules

from portal.liveness import keep_connection

logger = logging.getLogger("portal.cycles")

#: Seconds after which a cycle that failed is tried again, at most.
LONGEST_PAUSE = 10.0

CycleFunction = Callable[[], object]


@dataclass(slots=True)
class Cycle:
    """A function and how often it runs (seconds)."""

    name: str
    function: CycleFunction
    every: float
    failures: int = 0

    def run(self) -> bool:
        """Run it once; a failure is logged when it begins and when it ends, and returned."""
        try:
            with translation.override(settings.LANGUAGE_CODE):
                self.function()
        except Exception as error:
            self.failures += 1
            level = logging.WARNING if self.failures == 1 else logging.DEBUG
            logger.log(level, "Cycle %s failed, and is tried again: %s", self.name, error)
            if isinstance(error, Error):
                connection.close()
            return False
        if self.failures:
            logger.warning("Cycle %s works again after %s failures.", self.name, self.failures)
        self.failures = 0
        return True

    def pause(self) -> float:
        """Return the seconds until it is to run again: longer each time while it fails."""
        return min(self.every * 2 ** min(self.failures, 10), max(self.every, LONGEST_PAUSE))


#: The cycles by name.
cycles: dict[str, Cycle] = {}


def cycle(name: str, *, every: float) -> Callable[[CycleFunction], CycleFunction]:
    """Register a function that each worker runs every so many seconds."""

    def decorate(function: CycleFunction) -> CycleFunction:
        cycles[name] = Cycle(name, function, every)
        return function

    return decorate


def load_cycles() -> dict[str, Cycle]:
    """Import `cycles.py` of every app and return all cycles by name."""
    autodiscover_modules("cycles")
    return cycles


def run_cycles_once() -> list[str]:
    """Run each cycle once in this thread; return the names of those that failed."""
    return [one.name for one in load_cycles().values() if not one.run()]


class Cycles:
    """Runs each cycle in a thread of its own while the `with` block runs."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Cycles:
        for one in load_cycles().values():
            thread = threading.Thread(target=self._run, args=(one,), name=one.name, daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._ended.set()
        by = time.monotonic() + 5  # what is cut off then is done again by the next worker
        for thread in self._threads:
            thread.join(timeout=max(0.0, by - time.monotonic()))

    def _run(self, one: Cycle) -> None:
        try:
            while not self._ended.is_set():
                keep_connection()
                one.run()
                reset_queries()
                self._ended.wait(one.pause())
        finally:
            connections.close_all()
