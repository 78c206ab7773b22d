"""The bitmaps of this process, read from the table and kept in step by the library's clock.

Everything that a row holds is written with a version of the clock, which is raised in the same
transaction (deletions draw from it too). So bitmaps that were read at the clock's value are right,
and where it has moved on, the rows above the old value are all that has changed. Who may see a row
is not among it, but for the row's own audience: pages that are not live and restrictions are asked
for with each search (`hidden_rows`), so that nothing is counted a moment longer than it may be.

A process holds some 0.5 kB a row: 50 MB for 100,000 rows of two languages with 800 values. Beyond
`MAX_ROWS` nothing is held, and the database counts.
"""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from wagtail.models import Page

from portal.library import Audience
from search.models import LibraryClock, LibraryEntry, LibraryFacet
from search.models.index import AUDIENCE_KIND
from search.query import KEY_FACETS, LANGUAGE, TYPE

from .bitmaps import Bitmaps, Having, NoRoom, Row
from .fulltext import Sql, today

logger = logging.getLogger(__name__)

#: Rows of which bitmaps are held; more are counted by the database.
MAX_ROWS = 500_000
#: Where more rows than this part of them have changed, all are read anew: it is faster.
_MANY = 0.2
#: How long a search waits for another thread that reads changes, before it lets the database count.
_PATIENCE_SECONDS = 0.05
#: After so many seconds a library that was too large is measured again.
_MEASURE_AGAIN = 600
#: All is read anew after so many seconds, whatever the clock says: that of a database which was put
#: back goes over values again that it had before.
_MAX_AGE = 3600

_ENTRIES = LibraryEntry._meta.db_table
_FACETS = LibraryFacet._meta.db_table
_PAGES = Page._meta.db_table
_CLOCK = LibraryClock._meta.db_table

#: Ids as one text: a hundred thousand rows are fetched some times slower.
_JOINED = {"sqlite": "group_concat({})", "postgresql": "string_agg({}::text, ',')"}
#: Pages that are not live are few, and are asked for with each search.
UNSEEN_INDEX = "search_page_unseen"
#: SQLite takes 500 SELECTs in one statement.
_MAX_SELECTS = 400


@dataclass(frozen=True, slots=True)
class _Held:
    clock: int
    day: datetime.datetime
    bitmaps: Bitmaps
    read_at: float


def _is_old(held: _Held) -> bool:
    return time.monotonic() - held.read_at >= _MAX_AGE


class HeldBitmaps:
    """The bitmaps of one database; shared by the threads of a process.

    `in_transactions` is for tests: a transaction that is rolled back takes the clock back, and what
    was read in it would be taken for what the next one writes.
    """

    def __init__(self, in_transactions: bool = False) -> None:
        self.in_transactions = in_transactions
        self._held: _Held | None = None
        self._lock = threading.Lock()
        self._too_many_until = 0.0

    def current(self, connection: BaseDatabaseWrapper, factors: Sql) -> Bitmaps | None:
        """Return the bitmaps as the table is now; None where the database has to count.

        `factors` is the expression by which a row's score is multiplied; it may change by the day.
        """
        if connection.in_atomic_block and not self.in_transactions:
            return None
        now = _Now(connection, factors)
        if held := self._fitting(now):
            return held.bitmaps
        if time.monotonic() < self._too_many_until:
            return None
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            return None
        try:
            now = _Now(connection, factors)  # another thread may have read a later clock meanwhile
            held = self._fitting(now) or self._read(now)
        finally:
            self._lock.release()
        return held.bitmaps if held else None

    def forget(self) -> None:
        """Let all be read anew: for tests, whose database goes back in time."""
        self._held = None
        self._too_many_until = 0.0

    def _fitting(self, now: _Now) -> _Held | None:
        held = self._held
        if held and (held.clock, held.day) == (now.clock, now.day) and not _is_old(held):
            return held
        return None

    def _read(self, now: _Now) -> _Held | None:
        held = self._held
        bitmaps = None
        read_at = time.monotonic()
        if held and held.day == now.day and held.clock < now.clock and not _is_old(held):
            bitmaps, read_at = now.changed(held), held.read_at
        if bitmaps is None:
            if now.count() > MAX_ROWS:
                self._too_many_until = time.monotonic() + _MEASURE_AGAIN
                self._held = None
                return None
            bitmaps, read_at = now.all(), time.monotonic()
        self._held = _Held(now.clock, now.day, bitmaps, read_at)
        return self._held


class _Now:
    """The table at the moment of a search; `clock` is read before anything else of it."""

    def __init__(self, connection: BaseDatabaseWrapper, factors: Sql) -> None:
        self.connection = connection
        self.factors = factors
        self.day = today()
        found = self.fetch(f"SELECT value FROM {_CLOCK} WHERE id = 1")
        self.clock = found[0][0] if found else 0

    def fetch(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return list(cursor.fetchall())

    def count(self) -> int:
        """Return how many rows there are."""
        return int(self.fetch(f"SELECT COUNT(*) FROM {_ENTRIES}")[0][0])

    def all(self) -> Bitmaps:
        """Return the bitmaps of all rows."""
        begun = time.perf_counter()
        rows, own = self._rows()
        marks = ", ".join(["%s"] * len(KEY_FACETS))
        joined = _JOINED[self.connection.vendor].format("entry_id")
        found = self.fetch(
            f"SELECT name, value, {joined} FROM {_FACETS} WHERE name IN ({marks}) "
            f"GROUP BY name, value",
            KEY_FACETS,
        )
        told = [(name, value, list(map(int, ids.split(",")))) for name, value, ids in found]
        bitmaps = Bitmaps.of(rows, [*told, *own])
        logger.info(
            "Counting by bitmaps: %s rows, %s values, %.0f MB, read in %.1f s.",
            len(rows),
            sum(map(len, bitmaps.values.values())),
            bitmaps.size() / 1e6,
            time.perf_counter() - begun,
        )
        return bitmaps

    def changed(self, held: _Held) -> Bitmaps | None:
        """Return the bitmaps with what has changed since; None where that is too much."""
        before = held.bitmaps
        limit = max(int(len(before.places) * _MANY), 100)
        rows, own = self._rows(held.clock, limit + 1)
        if len(rows) > limit:
            return None
        marks = ", ".join(["%s"] * len(KEY_FACETS))
        having: dict[tuple[str, str], list[int]] = defaultdict(list)
        for name, value, entry in self.fetch(
            f"SELECT f.name, f.value, f.entry_id FROM {_FACETS} f JOIN {_ENTRIES} c "
            f"ON c.id = f.entry_id WHERE c.version > %s AND f.name IN ({marks})",
            [held.clock, *KEY_FACETS],
        ):
            having[name, value].append(entry)
        told = [(name, value, ids) for (name, value), ids in having.items()]
        try:
            return before.with_changes(rows, [*told, *own], self._gone(before, rows))
        except NoRoom:
            return None

    def _gone(self, before: Bitmaps, rows: Sequence[Row]) -> set[int]:
        """Return the rows that were deleted: looked for where there are fewer than are known."""
        known = {*before.places, *(row.id for row in rows)}
        if self.count() >= len(known):
            return set()
        return known - {row for (row,) in self.fetch(f"SELECT id FROM {_ENTRIES}")}

    def _rows(self, above: int | None = None, limit: int | None = None) -> tuple[list[Row], Having]:
        """Return the rows (above a version), and what they tell themselves of facets."""
        factors, parameters = self.factors
        where = ""
        if above is not None:
            where = "WHERE c.version > %s LIMIT %s"
            parameters = [*parameters, above, limit]
        rows = []
        own: dict[tuple[str, str], list[int]] = defaultdict(list)
        for pk, thing, date, length, factor, page, audience, kind, language in self.fetch(
            f"SELECT c.id, c.thing_key, c.date, LENGTH(c.title), {factors}, c.page_id, c.audience, "
            f"c.type, c.language FROM {_ENTRIES} c {where}",
            parameters,
        ):
            is_public = page is not None and audience == Audience.PUBLIC
            rows.append(Row(pk, thing, date, length, float(factor), is_public))
            own[TYPE, kind].append(pk)
            own[LANGUAGE, language].append(pk)
        return rows, [(name, value, ids) for (name, value), ids in own.items()]


def hidden_rows(connection: BaseDatabaseWrapper, prefixes: Sequence[str]) -> list[int]:
    """Return the rows of pages that are not live, or lie below one of `prefixes` (tree paths).

    One statement that reads what is hidden, not what is shown: by an index of pages that are not
    live, and by ranges of paths.
    """
    if connection.vendor == "sqlite":  # its LIKE knows no index
        below = "p.path >= %s AND p.path < %s"
        ends = [end for path in prefixes for end in (path, _after(path))]
    else:
        below, ends = "p.path LIKE %s", [f"{path}%" for path in prefixes]
    each = 1 + len(prefixes) // _MAX_SELECTS
    closed = [
        " OR ".join([f"({below})"] * len(prefixes[start : start + each]))
        for start in range(0, len(prefixes), each)
    ]
    hidden = [
        f"SELECT c.id FROM {_PAGES} p JOIN {_ENTRIES} c ON c.page_id = p.id WHERE {condition}"
        for condition in ("NOT p.live", *closed)
    ]
    # Whose audience was narrowed since the bitmaps were read.
    hidden.append(f"SELECT entry_id FROM {_FACETS} WHERE name = %s")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(hidden), [*ends, AUDIENCE_KIND])
        return [row for (row,) in cursor.fetchall()]


def _after(path: str) -> str:
    """Return the first text after all that begin with `path`."""
    return path[:-1] + chr(ord(path[-1]) + 1)


def install_unseen_index(connection: BaseDatabaseWrapper) -> None:
    """Make the index of pages that are not live, which nobody else needs; any number of times."""
    with connection.cursor() as cursor:
        if _PAGES not in connection.introspection.table_names(cursor):
            return
        # PostgreSQL asks for the table even where the index is there already, and a transaction
        # that has written pages may not have it.
        if UNSEEN_INDEX not in connection.introspection.get_constraints(cursor, _PAGES):
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {UNSEEN_INDEX} ON {_PAGES} (id) WHERE NOT live"
            )
