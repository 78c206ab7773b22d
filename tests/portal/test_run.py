"""`manage.py run` as others meet it: from outside, with its exit code and its lines."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import OtherProcesses

pytestmark = [pytest.mark.drills, pytest.mark.django_db]


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def portal(other_processes: OtherProcesses, port: int) -> Iterator[OtherProcesses]:
    """A data directory of its own, and a port; what still runs at the end is ended."""
    other_processes.environment.update(PORT=str(port), HOST="127.0.0.1", WEB_WORKERS="1")
    started: list[subprocess.Popen[str]] = []
    plain = other_processes.start

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        started.append(plain(*arguments, **environment))
        return started[-1]

    other_processes.start = start  # type: ignore[method-assign]
    yield other_processes
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def lines_until(process: subprocess.Popen[str], wanted: str) -> list[str]:
    """Return what the process printed up to the line that starts with `wanted`."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith(wanted):
            return lines
    pytest.fail(f"ended with {process.wait()}: {lines} {process.stderr and process.stderr.read()}")


def descendants(pid: int) -> list[int]:
    """Return the ids of the living processes below `pid`."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in children for found in [int(child), *descendants(int(child))]]


def test_serves_and_ends_with_0_and_leaves_no_process(portal: OtherProcesses, port: int) -> None:
    process = portal.start("run", "--without-demo")
    lines = lines_until(process, "Serving on")
    assert lines[-1] == f"Serving on http://127.0.0.1:{port}/"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        assert answer.status == 200
    long_question = f"http://127.0.0.1:{port}/api/v1/search?q={'%D7%A9' * 1200}"
    with urllib.request.urlopen(long_question, timeout=15) as answer:
        assert answer.status == 200
    below = descendants(process.pid)
    assert len(below) >= 2  # gunicorn and its worker at least
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]


def test_a_second_start_prepares_nothing(portal: OtherProcesses) -> None:
    first = portal.start("run", "--without-demo")
    assert "Migrating the database …" in lines_until(first, "Serving on")
    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0
    # One line: nothing was prepared. How long that takes is `.ci/first_run`'s to measure.
    second = portal.start("run", "--without-demo")
    assert len(lines_until(second, "Serving on")) == 1
    second.terminate()
    assert second.wait(30) == 0


def test_nothing_is_left_when_the_process_is_killed(portal: OtherProcesses) -> None:
    process = portal.start("run", "--without-demo")
    lines_until(process, "Serving on")
    below = descendants(process.pid)
    process.kill()
    process.wait(10)
    deadline = time.monotonic() + 20
    while [pid for pid in below if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def refusal(portal: OtherProcesses, **environment: str) -> str:
    """Return the one line that a start ends with; it must be the only one, on stderr."""
    result = portal.manage("run", "--without-demo", timeout=60, **environment)
    assert result.returncode == 1, result
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_port_in_use_is_refused_in_one_line(portal: OtherProcesses, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert refusal(portal) == f"PORT: {port} is in use on 127.0.0.1"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://somewhere/portal", "must start with one of"),
        ("not a url", "must start with one of"),
        ("postgres://", "names no database"),
        ("postgres://portal:hidden@127.0.0.1:port/portal", "can't be read"),
        ("postgres://portal:hidden@127.0.0.1:1/portal", "can't open portal at 127.0.0.1:1"),
        ("sqlite:////nowhere/at/all/portal.sqlite3", "can't open /nowhere/at/all/portal.sqlite3"),
        ("sqlite:///", "names no file"),
        (f"sqlite:///{__file__}", "file is not a database"),
    ],
)
def test_a_wrong_database_url_is_refused_in_one_line(
    portal: OtherProcesses, url: str, reason: str
) -> None:
    line = refusal(portal, DATABASE_URL=url)
    assert line.startswith("DATABASE_URL: ")
    assert reason in line
    assert "hidden" not in line


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "70000"),
        ("HOST", "no.such.host.invalid"),
        ("HOST", "192.0.2.1"),
        ("WEB_WORKERS", "0"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "http://portal.example:port"),
        ("DATA_DIR", __file__),
        ("DEBUG", "perhaps"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(
    portal: OtherProcesses, name: str, value: str
) -> None:
    assert refusal(portal, **{name: value}).startswith(f"{name}: ")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL"])
def test_production_names_what_is_missing(portal: OtherProcesses, missing: str) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "portal.example",
        "BASE_URL": "https://portal.example",
        "DATABASE_URL": portal.environment["DATABASE_URL"],
        missing: "",
    }
    assert refusal(portal, **environment).startswith(f"{missing}: is not set")


def test_production_serves_behind_a_proxy_without_the_demo(
    portal: OtherProcesses, port: int
) -> None:
    process = portal.start(
        "run",
        DJANGO_SETTINGS_MODULE="portal.settings.production",
        SECRET_KEY="k" * 60,
        ALLOWED_HOSTS="portal.example",
        BASE_URL="https://portal.example",
    )
    lines = lines_until(process, "Serving on")
    assert "Collecting static files …" in lines
    assert not any("network" in line for line in lines)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/healthz",
        headers={"Host": "portal.example", "X-Forwarded-Proto": "https"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        assert answer.status == 200
    assert not (portal.data_dir / "var" / "demo-accounts.json").exists()
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(30) == 0
