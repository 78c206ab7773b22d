"""Answers from another engine when the first one does not answer."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from search import metrics
from search.metrics import engine_log
from search.query import EngineAnswer, LibraryQuery

from .base import EngineRefused, EngineUnavailable, IndexMissing, LibraryEngine
from .breaker import CircuitBreaker, State

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class FallbackEngine:
    """Asks `first`, and `second` (which always answers) while the circuit to the first is open.

    Each process has a circuit of its own, which `state()` tells; what is counted of all processes
    together is in `search.metrics`.
    """

    def __init__(
        self,
        first: LibraryEngine,
        second: LibraryEngine,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self.first = first
        self.second = second
        self.breaker = breaker or CircuitBreaker()
        self.name = first.name  # answers tell who gave them

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Answer from the first engine, or at once from the second."""
        return self._ask(lambda engine: _signed(engine.search(query), engine))

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Suggest from the first engine, or at once from the second."""
        return self._ask(lambda engine: engine.suggest(query))

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID] | None:
        """Return the nearest things from the first engine, or None at once as the second does."""
        return self._ask(lambda engine: engine.nearest(vector, count))

    def lag(self) -> int:
        """Return the lag of the first engine: what waits while it is away is counted by it."""
        return self.first.lag()

    def verify(self, thorough: bool = False) -> list[str]:
        """Return what is wrong with either."""
        return [*self.second.verify(thorough), *self.first.verify(thorough)]

    def state(self) -> str:
        """Return the state of the circuit in this process."""
        return f"circuit {self.breaker.state.value}"

    @property
    def is_open(self) -> bool:
        """Whether the second engine answers now."""
        return self.breaker.state is not State.CLOSED

    def _ask(self, question: Callable[[LibraryEngine], Answer]) -> Answer:
        if self.breaker.allows():
            try:
                answer = question(self.first)
            except IndexMissing as error:
                self.breaker.succeeded()  # it answers, it has no index yet
                engine_log.note(metrics.WITHOUT_INDEX)
                logger.info("%s answers instead: %s", self.second.name, error)
            except EngineRefused:
                self.breaker.succeeded()
                engine_log.note(metrics.REFUSED)
                logger.exception("%s did not take a question of ours.", self.first.name)
            except EngineUnavailable as error:
                engine_log.note(metrics.FAILED)
                if self.breaker.failed():
                    engine_log.note(metrics.OPENED)
                    logger.warning("The circuit opens, %s answers: %s", self.second.name, error)
            else:
                if self.is_open:
                    logger.warning("The circuit closes, %s answers again.", self.first.name)
                self.breaker.succeeded()
                engine_log.note(metrics.ANSWERED)
                return answer
        engine_log.note(metrics.FELL_BACK)
        return question(self.second)


def _signed(answer: EngineAnswer, engine: LibraryEngine) -> EngineAnswer:
    """Return the answer with the name of the engine that gave it."""
    return replace(answer, details={**answer.details, "engine": engine.name})
