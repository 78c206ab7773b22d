"""Compares the index with the table, row by row, holding little of either in memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

from .client import failures
from .contents import TEXTS_OF_ROWS, Contents
from .documents import Document
from .mapping import ROWS

#: Things that are read at once, on both sides.
CHUNK = 400
#: So many rows are named in a report.
NAMED = 10

#: Version and checksum, by the row's id.
Rows = dict[int, tuple[int, str]]


@dataclass(slots=True)
class Difference:
    """How the index differs from the table: ids of rows, and the things that they are of."""

    compared: int = 0
    missing: list[int] = field(default_factory=list)
    outdated: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)
    things: list[uuid.UUID] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Return it in words; nothing if there is no difference."""
        told = {"missing": self.missing, "outdated": self.outdated, "surplus": self.surplus}
        return [
            f"Elasticsearch: {len(rows)} rows are {how} ({', '.join(map(str, rows[:NAMED]))})"
            for how, rows in told.items()
            if rows
        ]


def compare(client: Elasticsearch, alias: str, contents: Contents = TEXTS_OF_ROWS) -> Difference:
    """Compare what the index behind `alias` holds with the table, versions and contents.

    What the feed has not sent yet is a difference too: drain before, or compare again.
    """
    result = Difference()
    indexed = _indexed(client, alias)
    held = next(indexed, None)
    for document in _told(contents):
        while held is not None and held[0] < document.thing_key:
            _note(result, held[0], {}, held[1])
            held = next(indexed, None)
        is_there = held is not None and held[0] == document.thing_key
        _note(result, document.thing_key, document.rows, held[1] if held and is_there else {})
        if is_there:
            held = next(indexed, None)
    while held is not None:
        _note(result, held[0], {}, held[1])
        held = next(indexed, None)
    return result


def _note(result: Difference, thing: uuid.UUID, wanted: Rows, held: Rows) -> None:
    result.compared += len(wanted)
    if wanted == held:
        return
    result.things.append(thing)
    result.missing += sorted(wanted.keys() - held.keys())
    result.surplus += sorted(held.keys() - wanted.keys())
    result.outdated += sorted(k for k in wanted.keys() & held.keys() if wanted[k] != held[k])


def _told(contents: Contents) -> Iterator[Document]:
    """Yield what the index should hold, in the order of the things."""
    things = contents.rows().order_by("thing_key").values_list("thing_key", flat=True)
    last: uuid.UUID | None = None
    while True:
        following = things if last is None else things.filter(thing_key__gt=last)
        keys = list(following.distinct()[:CHUNK])
        if not keys:
            return
        yield from contents.documents(keys)
        last = keys[-1]


def _indexed(client: Elasticsearch, alias: str) -> Iterator[tuple[uuid.UUID, Rows]]:
    """Yield what the index holds, in the order of the things, as of one moment."""
    with failures():
        client.indices.refresh(index=alias)
        moment = client.open_point_in_time(index=alias, keep_alive="5m")["id"]
    after: list[Any] | None = None
    try:
        while True:
            with failures():
                told = client.search(
                    pit={"id": moment, "keep_alive": "5m"},
                    query={"exists": {"field": "thing_key"}},  # all but the mark
                    size=CHUNK,
                    sort=[{"thing_key": "asc"}],
                    search_after=after,
                    track_total_hits=False,
                    source_includes=[ROWS],
                )
            hits = told["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                rows = hit["_source"].get(ROWS, [])
                yield (
                    uuid.UUID(hit["_id"]),
                    {row["entry"]: (row["version"], row["checksum"]) for row in rows},
                )
            moment, after = told.get("pit_id", moment), hits[-1]["sort"]
    finally:
        with failures():
            client.close_point_in_time(id=moment)
