"""What an engine has to do."""

from __future__ import annotations

import uuid
from typing import Protocol

from search.query import EngineAnswer, LibraryQuery


class EngineUnavailable(Exception):
    """The engine does not answer, or not in time; another one has to."""


class IndexMissing(EngineUnavailable):
    """The engine answers, but has no index yet that fits this code."""


class EngineRefused(EngineUnavailable):
    """The engine answers that it does not understand: a fault of ours, not of its state."""


class LibraryEngine(Protocol):
    """Finds things in the library; texts, labels and addresses are added by the caller.

    An engine takes terms from `search.analysis`, never a reader's text. It answers with what its
    query's viewer may see, one match a thing, counts of things.
    """

    name: str

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Return the things of the asked page, their number, and the counts of the facets."""
        ...

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Return things whose title or other names begin as typed, `query.page_size` at most."""
        ...

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID] | None:
        """Return the things whose vectors are nearest to one of int8 numbers, the best first.

        None where the engine holds no vectors. Who may see a thing is not asked.
        """
        ...

    def lag(self) -> int:
        """Return how many rows of the table this engine does not show yet as they are."""
        ...

    def verify(self, thorough: bool = False) -> list[str]:
        """Return what is wrong with the engine's own structures, in words; empty when nothing.

        `thorough` compares them with the table, which may take its time.
        """
        ...
