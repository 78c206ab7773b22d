"""Knows rows that were built by another version of the analysis."""

from __future__ import annotations

from django.db import connections, transaction

from search.analysis import ANALYSIS_VERSION
from search.models import LibraryClock, LibraryEntry


def is_outdated() -> bool:
    """Whether rows stand that were built by another version and do not wait for the worker yet."""
    return not LibraryClock.objects.filter(pk=1, analysis=ANALYSIS_VERSION).exists()


def note_analysis(using: str = "default") -> int:
    """Let all rows wait for the worker if they were built by another version; return how many.

    Runs after each migration; does nothing where the table is migrated away.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if LibraryClock._meta.db_table not in tables or using != "default":
            return 0
        description = connection.introspection.get_table_description(
            cursor, LibraryClock._meta.db_table
        )
        if "analysis" not in {column.name for column in description}:
            return 0
    if not is_outdated():
        return 0
    with transaction.atomic(using=using):
        version = LibraryClock.draw()
        waiting = LibraryEntry.objects.update(version=version)
        LibraryClock.objects.filter(pk=1).update(analysis=ANALYSIS_VERSION)
    return waiting
