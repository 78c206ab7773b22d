"""What a visitor waits for: the public addresses of the demo network, one request at a time."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from functools import partial

from tests.bench import Measurement, median_ms, portal

PATHS = ("/", "/partnerships/", "/communities/", "/programs/", "/library/", "/library/?q=school")


def get(connection: http.client.HTTPConnection, path: str) -> None:
    """Fetch `path` and read it whole; RuntimeError unless it answers 200."""
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}")


def run() -> Iterator[Measurement]:
    """Ask each address 20 times over one connection, in both languages."""
    with portal() as one, one.served():
        connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=60)
        for language in ("en", "he"):
            for path in (f"/{language}{tail}" for tail in PATHS):
                yield Measurement(f"GET {path}", median_ms(partial(get, connection, path)), "ms")
        connection.close()
