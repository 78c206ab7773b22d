"""What each worker does for the library every few seconds."""

from __future__ import annotations

import logging
import time
from importlib import import_module
from typing import TYPE_CHECKING

from portal.cycles import cycle
from search import metrics, vectors
from search.engines import EngineUnavailable, elasticsearch_engine, uses_elasticsearch
from search.metrics import engine_log
from search.models.feed import TEXTS, VECTORS

if TYPE_CHECKING:
    from search.engines.elasticsearch.feed import Feed
    from search.engines.elasticsearch.vectors import VectorIndex

logger = logging.getLogger(__name__)

#: Seconds between two looks at an index that nothing waits for.
LOOK_SECONDS = 30.0
#: When each index is looked at again, by what it holds.
_next_look: dict[str, float] = {}


@cycle("library: outbox", every=2.0)
def feed_engines() -> None:
    """Send what has changed to the index outside the database; build it where there is none.

    What can't be sent waits in the table and is sent by a later cycle. Where nothing waits, the
    index is looked at all the same, at once after a start and now and then.
    """
    if not uses_elasticsearch():
        return
    _feed(TEXTS, elasticsearch_engine().feed)


def _feed(holds: str, index: Feed | VectorIndex) -> None:
    try:
        if not index.keep():
            _look(holds, index)
    except EngineUnavailable:
        engine_log.note(metrics.NOT_SENT)
        raise


def _look(holds: str, index: Feed | VectorIndex) -> None:
    if time.monotonic() < _next_look.get(holds, 0.0):
        return
    _next_look[holds] = time.monotonic() + LOOK_SECONDS
    try:
        index.look()
    except EngineUnavailable as error:  # nothing waits for it, and searches tell of the outage
        logger.debug("The index can't be looked at: %s", error)


@cycle("library: meanings", every=3.0)
def keep_vectors() -> None:
    """Make some vectors of rows that have none yet, where SEARCH_VECTORS is on."""
    if vectors.are_on():
        import_module("search.vectors.upkeep").keep()


@cycle("library: meanings to the engine", every=3.0)
def feed_vectors() -> None:
    """Send vectors that were made to the index outside the database, where there is one.

    Apart from the making of them, which no outage holds up.
    """
    if vectors.are_on() and uses_elasticsearch():
        _feed(VECTORS, elasticsearch_engine().vectors)
