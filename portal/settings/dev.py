"""`make run`: the demonstration on this machine. DEBUG stays off unless asked for."""

from __future__ import annotations

import os
import secrets

os.environ.setdefault("RATE_LIMITS", "off")  # else any measurement meets 429

from .base import *
from .base import HOST, VAR_DIR
from .environment import env, flag

DEBUG = flag("DEBUG", False)
DEMO = True


def _own_secret_key() -> str:
    """Return SECRET_KEY, or one made for this machine and kept in `var/` (mode 0600)."""
    if value := os.environ.get("SECRET_KEY", "").strip():
        return value
    path = VAR_DIR / "secret-key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    value = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value


SECRET_KEY = _own_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", HOST])
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
