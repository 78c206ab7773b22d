"""`/healthz` says that the process lives, `/readyz` that each part of the portal answers."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import DEFAULT_CACHE_ALIAS, cache, caches
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache


class Degraded(Exception):
    """Raised by a component that works badly, or not now, while requests are still answered."""


#: Components by name; each returns a word on its state, raises Degraded with that word, or raises
#: something else if requests can't be answered without it. Apps add their own in ready().
components: dict[str, Callable[[], str]] = {}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return connection.vendor


def _cache() -> str:
    cache.get("readyz")
    return type(caches[DEFAULT_CACHE_ALIAS]).__name__  # `cache` itself is only a stand-in


components["database"] = _database
components["cache"] = _cache


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process lives."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 with each component's state, or 503 when one does not answer."""
    states: dict[str, dict[str, str]] = {}
    ready = True
    for name, probe in components.items():
        try:
            states[name] = {"state": "ok", "detail": probe()}
        except Degraded as error:
            states[name] = {"state": "degraded", "detail": str(error)}
        except Exception as error:  # any fault of a component means "not ready"
            ready = False
            states[name] = {"state": "failed", "detail": type(error).__name__}
    return JsonResponse({"ready": ready, "components": states}, status=200 if ready else 503)
