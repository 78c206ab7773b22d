"""Searches the table in place, on SQLite and PostgreSQL.

Liveness, restrictions and audience are joined here, at query time; nothing of them is copied.
Statements are composed of what the ORM makes of the filters and of the database's full text, and
their number does not depend on what is found.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from portal.visibility import PUBLIC, Viewer
from search.analysis import TextQuery, tokens
from search.models import LibraryEntry
from search.query import MAX_TEXT, NOTHING, EngineAnswer, LibraryQuery
from search.ranking import enough
from search.understanding import words_of

from .counting import HeldBitmaps, install_unseen_index
from .fulltext import FullText, Sql
from .postgresql import PostgreSQLFullText
from .quick import BitmapSearch
from .sqlite import SQLiteFullText
from .statements import SqlSearch, factors_sql

_FULL_TEXTS: dict[str, type[FullText]] = {
    "sqlite": SQLiteFullText,
    "postgresql": PostgreSQLFullText,
}
#: The bitmaps of this process.
_held = HeldBitmaps()


class DatabaseEngine:
    """The engine that is always there."""

    name = "database"

    def __init__(self, using: str = "default", held: HeldBitmaps | None = None) -> None:
        self.using = using
        self.held = _held if held is None else held

    @property
    def connection(self) -> BaseDatabaseWrapper:
        """This thread's connection."""
        return connections[self.using]

    @property
    def full_text(self) -> FullText:
        """The full text of the connected database."""
        return _FULL_TEXTS[self.connection.vendor]()

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Return the things that have all words; if there are too few, those with some too."""
        search = self._search(query)
        if not query.text.strip():
            return search.answer(None)
        words = words_of(query)
        if not words:
            return NOTHING
        all_words = self.full_text.matching(words, demand_all=True)
        pinned = search.pinned(words.names)
        widens = query.widened
        if widens is None:
            wanted = 0 if pinned else enough(words)
            widens = bool(wanted) and not search.has(wanted, all_words)
        if widens:
            some_words = self.full_text.matching(words, demand_all=False)
            return search.answer(some_words, is_widened=True)
        return search.answer(_with_pinned(all_words, pinned))

    def _search(self, query: LibraryQuery) -> SqlSearch:
        """Return what answers: for the public by the bitmaps of this process, where it can."""
        if query.viewer == PUBLIC and query.only is None:
            bitmaps = self.held.current(self.connection, factors_sql(self.full_text))
            if bitmaps is not None:
                return BitmapSearch(self.using, self.full_text, query, bitmaps)
        return SqlSearch(self.using, self.full_text, query)

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Return things whose title or other names begin as typed, at most `page_size`."""
        words = [token.word for token in tokens(query.text[:MAX_TEXT])][:10]
        if not words:
            return []
        return self._search(query).things_beginning(words)

    def concepts_with_things(self, keys: Sequence[str], viewer: Viewer) -> set[str]:
        """Return those of the concepts that something is about which `viewer` may see."""
        return self._search(LibraryQuery(viewer=viewer)).concepts_with_things(keys)

    def count_on_cards(
        self, rows: QuerySet[LibraryEntry], words: TextQuery | None, demand_all: bool
    ) -> int:
        """Return how many things `rows` are of that have the words in their cards (None: all)."""
        candidates = rows.using(self.using).order_by()
        if words is None:
            return candidates.values("thing_key").distinct().count()
        try:
            sql, parameters = (
                candidates.values("id", "thing_key").query.get_compiler(self.using).as_sql()
            )
        except EmptyResultSet:
            return 0
        found, more = self.full_text.on_cards(words, demand_all)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT COUNT(DISTINCT c.thing_key) FROM ({sql}) c JOIN ({found}) m "
                "ON m.id = c.id",
                [*parameters, *more],
            )
            return int(cursor.fetchone()[0])

    def vocabulary(self) -> list[tuple[str, int]]:
        """Return the plain words of titles and names, with the number of rows that have each."""
        with self.connection.cursor() as cursor:
            for statement in self.full_text.vocabulary():
                cursor.execute(statement)
            return [(str(word), int(count)) for word, count in cursor.fetchall()]

    def nearest(self, vector: bytes, count: int) -> None:
        """Return None: vectors are looked for in the matrix that the worker writes."""

    def lag(self) -> int:
        """Return how many rows wait for the worker: what is in the table is what is searched."""
        return int(LibraryEntry.objects.using(self.using).stale().count())

    def verify(self, thorough: bool = False) -> list[str]:
        """Return which of the database's full-text structures are missing or wrong."""
        return self.full_text.verify(self.connection, thorough)

    def release(self) -> None:
        """Take away what would keep columns of the texts from being migrated away."""
        self.full_text.release(self.connection)

    def install(self) -> None:
        """Make the database's full-text structures."""
        self.full_text.install(self.connection)
        install_unseen_index(self.connection)


def forget_bitmaps() -> None:
    """Let the bitmaps be read anew: for tests, whose database goes back in time."""
    _held.forget()


def _with_pinned(matching: Sql, pinned: Sequence[tuple[int, float]]) -> Sql:
    """Return a SELECT of what matches and of the pinned rows, these with the higher scores."""
    if not pinned:
        return matching
    sql, parameters = matching
    ids = ", ".join(str(int(pk)) for pk, _score in pinned)
    rows = " UNION ALL ".join(f"SELECT {int(pk)}, {float(score)}" for pk, score in pinned)
    return f"SELECT id, score FROM ({sql}) w WHERE id NOT IN ({ids}) UNION ALL {rows}", parameters
