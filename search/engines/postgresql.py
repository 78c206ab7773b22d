"""Full text on PostgreSQL: generated tsvector columns with GIN indexes, on the table of the texts.

They are made by `post_migrate`, as on SQLite, so that one place knows how an index is built; a
comment on each column tells which definition it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from search.analysis import Alternative, TextQuery

from .fulltext import TABLE, WORDS, Sql, has_table, today

TERMS_COLUMN = "terms_vector"
WORDS_COLUMN = "words_vector"


def _part(weight: str, columns: Sequence[str]) -> str:
    text = " || ' ' || ".join(columns)
    return f"setweight(to_tsvector('pg_catalog.simple'::regconfig, {text}), '{weight}')"


_EXPRESSIONS = {
    TERMS_COLUMN: " || ".join(
        [
            _part("A", ["title_terms"]),
            _part("B", ["names_terms", "concept_terms", "summary_terms", "title_keys"]),
            _part("C", ["body_terms", "names_keys"]),
            _part("D", ["text_keys", "documents_terms"]),
        ]
    ),
    WORDS_COLUMN: f"to_tsvector('pg_catalog.simple'::regconfig, {WORDS})",
}
#: The letters of what a card shows (`search.ranking.CARD_COLUMNS`).
_CARD_WEIGHTS = "'{a,b}'"
#: Weights of D, C, B, A: the proportions of `search.ranking.WEIGHTS`, as far as four can tell
#: nine columns; names count as summaries do, so that files stay below the pages they hang on.
_RANK_WEIGHTS = "'{0.04, 0.1, 0.45, 1.0}'::float4[]"
#: Divides by 1 + the logarithm of the length, so that a long text is not better for being long.
_BY_LENGTH = 1
#: Stands for the rarity of words that stand together: counting phrases would cost too much.
_BOOSTED = 3.0


def _stamp(column: str) -> str:
    return hashlib.sha256(_EXPRESSIONS[column].encode()).hexdigest()[:12]


def _index(column: str) -> str:
    return f"search_library_{column}"


class PostgreSQLFullText:
    """tsvector and GIN, with the "simple" configuration: the terms are stemmed already."""

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Add the generated columns and their indexes where they are missing or outdated."""
        if not has_table(connection):
            return
        wrong = self._wrong(connection)
        if not wrong:
            return
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for column in wrong:
                cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS {column} CASCADE")
                cursor.execute(
                    f"ALTER TABLE {TABLE} ADD COLUMN {column} tsvector "
                    f"GENERATED ALWAYS AS ({_EXPRESSIONS[column]}) STORED"
                )
                cursor.execute(f"COMMENT ON COLUMN {TABLE}.{column} IS '{_stamp(column)}'")
                cursor.execute(f"CREATE INDEX {_index(column)} ON {TABLE} USING gin ({column})")

    def _wrong(self, connection: BaseDatabaseWrapper) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT attname, col_description(attrelid, attnum)
                FROM pg_attribute
                WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
                """,
                [TABLE],
            )
            stamps = dict(cursor.fetchall())
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE tablename = %s "
                "AND schemaname = current_schema()",
                [TABLE],
            )
            indexes = {name for (name,) in cursor.fetchall()}
        return [
            column
            for column in _EXPRESSIONS
            if stamps.get(column) != _stamp(column) or _index(column) not in indexes
        ]

    def release(self, connection: BaseDatabaseWrapper) -> None:
        """Do nothing: a column that is dropped takes the generated ones with it."""

    def verify(self, connection: BaseDatabaseWrapper, thorough: bool = False) -> list[str]:
        """Return which columns or indexes are missing; PostgreSQL itself keeps them in step."""
        return [f"{column} is missing or outdated" for column in self._wrong(connection)]

    def matching(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return the entries, ranked by weight and frequency of the words.

        A rare word counts more than a common one (ts_rank knows no such thing), so that a whole
        question finds what it is about; it is as rare as all its forms and other names together.
        What was typed, its key forms and other words are ranked apart, since ts_rank divides by the
        number of words that it is given, and the best of them is the word's score.
        """
        columns, scores, parameters = [], [], list[Any]()
        is_one = len(query.groups) == 1
        for number, group in enumerate(query.groups):
            sql, more = _any(group.alternatives)
            columns.append(f"{sql} AS g{number}")
            parameters += more
            weighed: dict[float, list[Alternative]] = {}
            for alternative in group.alternatives:
                weighed.setdefault(alternative.weight, []).append(alternative)
            ranks = []
            for place, (weight, alternatives) in enumerate(weighed.items()):
                sql, more = _any(alternatives)
                columns.append(f"{sql} AS q{number}_{place}")
                parameters += more
                ranks.append(
                    f"{weight} * ts_rank({_RANK_WEIGHTS}, t.{TERMS_COLUMN}, q.q{number}_{place}, "
                    f"{_BY_LENGTH})"
                )
            rarity = "1.0" if is_one else f"r.r{number}"
            scores.append(f"{rarity} * GREATEST({', '.join(ranks)})")
        for number, boost in enumerate(query.boosts):
            sql, more = _alternative(boost)
            columns.append(f"{sql} AS b{number}")
            parameters += more
            scores.append(
                f"CASE WHEN t.{TERMS_COLUMN} @@ q.b{number} THEN {boost.weight} * {_BOOSTED} * "
                f"ts_rank({_RANK_WEIGHTS}, t.{TERMS_COLUMN}, q.b{number}, {_BY_LENGTH}) ELSE 0 END"
            )
        wanted, more = _wanted(query, demand_all)
        parameters += more
        columns.append(f"{wanted} AS wanted")
        rarities = [
            f"ln(1 + n.rows / (1 + (SELECT count(*) FROM {TABLE} d "
            f"WHERE d.{TERMS_COLUMN} @@ q.g{number}))) AS r{number}"
            for number in range(len(query.groups))
        ]
        with_rarity = (
            f", r AS MATERIALIZED (SELECT {', '.join(rarities)} FROM q, "
            f"(SELECT count(*)::float8 AS rows FROM {TABLE}) n)"
        )
        return (
            f"""
            WITH q AS MATERIALIZED (SELECT {", ".join(columns)}){"" if is_one else with_rarity}
            SELECT t.entry_id AS id, {" + ".join(scores)} AS score
            FROM {"q" if is_one else "q, r"}, {TABLE} t WHERE t.{TERMS_COLUMN} @@ q.wanted
            """,
            parameters,
        )

    def on_cards(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return the entries that have the words in what a card shows.

        The index finds the words anywhere; which of them a card shows is asked of those rows.
        """
        anywhere, parameters = _wanted(replace(query, excluded=()), demand_all)
        wanted, more = _wanted(query, demand_all)
        return (
            f"SELECT t.entry_id AS id FROM {TABLE} t WHERE t.{TERMS_COLUMN} @@ {anywhere} "
            f"AND ts_filter(t.{TERMS_COLUMN}, {_CARD_WEIGHTS}) @@ {wanted}",
            [*parameters, *more],
        )

    def vocabulary(self) -> Sequence[str]:
        """Return the statement that counts the words of the words column."""
        return [f"SELECT word, ndoc FROM ts_stat('SELECT {WORDS_COLUMN} FROM {TABLE}')"]

    def age(self, column: str) -> Sql:
        """Return an expression of the years since a date."""
        return f"EXTRACT(EPOCH FROM (%s::timestamptz - {column})) / 31557600", [today()]

    def beginning(self, words: Sequence[str]) -> Sql:
        """Return the entries whose title or names have the words, the last one only begun."""
        parts = ["plainto_tsquery('pg_catalog.simple', %s)"] * (len(words) - 1)
        parts.append("to_tsquery('pg_catalog.simple', %s)")
        last = words[-1].replace("'", "").replace("\\", "").replace("\x00", "")
        return (
            f"SELECT entry_id AS id FROM {TABLE} WHERE {WORDS_COLUMN} @@ ({' && '.join(parts)})",
            [*words[:-1], f"'{last}':*"],
        )


def _wanted(query: TextQuery, demand_all: bool) -> Sql:
    """Return the tsquery that rows have to match."""
    groups = [_any(group.alternatives) for group in query.groups]
    wanted, parameters = _joined(" && " if demand_all else " || ", groups)
    if query.required and not demand_all:
        required = [_any(group.alternatives) for group in query.required]
        demanded, more = _joined(" && ", required)
        wanted, parameters = f"({demanded} && {wanted})", [*more, *parameters]
    if query.excluded:
        excluded, more = _any(query.excluded)
        wanted, parameters = f"({wanted} && !!{excluded})", [*parameters, *more]
    return wanted, parameters


def _any(alternatives: Iterable[Alternative]) -> Sql:
    return _joined(" || ", [_alternative(alternative) for alternative in alternatives])


def _joined(operator: str, parts: Sequence[Sql]) -> Sql:
    sql = operator.join(part for part, _parameters in parts)
    return f"({sql})", [parameter for _part, parameters in parts for parameter in parameters]


def _alternative(alternative: Alternative) -> Sql:
    """Return one alternative; PostgreSQL's own parser reads terms, which are letters and digits."""
    function = "phraseto_tsquery" if alternative.is_phrase else "plainto_tsquery"
    return f"{function}('pg_catalog.simple', %s)", [" ".join(alternative.terms).replace("\x00", "")]
