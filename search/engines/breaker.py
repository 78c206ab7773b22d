"""A circuit breaker: what does not answer is left alone for a while, then tried by one request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum


class State(Enum):
    """Closed: requests go through. Open: none does. Half open: one does, to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class CircuitBreaker:
    """Decides whether a request is let through; shared by the threads of a process.

    The first failure opens it for `pause` seconds, each further one for twice as long, at most
    `longest`; after that one request is let through, and its outcome decides. `clock` counts
    seconds and never goes back.
    """

    def __init__(
        self,
        pause: float = 2.0,
        longest: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pause = pause
        self.longest = longest
        self.clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0
        self._probing_since: float | None = None

    @property
    def state(self) -> State:
        """What it would do now."""
        with self._lock:
            if not self._failures:
                return State.CLOSED
            return State.HALF_OPEN if self._is_due() else State.OPEN

    def allows(self) -> bool:
        """Whether a request may go through now; whoever asks must tell how it ended."""
        with self._lock:
            if not self._failures:
                return True
            if not self._is_due():
                return False
            self._probing_since = self.clock()
            return True

    def succeeded(self) -> None:
        """Note that a request was answered."""
        with self._lock:
            self._failures = 0
            self._probing_since = None

    def failed(self) -> bool:
        """Note that a request was not answered; return whether this is what opened the circuit."""
        with self._lock:
            opens = not self._failures
            # Requests that were under way when it opened say nothing new.
            if opens or self._probing_since is not None:
                self._failures = min(self._failures + 1, 30)
                wait = min(self.pause * 2 ** (self._failures - 1), self.longest)
                self._next_try = self.clock() + wait
                self._probing_since = None
            return opens

    def _is_due(self) -> bool:
        """Whether the pause is over and nobody is trying; one who never told is given up on."""
        now = self.clock()
        if self._probing_since is not None:
            return now - self._probing_since > self.longest
        return now >= self._next_try
