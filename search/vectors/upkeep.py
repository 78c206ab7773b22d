"""Keeps the vectors by the table: what the worker does, a little at a time."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum

from search.models import LibraryEntry, LibraryVector
from search.vectors import matrix
from search.vectors.encoder import MODEL, encode_passages

logger = logging.getLogger(__name__)

#: Rows in one turn: some two seconds of work, and one short transaction.
AT_ONCE = 20
#: While more wait, the file is written anew after so many seconds.
WRITE_EVERY = 300.0
_written_at = -WRITE_EVERY


def waiting() -> Q:
    """Return what says that a row has no vector of its texts as they stand."""
    fresh = Q(vector__model=MODEL, vector__version=F("built_version"))
    return Q(vector=None) | ~fresh


def make_some(limit: int = AT_ONCE) -> int:
    """Make the vectors of up to `limit` rows that wait, the newest first; return how many.

    Rows that nobody can find (unpublished) wait until they are live.
    """
    entries = list(
        LibraryEntry.objects.filter(waiting(), page__live=True)
        .select_related("text")
        .order_by("-version")[:limit]
    )
    if not entries:
        return 0
    vectors = encode_passages([_passage(entry) for entry in entries])
    with transaction.atomic():
        there = set(
            LibraryEntry.objects.filter(pk__in=[entry.pk for entry in entries]).values_list(
                "pk", flat=True
            )
        )
        rows = []
        for entry, vector in zip(entries, vectors, strict=True):
            if entry.pk in there:  # it may have gone while its vector was made
                data, scale = matrix.quantised(vector)
                version = entry.built_version
                rows.append(
                    LibraryVector(entry=entry, model=MODEL, version=version, scale=scale, data=data)
                )
        LibraryVector.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["entry"],
            update_fields=["model", "version", "scale", "data"],
        )
    return len(rows)


def _passage(entry: LibraryEntry) -> str:
    return "\n".join(text for text in (entry.title, entry.summary, entry.text.body) if text)


def stamp() -> str:
    """Return a name for the vectors as they stand; it changes with each row made or gone."""
    found = LibraryVector.objects.aggregate(
        rows=Count("pk"), newest=Max("version"), all=Sum("version"), entries=Sum("entry_id")
    )
    return "-".join(str(found[name] or 0) for name in ("rows", "newest", "all", "entries"))


def write_matrix() -> bool:
    """Write the file anew if the table has other vectors; return whether it was needed."""
    name = stamp()
    if any(path.name == f"vectors-{name}.npy" for path in matrix.files()):
        return False
    count = LibraryVector.objects.count()
    matrix.write(name, _rows(), count)
    return True


def _rows() -> Iterator[tuple[int, uuid.UUID, float, bytes]]:
    rows = LibraryVector.objects.order_by("entry_id").values_list(
        "entry_id", "entry__thing_key", "scale", "data"
    )
    for entry, thing, scale, data in rows.iterator(chunk_size=2000):
        yield entry, thing, scale, bytes(data)


def keep() -> None:
    """Make some vectors that wait; write the file once none does, or now and then meanwhile."""
    global _written_at
    made = make_some()
    if made < AT_ONCE or time.monotonic() - _written_at >= WRITE_EVERY:
        write_matrix()
        _written_at = time.monotonic()
    else:
        logger.debug("Vectors of %s rows made, more wait.", made)
