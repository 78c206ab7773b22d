"""The vectors of the library in an index of their own: `dense_vector`, asked by kNN (ADR 0015).

It stands beside the library's index, since vectors are made after a publication and its texts are
not to be sent anew for them. A document a thing, with a nested row for each language as there; so
it is fed, built anew and compared by the same code, and a kNN search answers with things.

It holds neither liveness nor restrictions: what is nearest is only proposed, and the table decides
what of it may be shown (`search.vectors.sources`).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import F, QuerySet
from elasticsearch import Elasticsearch

from search import metrics, vectors
from search.engines.base import EngineUnavailable, IndexMissing
from search.models import LibraryVector
from search.models.feed import VECTORS
from search.vectors import MODEL, SIZE

from .client import search, understood
from .comparison import compare
from .contents import Contents
from .documents import Document
from .feed import Feed
from .indexes import Indexes
from .mapping import ROWS, SENT_AS, SETTINGS, SOURCE

#: Raise it when documents are built otherwise, though the mapping is the same.
GENERATION = 1
VECTOR = f"{ROWS}.vector"


class Vectors(Contents):
    """The vectors that the present model made, as the table holds them: a byte a number."""

    holds = VECTORS
    #: No digest of a library begins so: one with the prefix `…-vectors` has other names.
    infix = "vectors-v"
    sent = metrics.VECTORS_SENT
    lag = metrics.VECTORS_LAG

    def mapping(self) -> dict[str, Any]:
        """Return the mapping.

        Every vector is looked at (`flat`): the answer is the same each time, nothing has to be
        built when a row changes, and 100,000 take 7 ms (a graph: 3 ms, and misses some).
        """
        vector = {
            "type": "dense_vector",
            "dims": SIZE,
            "element_type": "byte",
            "similarity": "cosine",
            "index": True,
            "index_options": {"type": "flat"},
        }
        return {
            "dynamic": "strict",
            "_source": SOURCE,
            "_meta": {"generation": GENERATION, "model": MODEL},
            "properties": {
                "thing_key": {"type": "keyword"},
                ROWS: {"type": "nested", "properties": {**SENT_AS, "vector": vector}},
            },
        }

    def settings(self) -> dict[str, Any]:
        """Return the settings of a new index."""
        return SETTINGS

    def rows(self) -> QuerySet[Any]:
        """Return the vectors, each with the key of its thing."""
        made = LibraryVector.objects.filter(model=MODEL)
        return made.annotate(thing_key=F("entry__thing_key"))

    def hidden(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return none: the index shows nothing that the table does not."""
        return rows.none()

    def documents(self, thing_keys: Collection[uuid.UUID]) -> list[Document]:
        """Return the documents of those things that have vectors, in the order of their keys."""
        found = self.rows().filter(entry__thing_key__in=thing_keys).order_by("thing_key", "pk")
        rows = found.values_list("thing_key", "pk", "version", "built_version", "scale", "data")
        by_thing = groupby(rows.iterator(), key=lambda row: row[0])
        return [_document(key, (row[1:] for row in group)) for key, group in by_thing]


VECTORS_OF_ROWS = Vectors()

_Row = tuple[int, int, int, float, bytes]


def _document(key: uuid.UUID, rows: Iterator[_Row]) -> Document:
    told, held = [], {}
    for entry, version, built, scale, data in rows:
        numbers = bytes(data)
        text = f"{entry} {built} {scale!r}".encode()
        checksum = hashlib.blake2b(text + numbers, digest_size=8).hexdigest()
        held[entry] = (version, checksum)
        told.append(
            {"entry": entry, "version": version, "checksum": checksum, "vector": numbers.hex()}
        )
    document = json.dumps({"thing_key": str(key), ROWS: told}, separators=(",", ":"))
    return Document(key, max(version for version, _checksum in held.values()), document, held)


class VectorIndex:
    """The index of the vectors of one library; asks nothing where vectors are off.

    Raises EngineUnavailable where Elasticsearch does not answer, IndexMissing where it has no
    vectors (yet).
    """

    def __init__(self, client: Elasticsearch, prefix: str, timeout: float) -> None:
        self.client = client
        self.timeout = timeout
        self.indexes = Indexes(client, prefix, VECTORS_OF_ROWS)

    @cached_property
    def feed(self) -> Feed:
        """What brings the index up to the table."""
        return Feed(self.client, self.indexes)

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID]:
        """Return the things nearest to a vector (int8 numbers), the best first."""
        knn = {
            "field": VECTOR,
            "query_vector": memoryview(vector).cast("b").tolist(),
            "k": count,
            "num_candidates": count,
        }
        told = search(
            self.client,
            self.indexes.alias,
            self.timeout,
            knn=knn,
            size=count,
            track_total_hits=False,
        )
        with understood():
            things = [uuid.UUID(hit["_id"]) for hit in told["hits"]["hits"]]
        if not things:
            raise IndexMissing("Elasticsearch holds no vectors")
        return things

    def keep(self) -> int:
        """Send what waits; build an index where none serves. Return how much was sent."""
        return self.feed.keep() if vectors.are_on() else 0

    def look(self) -> None:
        """Ask whether the index is there and holds what it was sent; if not, send it anew.

        One that says that it was fed less far than the table knows was emptied, or put back.
        """
        if not vectors.are_on():
            return
        self.feed.look()
        if self.feed.rewind():
            self.feed.keep()

    def lag(self) -> int:
        """Return how many vectors, and deletions, the index was not sent."""
        return self.feed.waiting() if vectors.are_on() else 0

    def rebuild(self) -> bool:
        """Fill a new index and let it serve; return whether it came to its end."""
        return self.feed.rebuild() if vectors.are_on() else True

    def mend(self) -> int:
        """Send anew what differs from the table; return how many things did."""
        if not vectors.are_on():
            return 0
        self.look()
        return self.feed.mend()

    def verify(self, thorough: bool = False) -> list[str]:
        """Return what is wrong with the index; `thorough` compares it with the table by row."""
        if not vectors.are_on():
            return []
        try:
            if not self.indexes.serves(self.timeout):
                return ["Elasticsearch has no vectors that fit this code; the worker sends them"]
            if not thorough:
                return []
            found = compare(self.client, self.indexes.alias, VECTORS_OF_ROWS)
            return [f"Vectors in {problem}" for problem in found.problems()]
        except EngineUnavailable as error:
            return [str(error)]
