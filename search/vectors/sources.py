"""Where the nearest rows to a vector come from: Elasticsearch if it serves, else the matrix.

Elasticsearch proposes things (kNN over its `dense_vector`), the table says which of them may be
seen and how near they are: so what an index holds of a row that was hidden or changed since decides
nothing, and one text lies equally near to another whichever answered.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import F

from portal.visibility import Viewer, hidden_prefixes
from search.engines import EngineUnavailable, LibraryEngine
from search.models import LibraryEntry, LibraryVector
from search.querysets import LibraryEntryQuerySet
from search.vectors import MODEL, matrix
from search.vectors.encoder import Vector

#: Vectors by which the middle is told where no matrix is asked; all of a library up to this size.
SAMPLE = 1024
#: A sample is read again after so many seconds.
SAMPLE_FOR = 60.0
#: Vectors are ordered by their row's number times this, modulo that: spread over all rows, and
#: always the same ones.
_SPREAD, _ROUND = 40_503, 65_536


@dataclass(frozen=True, slots=True)
class Around:
    """Visible things around a vector: likeness (cosine) and type by thing, the nearest first.

    `middle` is the median likeness of all rows, seen or not; `is_all`: there is nothing further.
    """

    things: dict[uuid.UUID, tuple[float, str]]
    middle: float
    is_all: bool


def around(engine: LibraryEngine, vector: Vector, viewer: Viewer, limit: int) -> Around | None:
    """Return what `viewer` may see of the `limit` nearest things (the matrix: rows).

    None where there are no vectors yet.
    """
    numbers, _scale = matrix.quantised(vector)
    try:
        things = engine.nearest(numbers, limit)
    except EngineUnavailable:  # an engine without another one behind it
        things = None
    if things is not None:
        found = _by_table(things, vector, viewer, limit)
        if found and found.things:  # else the index is of another library, or of long ago
            return found
    return _by_matrix(vector, viewer, limit)


def _by_table(
    things: Sequence[uuid.UUID], vector: Vector, viewer: Viewer, limit: int
) -> Around | None:
    middle = sample.middle(vector)
    if middle is None:
        return None
    rows = _visible(viewer).filter(thing_key__in=things, vector__model=MODEL).order_by("pk")
    told = list(rows.values_list("thing_key", "type", "vector__scale", "vector__data"))
    likeness = _likeness([(scale, data) for _thing, _kind, scale, data in told], vector)
    best: dict[uuid.UUID, tuple[float, str]] = {}
    for place in np.argsort(-likeness, kind="stable"):
        thing, kind, _scale, _data = told[place]
        best.setdefault(thing, (float(likeness[place]), kind))
    return Around(best, middle, len(things) < limit)


def _by_matrix(vector: Vector, viewer: Viewer, limit: int) -> Around | None:
    vectors = matrix.newest()
    if vectors is None or len(vectors) < 2:
        return None
    found, middle = vectors.around(vector, limit)
    rows = _visible(viewer).filter(pk__in=[entry for entry, _, _ in found]).order_by()
    kinds = dict(rows.values_list("pk", "type"))
    best: dict[uuid.UUID, tuple[float, str]] = {}
    for entry, thing, likeness in found:
        if entry in kinds:
            best.setdefault(thing, (likeness, kinds[entry]))
    return Around(best, middle, len(vectors) <= limit)


def _visible(viewer: Viewer) -> LibraryEntryQuerySet:
    return LibraryEntry.objects.visible(viewer, hidden_prefixes(viewer))


def _likeness(rows: Sequence[tuple[float, bytes]], vector: Vector) -> Vector:
    """Return the cosine of each stored vector with a unit vector."""
    if not rows:
        return np.zeros(0, dtype=np.float32)
    numbers = np.frombuffer(b"".join(bytes(data) for _scale, data in rows), dtype=np.int8)
    scales = np.array([scale for scale, _data in rows], dtype=np.float32)
    likeness: Vector = (numbers.reshape(len(rows), -1).astype(np.float32) @ vector) * scales
    return likeness


class Sample:
    """Vectors of rows that stand for all (a megabyte and a half), kept for a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = -SAMPLE_FOR
        self._rows: list[tuple[float, bytes]] = []

    def middle(self, vector: Vector) -> float | None:
        """Return the median likeness of the sample; None of less than two vectors."""
        rows = self._get()
        return float(np.median(_likeness(rows, vector))) if len(rows) > 1 else None

    def forget(self) -> None:
        """Read it again at once: for tests."""
        with self._lock:
            self._read_at = -SAMPLE_FOR

    def _get(self) -> list[tuple[float, bytes]]:
        with self._lock:
            if time.monotonic() - self._read_at >= SAMPLE_FOR:
                self._rows = _sampled()
                self._read_at = time.monotonic()
            return self._rows


def _sampled() -> list[tuple[float, bytes]]:
    spread = LibraryVector.objects.annotate(place=F("pk") * _SPREAD % _ROUND)
    some = spread.order_by("place", "pk").values("pk")[:SAMPLE]
    rows = LibraryVector.objects.filter(pk__in=some, model=MODEL).order_by("pk")
    return [(scale, bytes(data)) for scale, data in rows.values_list("scale", "data")]


sample = Sample()
