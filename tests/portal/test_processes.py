"""The supervisor, on small children of its own (no Django in them)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests.databases import BASE_DIR

Start = Callable[[str], "subprocess.Popen[str]"]

PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from portal.processes import Child, Supervisor

def note(line):
    with open("notes", "a") as file:
        file.write(line + "\\n")

def mind(*children, **options):
    options.setdefault("first_delay", 0.05)
    sys.exit(Supervisor(list(children), note, **options).run())

def stay():
    note(f"stays {os.getpid()}")
    time.sleep(60)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a script that has PRELUDE before it, with notes in `tmp_path / "notes"`."""
    processes: list[subprocess.Popen[str]] = []

    def start_script(script: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(script)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(BASE_DIR)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start_script
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for `condition`; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def notes(tmp_path: Path) -> Callable[[], list[str]]:
    """Return the lines noted so far."""

    def read() -> list[str]:
        path = tmp_path / "notes"
        return path.read_text().splitlines() if path.exists() else []

    return read


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False


def noted_pids(notes: Callable[[], list[str]]) -> list[int]:
    return [int(line.split()[1]) for line in notes() if line.startswith("stays")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_its_children_and_exits_with_0_when_told_to(start, notes, number) -> None:
    process = start('mind(Child("a", stay), Child("b", stay))')
    until(lambda: len(noted_pids(notes)) == 2)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert not any(is_alive(pid) for pid in noted_pids(notes))


def test_a_child_may_finish_what_it_is_doing(start, notes) -> None:
    process = start("""
        def works():
            def finish(*args):
                time.sleep(0.5)
                note("finished")
                sys.exit()
            signal.signal(signal.SIGTERM, finish)
            stay()
        mind(Child("a", works))
    """)
    until(lambda: noted_pids(notes))
    process.terminate()
    assert process.wait(10) == 0
    assert "finished" in notes()


def test_a_child_that_does_not_end_is_killed_after_the_grace(start, notes) -> None:
    process = start("""
        def deaf():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            stay()
        mind(Child("a", deaf), grace=0.5)
    """)
    until(lambda: noted_pids(notes))
    process.terminate()
    assert process.wait(10) == 0
    assert not is_alive(noted_pids(notes)[0])


def test_a_dead_child_is_started_again_and_later_each_time(start, notes) -> None:
    process = start("""
        def dies():
            note(f"died {time.monotonic()}")
            sys.exit(7)
        mind(Child("a", dies), first_delay=0.1)
    """)
    until(lambda: sum(line.startswith("died") for line in notes()) == 4)
    process.terminate()
    assert process.wait(10) == 0
    times = [float(line.split()[1]) for line in notes() if line.startswith("died")]
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[0] >= 0.1
    assert waits[1] >= 0.2
    assert waits[2] >= 0.4
    assert "a ended with 7; starting it again in 0.1 s" in notes()


def test_one_child_dying_leaves_the_others_alone(start, notes) -> None:
    process = start("""
        def dies():
            note("died")
            os.kill(os.getpid(), signal.SIGKILL)
        mind(Child("a", dies), Child("b", stay))
    """)
    until(lambda: notes().count("died") == 3)
    assert len(noted_pids(notes)) == 1
    assert is_alive(noted_pids(notes)[0])
    process.terminate()
    assert process.wait(10) == 0


def test_children_end_when_the_parent_is_killed(start, notes) -> None:
    process = start('mind(Child("a", stay), Child("b", stay))')
    until(lambda: len(noted_pids(notes)) == 2)
    process.kill()
    process.wait(10)
    until(lambda: not any(is_alive(pid) for pid in noted_pids(notes)), seconds=5)


def test_a_start_fails_if_an_essential_child_dies_before_it_is_ready(start, notes) -> None:
    process = start("""
        mind(
            Child("web", lambda: sys.exit(3)),
            Child("other", stay),
            essential=frozenset({"web"}),
            ready=lambda: False,
        )
    """)
    assert process.wait(10) == 1
    assert notes() == ["web ended with 3 before it answered"]


def test_the_others_wait_for_the_essential_child_and_ready_is_said_once(start, notes) -> None:
    process = start("""
        def web():
            time.sleep(0.3)
            Path("answers").touch()
            stay()
        mind(
            Child("other", lambda: (note("other"), stay())),
            Child("web", web),
            essential=frozenset({"web"}),
            ready=Path("answers").exists,
            on_ready=lambda: note("ready"),
        )
    """)
    until(lambda: "other" in notes())
    process.terminate()
    assert process.wait(10) == 0
    assert notes().count("ready") == 1
    assert notes().index("ready") < notes().index("other")


@pytest.mark.parametrize(
    ("ending", "code"),
    [("pass", 0), ("sys.exit(2)", 2), ('sys.exit("NAME: why")', 1), ("raise ValueError(1)", 1)],
)
def test_what_runs_once_hands_on_its_exit_code(start, ending, code) -> None:
    process = start(f"""
        def once():
            {ending}
        sys.exit(Supervisor([], note).run_once(once))
    """)
    out, _ = process.communicate(timeout=10)
    assert process.returncode == code
    if "NAME" in ending:
        assert out == "NAME: why\n"


def test_what_runs_once_is_ended_when_told_to(start, notes) -> None:
    process = start("sys.exit(0 if Supervisor([], note).run_once(stay) is None else 9)")
    until(lambda: noted_pids(notes))
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert not is_alive(noted_pids(notes)[0])
