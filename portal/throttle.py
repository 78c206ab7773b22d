"""How often an anonymous visitor may do something: counted in the cache, without a cookie.

Whole windows are counted, so that one entry a visitor is kept, and no address in the clear. Where
each process has a cache of its own the limit holds for each of them; what must hold exactly is
counted in the database besides. RATE_LIMITS=off (the default under `make run`) lets all pass.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

#: Where a proxy of ours can stand: the machine itself, private and link-local networks. Ranges for
#: documentation or measurements are called private, too, but nobody's proxy stands there.
_PROXIES = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            *("::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)
#: Who has an address of version 6 has all that begin so, and could take another each time.
_VISITOR_PREFIX = 64
_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[0-9.]+))(?::\d+)?")


def visitor_address(request: HttpRequest) -> str:
    """Return the address a request comes from; of version 6 the network of its line.

    What a proxy tells (`X-Forwarded-For`, its last entry) counts only when the proxy itself is on
    a private network; else anybody could pretend to be somebody new each time.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    own = _address(peer)
    told = _address(str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip())
    is_proxy = peer == "" or (own is not None and any(own in network for network in _PROXIES))
    visitor = told if told is not None and is_proxy else own
    if visitor is None:
        return peer
    if visitor.version == 6:
        return str(ipaddress.ip_network((visitor, _VISITOR_PREFIX), strict=False))
    return str(visitor)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a text tells, as some proxies do with a port; None if it is none."""
    if match := _WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address


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
