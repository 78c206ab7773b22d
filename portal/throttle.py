"""How often an anonymous visitor may do something: counted in the cache, without a cookie.

Whole windows are counted, so that one entry a visitor is kept, and no address in the clear. Where
each process has a cache of its own the limit holds for each of them; what must hold exactly is
counted in the database besides. RATE_LIMITS=off (the default under `make run`) lets all pass.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def visitor_address(request: HttpRequest) -> str:
    """Return the address a request comes from.

    What a proxy tells (`X-Forwarded-For`, its last entry) counts only when the proxy itself is on
    a private network; else anybody could pretend to be somebody new each time.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
    try:
        is_proxy = peer == "" or ipaddress.ip_address(peer).is_private
        return str(ipaddress.ip_address(told)) if told and is_proxy else peer
    except ValueError:
        return peer


def seconds_left(seconds: int) -> int:
    """Return how many seconds the present window of `seconds` still lasts; at least one."""
    return seconds - int(time.time() % seconds)


def is_too_often(what: str, who: str, most: int, seconds: int) -> bool:
    """Count an attempt of `who`; return whether it is one too many within `seconds`."""
    if not settings.RATE_LIMITS:
        return False
    mark = hashlib.sha256(f"{settings.SECRET_KEY}:{who}".encode()).hexdigest()[:32]
    key = f"throttle:{what}:{mark}:{int(time.time() // seconds)}"
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) > most)
    except ValueError:  # it ran out between the two
        return False
