"""What has to be done before serving, and how to know in milliseconds that it was done.

A stamp in `var/` holds hashes of what migrations, lock, static files and the network's data
looked like when they were last applied, to which database. What differs is done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.utils import DatabaseError

from portal.processes import Say
from portal.settings.environment import BASE_DIR, EnvironmentRefused

SQLITE_AT_LEAST = (3, 37)
DATA_SUFFIXES = {".csv", ".json", ".xlsx", ".yaml"}


def prepare(say: Say, *, demo: bool) -> None:
    """Migrate, collect static files, load the network, and say anew how well tested practices are.

    Each only if it changed. What older code did not keep of a practice is recorded by the last, so
    that a filled database is right after an upgrade. `demo` loads the network of Partnerships.
    Raises EnvironmentRefused if the database that DATABASE_URL names can't be used.
    """
    check_database()
    if not _changed(demo):
        return
    with _alone(settings.VAR_DIR / "prepare.lock"):
        changed = _changed(demo)
        if changed & {"database", "lock", "migrations", "applied"}:
            with _timed(say, "Migrating the database"):
                call_command("migrate", interactive=False, verbosity=0)
        if "static" in changed:
            with _timed(say, "Collecting static files"):
                call_command("collectstatic", interactive=False, verbosity=0)
        if demo and changed & {"database", "applied", "network"}:
            with _timed(say, "Loading the network of Partnerships"):
                call_command("load_network", demo=True, demo_accounts=True)
        if changed & {"database", "lock", "migrations", "applied", "evidence"}:
            with _timed(say, "Saying anew how well tested practices are"):
                call_command("recompute_evidence", verbosity=0)
        _write_stamp({**read_stamp(), **current_stamp(demo=demo)})


def check_database() -> None:
    """Raise EnvironmentRefused in one line if the database can't be reached or is too old."""
    config = connection.settings_dict
    try:
        connection.ensure_connection()
    except DatabaseError as error:  # not reached, or a file that is no database
        where = config["NAME"]
        if connection.vendor != "sqlite":
            where = f"{config['NAME']} at {config['HOST'] or 'the local socket'}"
            where += f":{config['PORT']}" if config["PORT"] else ""
        why = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise EnvironmentRefused("DATABASE_URL", f"can't open {where} ({why})") from None
    if connection.vendor != "sqlite":
        return
    if sqlite3.sqlite_version_info < SQLITE_AT_LEAST:
        wanted = ".".join(map(str, SQLITE_AT_LEAST))
        raise EnvironmentRefused(
            "DATABASE_URL", f"SQLite is {sqlite3.sqlite_version}; at least {wanted} is needed"
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')")
        if cursor.fetchone() != (1,):
            raise EnvironmentRefused("DATABASE_URL", "this SQLite lacks FTS5 (full text)")


def current_stamp(*, demo: bool) -> dict[str, str]:
    """Return the hash of each thing that `prepare` would apply, as it is now."""
    config = connection.settings_dict
    stamp = {
        "database": _hash(f"{config['ENGINE']} {config['HOST']} {config['PORT']} {config['NAME']}"),
        "lock": _hash(sys.version, *_contents([BASE_DIR / "requirements.txt"])),
        # `migrate` also makes the full-text structures, which code alone can change.
        "migrations": _hash(
            *_contents(_files_of_apps("migrations", "*.py")),
            *_contents(_files_of_apps("engines", "*.py")),
        ),
        "applied": _hash(*_applied_migrations()),
        "evidence": _hash(*_contents(_files_of_apps(".", "evidence*.py"))),
    }
    if demo:
        files = [*_files_in(settings.NETWORK_DATA_DIR), *_files_of_apps("data", "*")]
        data = _contents(path for path in files if path.suffix in DATA_SUFFIXES)
        stamp["network"] = _hash(settings.BASE_URL, *data)  # the site's address is in the database
    if not getattr(settings, "WHITENOISE_USE_FINDERS", False):
        own = [path for directory in settings.STATICFILES_DIRS for path in _files_in(directory)]
        collected = str((Path(settings.STATIC_ROOT) / "staticfiles.json").exists())
        stamp["static"] = _hash(
            stamp["lock"], collected, *_contents([*own, *_files_of_apps("static", "**/*")])
        )
    return stamp


def _changed(demo: bool) -> set[str]:
    before, now = read_stamp(), current_stamp(demo=demo)
    return {name for name in now if now[name] != before.get(name)}


def read_stamp() -> dict[str, str]:
    """Return the stamp of the last preparation; empty if there was none that can be read."""
    try:
        return dict(json.loads(_stamp_path().read_text()))
    except (OSError, ValueError):
        return {}


def forget_stamp() -> None:
    """Let the next start prepare everything again."""
    _stamp_path().unlink(missing_ok=True)


def _stamp_path() -> Path:
    return Path(settings.VAR_DIR) / "prepared.json"


def _write_stamp(stamp: dict[str, str]) -> None:
    path = _stamp_path()
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(stamp, indent=2) + "\n")
    unfinished.replace(path)


def _applied_migrations() -> list[str]:
    """Return the names the database says were applied; none if it has no such table."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
            return [f"{app}.{name}" for app, name in cursor.fetchall()]
    except DatabaseError:
        return []


def _files_of_apps(folder: str, pattern: str) -> list[Path]:
    """Return the files of the portal's own apps (the lock stands for the others)."""
    own = (Path(config.path) for config in apps.get_app_configs())
    found = (path for app in own if app.parent == BASE_DIR for path in (app / folder).glob(pattern))
    return sorted(path for path in found if path.is_file())


def _files_in(directory: Path) -> list[Path]:
    return sorted(path for path in Path(directory).rglob("*") if path.is_file())


def _contents(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield str(path)
        yield hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one start at a time prepare the same data (a second one waits)."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _timed(say: Say, what: str) -> Iterator[None]:
    begun = time.monotonic()
    say(f"{what} …")
    yield
    say(f"{what}: done in {time.monotonic() - begun:.1f} s")
