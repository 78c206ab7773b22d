"""Full text on one kind of database, behind one small interface.

What is indexed are the terms of `LibraryText`, made by `search.analysis`; the databases neither
stem nor fold, so all of them find the same.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from search.analysis import TextQuery
from search.ranking import WEIGHTS

#: A statement and its parameters.
Sql = tuple[str, list[Any]]

#: The table whose terms are indexed; its columns and their weights are those of `WEIGHTS`.
TABLE = "search_librarytext"
WORDS = "words"


class FullText(Protocol):
    """What the database engine needs of a database's full text."""

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Make what is missing or outdated; may run any number of times."""
        ...

    def release(self, connection: BaseDatabaseWrapper) -> None:
        """Take away what hinders migrations of the table; `install` makes it anew."""
        ...

    def verify(self, connection: BaseDatabaseWrapper, thorough: bool = False) -> list[str]:
        """Return what is missing or wrong, in words; `thorough` compares index and texts too."""
        ...

    def matching(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return a SELECT of `id` (of the entry) and `score` (higher is better).

        Rows have all groups (`demand_all`), or the required ones and any of the others.
        """
        ...

    def on_cards(self, query: TextQuery, demand_all: bool) -> Sql:
        """Return a SELECT of `id` of the entries that `matching` finds by their cards alone.

        Nothing but `CARD_COLUMNS` is looked at, for words that are excluded neither.
        """
        ...

    def vocabulary(self) -> Sequence[str]:
        """Return statements whose last one gives the plain words and their numbers of rows."""
        ...

    def age(self, column: str) -> Sql:
        """Return an expression of the years since a date, counted to the beginning of today."""
        ...

    def beginning(self, words: Sequence[str]) -> Sql:
        """Return a SELECT of the entries with all `words`, the last one only begun.

        `id` of each, and `begins`: whether its title begins so.
        """
        ...


def has_table(connection: BaseDatabaseWrapper) -> bool:
    """Whether the table of the terms is there, with all its columns (it may be migrated away)."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return False
        columns = {
            column.name for column in connection.introspection.get_table_description(cursor, TABLE)
        }
    return columns >= {*WEIGHTS, WORDS}


def typed_title(words: Sequence[str]) -> str:
    """Return how the words of a title begin that begins as typed; each word stands there once."""
    return " ".join(dict.fromkeys(words))


def today() -> datetime.datetime:
    """Return the beginning of today (UTC): ages, and with them the order, keep for a day."""
    return (
        timezone.now().astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )
