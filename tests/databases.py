"""Test databases: migrated once, kept under `var/test/`, then copied.

Migrating takes ten seconds and more; a copy takes milliseconds. The template's name carries a
hash of the migrations and of the lock, so that it is made anew when one of them changes. After
the copy `post_migrate` runs once in each process (groups, triggers and permissions that are made
by code follow the code), and what then stands in the database is what a test that commits is
rolled back to: the tables are put back as they were, with the pages and groups that migrations
made, where Django's own flush would leave them empty.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections

BASE_DIR = Path(__file__).resolve().parent.parent
TEST_DIR = BASE_DIR / "var" / "test"


def template_key() -> str:
    """Return a short hash of all that decides what an empty, migrated database looks like."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {sqlite3.sqlite_version}".encode())
    for path in [BASE_DIR / "requirements.txt", *sorted(BASE_DIR.glob("*/migrations/*.py"))]:
        digest.update(str(path.relative_to(BASE_DIR)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process of this checkout at a time through (waits for the others)."""
    TEST_DIR.mkdir(parents=True, exist_ok=True)
    with (TEST_DIR / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)


class SuiteDatabase:
    """The database that this process tests on; a subclass for each kind."""

    def __init__(self, worker: str) -> None:
        self.connection: Any = connections[DEFAULT_DB_ALIAS]
        self.worker = worker
        self.key = template_key()
        self.real_name = self.connection.settings_dict["NAME"]

    def point_at(self, name: str) -> None:
        """Let the connection use the database `name` from now on."""
        self.connection.close()
        self.connection.settings_dict["NAME"] = name

    def create(self) -> None:
        """Make the test database of this process from the template."""
        raise NotImplementedError

    def restore(self) -> None:
        """Put everything back to what it was after `create`."""
        raise NotImplementedError

    def copy_for_processes(self, directory: Path) -> str:
        """Return the DATABASE_URL of a fresh copy that other processes can open."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Drop what `create` and `copy_for_processes` made (not the template)."""
        raise NotImplementedError


class SQLiteDatabase(SuiteDatabase):
    """In memory, unless the settings' TEST NAME is a file."""

    template: Path
    initial: sqlite3.Connection

    def create(self) -> None:
        """Copy the template file into memory and note what is there after `post_migrate`."""
        self.template = TEST_DIR / f"template-{self.key}.sqlite3"
        with locked("sqlite"):
            if not self.template.exists():
                self._make_template()
        name = self.connection.creation._get_test_db_name()
        if not self.connection.creation.is_in_memory_db(name):
            Path(name).unlink(missing_ok=True)
        self.point_at(name)
        self.connection.ensure_connection()
        with sqlite3.connect(self.template) as source:
            source.backup(self.connection.connection)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)
        self.initial = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.connection.backup(self.initial)

    def _make_template(self) -> None:
        for old in TEST_DIR.glob("template-*.sqlite3*"):
            old.unlink()
        making = TEST_DIR / f"making-{os.getpid()}.sqlite3"
        making.unlink(missing_ok=True)
        self.point_at(str(making))
        try:
            _migrate()
            with self.connection.cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=DELETE")  # one file, fit for memory too
            self.connection.close()
            making.rename(self.template)
        finally:
            self.point_at(self.real_name)
            making.unlink(missing_ok=True)

    def restore(self) -> None:
        """Copy the first state back, page by page (milliseconds).

        A server's thread may still answer a browser that is gone: it is waited for.
        """
        self.connection.ensure_connection()
        for tries_left in range(20, -1, -1):
            self.connection.connection.rollback()
            try:
                self.initial.backup(self.connection.connection)
            except sqlite3.OperationalError as error:
                if "in use" not in str(error) or not tries_left:
                    raise
                time.sleep(0.5)
            else:
                return

    def copy_for_processes(self, directory: Path) -> str:
        """Write the first state to a file in `directory`."""
        path = directory / "portal.sqlite3"
        with sqlite3.connect(path) as target:
            self.initial.backup(target)
        return f"sqlite:///{path}"

    def destroy(self) -> None:
        """Close the copies; a file is removed."""
        self.initial.close()
        name = self.connection.settings_dict["NAME"]
        super(type(self.connection), self.connection).close()
        self.connection.settings_dict["NAME"] = self.real_name
        if not self.connection.creation.is_in_memory_db(name):
            Path(name).unlink(missing_ok=True)


class PostgreSQLDatabase(SuiteDatabase):
    """Databases beside the real one: `test_<name>_template_<key>`, `…_<worker>_<process>`, …"""

    def __init__(self, worker: str) -> None:
        super().__init__(worker)
        self.prefix = f"test_{self.real_name}"
        self.template = f"{self.prefix}_template_{self.key}"
        self.name = f"{self.prefix}_{worker}_{os.getpid()}"  # two runs at once are fine
        self.initial = f"{self.name}_initial"
        self.copies: list[str] = []

    def _server(self, *statements: str) -> None:
        """Run statements outside any of the databases concerned."""
        with self.connection.creation._nodb_cursor() as cursor:
            for statement in statements:
                self._execute(cursor, statement)

    def _execute(self, cursor: Any, statement: str, tries: int = 60) -> None:
        """Run a statement; wait for the server's own vacuum to leave a database that goes."""
        try:
            cursor.execute(statement)
        except ProgrammingError as error:
            if tries == 1 or "pg_signal_backend" not in str(error):
                raise
            time.sleep(0.5)
            self._execute(cursor, statement, tries - 1)

    def _drop(self, name: str) -> str:
        return f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'

    def _copy(self, source: str, target: str) -> None:
        self._server(self._drop(target), f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def create(self) -> None:
        """Copy the template, run `post_migrate` in the copy, and copy that once more."""
        with locked("postgresql"):
            self._drop_left_behind()
            if not self._exists(self.template):
                self._make_template()
            self._copy(self.template, self.initial)
        self.point_at(self.initial)
        emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)
        self.point_at(self.name)
        self._copy(self.initial, self.name)

    def _names(self, start: str) -> list[str]:
        with self.connection.creation._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [start]
            )
            return [name for (name,) in cursor.fetchall()]

    def _drop_left_behind(self) -> None:
        """Drop the databases of processes that ended without doing so."""
        for name in self._names(f"{self.prefix}_"):
            found = re.fullmatch(r"(?:main|gw\d+)_(\d+)(?:_\w+)?", name[len(self.prefix) + 1 :])
            if found and not Path(f"/proc/{found[1]}").exists():
                self._server(self._drop(name))

    def _exists(self, name: str) -> bool:
        return name in self._names(name)

    def _make_template(self) -> None:
        self._server(*(self._drop(old) for old in self._names(f"{self.prefix}_template_")))
        making = f"{self.prefix}_making"
        self._server(self._drop(making), f'CREATE DATABASE "{making}"')
        self.point_at(making)
        try:
            _migrate()
        finally:
            self.point_at(self.real_name)
        self._server(f'ALTER DATABASE "{making}" RENAME TO "{self.template}"')

    def restore(self) -> None:
        """Make the database anew from its first state (connections of others are cut)."""
        connections.close_all()
        self._copy(self.initial, self.name)

    def copy_for_processes(self, directory: Path) -> str:
        """Make another database with the first state; it goes with `destroy`."""
        name = f"{self.name}_{len(self.copies)}"
        self._copy(self.initial, name)
        self.copies.append(name)
        return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    def destroy(self) -> None:
        """Drop this process's databases."""
        self.point_at(self.real_name)
        self._server(*(self._drop(name) for name in [*self.copies, self.name, self.initial]))


def suite_database(worker: str) -> SuiteDatabase:
    """Return the test database for the engine that DATABASE_URL names."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return PostgreSQLDatabase(worker)
    return SQLiteDatabase(worker)
