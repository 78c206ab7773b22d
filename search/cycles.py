"""What each worker does for the library every few seconds."""

from __future__ import annotations

from importlib import import_module

from portal.cycles import cycle
from search import metrics, vectors
from search.engines import EngineUnavailable, elasticsearch_engine, uses_elasticsearch
from search.metrics import engine_log


@cycle("library: outbox", every=2.0)
def feed_engines() -> None:
    """Send what has changed to the index outside the database; build it where there is none.

    What can't be sent waits in the table and is sent by a later cycle.
    """
    if not uses_elasticsearch():
        return
    try:
        elasticsearch_engine().feed.keep()
    except EngineUnavailable:
        engine_log.note(metrics.NOT_SENT)
        raise


@cycle("library: meanings", every=3.0)
def keep_vectors() -> None:
    """Make some vectors of rows that have none yet, where SEARCH_VECTORS is on."""
    if vectors.are_on():
        import_module("search.vectors.upkeep").keep()
