"""When the first engine is asked and when the second answers, with a port that is really closed."""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from search.engines import DatabaseEngine, FallbackEngine, selection
from search.engines.base import EngineRefused, EngineUnavailable, IndexMissing
from search.engines.breaker import CircuitBreaker, State
from search.engines.elasticsearch import ElasticsearchEngine
from search.query import EngineAnswer, LibraryQuery
from search.services.library import find
from tests.factories import StoryPageFactory


class Clock:
    """Seconds that pass when told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(pause=2, longest=10, clock=clock)


# The circuit --------------------------------------------------------------------------------------


def test_first_failure_opens_the_circuit(breaker: CircuitBreaker) -> None:
    assert breaker.state is State.CLOSED
    assert breaker.allows()
    assert breaker.failed()
    assert breaker.state is State.OPEN
    assert not breaker.allows()


def test_one_request_tries_after_the_pause(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += 2
    assert breaker.state is State.HALF_OPEN
    assert [breaker.allows() for _request in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.state is State.CLOSED
    assert breaker.allows()


def test_pauses_grow_to_the_longest(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.failed()
    for pause in (2, 4, 8, 10, 10):
        clock.now += pause - 0.1
        assert not breaker.allows()
        clock.now += 0.1
        assert breaker.allows()
        assert not breaker.failed()


def test_requests_that_were_under_way_do_not_prolong_the_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    assert [breaker.failed() for _request in range(20)] == [True] + [False] * 19
    clock.now += 2
    assert breaker.allows()


def test_request_that_never_tells_does_not_keep_it_open_for_ever(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    breaker.failed()
    clock.now += 2
    assert breaker.allows()
    clock.now += 10.1
    assert breaker.allows()


# The fallback -------------------------------------------------------------------------------------


class Scripted:
    """An engine that fails as told."""

    name = "scripted"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    def search(self, query: LibraryQuery) -> EngineAnswer:
        self.asked += 1
        if self.error:
            raise self.error
        return EngineAnswer(total=7, matches=(), facets={})

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        self.search(query)
        return []

    def lag(self) -> int:
        return 0

    def verify(self, thorough: bool = False) -> list[str]:
        return []


@pytest.mark.django_db
def test_second_engine_answers_while_the_first_does_not(
    breaker: CircuitBreaker, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = Scripted()
    engine = FallbackEngine(first, DatabaseEngine(), breaker)
    query = LibraryQuery(with_facets=False)
    assert engine.search(query).details["engine"] == "scripted"
    first.error = EngineUnavailable("gone")
    with caplog.at_level(logging.WARNING, logger="search"):
        answers = [engine.search(query) for _search in range(3)]
    assert {answer.details["engine"] for answer in answers} == {"database"}
    assert first.asked == 2  # the two others did not wait for it
    assert [record.message.split(",")[0] for record in caplog.records] == ["The circuit opens"]
    first.error = None
    clock.now += 2
    assert engine.search(query).total == 7
    assert engine.counts == {"answered": 2, "failed": 1, "fell back": 3}
    assert "circuit closed" in engine.state()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [IndexMissing("none yet"), EngineRefused("what?")])
def test_answers_that_are_no_outage_do_not_open_the_circuit(
    breaker: CircuitBreaker, error: Exception
) -> None:
    first = Scripted()
    first.error = error
    engine = FallbackEngine(first, DatabaseEngine(), breaker)
    for _search in range(2):
        assert engine.search(LibraryQuery()).details["engine"] == "database"
    assert first.asked == 2
    assert not engine.is_open


# Elasticsearch that is not there ------------------------------------------------------------------


@pytest.fixture
def closed_port(settings: Any) -> Iterator[int]:
    """Let the portal use an Elasticsearch at a port that nobody listens at."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound, and not listening: connections are refused
        port = int(reserved.getsockname()[1])
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{port}"
        settings.SEARCH_ENGINE = "elasticsearch"
        selection._with_fallback.cache_clear()
        yield port
        selection._with_fallback.cache_clear()


@pytest.mark.django_db
def test_publishing_and_searching_go_on_without_it(closed_port: int, client: Client) -> None:
    StoryPageFactory(title="Painting a wall", live=False).save_revision().publish()
    for _search in range(2):
        result = find(LibraryQuery(text="painting"))
        assert (result.engine, result.total) == ("database", 1)
    answer = client.get("/api/v1/search", {"q": "painting"}).json()
    assert (answer["engine"], answer["total"]) == ("database", 1)
    assert client.get("/api/v1/suggest", {"q": "paint"}).status_code == 200
    told = client.get("/readyz")
    assert told.status_code == 200
    component = told.json()["components"]["library"]
    assert component["state"] == "degraded"
    assert "circuit open" in component["detail"]


@pytest.mark.django_db
def test_slow_answers_are_not_waited_for(closed_port: int) -> None:
    with socket.socket() as mute:  # takes connections, and never answers
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        slow = ElasticsearchEngine(f"http://127.0.0.1:{mute.getsockname()[1]}", "x", timeout=0.3)
        engine = FallbackEngine(slow, DatabaseEngine())
        assert engine.search(LibraryQuery()).details["engine"] == "database"
        assert engine.is_open
