"""Keeps the vectors by the table: what the worker does, a little at a time."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Max, Q, Sum

from search.models import LibraryClock, LibraryEntry, LibraryVector
from search.vectors import MODEL, matrix
from search.vectors.encoder import encode_passages

logger = logging.getLogger(__name__)

#: Rows in one turn: some two seconds of work, and one short transaction.
AT_ONCE = 20
#: While more wait, the file is written anew after so many seconds.
WRITE_EVERY = 300.0
_written_at = -WRITE_EVERY
#: Nothing is looked for while the library's clock stands still, but for a look after so many
#: seconds: a row that was built anew after a rename waits, and the clock stood before that.
LOOK_EVERY = 60.0


def waiting() -> Q:
    """Return what says that a row has no vector of its texts as they stand."""
    fresh = Q(vector__model=MODEL, vector__built_version=F("built_version"))
    return Q(vector=None) | ~fresh


def make_some(limit: int = AT_ONCE) -> int:
    """Make the vectors of up to `limit` rows that wait, the newest first; return how many.

    Rows that nobody can find (unpublished) wait until they are live. The library's clock is drawn
    from when the vectors are there already: whoever publishes meanwhile waits for one statement.
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
        version = LibraryClock.draw()
        for entry, vector in zip(entries, vectors, strict=True):
            if entry.pk in there:  # it may have gone while its vector was made
                data, scale = matrix.quantised(vector)
                rows.append(
                    LibraryVector(
                        entry=entry,
                        model=MODEL,
                        built_version=entry.built_version,
                        version=version,
                        scale=scale,
                        data=data,
                    )
                )
        LibraryVector.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["entry"],
            update_fields=["model", "built_version", "version", "scale", "data"],
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
    if any(matrix.name_of(path) == name for path in matrix.files()):
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


class _Pace:
    """When rows that wait were last looked for and not found, and what the clock showed then."""

    def __init__(self) -> None:
        self._clock = -1
        self._at = -LOOK_EVERY

    def may_rest(self, clock: int) -> bool:
        """Whether a look would find what the last one found: nothing."""
        return clock == self._clock and time.monotonic() - self._at < LOOK_EVERY

    def rest(self, clock: int) -> None:
        """Note that nothing waits at this value of the clock."""
        self._clock, self._at = clock, time.monotonic()


_pace = _Pace()


def keep() -> None:
    """Make some vectors that wait; write the file once none does, or now and then meanwhile.

    Costs one look at the clock while nothing changes.
    """
    global _written_at
    clock = LibraryClock.objects.filter(pk=1).values_list("value", flat=True).first() or 0
    if _pace.may_rest(clock):
        return
    made = make_some()
    if made < AT_ONCE or time.monotonic() - _written_at >= WRITE_EVERY:
        write_matrix()
        _written_at = time.monotonic()
    else:
        logger.debug("Vectors of %s rows made, more wait.", made)
    if not made:  # else the clock has moved on since
        _pace.rest(clock)
