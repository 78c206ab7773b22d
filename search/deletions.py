"""What is deleted from the library: indexes outside the database hear of it, files stay closed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from search.models import EngineIndex, LibraryClock, LibraryDeletion, LibraryEntry
from search.services.documents import keep_closed


@receiver(pre_delete, sender=LibraryEntry)
def note_closed_documents(sender: Any, instance: LibraryEntry, **kwargs: Any) -> None:
    """Let files that the row keeps for the network stay closed when its page goes."""
    keep_closed(instance)


@receiver(post_delete, sender=LibraryEntry)
def note_deletion(sender: Any, instance: LibraryEntry, **kwargs: Any) -> None:
    """Note the deletion of a row, in the transaction that deletes it.

    The clock is drawn from even where there is no index: one that is being made meanwhile begins
    with a draw too, so that either this finds it or it finds the row gone.
    """
    with transaction.atomic():
        version = LibraryClock.draw()
        kinds = sorted(set(EngineIndex.objects.values_list("holds", flat=True)))
        LibraryDeletion.objects.bulk_create(
            [
                LibraryDeletion(thing_key=instance.thing_key, version=version, holds=holds)
                for holds in kinds
            ]
        )
