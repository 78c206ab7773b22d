"""Batches of an import: started, logged page by page, and cleaned up after a killed one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import ngettext
from wagtail.models import ModelLogEntry, PageLogEntry

from portal.models import PortalPage, WriteBatch
from portal.services.page_batches import discard, finish, show, start_batch
from portal.services.page_updates import PageUpdates

#: The log action of a page that an import made or changed; its data tells batch, file and row.
LOG_ACTION = "portal.import"
_LABEL = "import_content "
_UNSEEN = "unseen"


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
        count = _take_back(batch)
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
    _take_back_facts()
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
            _take_back(batch)
        raise


def _take_back(batch: WriteBatch) -> int:
    """Take away the pages of a batch that never showed, then the facts made for them."""
    count = discard(batch)
    _take_back_facts()
    return count


def _take_back_facts() -> None:
    """Delete facts that an import made and never showed; there is but one import at a time."""
    unseen = ModelLogEntry.objects.filter(action=LOG_ACTION, data__state=_UNSEEN)
    for entry in unseen.order_by("-pk").select_related("content_type"):
        model = entry.content_type.model_class()
        with transaction.atomic():
            if model is not None:
                model._default_manager.filter(pk=entry.object_id).delete()
            ModelLogEntry.objects.filter(
                content_type=entry.content_type_id, object_id=entry.object_id
            ).delete()


def show_all(
    batch: WriteBatch, updates: PageUpdates, facts: Callable[[], None] | None = None
) -> None:
    """Let new pages and new texts show at once, in one short transaction; then complete indexes.

    `facts` writes inside that transaction what has no pages of its own. Raises PageGone or
    ValidationError, and nothing has changed, when an update can't be written. A batch without
    pages is removed.
    """
    with transaction.atomic():
        if facts is not None:
            facts()
            _facts_are_shown()
        updates.write()
        is_empty = not batch.pages.exists()
        show(batch)
    finish(batch)
    if is_empty:
        batch.delete()


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


def log_facts(
    batch: WriteBatch, facts: Sequence[tuple[models.Model, dict[str, Any]]], *, created: bool
) -> None:
    """Log that these facts were made or changed by an import; call it where they are written.

    Facts made are noted as unseen until `show_all`, so that a broken-off import leaves none.
    """
    now = timezone.now()
    entries = []
    for fact, data in facts:
        about = {"batch": str(batch.pk), **data, **({"state": _UNSEEN} if created else {})}
        action = "wagtail.create" if created else "wagtail.edit"
        entries += [
            ModelLogEntry(
                content_type=ContentType.objects.get_for_model(fact),
                object_id=str(fact.pk),
                label=str(fact),
                action=action,
                data=told,
                timestamp=now,
                user=batch.user,
                content_changed=True,
            )
            for action, told in ((action, {}), (LOG_ACTION, about))
        ]
    ModelLogEntry.objects.bulk_create(entries)


def _facts_are_shown() -> None:
    entries = list(ModelLogEntry.objects.filter(action=LOG_ACTION, data__state=_UNSEEN))
    for entry in entries:
        entry.data = {name: value for name, value in entry.data.items() if name != "state"}
    ModelLogEntry.objects.bulk_update(entries, ["data"], batch_size=200)
