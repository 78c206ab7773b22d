"""Searches the table in place, on SQLite and PostgreSQL.

Liveness, restrictions and audience are joined here, at query time; nothing of them is copied.
Statements are composed of what the ORM makes of the filters and of the database's full text, and
their number does not depend on what is found.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q, QuerySet

from portal.library import Facet, LibraryType
from portal.visibility import hidden_prefixes
from search.analysis import NamedThing, TextQuery, read_query, tokens
from search.models import LibraryEntry, LibraryFacet
from search.query import (
    CONCEPT,
    CONCEPT_FACETS,
    FACET_NAMES,
    KEY_FACETS,
    LANGUAGE,
    MAX_TEXT,
    TYPE,
    EngineAnswer,
    LibraryQuery,
    Match,
    Sort,
)
from search.ranking import PINNED, PINNED_STEP, RECENCY, TYPE_FACTORS, enough
from search.understanding import words_of

from .fulltext import FullText, Sql
from .postgresql import PostgreSQLFullText
from .sqlite import SQLiteFullText

_FULL_TEXTS: dict[str, type[FullText]] = {
    "sqlite": SQLiteFullText,
    "postgresql": PostgreSQLFullText,
}
_NOTHING = EngineAnswer(total=0, matches=(), facets={name: {} for name in FACET_NAMES})

#: The order of things by each sort; ties are broken by what does not change.
_ORDERS = {
    Sort.RELEVANCE: "score DESC, date DESC NULLS LAST, thing_key",
    Sort.DATE: "date DESC NULLS LAST, thing_key",
    Sort.TITLE: "title, thing_key",
}


class DatabaseEngine:
    """The engine that is always there."""

    name = "database"

    def __init__(self, using: str = "default") -> None:
        self.using = using

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
        search = _Search(self, query)
        if not query.text.strip():
            return search.answer(None)
        words = words_of(query)
        if not words:
            return _NOTHING
        all_words = self.full_text.matching(words, demand_all=True)
        pinned = search.pinned(words.names)
        optional = len(words.groups) - len(words.required)
        if optional and len(words.groups) > 1:
            wanted = enough(len(words.groups))
            if not pinned and not search.has(wanted, all_words):
                some_words = self.full_text.matching(words, demand_all=False)
                return search.answer(some_words, is_widened=True)
        return search.answer(_with_pinned(all_words, pinned))

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Return things whose title or other names begin as typed, at most `page_size`."""
        words = [token.word for token in tokens(query.text[:MAX_TEXT])][:10]
        if not words:
            return []
        search = _Search(self, query)
        return search.things_beginning(words)

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

    def knows(self, text: str) -> bool:
        """Whether any row has all words of a text, whoever may see it; one quick look-up."""
        words = read_query(text)
        if not words:
            return False
        sql, parameters = self.full_text.matching(words, demand_all=True)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM ({sql}) known LIMIT 1", parameters)
            return cursor.fetchone() is not None

    def vocabulary(self) -> list[tuple[str, int]]:
        """Return the plain words of titles and names, with the number of rows that have each."""
        with self.connection.cursor() as cursor:
            for statement in self.full_text.vocabulary():
                cursor.execute(statement)
            return [(str(word), int(count)) for word, count in cursor.fetchall()]

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


class _Search:
    """One search: what its statements share."""

    def __init__(self, engine: DatabaseEngine, query: LibraryQuery) -> None:
        self.engine = engine
        self.query = query
        self.filters = query.filters
        self.visible = LibraryEntry.objects.using(engine.using).visible(
            query.viewer, hidden_prefixes(query.viewer)
        )
        self.visible = self.visible.within(query.at_most, query.at_least, query.untold)

    def has(self, count: int, matching: Sql) -> bool:
        """Whether so many visible things match under the filters."""
        try:
            candidates = self._candidates(self.filters, ["thing_key"])
        except EmptyResultSet:
            return True  # whatever is looked up, the filters find nothing
        found, parameters = self._matched(matching, candidates, "c.thing_key")
        some = f"SELECT DISTINCT thing_key FROM found LIMIT {int(count)}"
        return len(self._fetch(f"{found} {some}", parameters)) >= count

    def pinned(self, names: Sequence[NamedThing]) -> list[tuple[int, float]]:
        """Return the rows of the named places, with the scores that put them first."""
        if not names:
            return []
        places = {(thing.facet, thing.key): place for place, thing in enumerate(names)}
        types = {Facet.PARTNERSHIP: LibraryType.PARTNERSHIP, Facet.COMMUNITY: LibraryType.COMMUNITY}
        own = Q()
        for thing in names:
            if thing.facet in types:
                own |= Q(
                    type=types[thing.facet],
                    facets__name=thing.facet,
                    facets__value=thing.key,
                )
        rows = self.visible.matching(self.filters).filter(own) if own else self.visible.none()
        found = rows.order_by("pk").values_list("pk", "facets__name", "facets__value")
        return [
            (pk, PINNED - PINNED_STEP * places[name, value])
            for pk, name, value in found
            if (name, value) in places
        ]

    def answer(self, matching: Sql | None, is_widened: bool = False) -> EngineAnswer:
        """Return the page, the total and the counts for what `matching` finds (None: all)."""
        try:
            total, matches = self._page(matching)
        except EmptyResultSet:
            total, matches = 0, []
        facets = self._facets(matching) if self.query.with_facets else {}
        return EngineAnswer(total, tuple(matches), facets, is_widened)

    def things_beginning(self, words: Sequence[str]) -> list[uuid.UUID]:
        """Return the things with these words in title or names; titles that begin so come first."""
        begun, parameters = self.engine.full_text.beginning(words)
        rows, more = self._candidates(self.filters, ["thing_key", "title"])
        sql = f"""
            WITH begun AS ({begun}), candidate AS ({rows})
            SELECT candidate.thing_key, MIN(LENGTH(candidate.title)) AS length
            FROM candidate JOIN begun ON begun.id = candidate.id
            GROUP BY candidate.thing_key ORDER BY length, candidate.thing_key LIMIT %s
        """
        found = self._fetch(sql, [*parameters, *more, self.query.page_size])
        return [_as_uuid(key) for key, _length in found]

    # Statements ------------------------------------------------------------------------------

    def _fetch(self, sql: str, parameters: Iterable[Any]) -> list[tuple[Any, ...]]:
        with self.engine.connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return list(cursor.fetchall())

    def _candidates(self, filters: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Sql:
        """Return a SELECT of the visible rows that pass `filters`; raises EmptyResultSet."""
        rows: QuerySet[Any] = self.visible.matching(filters).order_by().values("id", *columns)
        sql, parameters = rows.query.get_compiler(self.engine.using).as_sql()
        return str(sql), list(parameters)

    def _matched(self, matching: Sql | None, candidates: Sql, columns: str) -> Sql:
        """Return the WITH clause of `found`: the candidates that match, with their score."""
        sql, parameters = candidates
        if matching is None:
            return (
                f"WITH found AS MATERIALIZED (SELECT {columns}, 0.0 AS score FROM ({sql}) c)",
                parameters,
            )
        text, terms = matching
        return (
            f"WITH matched AS MATERIALIZED ({text}), found AS MATERIALIZED ("
            f"SELECT {columns}, m.score FROM ({sql}) c JOIN matched m ON m.id = c.id)",
            [*terms, *parameters],
        )

    def _page(self, matching: Sql | None) -> tuple[int, list[Match]]:
        query = self.query
        sort = Sort.DATE if matching is None and query.sort == Sort.RELEVANCE else Sort(query.sort)
        candidates = self._candidates(
            self.filters, ["thing_key", "language", "title", "date", "type"]
        )
        found, parameters = self._matched(
            matching, candidates, "c.thing_key, c.language, c.title, c.date, c.type"
        )
        factors, more = self._factors()
        parameters += more
        things = f"""
            {found}, thing AS MATERIALIZED (
                SELECT thing_key, MAX(score * {factors}) AS score, MIN(date) AS date,
                       LOWER(COALESCE(MIN(CASE WHEN language = %s THEN title END), MIN(title)))
                       AS title
                FROM found GROUP BY thing_key
            )
        """
        parameters.append(query.lang)
        start = (query.page - 1) * query.page_size
        rows = self._fetch(
            f"{things} SELECT thing_key, score, (SELECT COUNT(*) FROM thing) FROM thing "
            f"ORDER BY {_ORDERS[sort]} LIMIT %s OFFSET %s",
            [*parameters, query.page_size, start],
        )
        if rows:
            return rows[0][2], [Match(_as_uuid(key), float(score)) for key, score, _n in rows]
        if start == 0:
            return 0, []
        return self._fetch(f"{things} SELECT COUNT(*) FROM thing", parameters)[0][0], []

    def _factors(self) -> Sql:
        """Return the expression of the gentle factors of a row of `found`."""
        age, parameters = self.engine.full_text.age("date")
        types = " ".join(f"WHEN '{kind.value}' THEN {f}" for kind, f in TYPE_FACTORS.items())
        recent = f"1 + {RECENCY} / (1 + {age})"
        return (
            f"(CASE type {types} ELSE 1.0 END) * (CASE WHEN date IS NULL THEN 1.0 "
            f"WHEN {age} < 0 THEN {1 + RECENCY} ELSE {recent} END)",
            [*parameters, *parameters],
        )

    def _facets(self, matching: Sql | None) -> dict[str, dict[str, int]]:
        """Return the counts: each facet without its own filter, one statement a set of filters."""
        names_by_skipped: dict[frozenset[str], list[str]] = defaultdict(list)
        for name in FACET_NAMES:
            own = {name, CONCEPT} if name in CONCEPT_FACETS else {name}
            names_by_skipped[frozenset(own & set(self.filters))].append(name)
        counts: dict[str, dict[str, int]] = {name: {} for name in FACET_NAMES}
        for skipped, names in names_by_skipped.items():
            filters = {name: v for name, v in self.filters.items() if name not in skipped}
            self._count(matching, filters, names, counts)
        return counts

    def _count(
        self,
        matching: Sql | None,
        filters: Mapping[str, Sequence[str]],
        names: Sequence[str],
        counts: dict[str, dict[str, int]],
    ) -> None:
        """Add the counts of the facets `names`, of things, under `filters`."""
        try:
            candidates = self._candidates(filters, ["thing_key", "type", "language"])
        except EmptyResultSet:
            return
        found, parameters = self._matched(
            matching, candidates, "c.id, c.thing_key, c.type, c.language"
        )
        keys = {name for name in names if name in KEY_FACETS}
        if CONCEPT in names:
            keys.update(CONCEPT_FACETS)
        selects = []
        if keys:
            marks = ", ".join(["%s"] * len(keys))
            table = LibraryFacet._meta.db_table
            selects.append(
                f"SELECT f.name, f.value, COUNT(DISTINCT found.thing_key) FROM found "
                f"JOIN {table} f ON f.entry_id = found.id WHERE f.name IN ({marks}) "
                f"GROUP BY f.name, f.value"
            )
            parameters.extend(sorted(keys))
        selects += [
            f"SELECT '{name}', {name}, COUNT(DISTINCT thing_key) FROM found GROUP BY {name}"
            for name in (TYPE, LANGUAGE)
            if name in names
        ]
        for name, value, count in self._fetch(f"{found} {' UNION ALL '.join(selects)}", parameters):
            if name in names:
                counts[name][value] = count
            if name in CONCEPT_FACETS and CONCEPT in names:
                counts[CONCEPT][value] = count


def _with_pinned(matching: Sql, pinned: Sequence[tuple[int, float]]) -> Sql:
    """Return a SELECT of what matches and of the pinned rows, these with the higher scores."""
    if not pinned:
        return matching
    sql, parameters = matching
    ids = ", ".join(str(int(pk)) for pk, _score in pinned)
    rows = " UNION ALL ".join(f"SELECT {int(pk)}, {float(score)}" for pk, score in pinned)
    return f"SELECT id, score FROM ({sql}) w WHERE id NOT IN ({ids}) UNION ALL {rows}", parameters


def _as_uuid(value: Any) -> uuid.UUID:
    """Return a key as PostgreSQL (UUID) or SQLite (hex digits) gives it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
