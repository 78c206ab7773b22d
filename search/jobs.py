"""What the scheduler does for the library."""

from __future__ import annotations

import datetime

from portal.schedule import MINUTE, job
from portal.tasks import enqueue_once
from search.engines import uses_elasticsearch
from search.models import LibraryEntry
from search.tasks import mend_index, mend_library, refresh_library


@job("library: rows that wait", every=MINUTE)
def find_stale_rows() -> None:
    """Let the worker build what waits: a task that was lost costs a minute, not the row."""
    if LibraryEntry.objects.stale().exists():
        enqueue_once(refresh_library)


@job("library: comparison with the pages", daily_at=datetime.time(2, 40))
def compare_with_pages() -> None:
    """Let the worker mend what differs: terms of members begin and end without any save."""
    enqueue_once(mend_library)


@job("library: comparison of the index", daily_at=datetime.time(3, 10))
def compare_index() -> None:
    """Let the worker compare Elasticsearch with the table, row by row, and mend what differs."""
    if uses_elasticsearch():
        enqueue_once(mend_index)
