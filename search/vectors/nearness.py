"""How near things are to a thing in meaning, and to a text that tells a problem."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import numpy as np

from portal.visibility import Viewer
from search.models import LibraryVector
from search.query import LibraryQuery
from search.vectors import MODEL, blending, matrix

#: Rows that are looked at for each language of a thing; they are of all types.
_ROWS = 400
#: Places behind the point: what processors add up in another order is the same then.
_PLACES = 4


def things_near(entries: Collection[int]) -> dict[uuid.UUID, float]:
    """Return how near other things are to the thing of these rows, seen or not (one query).

    1 is the same text, 0 the middle of all. Empty where the thing has no vector, or nothing else.
    """
    vectors = matrix.newest()
    if vectors is None or len(vectors) < 2:
        return {}
    own = LibraryVector.objects.filter(pk__in=list(entries), model=MODEL).order_by("pk")
    rows = list(own.values_list("scale", "data"))
    near: dict[uuid.UUID, float] = {}
    for scale, data in rows:
        vector = np.frombuffer(bytes(data), dtype=np.int8).astype(np.float32) * np.float32(scale)
        found, middle = vectors.around(vector, _ROWS)
        span = max(1.0 - middle, 1e-6)
        for _entry, thing, likeness in found:
            nearness = round((likeness - middle) / span, _PLACES)
            near[thing] = max(near.get(thing, 0.0), nearness)
    return near


def things_near_text(text: str, viewer: Viewer) -> dict[uuid.UUID, float]:
    """Return how near things are to a text that `viewer` may see: 1 is the nearest of all."""
    query = LibraryQuery(text=text, viewer=viewer)
    return {one.thing_key: round(one.nearness, _PLACES) for one in blending.nearest(query)}
