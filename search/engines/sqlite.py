"""Full text on SQLite: FTS5 tables with external content, kept by triggers.

A migration that remakes the table of the texts drops its triggers without a word (TRAPS 11), so
all this is made by `post_migrate`, and checked at start and by `/readyz`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from search.analysis import Alternative, Group, TextQuery
from search.ranking import CARD_COLUMNS, CURVE, WEIGHTS, columns_left_out

from .fulltext import TABLE, WORDS, Sql, has_table, today, typed_title

TERMS_INDEX = "search_library_fts"
WORDS_INDEX = "search_library_words"
_COLUMNS = {TERMS_INDEX: tuple(WEIGHTS), WORDS_INDEX: (WORDS,)}
_OPTIONS = {TERMS_INDEX: "", WORDS_INDEX: ", prefix='1 2 3'"}


_SCORED = (
    f"SELECT rowid AS id, -bm25({TERMS_INDEX}, {', '.join(map(str, WEIGHTS.values()))}) AS score "
    f"FROM {TERMS_INDEX} WHERE {TERMS_INDEX} MATCH %s"
)


def _index_definition(index: str) -> str:
    # "ascii" takes every other character for part of a word: the terms are made by us.
    return (
        f"CREATE VIRTUAL TABLE {index} USING fts5({', '.join(_COLUMNS[index])}, "
        f"content='{TABLE}', content_rowid='entry_id', tokenize='ascii'{_OPTIONS[index]})"
    )


def _triggers(index: str) -> dict[str, str]:
    columns = _COLUMNS[index]
    names = ", ".join(columns)
    new = ", ".join(f"new.{column}" for column in columns)
    old = ", ".join(f"old.{column}" for column in columns)
    changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)
    add = f"INSERT INTO {index}(rowid, {names}) VALUES (new.entry_id, {new});"
    remove = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', old.entry_id, {old});"
    actions = {
        "insert": f"AFTER INSERT ON {TABLE} BEGIN {add} END",
        "delete": f"AFTER DELETE ON {TABLE} BEGIN {remove} END",
        "update": f"AFTER UPDATE ON {TABLE} WHEN {changed} BEGIN {remove} {add} END",
    }
    return {
        f"{index}_{name}": f"CREATE TRIGGER {index}_{name} {action}"
        for name, action in actions.items()
    }


def _wanted() -> dict[str, str]:
    """Return each object's definition by name."""
    wanted: dict[str, str] = {}
    for index in _COLUMNS:
        wanted[index] = _index_definition(index)
        wanted.update(_triggers(index))
    return wanted


def _present(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return dict(cursor.fetchall())


class SQLiteFullText:
    """FTS5 (SQLite 3.37 or newer)."""

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Make the two indexes and their triggers, and fill an index that was not kept."""
        if not has_table(connection):
            return
        present = _present(connection)
        missing = [name for name, sql in _wanted().items() if present.get(name) != sql]
        if not missing:
            return
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for index in _COLUMNS:
                if not any(name.startswith(index) for name in missing):
                    continue
                for name in _triggers(index):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                if index in missing:
                    cursor.execute(f"DROP TABLE IF EXISTS {index}")
                    cursor.execute(_index_definition(index))
                for statement in _triggers(index).values():
                    cursor.execute(statement)
                cursor.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")

    def release(self, connection: BaseDatabaseWrapper) -> None:
        """Drop the triggers: SQLite drops no column that one of them names."""
        with connection.cursor() as cursor:
            for index in _COLUMNS:
                for name in _triggers(index):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")

    def verify(self, connection: BaseDatabaseWrapper, thorough: bool = False) -> list[str]:
        """Return which objects are missing; if `thorough`, let FTS5 compare itself with the table.

        The thorough check takes the write lock for as long as it reads.
        """
        present = _present(connection)
        problems = [
            f"{name} is missing or outdated"
            for name, sql in _wanted().items()
            if present.get(name) != sql
        ]
        if problems or not thorough:
            return problems
        with connection.cursor() as cursor:
            for index in _COLUMNS:
                try:
                    with transaction.atomic(using=connection.alias):
                        cursor.execute(
                            f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)"
                        )
                except DatabaseError:
                    problems.append(f"{index} does not agree with the texts")
        return problems

    def matching(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return the entries, by BM25 with the weights of the columns.

        FTS5 gives every phrase of an expression the same weight and adds up their scores, so that
        a word with five other names would count five times. So each word is looked up by itself,
        what was typed apart from what was added: the better of them is the word's score, a high
        one lessened, and a thing's score is the sum over the words, each as often as it was typed,
        and the boosts.
        """
        wanted = _expression(query, demand_all)
        parts = _parts(query)
        if len(parts) == 1:
            return _SCORED, [wanted]
        scored = " UNION ALL ".join(
            f"SELECT id, {number} AS part, score * {weight} AS score FROM ({_SCORED})"
            for number, weight, _wanted in parts
        )
        return (
            f"WITH parts AS MATERIALIZED ({scored}), "
            f"best AS (SELECT id, part, MAX(score) AS score FROM parts GROUP BY id, part) "
            f"SELECT id, SUM(score / (1 + score * {CURVE}){_times(query)}) AS score FROM best "
            f"WHERE id IN (SELECT rowid FROM {TERMS_INDEX} WHERE {TERMS_INDEX} MATCH %s) "
            f"GROUP BY id",
            [*(expression for _number, _weight, expression in parts), wanted],
        )

    def on_cards(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return the entries that have the words in what a card shows."""
        return (
            f"SELECT rowid AS id FROM {TERMS_INDEX} WHERE {TERMS_INDEX} MATCH %s",
            [f"{{{' '.join(CARD_COLUMNS)}}} : ({_expression(query, demand_all)})"],
        )

    def vocabulary(self) -> Sequence[str]:
        """Return statements that read the words index; its table of terms is this connection's."""
        return [
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_library_vocabulary "
            f"USING fts5vocab('main', '{WORDS_INDEX}', 'row')",
            "SELECT term, doc FROM temp.search_library_vocabulary",
        ]

    def age(self, column: str) -> Sql:
        """Return an expression of the years since a date; dates are stored in UTC."""
        return f"(julianday(%s) - julianday({column})) / 365.25", [f"{today():%Y-%m-%d}"]

    def beginning(self, words: Sequence[str]) -> Sql:
        """Return the entries whose title or names have the words, the last one only begun."""
        expression = " AND ".join(_quoted(word) for word in words) + " *"
        first = f"^ {_quoted(typed_title(words))} *"  # the words of a title stand before the names
        found = f"FROM {WORDS_INDEX} WHERE {WORDS_INDEX} MATCH %s"
        return (
            f"SELECT rowid AS id, rowid IN (SELECT rowid {found}) AS begins {found}",
            [first, expression],
        )


def _parts(query: TextQuery) -> list[tuple[int, float, str]]:
    """Return what is looked up apart: number of the word, weight, expression."""
    parts: list[tuple[int, float, str]] = []
    for number, group in enumerate(query.groups):
        weighed: dict[float, list[Alternative]] = {}
        for alternative in group.alternatives:
            weight = alternative.weight if alternative.is_added else 1.0
            weighed.setdefault(weight, []).append(alternative)
        parts += [(number, weight, _any(those)) for weight, those in weighed.items()]
    number = len(query.groups)
    for boost in query.boosts:
        parts.append((number, boost.weight, _any([boost])))
        number += 1
    return parts


def _times(query: TextQuery) -> str:
    """Return the factor of words that were typed several times, if any were."""
    whens = [
        f"WHEN {number} THEN {group.times}"
        for number, group in enumerate(query.groups)
        if group.times > 1
    ]
    return f" * (CASE part {' '.join(whens)} ELSE 1 END)" if whens else ""


def _expression(query: TextQuery, demand_all: bool) -> str:
    """Return the query in FTS5's language: strings of terms, operators of ours."""
    groups = [_group(group) for group in query.groups]
    if demand_all:
        wanted = " AND ".join(groups)
    else:
        wanted = " OR ".join(groups)
        if query.required:
            demanded = " AND ".join(_group(group) for group in query.required)
            wanted = f"({demanded}) AND ({wanted})"
    if query.excluded:
        wanted = f"({wanted}) NOT ({_any(query.excluded)})"
    return wanted


def _group(group: Group) -> str:
    return f"({_any(group.alternatives)})"


def _any(alternatives: Iterable[Alternative]) -> str:
    return " OR ".join(_alternative(alternative) for alternative in alternatives)


def _alternative(alternative: Alternative) -> str:
    if alternative.is_phrase:
        found = _quoted(" ".join(alternative.terms))
    else:
        found = f"({' AND '.join(_quoted(term) for term in alternative.terms)})"
    left_out = columns_left_out(alternative)
    return f"- {{{' '.join(left_out)}}} : {found}" if left_out else found


def _quoted(term: str) -> str:
    """Return terms as an FTS5 string; they are letters and digits, this is the second lock."""
    return '"' + term.replace('"', '""').replace("\x00", "") + '"'
