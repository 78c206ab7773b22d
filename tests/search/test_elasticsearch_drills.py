"""Elasticsearch is killed in the middle of publications, with a real worker, and brought back."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import OtherProcesses
from tests.databases import BASE_DIR

pytestmark = [pytest.mark.drills, pytest.mark.requires("elasticsearch")]

NUMBER = 500
KILLED_AT = 150
BACK_AT = 350
DRAINED = ("library_status", "--wait", "--timeout", "300")

PREPARE = """
from tests import factories
factories.page_of(factories.PartnershipFactory(with_members=True))
"""
#: Publishes stories one by one as editors do, takes back and deletes some, and searches meanwhile.
#: It waits for a line at each step, so that the drill decides what happens in between.
PUBLISH = """
import json, logging, sys, time
from dataclasses import replace
from partnerships.models import PartnershipPage
from search.engines import get_engine
from search.query import LibraryQuery
from search.understanding import understand
from stories.models import StoryPage
from wagtail.models import Page
logging.disable(logging.INFO)  # nobody reads it
asked = LibraryQuery(text="soup")
asked = replace(asked, words=understand(asked).words)
parent = PartnershipPage.objects.first()
made = []
for number in range({number}):
    page = StoryPage(title=f"Drill number{{number}}", summary="Soup in two kitchens.", live=False)
    parent.add_child(instance=page)
    page.save_revision().publish()
    made.append(page.pk)
    if number % 10 == 3:
        Page.objects.get(pk=made[number - 2]).specific.unpublish()
    if number % 10 == 7:
        Page.objects.get(pk=made[number - 4]).delete()
    if number % 25 == 24:
        begun = time.monotonic()
        # The engine alone: `find` asks the table as soon as a hit was hidden a moment ago.
        found = get_engine().search(asked)
        told = {{"number": number + 1, "engine": found.details["engine"], "total": found.total,
                "seconds": round(time.monotonic() - begun, 2)}}
        print("STEP", json.dumps(told), flush=True)
        sys.stdin.readline()
"""
COMPARE = """
import json
from search.engines import elasticsearch_engine
from search.engines.elasticsearch.comparison import compare
from search.models import LibraryDeletion
from search.query import LibraryQuery
from search.services.library import find
engine = elasticsearch_engine()
found = compare(engine.client, engine.indexes.alias)
answer = find(LibraryQuery(text="soup"))
print("COMPARED", json.dumps({"rows": found.compared, "problems": found.problems(),
    "deletions": LibraryDeletion.objects.count(), "engine": answer.engine, "total": answer.total}))
"""


def services() -> Any:
    """Return `.ci/services` as a module."""
    path = BASE_DIR / ".ci" / "services"
    sys.path.insert(0, str(path.parent))
    try:
        loader = importlib.machinery.SourceFileLoader("ci_services", str(path))
        module = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("ci_services", loader) or pytest.fail("no loader")
        )
        loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


class Node:
    """An Elasticsearch of this drill's own, which may be killed."""

    def __init__(self) -> None:
        self.services = services()
        self.record = self.services.start_elasticsearch()
        self.url: str = self.record["exports"]["ELASTICSEARCH_URL"]

    def kill(self) -> None:
        """Kill it and what it started, as a lack of memory would."""
        os.killpg(self.record["pid"], signal.SIGKILL)
        os.waitpid(self.record["pid"], 0)

    def bring_back(self) -> None:
        """Start it again on the same port, with what it had on disk."""
        port = int(self.url.rpartition(":")[2])
        self.record = self.services.run_elasticsearch(Path(self.record["dir"]), port)

    def remove(self) -> None:
        """End it and remove its data."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            self.kill()
        shutil.rmtree(self.record["dir"], ignore_errors=True)


@pytest.fixture
def node() -> Iterator[Node]:
    """Start a node, and end it whatever happens."""
    made = Node()
    yield made
    made.remove()


def step(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what the publishing process tells next."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("STEP "):
            told: dict[str, Any] = json.loads(line.removeprefix("STEP "))
            return told
    assert process.stderr
    pytest.fail(process.stderr.read())


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def test_nothing_is_lost_when_elasticsearch_is_killed_and_brought_back(
    other_processes: OtherProcesses, node: Node
) -> None:
    other_processes.environment |= {
        "ELASTICSEARCH_URL": node.url,
        "SEARCH_ENGINE": "elasticsearch",
        "ELASTICSEARCH_PREFIX": "drill",
        "ELASTICSEARCH_TIMEOUT": "20",
    }
    prepared = other_processes.manage("shell", "-v", "0", "-c", PREPARE)
    assert prepared.returncode == 0, prepared.stderr
    worker = other_processes.start("run_worker", "--grace", "2")
    publishing = other_processes.start(
        "shell", "-v", "0", "-c", PUBLISH.format(number=NUMBER), stdin=subprocess.PIPE
    )
    answered: dict[str, set[str]] = {"before": set(), "outage": set()}
    try:
        drained = other_processes.manage(*DRAINED, timeout=400)
        assert drained.returncode == 0, drained.stdout + drained.stderr
        phase = "before"
        for _number in range(25, NUMBER + 1, 25):
            told = step(publishing)
            if told["number"] < BACK_AT:
                answered[phase].add(told["engine"])
            if phase == "outage" and told["number"] < BACK_AT:
                left = told["number"] * 8 // 10
                assert abs(told["total"] - left) <= 3
            if told["number"] == KILLED_AT:
                node.kill()
                phase = "outage"
            if told["number"] == BACK_AT:
                node.bring_back()
            go_on(publishing)
        assert publishing.wait(60) == 0
        assert "elasticsearch" in answered["before"]
        assert answered["outage"] == {"database"}
        drained = other_processes.manage(*DRAINED, timeout=400)
        assert drained.returncode == 0, drained.stdout + drained.stderr
    finally:
        for process in (publishing, worker):
            process.terminate()
            process.communicate(timeout=60)
    compared = other_processes.manage("shell", "-v", "0", "-c", COMPARE)
    line = next(line for line in compared.stdout.splitlines() if line.startswith("COMPARED "))
    told = json.loads(line.removeprefix("COMPARED "))
    assert told["problems"] == []
    assert told["deletions"] == 0
    assert (told["engine"], told["total"]) == ("elasticsearch", NUMBER * 8 // 10)
    checked = other_processes.manage("check_library")
    assert checked.returncode == 0, checked.stdout
