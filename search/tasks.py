"""Work of the library beside the web process."""

from __future__ import annotations

import logging

from portal.liveness import stop_requested
from portal.tasks import enqueue_once, retrying_task
from search.engines import elasticsearch_engine, uses_elasticsearch
from search.services.consistency import mend, rebuild
from search.services.documents import analyse_anew, read_document
from search.services.refresh import refresh_stale

logger = logging.getLogger(__name__)


@retrying_task(max_attempts=5)
def refresh_library() -> int:
    """Build the rows anew that wait for it; return how many. What is left is found again."""
    done = 0
    while not stop_requested() and (count := refresh_stale()):
        done += count
    return done


@retrying_task(max_attempts=3)
def mend_library() -> int:
    """Build the rows anew that differ from their pages; return how many."""
    mended = mend()
    if mended:
        logger.warning("%s rows of the library differed from their pages and were mended.", mended)
    return mended


@retrying_task(max_attempts=3)
def mend_index() -> int:
    """Send anew what an index outside the database holds otherwise than the table; return it."""
    if not uses_elasticsearch():
        return 0
    mended = elasticsearch_engine().mend()
    if mended:
        logger.warning("%s things in Elasticsearch differed from the table.", mended)
    return mended


@retrying_task(max_attempts=2)
def rebuild_everything() -> int:
    """Build every row anew, and an index outside the database from the rows; return how many."""
    written = rebuild().written
    if uses_elasticsearch():
        elasticsearch_engine().rebuild()
    logger.info("The library was built anew: %s rows.", written)
    return written


@retrying_task(max_attempts=3, backoff=60)
def read_document_text(document_id: int) -> str | None:
    """Read a document that is new or has another file; return its state."""
    state = read_document(document_id)
    refresh_soon()
    return state


@retrying_task(max_attempts=3, backoff=60)
def analyse_documents() -> int:
    """Make the terms of documents anew that an older analysis made; return how many."""
    done = 0
    while not stop_requested() and (count := analyse_anew()):
        done += count
    refresh_soon()
    return done


def refresh_soon() -> None:
    """Let the worker refresh the library once the caller's transaction has committed."""
    enqueue_once(refresh_library)
