"""Reads the environment, and says in one line which value is missing or wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()

_DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")


class EnvironmentRefused(SystemExit):
    """A setting from the environment is missing or malformed; ends the start with one line."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


def required(name: str) -> str:
    """Return the variable `name`, or end the start saying that it is missing."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise EnvironmentRefused(name, "is not set; production does not start without it")
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Return the variable `name` if it is one of `allowed`."""
    value = os.environ.get(name, default).strip() or default
    if value not in allowed:
        raise EnvironmentRefused(name, f"is {value!r}; it must be one of {', '.join(allowed)}")
    return value


def flag(name: str, default: bool) -> bool:
    """Return whether the variable `name` is on; `default` where it is not set."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("on", "true", "yes", "1"):
        return True
    if value in ("off", "false", "no", "0"):
        return False
    raise EnvironmentRefused(name, f"is {value!r}; it must be on or off")


def integer(name: str, default: int, minimum: int = 1) -> int:
    """Return the variable `name` as a whole number of at least `minimum`."""
    raw = os.environ.get(name, "").strip() or str(default)
    try:
        value = int(raw)
    except ValueError:
        raise EnvironmentRefused(name, f"is {raw!r}; it must be a whole number") from None
    if value < minimum:
        raise EnvironmentRefused(name, f"is {value}; it must be at least {minimum}")
    return value


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """Return the variable `name` if its scheme is one of `schemes` (empty stays empty)."""
    given = os.environ.get(name, "").strip()
    value = given or default
    if value and not value.startswith(tuple(f"{scheme}:" for scheme in schemes)):
        shown = value.split(":", 1)[0][:20]
        raise EnvironmentRefused(
            name, f"starts with {shown!r}; it must start with one of {', '.join(schemes)}"
        )
    if given.startswith("http") and not _host_of(given):
        raise EnvironmentRefused(name, "names no host, or a port that is none")
    return value


def _host_of(value: str) -> str:
    parts = urlsplit(value)
    try:
        return (parts.hostname or "") if parts.port != 0 else ""
    except ValueError:
        return ""


def data_directory(name: str, default: Path) -> Path:
    """Return the directory that `name` names, or `default`; its `var/` is there and writable."""
    directory = Path(os.environ.get(name, "").strip() or default)
    try:
        (directory / "var").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentRefused(
            name, f"can't make {directory / 'var'} ({error.strerror})"
        ) from None
    if not os.access(directory / "var", os.W_OK | os.X_OK):
        raise EnvironmentRefused(name, f"can't write in {directory / 'var'}")
    return directory


def database(default_path: Path) -> dict[str, Any]:
    """Return Django's `DATABASES["default"]` from DATABASE_URL.

    SQLite runs in WAL mode with immediate transactions and a busy timeout, so that two
    processes can write in turn (DESIGN, "Time, cache, transactions").
    """
    value = url("DATABASE_URL", _DATABASE_SCHEMES, default=f"sqlite:///{default_path}")
    try:
        config: dict[str, Any] = dict(env.db_url_config(value))
    except Exception as error:
        raise EnvironmentRefused("DATABASE_URL", f"can't be read ({error})") from None
    if not config.get("NAME"):
        raise EnvironmentRefused("DATABASE_URL", "names no database")
    if config["NAME"] == ":memory:":
        raise EnvironmentRefused("DATABASE_URL", "names no file, and several processes share it")
    # To open SQLite again takes 2 ms a request: it reads its whole schema, and has no cache yet.
    config["CONN_MAX_AGE"] = 60
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                "PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;"
            ),
        }
    else:
        config["ENGINE"] = "django.db.backends.postgresql"
        config["CONN_HEALTH_CHECKS"] = True
        config.setdefault("OPTIONS", {})["connect_timeout"] = 10
    return config


def email(value: str) -> dict[str, Any]:
    """Return Django's EMAIL_* settings from EMAIL_URL; the path in filemail:///path is absolute."""
    try:
        config: dict[str, Any] = dict(env.email_url_config(value))
        if value.startswith("filemail:"):
            config["EMAIL_FILE_PATH"] = unquote(urlsplit(value).path)
    except Exception as error:
        raise EnvironmentRefused("EMAIL_URL", f"can't be read ({error})") from None
    return config


def cache(value: str) -> dict[str, Any]:
    """Return Django's `CACHES["default"]`: Redis where CACHE_URL says so, else local memory."""
    if value.startswith(("redis:", "rediss:")):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "portal"}
