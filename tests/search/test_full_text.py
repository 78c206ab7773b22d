"""The database's full-text structures come back after migrations, and their lack is noticed."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from search.checks import library_state
from search.engines import DatabaseEngine
from search.engines.fulltext import TABLE
from search.query import LibraryQuery
from search.services.consistency import rebuild
from search.services.library import find
from tests.factories import StoryPageFactory

pytestmark = pytest.mark.django_db(transaction=True)

is_sqlite = connection.vendor == "sqlite"


def break_structures() -> None:
    """Take away what a careless migration would."""
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute("DROP TRIGGER search_library_fts_insert")
            cursor.execute("DROP TRIGGER search_library_fts_update")
        else:
            cursor.execute(f"ALTER TABLE {TABLE} DROP COLUMN terms_vector")


def test_new_rows_are_found_after_migrating_there_and_back() -> None:
    StoryPageFactory(title="Beforehand")
    call_command("migrate", "search", "0001", verbosity=0)
    call_command("migrate", "search", verbosity=0)
    assert DatabaseEngine().verify() == []
    rebuild()
    StoryPageFactory(title="Afterwards")
    assert find(LibraryQuery(text="beforehand")).total == 1
    assert find(LibraryQuery(text="afterwards")).total == 1
    assert DatabaseEngine().verify(thorough=True) == []


def test_altering_the_table_of_texts_loses_nothing() -> None:
    """SQLite remakes the table, and its triggers go without a word (TRAPS 11)."""
    StoryPageFactory(title="Beforehand")
    before = MigrationExecutor(connection).loader.project_state()
    altered = migrations.AlterField("librarytext", "names", models.CharField(max_length=9999))
    after = before.clone()
    altered.state_forwards("search", after)
    with connection.schema_editor() as editor:
        altered.database_forwards("search", editor, before, after)
    with connection.schema_editor() as editor:
        altered.database_backwards("search", editor, after, before)
    if is_sqlite:
        assert DatabaseEngine().verify() != []
    call_command("migrate", verbosity=0)
    assert DatabaseEngine().verify() == []
    StoryPageFactory(title="Afterwards")
    assert find(LibraryQuery(text="beforehand")).total == 1
    assert find(LibraryQuery(text="afterwards")).total == 1


def test_missing_structures_are_noticed_and_made_again(client: Client) -> None:
    StoryPageFactory(title="Beforehand")
    assert client.get("/readyz").json()["components"]["library"]["state"] == "ok"
    break_structures()
    assert DatabaseEngine().verify() != []
    with pytest.raises(RuntimeError):
        library_state()
    assert client.get("/readyz").json()["components"]["library"]["state"] == "failed"
    found = run_checks(databases=["default"])
    assert [problem.id for problem in found if problem.id.startswith("search.")] != []
    if is_sqlite:
        StoryPageFactory(title="Meanwhile")  # written while nothing kept the index
    DatabaseEngine().install()
    assert DatabaseEngine().verify(thorough=True) == []
    assert find(LibraryQuery(text="beforehand")).total == 1
    assert find(LibraryQuery(text="meanwhile")).total == int(is_sqlite)
    assert run_checks(databases=["default"], tags=["database"]) == []


def test_installing_again_changes_nothing() -> None:
    DatabaseEngine().install()
    StoryPageFactory(title="Anything")
    DatabaseEngine().install()
    assert find(LibraryQuery(text="anything")).total == 1


@pytest.mark.requires("sqlite")
def test_index_that_disagrees_is_noticed() -> None:
    page = StoryPageFactory(title="Anything")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'search_library_fts_update'")
        [trigger] = cursor.fetchone()
        cursor.execute("DROP TRIGGER search_library_fts_update")
        cursor.execute(
            f"UPDATE {TABLE} SET title_terms = 'other' WHERE entry_id = %s",  # noqa: S608
            [page.library_entries.get().pk],
        )
        cursor.execute(trigger)
    assert DatabaseEngine().verify() == []
    assert DatabaseEngine().verify(thorough=True) != []
