"""Two processes on one database: others write while thousands of pages come in, and a kill."""

from __future__ import annotations

import json
import time

import pytest

from tests.conftest import OtherProcesses

pytestmark = pytest.mark.drills

PREPARE = """
from tests import factories
page = factories.page_of(factories.PartnershipFactory(with_members=True))
factories.StoryPageFactory(parent=page, slug="edited")
"""
#: Writes stories unseen; says when it began, so that the other can begin too.
WRITE = """
from partnerships.models import PartnershipPage
from portal.services.bulk_pages import BulkPageWriter
from portal.services.page_batches import finish, show, start_batch
from stories.models import StoryPage
parent = PartnershipPage.objects.first()
batch = start_batch("drill")
words = "We cooked the same soup in two kitchens and sang until the neighbours joined in. " * 8
body = [{{"type": "paragraph", "value": "<p>" + words + "</p>"}}]
with BulkPageWriter(batch=batch, progress=lambda count: print("WRITTEN", count, flush=True)) as w:
    for number in range({number}):
        w.add(StoryPage(title=f"Story {{number}}", summary=words[:180], body=body), parent)
show(batch)
print("SHOWN", flush=True)
finish(batch)
"""
#: Saves and publishes a page again and again; prints how often.
EDIT = """
import json, time
from stories.models import StoryPage
for number in range({times}):
    page = StoryPage.objects.get(slug="edited")
    page.summary = f"Edited {{number}} times."
    page.save_revision().publish()
    time.sleep(0.1)
print("SAVED", json.dumps(number + 1))
"""
COUNT = """
import json
from wagtail.models import Page
from portal.models import WriteBatch
from portal.services.page_batches import discard
from stories.models import StoryPage
drill = StoryPage.objects.filter(title__startswith="Story ").exclude(slug="edited")
seen = {"rows": drill.count(), "live": drill.live().count(), "batches": WriteBatch.objects.count()}
seen["discarded"] = sum(discard(batch) for batch in WriteBatch.objects.all())
seen["left"] = drill.count()
seen["problems"] = [len(problem) for problem in Page.find_problems()]
print("COUNT", json.dumps(seen))
"""


def shell(processes: OtherProcesses, code: str) -> str:
    done = processes.manage("shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer(output: str, word: str) -> object:
    line = next(line for line in output.splitlines() if line.startswith(word))
    return json.loads(line.removeprefix(word))


def test_an_editor_saves_and_publishes_while_thousands_of_pages_come_in(
    other_processes: OtherProcesses,
) -> None:
    shell(other_processes, PREPARE)
    writer = other_processes.start("shell", "-v", "0", "-c", WRITE.format(number=4000))
    try:
        assert writer.stdout
        assert writer.stdout.readline().startswith("WRITTEN")
        saved = answer(shell(other_processes, EDIT.format(times=12)), "SAVED")
        is_still_writing = writer.poll() is None
        out, err = writer.communicate(timeout=300)
    finally:
        writer.kill()
        writer.wait()
    assert writer.returncode == 0, err
    assert "SHOWN" in out
    assert is_still_writing
    # How long each waited is measured by `python -m tests.bench import`.
    assert saved == 12


def test_killed_in_the_middle_nothing_shows_and_all_of_it_can_be_taken_away(
    other_processes: OtherProcesses,
) -> None:
    shell(other_processes, PREPARE)
    writer = other_processes.start("shell", "-v", "0", "-c", WRITE.format(number=5000))
    try:
        assert writer.stdout
        for _chunk in range(4):
            assert writer.stdout.readline().startswith("WRITTEN")
        time.sleep(0.2)  # somewhere inside the next chunk
    finally:
        writer.kill()
        writer.communicate()
    seen = answer(shell(other_processes, COUNT), "COUNT")
    assert isinstance(seen, dict)
    assert seen["rows"] > 0
    assert seen["live"] == 0
    assert seen["batches"] == 1
    assert seen["discarded"] == seen["rows"]
    assert seen["left"] == 0
    assert seen["problems"] == [0, 0, 0, 0, 0]
