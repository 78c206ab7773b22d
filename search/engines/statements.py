"""One search by SQL: liveness, restrictions and audience are joined, whatever is found.

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
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.library import Facet, Number
from portal.models import Concept
from portal.visibility import hidden_prefixes
from search.analysis import NamedThing
from search.models import LibraryEntry, LibraryFacet
from search.query import (
    CONCEPT,
    CONCEPT_FACETS,
    FACET_NAMES,
    KEY_FACETS,
    LANGUAGE,
    TYPE,
    EngineAnswer,
    LibraryQuery,
    Match,
    Sort,
    own_filters,
)
from search.ranking import (
    PINNED,
    PINNED_STEP,
    PINNED_TYPES,
    RECENCY,
    TYPE_FACTORS,
    evidence_bonuses,
)

from .fulltext import FullText, Sql

#: How well tested a row's thing is, as a rank.
_TESTED = (
    "(SELECT MAX(n.value) FROM search_librarynumber n"
    f" WHERE n.entry_id = c.id AND n.name = '{Number.TESTED}')"
)
#: The order of things by each sort; ties are broken by what does not change.
_ORDERS = {
    Sort.RELEVANCE: "score DESC, date DESC NULLS LAST, thing_key",
    Sort.DATE: "date DESC NULLS LAST, thing_key",
    Sort.TITLE: "title, thing_key",
    Sort.TESTED: "tested DESC NULLS LAST, date DESC NULLS LAST, thing_key",
}

#: No title is longer (characters).
_LONGEST = 100_000


def factors_sql(full_text: FullText, row: str = "c") -> Sql:
    """Return the expression of the gentle factors of a row, by its columns `type` and `date`.

    `row` is the name by which the statement calls it, with its `id`.
    """
    age, parameters = full_text.age("date")
    types = " ".join(f"WHEN '{kind.value}' THEN {f}" for kind, f in TYPE_FACTORS.items())
    recent = f"1 + {RECENCY} / (1 + {age})"
    tested, more = _evidence_sql(row)
    return (
        f"(CASE type {types} ELSE 1.0 END) * ((CASE WHEN date IS NULL THEN 1.0 "
        f"WHEN {age} < 0 THEN {1 + RECENCY} ELSE {recent} END) + {tested})",
        [*parameters, *parameters, *more],
    )


def _evidence_sql(row: str) -> Sql:
    """Return the expression of what evidence adds to a row's factor."""
    bonuses = evidence_bonuses()
    if not bonuses:
        return "0", []
    whens = " ".join(f"WHEN %s THEN {bonus}" for bonus in bonuses.values())
    return (
        f"COALESCE((SELECT MAX(CASE e.value {whens} ELSE 0 END) "
        f"FROM {LibraryFacet._meta.db_table} e WHERE e.entry_id = {row}.id AND e.name = %s), 0)",
        [*bonuses, Facet.EVIDENCE],
    )


class SqlSearch:
    """One search: what its statements share."""

    def __init__(self, using: str, full_text: FullText, query: LibraryQuery) -> None:
        self.using = using
        self.full_text = full_text
        self.query = query
        self.filters = query.filters
        self.hidden = hidden_prefixes(query.viewer)
        self.visible = LibraryEntry.objects.using(using).visible(query.viewer, self.hidden)
        self.visible = self.visible.within(query.at_most, query.at_least, query.untold)
        if query.only is not None:
            self.visible = self.visible.filter(thing_key__in=list(query.only))

    def has(self, count: int, matching: Sql) -> bool:
        """Whether so many visible things match under the filters."""
        try:
            candidates = self._candidates(self.filters, ["thing_key"])
        except EmptyResultSet:
            return True  # whatever is looked up, the filters find nothing
        found, parameters = self._matched(matching, candidates, "c.thing_key")
        some = f"SELECT DISTINCT thing_key FROM found LIMIT {int(count)}"
        return len(self.fetch(f"{found} {some}", parameters)) >= count

    def pinned(self, names: Sequence[NamedThing]) -> list[tuple[int, float]]:
        """Return the rows of the named places, with the scores that put them first."""
        if not names:
            return []
        places = {(thing.facet, thing.key): place for place, thing in enumerate(names)}
        own = Q()
        for thing in names:
            if thing.facet in PINNED_TYPES:
                own |= Q(
                    type=PINNED_TYPES[thing.facet],
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
        total, matches = self.page_or_nothing(matching)
        facets = self._facets(matching) if self.query.with_facets else {}
        return EngineAnswer(total, tuple(matches), facets, is_widened)

    def things_beginning(self, words: Sequence[str]) -> list[uuid.UUID]:
        """Return the things with these words in title or names.

        Titles that begin so come first, then the shortest.
        """
        begun, parameters = self.full_text.beginning(words)
        rows, more = self._candidates(self.filters, ["thing_key", "title"])
        sql = f"""
            WITH begun AS ({begun}), candidate AS ({rows})
            SELECT candidate.thing_key, MIN(
                CASE WHEN begun.begins THEN 0 ELSE {_LONGEST} END + LENGTH(candidate.title)
            ) AS place
            FROM candidate JOIN begun ON begun.id = candidate.id
            GROUP BY candidate.thing_key ORDER BY place, candidate.thing_key LIMIT %s
        """
        found = self.fetch(sql, [*parameters, *more, self.query.page_size])
        return [as_uuid(key) for key, _place in found]

    def concepts_with_things(self, keys: Sequence[str]) -> set[str]:
        """Return those of the concepts that something visible is about (one statement)."""
        about = self.visible.filter(facets__name__in=CONCEPT_FACETS, facets__value=OuterRef("key"))
        # A common concept has thousands of things: one that may be seen is enough.
        known = Concept.objects.using(self.using).filter(Exists(about), key__in=list(keys))
        return set(known.order_by().values_list("key", flat=True))

    # Statements ------------------------------------------------------------------------------

    def fetch(self, sql: str, parameters: Iterable[Any]) -> list[tuple[Any, ...]]:
        """Run a statement; return all its rows."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, list(parameters))
            return list(cursor.fetchall())

    def _candidates(self, filters: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Sql:
        """Return a SELECT of the visible rows that pass `filters`; raises EmptyResultSet."""
        rows: QuerySet[Any] = self.visible.matching(filters).order_by().values("id", *columns)
        sql, parameters = rows.query.get_compiler(self.using).as_sql()
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

    def page_or_nothing(self, matching: Sql | None) -> tuple[int, list[Match]]:
        """Return the total and the asked page; nothing where the filters can find nothing."""
        try:
            return self._page(matching)
        except EmptyResultSet:
            return 0, []

    def _page(self, matching: Sql | None) -> tuple[int, list[Match]]:
        query = self.query
        sort = Sort.DATE if matching is None and query.sort == Sort.RELEVANCE else Sort(query.sort)
        candidates = self._candidates(
            self.filters, ["thing_key", "language", "title", "date", "type"]
        )
        tested = _TESTED if sort == Sort.TESTED else "0"
        found, parameters = self._matched(
            matching,
            candidates,
            f"c.id, c.thing_key, c.language, c.title, c.date, c.type, {tested} AS tested",
        )
        by_title = sort == Sort.TITLE
        # Without words nothing has a score to multiply.
        factors, more = ("1.0", []) if matching is None else factors_sql(self.full_text, "found")
        things = f"""
            {found}, {"scored" if by_title else "thing"} AS MATERIALIZED (
                SELECT thing_key, MAX(score * {factors}) AS score, MIN(date) AS date,
                       MAX(tested) AS tested
                FROM found GROUP BY thing_key
            )
        """
        parameters += more
        if by_title:
            titled, more = self._titled()
            things += f""", titled AS ({titled}), thing AS MATERIALIZED (
                SELECT scored.thing_key, score, title
                FROM scored JOIN titled ON titled.thing_key = scored.thing_key
            )"""
            parameters += more
        start = (query.page - 1) * query.page_size
        rows = self.fetch(
            f"{things} SELECT thing_key, score, (SELECT COUNT(*) FROM thing) FROM thing "
            f"ORDER BY {_ORDERS[sort]} LIMIT %s OFFSET %s",
            [*parameters, query.page_size, start],
        )
        if rows:
            return rows[0][2], [Match(as_uuid(key), float(score)) for key, score, _n in rows]
        if start == 0:
            return 0, []
        return self.fetch(f"{things} SELECT COUNT(*) FROM thing", parameters)[0][0], []

    def _titled(self) -> Sql:
        """Return a SELECT of the titles by which found things are shown, whatever row was found."""
        shown = {name: v for name, v in self.filters.items() if name == LANGUAGE}
        sql, parameters = self._candidates(shown, ["thing_key", "language", "title"])
        return (
            f"""SELECT thing_key,
                LOWER(COALESCE(MIN(CASE WHEN language = %s THEN title END), MIN(title))) AS title
                FROM ({sql}) c WHERE thing_key IN (SELECT thing_key FROM found)
                GROUP BY thing_key""",
            [self.query.lang, *parameters],
        )

    def groups(self) -> dict[frozenset[str], list[str]]:
        """Return the facets by the filters that their counts leave out: their own."""
        groups: dict[frozenset[str], list[str]] = defaultdict(list)
        for name in FACET_NAMES:
            groups[own_filters(name).intersection(self.filters)].append(name)
        return groups

    def _facets(self, matching: Sql | None) -> dict[str, dict[str, int]]:
        """Return the counts: each facet without its own filter, one statement a set of filters."""
        counts: dict[str, dict[str, int]] = {name: {} for name in FACET_NAMES}
        for skipped, names in self.groups().items():
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
        for name, value, count in self.fetch(f"{found} {' UNION ALL '.join(selects)}", parameters):
            if name in names:
                counts[name][value] = count
            if name in CONCEPT_FACETS and CONCEPT in names:
                counts[CONCEPT][value] = count


def as_uuid(value: Any) -> uuid.UUID:
    """Return a key as PostgreSQL (UUID) or SQLite (hex digits) gives it."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
