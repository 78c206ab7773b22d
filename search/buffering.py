"""Statistics gathered in a process's memory, and written by a thread of its own once a minute.

No request waits for the write lock, and what is lost when a process is killed is a minute of them.
"""

from __future__ import annotations

import atexit
import logging
import threading
from abc import ABC, abstractmethod

from django.conf import settings
from django.db import Error, connections

logger = logging.getLogger(__name__)

#: Seconds between two writes; the setting SEARCH_REPORT_SECONDS, if there is one, says otherwise.
SECONDS = 60.0


class Buffer(ABC):
    """What is gathered under `_lock`; whoever adds to it calls `_start` then."""

    #: Names the thread and what was lost, in the log.
    name = ""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @abstractmethod
    def flush(self) -> int:
        """Write what is remembered; return how much it was. Raises database errors."""

    def _start(self) -> None:
        """Start the thread that writes, once in each process (after gunicorn's fork)."""
        if not _pause() or (self._thread and self._thread.is_alive()):
            return
        with self._lock:
            if self._thread and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()
        atexit.unregister(self.end)
        atexit.register(self.end)

    def end(self) -> None:
        """Write what is left when the process ends."""
        self._ended.set()
        self._flush_quietly()

    def _run(self) -> None:
        while not self._ended.wait(_pause()):
            self._flush_quietly()

    def _flush_quietly(self) -> None:
        try:
            self.flush()
        except Error as error:  # a statistic is not worth an alarm
            logger.warning("Not counted (%s): %s", self.name, error)
        finally:
            connections.close_all()


def _pause() -> float:
    return float(getattr(settings, "SEARCH_REPORT_SECONDS", SECONDS))
