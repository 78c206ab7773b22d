"""What the scheduler does for the library."""

from __future__ import annotations

import datetime

from portal.schedule import MINUTE, job
from portal.tasks import enqueue_once
from search.analysis import ANALYSIS_VERSION
from search.engines import uses_elasticsearch
from search.metrics import forget_old_counts
from search.models import DocumentState, DocumentText, LibraryEntry
from search.searches import forget_old_searches
from search.services.documents import unread_documents, withdraw_closed
from search.tasks import (
    analyse_documents,
    mend_index,
    mend_library,
    read_document_text,
    refresh_library,
)

#: So many lost documents are queued at one look.
DOCUMENTS_AT_ONCE = 100


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


@job("library: documents not everybody may take", every=MINUTE)
def take_out_closed_documents() -> None:
    """Take out of the rows what a moved collection or a bulk change closed."""
    if withdraw_closed():
        enqueue_once(refresh_library)


@job("library: documents to read", every=10 * MINUTE)
def find_unread_documents() -> None:
    """Let the worker read documents whose task was lost, and analyse anew after an upgrade."""
    for document_id in unread_documents().values_list("pk", flat=True)[:DOCUMENTS_AT_ONCE]:
        enqueue_once(read_document_text, document_id)
    outdated = DocumentText.objects.filter(state=DocumentState.READ)
    if outdated.exclude(analysis=ANALYSIS_VERSION).exists():
        enqueue_once(analyse_documents)


@job("library: old searches", daily_at=datetime.time(3, 30))
def forget_searches() -> None:
    """Delete counts of searches that are older than the settings say, and old ones of engines."""
    forget_old_searches()
    forget_old_counts()
