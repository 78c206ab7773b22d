"""Builds rows anew whose version was raised since they were built: after renames and moves."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from wagtail.models import Page

from search.models import LibraryClock, LibraryEntry
from search.services.loading import specific_pages
from search.services.writer import LibraryRow, is_indexed, rows_of, write_rows

logger = logging.getLogger(__name__)

#: Rows in one transaction: it holds the write lock for well under a second.
CHUNK = 100


def stale_entries() -> QuerySet[LibraryEntry]:
    """Return the rows whose texts wait for the worker, longest waiting first."""
    return LibraryEntry.objects.stale().order_by("version", "pk")


def refresh_stale(limit: int = 1000) -> int:
    """Build up to `limit` stale rows anew, in short transactions; return how many were done.

    A page that can't be described is logged and left stale: it is tried again the next time.
    """
    waiting = list(stale_entries().values_list("page_id", flat=True)[:limit])
    return sum(_refresh(waiting[start : start + CHUNK]) for start in range(0, len(waiting), CHUNK))


def _refresh(page_ids: Sequence[int]) -> int:
    with transaction.atomic():
        version = LibraryClock.draw()  # before the pages are read: see search.services.writer
        pages = specific_pages(page_ids)
        shown = [page for page in pages if page.live and is_indexed(page)]
        rows = _described(shown)
        write_rows(rows, version)
        hidden = set(page_ids) - {page.pk for page in shown}
        done = LibraryEntry.objects.filter(page__in=hidden)
        return len(rows) + done.update(version=version, built_version=version)


def _described(pages: Sequence[Page]) -> list[LibraryRow]:
    """Return the rows of `pages`; one that can't be described does not stop the others."""
    try:
        with transaction.atomic():
            return rows_of(pages)
    except Exception:
        logger.debug("A page of this chunk can't be described; trying one by one.")
    rows = []
    for page in pages:
        try:
            with transaction.atomic():
                rows += rows_of([page])
        except Exception:
            logger.exception("Page %s can't be described for the library.", page.pk)
    return rows
