"""The suite's settings: only cost is taken away, each line with its reason."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# Workers of the suite side by side would empty each other's cache: each has a Redis database.
if os.environ.get("CACHE_URL", "").startswith("redis"):
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    os.environ["CACHE_URL"] = (
        urlsplit(os.environ["CACHE_URL"])._replace(path=f"/{_worker}").geturl()
    )

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="portal-test-"))  # never the real var/

from .base import *
from .base import DATABASES

SECRET_KEY = "only-for-the-test-suite-" + "0" * 40
ALLOWED_HOSTS = ["*"]
BASE_URL = "http://testserver"
WAGTAILADMIN_BASE_URL = BASE_URL
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # bcrypt-like cost per login
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # tests read mail.outbox
MAIL_DELIVERY_BACKEND = EMAIL_BACKEND
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}  # no worker
SEARCH_ENGINE = "database"  # tests of Elasticsearch make an engine with an index of its own
RATE_LIMITS = False
ACCOUNT_RATE_LIMITS = False
SEARCH_REPORT_SECONDS = 0.0  # no thread that writes: tests call it
WAGTAIL_AUTOSAVE_INTERVAL = 0  # browser tests that are about it turn it on
WHITENOISE_AUTOREFRESH = True  # no scan of all static files at start
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="portal-media-"))

if DATABASES["default"]["ENGINE"].endswith("sqlite3") and "DATABASE_URL" not in os.environ:
    DATABASES["default"]["TEST"] = {"NAME": None}  # in memory
