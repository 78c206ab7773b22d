"""Sends documents in bulk, with the table's versions: what is older than what is there is refused.

So sending is idempotent and may overlap: an outbox that is drained twice, a rebuild beside it, a
late request of a worker that was killed; nothing goes back in time and nothing gone comes back.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from search.engines.base import EngineUnavailable, IndexMissing

from .client import failures, understood
from .documents import Document

logger = logging.getLogger(__name__)

#: A bulk request holds some so many bytes: larger ones gain nothing and cost memory on both sides.
REQUEST_BYTES = 4_000_000
#: A document without any row, which nothing finds; its version tells how far the index was fed.
MARK = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing without any row, and the version as of which it is gone."""

    thing_key: uuid.UUID
    version: int


def send(
    client: Elasticsearch, alias: str, items: Iterable[Document | Gone], refresh: bool = False
) -> int:
    """Put documents and deletions into the index behind `alias`; return how many were refused.

    A document that the mapping refuses is logged, and does not hold up the others; what the index
    had of the thing is taken out, since it is not so any more. Raises EngineUnavailable when they
    could not all be sent, IndexMissing when the alias is gone.
    """
    refused = 0
    for operations in _requests(items):
        with failures():
            answer = client.bulk(
                index=alias,
                operations=operations,  # type: ignore[arg-type]  # lines are taken as they are
                require_alias=True,
                filter_path="errors,items.*.status,items.*._id,items.*.error",
            )
        with understood():
            told = answer["items"] if answer["errors"] else []
        if gone := _refused(told, operations):
            send(client, alias, gone)
            refused += len(gone)
    if refresh:
        with failures():
            client.indices.refresh(index=alias)
    return refused


def _requests(items: Iterable[Document | Gone]) -> Iterator[list[str]]:
    """Yield the lines of one request after another."""
    lines: list[str] = []
    size = 0
    for item in items:
        action = "delete" if isinstance(item, Gone) else "index"
        lines.append(
            f'{{"{action}":{{"_id":"{item.thing_key}","version":{item.version},'
            '"version_type":"external_gte"}}'
        )
        if isinstance(item, Document):
            lines.append(item.text)
            size += len(item.text)
        if size > REQUEST_BYTES or len(lines) >= 2000:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines


def mark(client: Elasticsearch, alias: str, version: int) -> None:
    """Note in the index itself that it was fed up to this version."""
    send(client, alias, [Document(MARK, version, "{}", {})])


def marked(client: Elasticsearch, alias: str) -> int:
    """Return the version up to which the index says that it was fed; 0 where it does not say."""
    with failures():
        told = client.options(ignore_status=404).get(index=alias, id=str(MARK), source=False)
    with understood():
        return int(told["_version"]) if told.get("found") else 0


def _refused(items: Sequence[dict[str, Any]], operations: Sequence[str]) -> list[Gone]:
    """Return the things whose documents were refused for good; raises when some may pass later."""
    refused = set[str]()
    for item in items:
        with understood():
            [told] = item.values()
            error, status = told.get("error"), int(told["status"])
        if error is None or status == 409:  # done, nothing to delete, or something newer is there
            continue
        if status == 404:
            raise IndexMissing(f"the index is gone: {error}")
        if status != 400 or "index_closed" in str(error):  # no room, no right to write, closed
            raise EngineUnavailable(f"Elasticsearch is not able to: {error}")
        refused.add(str(told.get("_id")))
        logger.error("Elasticsearch refuses thing %s: %s", told.get("_id"), error)
    if not refused:
        return []
    asked = (json.loads(line)["index"] for line in operations if line.startswith('{"index":'))
    return [Gone(uuid.UUID(a["_id"]), a["version"]) for a in asked if a["_id"] in refused]
