"""When the first engine is asked and when the second answers, with a port that is really closed."""

from __future__ import annotations

import json
import logging
import socket
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from partnerships.enums import Role
from portal.cycles import run_cycles_once
from search.engines import DatabaseEngine, FallbackEngine, selection
from search.engines.base import EngineRefused, EngineUnavailable, IndexMissing
from search.engines.breaker import CircuitBreaker, State
from search.engines.elasticsearch import ElasticsearchEngine
from search.metrics import NAMES, EngineLog, daily_counts, engine_log, forget_old_counts
from search.models import EngineCount
from search.query import EngineAnswer, LibraryQuery
from search.services.library import find
from tests.factories import RoleAssignmentFactory, StoryPageFactory


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


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    engine_log._counts.clear()


def counted() -> dict[str, int]:
    """Return what all processes have counted today."""
    engine_log.flush()
    return {name: count for one in daily_counts(days=1) for name, count in one.counts.items()}


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

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID]:
        self.search(LibraryQuery())
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
    assert counted() == {"answered": 2, "failed": 1, "fell back": 3, "opened": 1}
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
    counts = counted()
    assert (counts["failed"], counts["opened"]) == (1, 1)
    assert counts["fell back"] >= 4
    assert "opened: 1" in client.get("/readyz").json()["components"]["library"]["detail"]


@pytest.mark.django_db
def test_counts_are_those_of_all_processes(closed_port: int, client: Client) -> None:
    """The page that tells them says the same, whichever process answers."""
    for _process in range(2):
        selection._with_fallback.cache_clear()  # another process, with a circuit of its own
        find(LibraryQuery())
        engine_log.flush()
    assert run_cycles_once() == ["library: outbox"]
    counts = counted()
    assert (counts["failed"], counts["opened"], counts["fell back"]) == (2, 2, 2)
    assert counts["not sent"] == 1
    client.force_login(RoleAssignmentFactory(role=Role.NETWORK_STAFF).user)
    table = BeautifulSoup(
        client.get("/admin/search-library/index/").content.decode(), "html.parser"
    ).select_one("table.listing")
    assert table is not None
    cells = [cell.get_text(strip=True) for cell in table.select("tbody td")]
    assert cells[1:] == [str(counts.get(name, 0)) for name in NAMES]
    out = StringIO()
    call_command("library_status", stdout=out)
    assert list(json.loads(out.getvalue())["days"].values()) == [counts]


@pytest.mark.django_db
def test_highest_lag_is_kept_sums_are_added_and_old_days_go() -> None:
    logs = [EngineLog(), EngineLog()]
    for log, lag in zip(logs, (7, 3), strict=True):
        log.note("lag", lag)
        log.note("sent", lag)
        log.flush()
        assert log.flush() == 0
    assert counted() == {"lag": 7, "sent": 10}
    EngineCount.objects.create(name="sent", day=timezone.localdate() - timedelta(days=91))
    assert forget_old_counts() == 1


@pytest.mark.django_db
def test_counts_that_can_not_be_written_wait() -> None:
    log = EngineLog()
    log.note("sent", 2)
    with connection.execute_wrapper(_fail), pytest.raises(OperationalError):
        log.flush()
    log.note("sent", 3)
    log.flush()
    assert counted() == {"sent": 5}


def _fail(execute: Any, sql: str, *rest: Any) -> Any:
    if sql.startswith(("INSERT", "UPDATE")):
        raise OperationalError("database is locked")
    return execute(sql, *rest)


@pytest.mark.django_db
def test_slow_answers_are_not_waited_for(closed_port: int) -> None:
    with socket.socket() as mute:  # takes connections, and never answers
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        slow = ElasticsearchEngine(f"http://127.0.0.1:{mute.getsockname()[1]}", "x", timeout=0.3)
        engine = FallbackEngine(slow, DatabaseEngine())
        assert engine.search(LibraryQuery()).details["engine"] == "database"
        assert engine.is_open
