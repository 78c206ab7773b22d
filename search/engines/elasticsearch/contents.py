"""What an index holds of the library, and how it looks: the parts by which indexes differ.

The rows with their texts stand in one index, their vectors in another (`vectors`): each is fed,
built anew and compared with the table in the same way.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from portal.library import Audience
from portal.visibility import hidden_prefixes, outside
from search import metrics
from search.models import LibraryEntry
from search.models.feed import TEXTS

from .documents import Document, documents
from .mapping import index_settings, mapping


class Contents(Protocol):
    """What an index holds: rows of a table with `version` and `thing_key`, told as documents."""

    #: Of what kind it is (`EngineIndex.holds`), and what stands in names behind the library's.
    holds: str
    infix: str
    #: The names under which `search.metrics` counts what was sent and what waits.
    sent: str
    lag: str

    @cached_property
    def digest(self) -> str:
        """A word that changes with the mapping: code and index always fit each other."""
        told = json.dumps([self.mapping(), self.settings()], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:10]

    def mapping(self) -> dict[str, Any]:
        """Return the mapping; a field that is not in it is refused."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return the settings of a new index."""
        ...

    def rows(self) -> QuerySet[Any]:
        """Return the rows that an index of this kind should hold."""
        ...

    def hidden(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those that go first, since the public may not see them as the index shows them."""
        ...

    def documents(self, thing_keys: Collection[uuid.UUID]) -> list[Document]:
        """Return the documents of those things that have rows, in the order of their keys."""
        ...


class Texts(Contents):
    """The rows of the library, with all by which they are found, filtered and counted."""

    holds = TEXTS
    infix = ""
    sent = metrics.SENT
    lag = metrics.LAG

    def mapping(self) -> dict[str, Any]:
        """Return the mapping."""
        return mapping()

    def settings(self) -> dict[str, Any]:
        """Return the settings of a new index."""
        return index_settings()

    def rows(self) -> QuerySet[LibraryEntry]:
        """Return all rows."""
        return LibraryEntry.objects.all()

    def hidden(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that the public may not see."""
        seen = Q(page__live=True, audience=Audience.PUBLIC)
        return rows.exclude(seen & outside(hidden_prefixes(), "page__path"))

    def documents(self, thing_keys: Collection[uuid.UUID]) -> list[Document]:
        """Return the documents of things."""
        return documents(thing_keys)


TEXTS_OF_ROWS = Texts()
