"""Sends documents in bulk, with the table's versions: what is older than what is there is refused.

So sending is idempotent and may overlap: an outbox that is drained twice, a rebuild beside it, a
late request of a worker that was killed; nothing goes back in time and nothing gone comes back.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from search.engines.base import EngineUnavailable, IndexMissing

from .client import failures
from .documents import Document

logger = logging.getLogger(__name__)

#: A bulk request holds some so many bytes: larger ones gain nothing and cost memory on both sides.
REQUEST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing without any row, and the version as of which it is gone."""

    thing_key: uuid.UUID
    version: int


def send(
    client: Elasticsearch, alias: str, items: Iterable[Document | Gone], refresh: bool = False
) -> int:
    """Put documents and deletions into the index behind `alias`; return how many were refused.

    A document that the mapping refuses is logged, and does not hold up the others. Raises
    EngineUnavailable when they could not all be sent, IndexMissing when the alias is gone.
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
        if answer["errors"]:
            refused += _refused(answer["items"])
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


def _refused(items: list[dict[str, dict[str, object]]]) -> int:
    """Return how many were refused for good; raises when some may pass another time."""
    refused = 0
    for item in items:
        [told] = item.values()
        error, status = told.get("error"), int(str(told["status"]))
        if error is None or status == 409:  # done, nothing to delete, or something newer is there
            continue
        if status == 404:
            raise IndexMissing(f"the index is gone: {error}")
        if status in (429,) or status >= 500:
            raise EngineUnavailable(f"Elasticsearch is not able to: {error}")
        refused += 1
        logger.error("Elasticsearch refuses thing %s: %s", told.get("_id"), error)
    return refused
