"""The connection to Elasticsearch, and what its failures mean to the portal."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from elastic_transport import ConnectionError as NotReached
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from search.engines.base import EngineRefused, EngineUnavailable, IndexMissing

# It tells each request, and each failure with its trace; we tell an outage once, and its end.
logging.getLogger("elastic_transport").setLevel(logging.CRITICAL)

#: Seconds that a bulk request or the making of an index may take.
FEED_SECONDS = 60.0


@lru_cache(maxsize=4)
def _client(url: str, process: int) -> Elasticsearch:
    return Elasticsearch(url, request_timeout=FEED_SECONDS, max_retries=0, retry_on_timeout=False)


def client(url: str) -> Elasticsearch:
    """Return this process's client: one that was forked would share its sockets."""
    return _client(url, os.getpid())


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Read an answer: one that lacks what it has to tell is none.

    A proxy in between may cut it, or answer itself, with 200 and something of its own.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise EngineUnavailable(f"Elasticsearch answers half, or not itself: {error!r}") from error


def search(client: Elasticsearch, index: str, timeout: float, **body: Any) -> Any:
    """Search for no longer than `timeout` (seconds), sources aside; a part of an answer is none."""
    with failures():
        told = client.options(request_timeout=timeout).search(
            index=index,
            source=False,
            timeout=f"{int(timeout * 1000)}ms",
            allow_partial_search_results=False,
            **body,
        )
    with understood():
        is_late = told["timed_out"]
    if is_late:
        raise EngineUnavailable("Elasticsearch takes too long")
    return told.body


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """Turn the client's exceptions into those of `search.engines.base`."""
    try:
        yield
    except NotReached as error:
        raise EngineUnavailable(f"Elasticsearch is not reached: {error}") from error
    except TransportError as error:
        raise EngineUnavailable(f"Elasticsearch does not answer: {error}") from error
    except ApiError as error:
        status = error.meta.status
        if status == 404:
            raise IndexMissing(f"Elasticsearch has no such index: {error}") from error
        if status in (408, 429) or status >= 500:
            raise EngineUnavailable(f"Elasticsearch is not able to: {error}") from error
        raise EngineRefused(f"Elasticsearch refuses: {error}") from error
