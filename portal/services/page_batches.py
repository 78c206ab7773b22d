"""Pages written unseen: shown at once in one short transaction, or taken away again.

    batch = start_batch("stories.csv", user)
    with BulkPageWriter(user=user, batch=batch) as writer:
        for page, parent in rows:
            writer.add(page, parent)
    show(batch)
    finish(batch)

Killed before `show`, nothing of it can be seen: `discard(batch)` takes it away. Killed after
`show`, everything can be seen: `finish(batch)` completes the log and Wagtail's own indexes.
"""

from __future__ import annotations

import time
from collections import defaultdict

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from portal.library import pages_shown
from portal.models import PortalPage, User, WriteBatch
from portal.services.page_indexes import CHUNK, IndexRows, let_others_write
from portal.services.page_rows import insert_log_entries


class BatchState(Exception):
    """The batch is in a state in which this can't be done."""


def start_batch(label: str = "", user: User | None = None) -> WriteBatch:
    """Return a new batch to give to `BulkPageWriter`."""
    return WriteBatch.objects.create(label=label[:200], user=user)


def show(batch: WriteBatch) -> int:
    """Make all pages of the batch live at once; returns how many.

    Drafts of the batch stay drafts. Raises BatchState when it was shown before.
    """
    with transaction.atomic():
        locked = WriteBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state != WriteBatch.State.WRITING:
            raise BatchState(f"{locked} has been shown already.")
        now = timezone.now()
        page_ids = locked.pages.filter(is_published=True).values("page_id")
        count = int(
            Page.objects.filter(pk__in=page_ids).update(
                live=True,
                expired=False,
                has_unpublished_changes=False,
                live_revision_id=F("latest_revision_id"),
                first_published_at=Coalesce(F("first_published_at"), now),
                last_published_at=now,
            )
        )
        locked.state, locked.shown_at = WriteBatch.State.SHOWN, now
        locked.save(update_fields=["state", "shown_at"])
        pages_shown.send(sender=WriteBatch, batch=locked, page_ids=page_ids)
    batch.refresh_from_db()
    return count


def finish(batch: WriteBatch) -> None:
    """Complete the log and Wagtail's indexes of a batch that was shown; may be called again.

    Raises BatchState when it has not been shown.
    """
    batch.refresh_from_db()
    if batch.state == WriteBatch.State.WRITING:
        raise BatchState(f"{batch} has not been shown.")
    while items := list(batch.pages.order_by("pk")[:CHUNK]):
        published = {item.page_id for item in items if item.is_published}
        pages = list(Page.objects.filter(pk__in=[item.page_id for item in items]))
        by_type: dict[type[PortalPage], list[int]] = defaultdict(list)
        for page in pages:
            by_type[page.specific_class].append(page.pk)
        index_rows = [IndexRows.of(model, ids) for model, ids in by_type.items()]
        with transaction.atomic():
            for rows in index_rows:
                rows.write()
            insert_log_entries(
                [page for page in pages if page.pk in published],
                "wagtail.publish",
                batch.user,
                batch.shown_at or timezone.now(),
            )
            batch.pages.filter(pk__in=[item.pk for item in items]).delete()
        let_others_write(time.monotonic())
    batch.state = WriteBatch.State.DONE
    batch.save(update_fields=["state"])


def discard(batch: WriteBatch) -> int:
    """Take away all pages of a batch that was never shown; returns how many. May be repeated.

    Raises BatchState when it has been shown.
    """
    removed = 0
    while True:
        with transaction.atomic():
            locked = WriteBatch.objects.select_for_update().filter(pk=batch.pk).first()
            if locked is None:
                return removed
            if locked.state != WriteBatch.State.WRITING:
                raise BatchState(f"{locked} has been shown: unpublish or delete its pages.")
            ids = list(locked.pages.values_list("page_id", flat=True)[:CHUNK])
            if not ids:
                locked.delete()
                return removed
            PageLogEntry.objects.filter(page_id__in=ids).delete()
            Page.objects.filter(pk__in=ids).delete()
            removed += len(ids)
        let_others_write(time.monotonic())
