"""Batches of an import: started, logged page by page, and cleaned up after a killed one."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext
from wagtail.models import Page, PageLogEntry

from portal.library import pages_written
from portal.models import PortalPage, WriteBatch, WriteBatchPage
from portal.services.page_batches import discard, finish, show, start_batch
from portal.services.page_indexes import chunks, let_others_write
from portal.services.page_updates import PageUpdates

#: The log action of a page that an import made or changed; its data tells batch, file and row.
LOG_ACTION = "portal.import"
_LABEL = "import_content "


def recover() -> list[str]:
    """Take away what a killed import left unseen, complete what one had shown; say what was done.

    Call it while holding the lock of imports: then no batch of an import can be in progress.
    """
    notes = []
    for batch in WriteBatch.objects.filter(label__startswith=_LABEL).exclude(
        state=WriteBatch.State.DONE
    ):
        if batch.state == WriteBatch.State.SHOWN:
            finish(batch)
            continue
        count = discard(batch)
        if count:
            notes.append(
                ngettext(
                    "An earlier import was broken off; the %(count)d page it had written unseen"
                    " was taken away.",
                    "An earlier import was broken off; the %(count)d pages it had written unseen"
                    " were taken away.",
                    count,
                )
                % {"count": count}
            )
    return notes


@contextmanager
def unseen_batch(kind: str, file: str) -> Iterator[WriteBatch]:
    """Give a batch to write into; whatever breaks the block takes its pages away again."""
    batch = start_batch(f"{_LABEL}{kind} {file}")
    try:
        yield batch
    except BaseException:
        batch.refresh_from_db()
        if batch.state == WriteBatch.State.WRITING:
            discard(batch)
        raise


def show_all(batch: WriteBatch, updates: PageUpdates) -> None:
    """Let new pages and new texts show at once, in one short transaction; then complete indexes.

    Raises PageGone or ValidationError, and nothing has changed, when an update can't be written.
    """
    with transaction.atomic():
        changed = updates.write()
        # Their rows bring them into `finish`, also when that has to be done by the next import.
        WriteBatchPage.objects.bulk_create(
            [WriteBatchPage(batch=batch, page_id=pk, is_published=False) for pk in changed],
            batch_size=500,
        )
        show(batch)
    finish(batch)
    for piece in chunks(changed):
        with transaction.atomic():
            pages = _specific(piece)
            pages_written.send(sender=PageUpdates, pages=pages)
        let_others_write(time.monotonic())


def _specific(page_ids: Iterable[int]) -> list[Any]:
    return list(Page.objects.filter(pk__in=page_ids).specific())


def log_imported(batch: WriteBatch, pages: Iterable[tuple[PortalPage, dict[str, Any]]]) -> None:
    """Log that these pages came by an import, each with its own data (row, reference)."""
    now = timezone.now()
    with transaction.atomic():
        PageLogEntry.objects.bulk_create(
            PageLogEntry(
                page_id=page.pk,
                content_type_id=page.content_type_id,
                label=page.title,
                action=LOG_ACTION,
                data={"batch": str(batch.pk), **data},
                timestamp=now,
                user=batch.user,
                revision_id=page.latest_revision_id,
                content_changed=True,
            )
            for page, data in pages
        )
