"""Who works beside the web process: heartbeats, telling the dead, and ending gracefully.

A process beats every BEAT_SECONDS from a thread of its own, so that a long task looks alive. Who
looks dead is decided by watching: only a process whose count of beats stood still for the whole
lease, by the watcher's own monotonic clock, is dead. Clocks that jump or differ decide nothing.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Any

from django.db import Error, connection, connections, transaction
from django.db.models import F
from django.utils import timezone

from portal.models import Heartbeat

logger = logging.getLogger("portal.liveness")

#: Seconds between two beats.
BEAT_SECONDS = 10.0
#: Seconds without a beat after which a process counts as dead.
LEASE_SECONDS = 60.0
#: Seconds that work in hand gets to come to its end once SIGTERM or SIGINT came.
GRACE_SECONDS = 10.0


class Interrupted(BaseException):
    """The grace is over: raised inside the work in hand, which is to be given back.

    Not an `Exception`, so that no `except Exception` in a task swallows it.
    """


class Pulse:
    """Beats for this process while the `with` block runs; its row goes with the end of it."""

    def __init__(self, kind: Heartbeat.Kind, every: float = BEAT_SECONDS) -> None:
        self.kind = kind
        self.every = every
        self.token = secrets.token_hex(16)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Pulse:
        self.beat()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=5)
        with contextlib.suppress(Error):
            Heartbeat.objects.filter(token=self.token).delete()

    def beat(self) -> None:
        """Say once that this process lives (one short write)."""
        now = timezone.now()
        if not Heartbeat.objects.filter(token=self.token).update(
            beats=F("beats") + 1, beaten_at=now
        ):
            Heartbeat.objects.create(
                token=self.token, kind=self.kind, host=socket.gethostname()[:255], pid=os.getpid()
            )

    def _run(self) -> None:
        try:
            while not self._ended.wait(self.every):
                try:
                    self.beat()
                except Error as error:  # the database is away; the next beat may reach it
                    logger.warning("Heartbeat not written: %s", error)
                    connection.close()
        finally:
            connections.close_all()


class Watch:
    """Tells which processes are dead, by watching whether their beats move."""

    def __init__(self, lease: float = LEASE_SECONDS) -> None:
        self.lease = lease
        self._seen: dict[str, tuple[int | None, float]] = {}

    def dead(self, tokens: Iterable[str]) -> set[str]:
        """Return those of `tokens` whose beats stood still for the lease (one query).

        A process is seen for the first time when it is first asked for, so that none is dead at
        once. One without any row (removed, or never there) counts as standing still.
        """
        wanted = set(tokens)
        if not wanted:
            self._seen.clear()
            return set()
        found = dict(Heartbeat.objects.filter(token__in=wanted).values_list("token", "beats"))
        now = time.monotonic()
        seen = {}
        for token in wanted:
            beats = found.get(token)
            before = self._seen.get(token)
            seen[token] = before if before and before[0] == beats else (beats, now)
        self._seen = seen
        return {token for token, (_, since) in seen.items() if now - since >= self.lease}


def forget_long_dead(days: float = 1) -> int:
    """Delete heartbeats that stood still for so many days; returns how many."""
    limit = timezone.now() - datetime.timedelta(days=days)
    return Heartbeat.objects.filter(beaten_at__lt=limit).delete()[0]


class Stop:
    """Turns SIGTERM and SIGINT into a polite end while the `with` block runs.

    Long work asks `stop_requested()` between two steps. What runs inside `interruptible()` and has
    not come to its end `grace` seconds after the signal gets `Interrupted` raised.
    """

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self.grace = grace
        self._event = threading.Event()
        self._interruptible = False
        self._is_overdue = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        """Take over the signals; only in the main thread."""
        global _current
        self._before = {
            number: signal.signal(number, self._on_end)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        _current = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        global _current
        _current = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_end(self, number: int, frame: FrameType | None) -> None:
        if not self._event.is_set():
            self._event.set()
            signal.setitimer(signal.ITIMER_REAL, max(self.grace, 0.01))

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        self._is_overdue = True
        if self._interruptible:
            raise Interrupted

    @property
    def requested(self) -> bool:
        """Whether this process was asked to end."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep so many seconds, or until asked to end; returns whether it was asked."""
        return self._event.wait(max(seconds, 0))

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let the block be interrupted when the grace is over; raises `Interrupted` then."""
        if self._is_overdue:
            raise Interrupted
        self._interruptible = True
        try:
            yield
        finally:
            self._interruptible = False


_current: Stop | None = None


def stop_requested() -> bool:
    """Whether the process that runs this task or job was asked to end.

    A task that works through many rows asks between two of them, stops early and leaves the rest
    to be found again.
    """
    return _current is not None and _current.requested


def keep_connection() -> None:
    """Close the database connection if it broke or is too old, as a request would.

    On SQLite it stays open: the last one to close would fold the log into the database each time.
    """
    if transaction.get_connection().in_atomic_block:
        return
    if connection.vendor != "sqlite":
        connection.close_if_unusable_or_obsolete()
