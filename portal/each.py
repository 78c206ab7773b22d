"""Work that goes row by row: one that fails stops no other, is logged and counted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from portal.liveness import stop_requested

logger = logging.getLogger("portal.each")

Row = TypeVar("Row")


class RowsFailed(Exception):
    """Some rows could not be worked through; the others were. A job that raises it is run again."""

    def __init__(self, what: str, done: int, failed: int) -> None:
        super().__init__(f"{what}: {failed} failed, {done} done; the log says why")
        self.done = done
        self.failed = failed


def for_each(what: str, rows: Iterable[Row], act: Callable[[Row], object]) -> int:
    """Call `act` with each row until asked to end; returns how often it said that it did something.

    `act` opens its own transaction. What it raises is logged with the row's key, and raised as
    RowsFailed once all others are through. `rows` are best primary keys: one that can't even be
    read then fails alone.
    """
    done = failed = 0
    for row in rows:
        if stop_requested():
            break
        try:
            done += bool(act(row))
        except Exception:
            failed += 1
            logger.exception("%s: %s failed.", what, getattr(row, "pk", row))
    if failed:
        raise RowsFailed(what, done, failed)
    return done
