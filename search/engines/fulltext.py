"""Full text on one kind of database, behind one small interface.

What is indexed are the terms of `LibraryText`, made by `search.analysis`; the databases neither
stem nor fold, so all of them find the same. Weights: the title, then names, concepts and summary,
then the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

#: A statement and its parameters.
Sql = tuple[str, list[Any]]

#: The table whose terms are indexed, and its columns with the weight of each.
TABLE = "search_librarytext"
WEIGHTS = {
    "title_terms": 10.0,
    "names_terms": 6.0,
    "concept_terms": 4.0,
    "summary_terms": 4.0,
    "body_terms": 1.0,
}
WORDS = "words"


class FullText(Protocol):
    """What the database engine needs of a database's full text."""

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Make what is missing or outdated; may run any number of times."""
        ...

    def verify(self, connection: BaseDatabaseWrapper, thorough: bool = False) -> list[str]:
        """Return what is missing or wrong, in words; `thorough` compares index and texts too."""
        ...

    def matching(self, terms: Sequence[str], demand_all: bool) -> Sql:
        """Return a SELECT of `id` (of the entry) and `score` (higher is better)."""
        ...

    def beginning(self, words: Sequence[str]) -> Sql:
        """Return a SELECT of `id` of the entries with all `words`, the last one only begun."""
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
