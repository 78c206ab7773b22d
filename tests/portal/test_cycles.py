"""Cycles: short work that comes again, beside the tasks and in spite of failures."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from portal import cycles
from portal.cycles import Cycle, Cycles, run_cycles_once


@pytest.fixture
def own_cycles(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Cycle]]:
    """Let there be only the test's own cycles."""
    own: dict[str, Cycle] = {}
    monkeypatch.setattr(cycles, "cycles", own)
    monkeypatch.setattr(cycles, "load_cycles", lambda: own)
    yield own


def test_the_librarys_outbox_is_a_cycle_within_ten_seconds() -> None:
    assert cycles.load_cycles()["library: outbox"].every <= 10
    assert cycles.LONGEST_PAUSE <= 10


def test_cycle_comes_again_until_the_end(own_cycles: dict[str, Cycle]) -> None:
    three = threading.Event()
    runs: list[str] = []

    def work() -> None:
        runs.append(threading.current_thread().name)
        if len(runs) >= 3:
            three.set()

    own_cycles["work"] = Cycle("work", work, every=0.05)
    with Cycles():
        assert three.wait(10)
    count = len(runs)
    time.sleep(0.2)
    assert len(runs) == count
    assert set(runs) == {"work"}  # a thread of its own: no task holds it up


def test_long_cycle_holds_no_other_up(own_cycles: dict[str, Cycle]) -> None:
    ended, twice = threading.Event(), threading.Event()
    runs: list[int] = []

    def short() -> None:
        runs.append(1)
        if len(runs) >= 2:
            twice.set()

    own_cycles["long"] = Cycle("long", lambda: ended.wait(30), every=0.05)
    own_cycles["short"] = Cycle("short", short, every=0.05)
    with Cycles():
        assert twice.wait(10)
        ended.set()


def test_failure_of_one_stops_neither_it_nor_others(
    own_cycles: dict[str, Cycle], caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = iter([ValueError("first"), ValueError("second"), None])

    def fragile() -> None:
        if error := next(outcomes):
            raise error

    ran: list[int] = []
    own_cycles["fragile"] = Cycle("fragile", fragile, every=1)
    own_cycles["other"] = Cycle("other", lambda: ran.append(1), every=1)
    with caplog.at_level(logging.WARNING, logger="portal.cycles"):
        assert [run_cycles_once() for _run in range(3)] == [["fragile"], ["fragile"], []]
    assert len(ran) == 3
    assert len(caplog.records) == 2  # when it begins to fail, and when it works again


def test_failing_cycle_waits_longer_but_never_long() -> None:
    def fail() -> None:
        raise ValueError

    one = Cycle("one", fail, every=2)
    pauses = []
    for _run in range(6):
        one.run()
        pauses.append(one.pause())
    assert pauses == [4, 8, 10, 10, 10, 10]
