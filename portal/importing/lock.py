"""One import at a time; the lock goes with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from .problems import Problem, Severity

_ADVISORY_KEY = 0x5032_4749  # any number of our own


class ImportRunning(Exception):
    """Another import has not ended yet."""


@contextmanager
def only_import() -> Iterator[None]:
    """Hold the lock of imports: in the database on PostgreSQL, else on a file beside SQLite's.

    Raises ImportRunning at once when somebody else holds it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ADVISORY_KEY])
            if not cursor.fetchone()[0]:
                raise ImportRunning
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_KEY])
        return
    with _lock_file().open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportRunning from None
        yield


def _lock_file() -> Path:
    """Return the lock of this database, so that imports into another one are not in the way."""
    name = str(connection.settings_dict["NAME"])
    database = Path(name.removeprefix("file:").split("?")[0])
    if not database.is_file():  # a database in memory belongs to its process alone
        return Path(settings.VAR_DIR) / f"import-{os.getpid()}.lock"
    return database.with_name(f"{database.name}.import-lock")


def running_problem() -> Problem:
    """Return what a refused second import is told."""
    return Problem(
        Severity.ERROR,
        None,
        None,
        _("Another import is running; start this one when it has ended."),
    )
