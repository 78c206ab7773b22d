"""`make serve`: nothing has a default that an outsider could guess."""

from __future__ import annotations

from .base import *
from .base import BASE_URL, STORAGES
from .environment import EnvironmentRefused, flag, required

SECRET_KEY = required("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise EnvironmentRefused("SECRET_KEY", "is shorter than 50 characters")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",") if host.strip()]
if not ALLOWED_HOSTS:
    raise EnvironmentRefused("ALLOWED_HOSTS", "names no host")
required("BASE_URL")
required("DATABASE_URL")

_over_https = BASE_URL.startswith("https:")
SECURE_SSL_REDIRECT = _over_https and flag("SECURE_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if _over_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _over_https
SECURE_HSTS_PRELOAD = _over_https
SESSION_COOKIE_SECURE = _over_https
CSRF_COOKIE_SECURE = _over_https
CSRF_TRUSTED_ORIGINS = [BASE_URL]

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
