"""Hears of documents that come, change, close or go; each handler has one effect, may run twice."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Collection, CollectionViewRestriction

from portal.models import PortalDocument
from portal.tasks import enqueue_once
from search.services.documents import (
    raise_rows_with,
    unread_documents,
    withdraw,
    withdraw_closed,
)
from search.tasks import read_document_text, refresh_soon


@receiver(post_save, sender=PortalDocument)
def keep_document(
    sender: Any, instance: PortalDocument, created: bool = False, raw: bool = False, **kwargs: Any
) -> None:
    """Read a new file; let rows take up another title, or drop what was closed."""
    if raw:
        return
    if unread_documents().filter(pk=instance.pk).exists():
        enqueue_once(read_document_text, instance.pk)
    if not created:
        note_changed_documents([instance.pk])


def note_changed_documents(document_ids: list[int]) -> None:
    """Take out at once what is closed now; let the rows of the pages be built anew."""
    withdraw_closed()
    if raise_rows_with(document_ids):
        refresh_soon()


@receiver(pre_delete, sender=PortalDocument)
def forget_document(sender: Any, instance: PortalDocument, **kwargs: Any) -> None:
    """Take a document's words out of the rows before it goes: the pages are not saved then."""
    withdraw(PortalDocument.objects.filter(pk=instance.pk))
    if raise_rows_with([instance.pk]):
        refresh_soon()


@receiver([post_save, post_delete], sender=CollectionViewRestriction)
def keep_open_documents_only(
    sender: Any, instance: CollectionViewRestriction, raw: bool = False, **kwargs: Any
) -> None:
    """Take out at once what a restriction closes; let rows take up what is open again."""
    collection = Collection.objects.filter(pk=instance.collection_id).first()
    if raw or collection is None:
        return
    withdraw_closed()
    below = PortalDocument.objects.filter(collection__path__startswith=collection.path)
    if raise_rows_with(below.values_list("pk", flat=True)):
        refresh_soon()
