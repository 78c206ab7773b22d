"""Full text on PostgreSQL: generated tsvector columns with GIN indexes, on the table of the texts.

They are made by `post_migrate`, as on SQLite, so that one place knows how an index is built; a
comment on each column tells which definition it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .fulltext import TABLE, WORDS, Sql, has_table

TERMS_COLUMN = "terms_vector"
WORDS_COLUMN = "words_vector"


def _part(weight: str, columns: Sequence[str]) -> str:
    text = " || ' ' || ".join(columns)
    return f"setweight(to_tsvector('pg_catalog.simple'::regconfig, {text}), '{weight}')"


_EXPRESSIONS = {
    TERMS_COLUMN: " || ".join(
        [
            _part("A", ["title_terms"]),
            _part("B", ["names_terms"]),
            _part("C", ["concept_terms", "summary_terms"]),
            _part("D", ["body_terms"]),
        ]
    ),
    WORDS_COLUMN: f"to_tsvector('pg_catalog.simple'::regconfig, {WORDS})",
}
#: Weights of D, C, B, A: the proportions of `search.engines.fulltext.WEIGHTS`.
_RANK_WEIGHTS = "'{0.1, 0.4, 0.6, 1.0}'::float4[]"
#: Divides by 1 + the logarithm of the length, so that a long text is not better for being long.
_BY_LENGTH = 1


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

    def verify(self, connection: BaseDatabaseWrapper, thorough: bool = False) -> list[str]:
        """Return which columns or indexes are missing; PostgreSQL itself keeps them in step."""
        return [f"{column} is missing or outdated" for column in self._wrong(connection)]

    def matching(self, terms: Sequence[str], demand_all: bool) -> Sql:
        """Return the entries with the terms, ranked by weight, frequency and nearness.

        Where any term will do, a rare one counts more than a common one (ts_rank knows no such
        thing), so that a whole question finds what it is about.
        """
        single = "plainto_tsquery('pg_catalog.simple', %s)"
        if demand_all or len(terms) == 1:
            query = " && ".join([single] * len(terms))
            return (
                f"SELECT entry_id AS id, "
                f"ts_rank({_RANK_WEIGHTS}, {TERMS_COLUMN}, q.query, {_BY_LENGTH}) AS score "
                f"FROM {TABLE}, (SELECT {query} AS query) q WHERE {TERMS_COLUMN} @@ q.query",
                list(terms),
            )
        queries = " UNION ALL ".join([f"SELECT {single} AS query"] * len(terms))
        return (
            f"""
            SELECT t.entry_id AS id,
                   SUM(q.rarity * ts_rank({_RANK_WEIGHTS}, t.{TERMS_COLUMN}, q.query, {_BY_LENGTH}))
                   AS score
            FROM (
                SELECT p.query, ln(1 + (SELECT count(*) FROM {TABLE})::float8 / (
                    1 + (SELECT count(*) FROM {TABLE} d WHERE d.{TERMS_COLUMN} @@ p.query)
                )) AS rarity
                FROM ({queries}) p
            ) q JOIN {TABLE} t ON t.{TERMS_COLUMN} @@ q.query
            GROUP BY t.entry_id
            """,
            list(terms),
        )

    def beginning(self, words: Sequence[str]) -> Sql:
        """Return the entries whose title or names have the words, the last one only begun."""
        parts = ["plainto_tsquery('pg_catalog.simple', %s)"] * (len(words) - 1)
        parts.append("to_tsquery('pg_catalog.simple', %s)")
        last = words[-1].replace("'", "").replace("\\", "").replace("\x00", "")
        return (
            f"SELECT entry_id AS id FROM {TABLE} WHERE {WORDS_COLUMN} @@ ({' && '.join(parts)})",
            [*words[:-1], f"'{last}':*"],
        )
