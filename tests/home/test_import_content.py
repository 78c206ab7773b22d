"""`manage.py import_content`: its arguments, exit codes and output; two processes, and a kill."""

from __future__ import annotations

import csv
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from home.management.commands.import_content import IMPORTERS
from portal.importing.columns import Column
from portal.models import WriteBatch
from stories.models import StoryPage
from tests import factories
from tests.conftest import BASE_DIR, OtherProcesses

HEADER = ("reference", "partnership", "type", "language", "title", "summary", "body")
TELLER = "north-south"


def write(path: Path, rows: int, **changes: str) -> Path:
    """Write a file of stories."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        for number in range(rows):
            row = {
                "reference": f"r-{number}",
                "partnership": TELLER,
                "type": "success",
                "language": "en",
                "title": f"Told {number}",
                "summary": "Two kitchens, one recipe.",
                "body": "We cooked the same soup in two kitchens. " * 30,
            }
            writer.writerow({**row, **changes})
    return path


@pytest.fixture
def teller(db: None) -> None:
    """A Partnership with a page in English."""
    factories.page_of(factories.PartnershipFactory(slug=TELLER, reference=TELLER))


def run(*arguments: Any) -> tuple[int, str]:
    """Call the command in this process; return its exit code and what it printed."""
    from io import StringIO

    out = StringIO()
    try:
        call_command("import_content", *map(str, arguments), stdout=out, stderr=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()


def test_it_ends_with_0_when_done(teller: None, tmp_path: Path) -> None:
    code, out = run("stories", write(tmp_path / "s.csv", 3), "--publish")
    assert code == 0
    assert re.search(r"Done\. 3 rows: 3 new, 0 changed, 0 unchanged, 0 warnings, 0 errors", out)
    assert StoryPage.objects.live().filter(reference__startswith="r-").count() == 3


def test_it_ends_with_1_when_refused_and_tells_row_column_and_reason(
    teller: None, tmp_path: Path
) -> None:
    code, out = run("stories", write(tmp_path / "s.csv", 1, summary="x" * 201), "--publish")
    assert code == 1
    assert "Error: row 2, column summary: At most 200 characters are possible" in out
    assert "Refused: nothing was changed." in out
    assert not StoryPage.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("stories",),
        ("poems", "x.csv"),
        ("stories", "x.csv", "--loud"),
        ("stories", "x.csv", "--encoding", "klingon"),
        ("stories", "nowhere.csv"),
        ("stories", "."),
    ],
    ids=str,
)
def test_wrong_usage_ends_with_2_and_one_line(
    arguments: tuple[str, ...], other_processes: OtherProcesses
) -> None:
    done = other_processes.manage("import_content", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    assert last[-1]
    if arguments and arguments[-1] in ("nowhere.csv", "."):
        assert len(last) == 1


def test_a_dry_run_says_what_would_be_done(teller: None, tmp_path: Path) -> None:
    code, out = run("stories", write(tmp_path / "s.csv", 3), "--dry-run", "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["status"], report["created"], report["batch"]) == ("dry-run", 3, "")
    assert not StoryPage.objects.exists()
    assert not WriteBatch.objects.exists()


def test_json_tells_the_same_when_refused(teller: None, tmp_path: Path) -> None:
    code, out = run("stories", write(tmp_path / "s.csv", 2, language="xx"), "--json")
    report = json.loads(out)
    assert code == 1
    assert report["status"] == "refused"
    assert [(error["row"], error["column"]) for error in report["errors"]] == [
        (2, "language"),
        (3, "language"),
    ]
    assert set(report) >= {"created", "updated", "unchanged", "warnings", "seconds", "kind"}


def test_strict_refuses_a_practice_without_its_fields(teller: None, tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", 1, type="practice")
    assert run("stories", path, "--strict")[0] == 1
    assert not StoryPage.objects.exists()
    code, out = run("stories", path)
    assert code == 0
    assert "Warning: row 2, column type: A practice needs" in out


@pytest.mark.parametrize("kind", IMPORTERS)
def test_the_documentation_names_every_column(kind: str) -> None:
    text = (BASE_DIR / "docs" / "import.md").read_text(encoding="utf-8")
    section = text.split(f"## {kind}\n")[1].split("\n## ")[0]
    columns: tuple[Column, ...] = IMPORTERS[kind].columns
    told = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    assert told == {column.name for column in columns}


# Two processes -------------------------------------------------------------------------------

PREPARE = f"""
from tests import factories
page = factories.page_of(factories.PartnershipFactory(slug="{TELLER}", reference="{TELLER}"))
factories.StoryPageFactory(parent=page, slug="edited")
"""
#: Holds the lock of imports, as one that runs does, until it is killed.
HOLD = """
import pathlib, time
from portal.importing.lock import only_import
with only_import():
    pathlib.Path("{held}").touch()
    time.sleep(600)
"""
#: Saves a page again and again until told to end; prints how often.
EDIT = """
import time
from pathlib import Path
from stories.models import StoryPage

def save(number):
    page = StoryPage.objects.get(slug="edited")
    page.summary = f"Edited {{number}} times."
    page.save_revision().publish()

save(0)
print("EDITING", flush=True)
saved, until = 0, Path({until!r})
while not until.exists():
    saved += 1
    save(saved)
    time.sleep(0.1)
print("SAVED", saved)
"""
COUNT = """
import json
from wagtail.models import Page, PageLogEntry
from portal.models import WriteBatch
from search.models import LibraryEntry
from stories.models import StoryPage
told = StoryPage.objects.filter(reference__startswith="r-")
print("COUNT", json.dumps({
    "live": told.live().count(),
    "rows": told.count(),
    "found": LibraryEntry.objects.filter(reference__startswith="r-", page__live=True).count(),
    "batches": WriteBatch.objects.exclude(state="done").count(),
    "problems": sum(len(found) for found in Page.find_problems()),
}))
"""


def shell(processes: OtherProcesses, code: str) -> str:
    done = processes.manage("shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def counted(processes: OtherProcesses) -> dict[str, int]:
    out = shell(processes, COUNT)
    line = next(line for line in out.splitlines() if line.startswith("COUNT"))
    found: dict[str, int] = json.loads(line.removeprefix("COUNT"))
    return found


@pytest.mark.drills
def test_an_editor_saves_and_publishes_while_stories_come_in(
    other_processes: OtherProcesses, tmp_path: Path
) -> None:
    shell(other_processes, PREPARE)
    path, ended = write(tmp_path / "s.csv", 300), tmp_path / "ended"
    editor = other_processes.start("shell", "-v", "0", "-c", EDIT.format(until=str(ended)))
    try:
        assert editor.stdout
        assert editor.stdout.readline().strip() == "EDITING"
        done = other_processes.manage("import_content", "stories", str(path), "--publish")
        ended.touch()
        out, err = editor.communicate(timeout=60)
    finally:
        editor.kill()
        editor.wait()
    assert done.returncode == 0, done.stdout + done.stderr
    assert editor.returncode == 0, err
    # Each save went through; how long it waited is measured by `python -m tests.bench import`.
    assert int(out.split("SAVED")[1]) > 3
    assert counted(other_processes) == {
        "live": 300,
        "rows": 300,
        "found": 300,
        "batches": 0,
        "problems": 0,
    }


@pytest.mark.drills
def test_killed_in_the_middle_nothing_shows_and_the_next_import_cleans_up(
    other_processes: OtherProcesses, tmp_path: Path
) -> None:
    shell(other_processes, PREPARE)
    path = write(tmp_path / "s.csv", 3000)
    importer = other_processes.start("import_content", "stories", str(path), "--publish")
    try:
        for _attempt in range(60):
            if counted(other_processes)["rows"]:
                break
            assert importer.poll() is None, "the import ended before it could be killed"
            time.sleep(0.2)
    finally:
        importer.kill()
        importer.communicate()
    seen = counted(other_processes)
    assert 0 < seen["rows"] < 3000
    assert (seen["live"], seen["found"], seen["batches"]) == (0, 0, 1)
    done = other_processes.manage(
        "import_content", "stories", str(write(tmp_path / "few.csv", 20)), "--publish", "--json"
    )
    report = json.loads(done.stdout)
    assert report["status"] == "done", report["errors"]
    assert report["notes"] == [
        f"An earlier import was broken off; the {seen['rows']} pages it had written unseen"
        " were taken away."
    ]
    assert (report["created"], report["updated"]) == (20, 0)
    seen = counted(other_processes)
    assert seen == {"live": 20, "rows": 20, "found": 20, "batches": 0, "problems": 0}


@pytest.mark.drills
def test_a_second_import_at_the_same_time_is_refused(
    other_processes: OtherProcesses, tmp_path: Path
) -> None:
    shell(other_processes, PREPARE)
    file = str(write(tmp_path / "few.csv", 5))
    held = tmp_path / "held"
    first = other_processes.start("shell", "-v", "0", "-c", HOLD.format(held=held))
    try:
        for _attempt in range(600):
            if held.exists():
                break
            time.sleep(0.1)
        assert held.exists()
        second = other_processes.manage("import_content", "stories", file, "--publish")
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 1
    assert "Another import is running" in second.stdout
    assert counted(other_processes)["rows"] == 0
    # The lock went with the process that was killed.
    third = other_processes.manage("import_content", "stories", file, "--publish")
    assert third.returncode == 0, third.stdout
    assert counted(other_processes)["live"] == 5
