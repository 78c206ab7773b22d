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

from search.analysis import Alternative, Group, TextQuery
from search.ranking import columns_left_out

from .fulltext import TABLE, WORDS, Sql, has_table, today, typed_title

TERMS_COLUMN = "terms_vector"
WORDS_COLUMN = "words_vector"

#: Letters that mark terms of names and of concepts in the vector: whatever is typed is folded
#: (NFKD), and neither of them is left of it. So one index tells columns apart that share a weight.
NAMES_MARK, CONCEPTS_MARK = "\u017f", "\u00aa"
_PLAIN = ""
#: Which marked terms hold which columns; what is not looked up in a column leaves its mark out.
_MARKED = {NAMES_MARK: "names_terms", CONCEPTS_MARK: "concept_terms"}


#: Stands between two columns in the vector, so that no phrase begins in one and ends in the next.
_GAP = " || '\u00b6:1'::tsvector || "


def _part(weight: str, column: str, mark: str = _PLAIN) -> str:
    text = rf"regexp_replace({column}, '\S+', '{mark}\&', 'g')" if mark else column
    return f"setweight(to_tsvector('pg_catalog.simple'::regconfig, {text}), '{weight}')"


_EXPRESSIONS = {
    TERMS_COLUMN: _GAP.join(
        [
            _part("A", "title_terms"),
            _part("B", "summary_terms"),
            _part("B", "title_keys"),
            _part("C", "body_terms"),
            _part("D", "text_keys"),
            _part("D", "documents_terms"),
            _part("B", "names_terms", NAMES_MARK),
            _part("B", "concept_terms", CONCEPTS_MARK),
            _part("C", "names_keys", CONCEPTS_MARK),
        ]
    ),
    WORDS_COLUMN: f"to_tsvector('pg_catalog.simple'::regconfig, {WORDS})",
}
#: The letters of what a card shows (`search.ranking.CARD_COLUMNS`).
_CARD_WEIGHTS = "'{a,b}'"
#: Weights of D, C, B, A: the proportions of `search.ranking.WEIGHTS`, as far as four can tell
#: nine columns; names count as summaries do.
RANK_WEIGHTS = "'{0.045, 0.1, 0.4, 1.0}'::float4[]"
#: Times what ts_rank gives for one word that stands once in a body is one.
_ONCE = 16.45
#: As in BM25: how fast more of the same word counts less, and how much the length counts.
_K1, _B = 1.2, 0.75
#: How many rows tell how long a text is on average (in different words): reading all would cost
#: more than the search.
_SAMPLE = 100
_AVERAGE = f"""
    SELECT avg(length({TERMS_COLUMN})) AS words FROM {TABLE} WHERE entry_id IN (
        SELECT e.first + (e.last - e.first) * place / {_SAMPLE - 1}
        FROM generate_series(0, {_SAMPLE - 1}) place,
        (SELECT min(entry_id) AS first, max(entry_id) AS last FROM {TABLE}) e
    )
"""
#: The vector as it is: of a large one, each look would unpack it anew.
_UNPACKED = f"setweight({TERMS_COLUMN}, 'D', '{{}}'::text[])"


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
        """Return the entries, ranked much as BM25 ranks them.

        ts_rank tells how often and in how weighty columns a row has the words; it knows neither
        that more of the same is worth less and less, nor that a rare word tells more than a common
        one, nor how long a text is. So each word's part is curbed, and multiplied by its rarity: it
        is as rare as all its forms and other names together. What was typed and what was added are
        ranked apart, and the best of them is the word's score.
        """
        built = _Columns()
        is_one = len(query.groups) == 1
        scores = []
        for number, group in enumerate(query.groups):
            built.add(f"g{number}", _any(group.alternatives))
            ranks = [
                self._rank(built, f"q{number}_{place}", weight, alternatives)
                for place, (weight, alternatives) in enumerate(_weighed(group).items())
            ]
            rarity = "1.0" if is_one else f"r.r{number}"
            scores.append(f"{group.times} * {rarity} * GREATEST({', '.join(ranks)})")
        rarity_of = {group.typed.terms: f"r.r{at}" for at, group in enumerate(query.groups)}
        for number, boost in enumerate(query.boosts):
            rank = self._rank(built, f"b{number}", (boost.weight, False), [boost])
            rarities = [rarity_of[term,] for term in boost.terms if (term,) in rarity_of]
            if not is_one and rarities:
                scores.append(f"({' + '.join(rarities)}) / {len(rarities)} * {rank}")
        built.add("wanted", _wanted(query, demand_all))
        tables = [f"q AS MATERIALIZED (SELECT {', '.join(built.columns)})"]
        tables.append(f"average AS MATERIALIZED ({_AVERAGE})")
        if not is_one:
            rarities = [
                f"ln(1 + n.rows / (1 + (SELECT count(*) FROM {TABLE} d "
                f"WHERE d.{TERMS_COLUMN} @@ q.g{number}))) AS r{number}"
                for number in range(len(query.groups))
            ]
            tables.append(
                f"r AS MATERIALIZED (SELECT {', '.join(rarities)} FROM q, "
                f"(SELECT count(*)::float8 AS rows FROM {TABLE}) n)"
            )
        return (
            f"""
            WITH {", ".join(tables)}
            SELECT t.id, {" + ".join(scores)} AS score
            FROM q, average{"" if is_one else ", r"}, LATERAL (
                SELECT entry_id AS id, {_UNPACKED} AS vector,
                {_K1} * ({1 - _B} + {_B} * length({TERMS_COLUMN}) / GREATEST(average.words, 1))
                AS curb
                FROM {TABLE} WHERE {TERMS_COLUMN} @@ q.wanted OFFSET 0
            ) t
            """,
            built.parameters,
        )

    def _rank(
        self, built: _Columns, name: str, kind: tuple[float, bool], those: Sequence[Alternative]
    ) -> str:
        """Return the expression of what alternatives of one kind give; adds what it names."""
        weight, is_one_word = kind
        terms = dict.fromkeys(
            marked for one in those for term in one.terms for marked in _marked(one, term)
        )
        built.add(name, _joined(" || ", [_query("plainto_tsquery", [term]) for term in terms]))
        much = f"{_ONCE * len(terms)} * ts_rank({RANK_WEIGHTS}, t.vector, q.{name})"
        # much / (much + curb), with one look at the vector
        rank = f"{weight * (1 + _K1)} * (1 - t.curb / ({much} + t.curb))"
        if is_one_word:
            return rank
        built.add(f"{name}m", _any(those))
        return f"CASE WHEN t.vector @@ q.{name}m THEN {rank} ELSE 0 END"

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
        first = typed_title(words).replace("\x00", "")  # the words of a title come before the names
        return (
            f"SELECT entry_id AS id, starts_with({WORDS}, %s) AS begins "
            f"FROM {TABLE} WHERE {WORDS_COLUMN} @@ ({' && '.join(parts)})",
            [first, *words[:-1], f"'{last}':*"],
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


def _weighed(group: Group) -> dict[tuple[float, bool], list[Alternative]]:
    """Return the alternatives by weight, and whether they are single words."""
    weighed: dict[tuple[float, bool], list[Alternative]] = {}
    for one in group.alternatives:
        weight = one.weight if one.is_phrase else one.weight * len(one.terms)
        weighed.setdefault((weight, len(one.terms) == 1), []).append(one)
    return weighed


def _any(alternatives: Iterable[Alternative]) -> Sql:
    return _joined(" || ", [_alternative(alternative) for alternative in alternatives])


def _joined(operator: str, parts: Sequence[Sql]) -> Sql:
    sql = operator.join(part for part, _parameters in parts)
    return f"({sql})", [parameter for _part, parameters in parts for parameter in parameters]


def _marks(alternative: Alternative) -> list[str]:
    """Return the marks of the terms that an alternative is looked up among."""
    left_out = columns_left_out(alternative)
    return [_PLAIN, *(mark for mark, column in _MARKED.items() if column not in left_out)]


def _marked(alternative: Alternative, term: str) -> list[str]:
    return [mark + term for mark in _marks(alternative)]


def _alternative(alternative: Alternative) -> Sql:
    """Return one alternative: its words together or, if it is no phrase, anywhere."""
    if alternative.is_phrase:
        return _joined(
            " || ",
            [
                _query("phraseto_tsquery", [mark + term for term in alternative.terms])
                for mark in _marks(alternative)
            ],
        )
    words = [
        _joined(" || ", [_query("plainto_tsquery", [one]) for one in _marked(alternative, term)])
        for term in alternative.terms
    ]
    return _joined(" && ", words)


def _query(function: str, terms: Sequence[str]) -> Sql:
    """Return a tsquery; PostgreSQL's own parser reads the terms, which are letters and digits."""
    return f"{function}('pg_catalog.simple', %s)", [" ".join(terms).replace("\x00", "")]


class _Columns:
    """What the queries of one statement are called, and their parameters, in order."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self.parameters: list[Any] = []

    def add(self, name: str, sql: Sql) -> None:
        """Let the statement know one more query."""
        self.columns.append(f"{sql[0]} AS {name}")
        self.parameters += sql[1]
