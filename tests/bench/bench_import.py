"""10,000 stories come in while another process saves pages: time, memory, and who waits how long.

The promises: under 5 minutes, memory that does not grow with the file, no save above 2 seconds,
nothing shown by an import that was killed; a second import finds what has changed.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tests.bench import BASE_DIR, Measurement, Portal, portal

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "10000"))
PARTNERSHIPS = 40
COLUMNS = (
    "reference",
    "partnership",
    "type",
    "language",
    "title",
    "summary",
    "body",
    "concepts",
    "tags",
    "date",
)

PREPARE = f"""
from tests import factories
for key in ("cooking", "school", "music", "teens"):
    factories.ConceptFactory(key=key)
for number in range({PARTNERSHIPS}):
    made = factories.PartnershipFactory(
        slug=f"north-{{number}}", reference=f"north-{{number}}", with_members=True,
        name={{
            "en": f"North {{number}} – South {{number}}",
            "he": f"צפון {{number}} – דרום {{number}}",
        }},
    )
    page = factories.page_of(made, "en")
    factories.page_of(made, "he")
factories.StoryPageFactory(parent=page, slug="edited")
"""
#: Saves and publishes a page again and again, as an editor does; says how long each save took.
EDIT = """
import json, sys, time
from stories.models import StoryPage
waits = []
print("EDITING", flush=True)
try:
    while True:
        page = StoryPage.objects.get(slug="edited")
        page.summary = f"Edited {len(waits)} times."
        begun = time.monotonic()
        page.save_revision().publish()
        waits.append(time.monotonic() - begun)
        time.sleep(0.25)
except KeyboardInterrupt:
    print("WAITS", json.dumps(waits), flush=True)
"""
COUNT = """
import json
from wagtail.models import Page
from portal.models import WriteBatch
from search.models import LibraryEntry
from stories.models import StoryPage
told = StoryPage.objects.filter(reference__startswith="bench-")
print("COUNT", json.dumps({
    "live": told.live().count(),
    "rows": told.count(),
    "found": LibraryEntry.objects.filter(reference__startswith="bench-", page__live=True).count(),
    "batches": WriteBatch.objects.exclude(state="done").count(),
    "problems": sum(len(found) for found in Page.find_problems()),
}))
"""
WORDS = re.findall(
    r"\w+",
    "families cooked together while children sang songs letters crossed the ocean every winter"
    " teachers planned lessons in two languages and volunteers opened their homes for a week of"
    " hiking music theatre and long talks about what home means to each of them",
)
HEBREW = re.findall(
    r"\w+", "משפחות בישלו יחד וילדים שרו שירים מורים תכננו שיעורים בשתי שפות ומתנדבים פתחו בתים"
)


def write_file(path: Path, rows: int, changed: float = 0.0) -> None:
    """Write a CSV of `rows` stories of some 1,500 characters; a share has new titles."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            words = HEBREW if number % 4 == 0 else WORDS
            paragraphs = [" ".join(chance.choices(words, k=60)) for _part in range(4)]
            title = f"{' '.join(chance.choices(words, k=5))} {number}"
            if number < rows * changed:
                title += " again"
            writer.writerow(
                (
                    f"bench-{number}",
                    f"North {number % PARTNERSHIPS} - South {number % PARTNERSHIPS}",
                    "practice" if number % 10 == 0 else "success",
                    "he" if number % 4 == 0 else "en",
                    title,
                    " ".join(chance.choices(words, k=20))[:200],
                    "\n\n".join(paragraphs),
                    chance.choice(("cooking", "school; teens", "music", "")),
                    chance.choice(("summer", "winter; snow", "")),
                    f"20{number % 20 + 10}-05-{number % 28 + 1:02d}",
                )
            )


def manage(one: Portal, *arguments: str) -> str:
    """Run `manage.py` and return what it printed; RuntimeError if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=one.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return done.stdout


def start(one: Portal, *arguments: str, output: IO[str] | int) -> subprocess.Popen[str]:
    """Start `manage.py` beside this process, its output going to a file or a pipe."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env={**one.environment, "PYTHONUNBUFFERED": "1"},
        stdout=output,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def memory_mb(pid: int) -> float:
    """Return the peak resident memory of a process so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def imported(one: Portal, path: Path) -> tuple[dict[str, int], float, float]:
    """Import a file; return the report, the seconds it took and the peak memory in MB."""
    begun = time.monotonic()
    peak = 0.0
    with tempfile.TemporaryFile("w+") as output:
        process = start(
            one, "import_content", "stories", str(path), "--publish", "--json", output=output
        )
        while process.poll() is None:
            with contextlib.suppress(OSError, StopIteration):
                peak = max(peak, memory_mb(process.pid))
            time.sleep(0.2)
        output.seek(0)
        report = json.load(output)
    if process.returncode:
        raise RuntimeError(str(report["errors"][:3]))
    return report, time.monotonic() - begun, peak


def processor_seconds() -> float:
    """Return the processor time of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def counted(one: Portal) -> dict[str, int]:
    """Return what the database holds of the imports."""
    out = manage(one, "shell", "-v", "0", "-c", COUNT)
    line = next(line for line in out.splitlines() if line.startswith("COUNT"))
    found: dict[str, int] = json.loads(line.removeprefix("COUNT"))
    return found


def run() -> Iterator[Measurement]:
    """Kill an import, import while an editor saves, import again with changes."""
    with portal() as one:
        manage(one, "migrate", "-v", "0")
        manage(one, "shell", "-v", "0", "-c", PREPARE)
        small, full, again = (one.data_dir / f"{name}.csv" for name in ("small", "full", "again"))
        write_file(small, max(ROWS // 10, 20))
        write_file(full, ROWS)
        write_file(again, ROWS, changed=0.1)

        arguments = ("import_content", "stories", str(full), "--publish")
        killed = start(one, *arguments, output=subprocess.DEVNULL)
        while not counted(one)["rows"]:
            time.sleep(0.5)
        killed.kill()
        killed.wait()
        seen = counted(one)
        yield Measurement("killed: rows written unseen", seen["rows"], "rows")
        yield Measurement("killed: rows that show", seen["live"], "rows", 0)

        _report, _seconds, memory_of_few = imported(one, small)
        editor = start(one, "shell", "-v", "0", "-c", EDIT, output=subprocess.PIPE)
        assert editor.stdout is not None
        editor.stdout.readline()
        before = processor_seconds()
        report, seconds, memory = imported(one, full)
        used = processor_seconds() - before
        editor.send_signal(signal.SIGINT)
        out = editor.communicate()[0]
        waits = json.loads(out.split("WAITS")[1])
        seen = counted(one)
        wrong = abs(seen["live"] - ROWS) + abs(seen["found"] - ROWS) + seen["problems"]
        yield Measurement(f"import of {ROWS} stories", seconds, "s", 300)
        yield Measurement("processor time of it", used, "s")
        yield Measurement("rows missing, not found or misplaced", wrong, "rows", 0)
        yield Measurement("memory above that for a tenth", memory - memory_of_few, "MB", 60)
        yield Measurement("peak memory", memory, "MB")
        yield Measurement(f"longest of {len(waits)} saves meanwhile", max(waits), "s", 2)
        yield Measurement("unchanged of the rows imported before", report["unchanged"], "rows")

        report, seconds, memory = imported(one, again)
        yield Measurement("second import, a tenth changed", seconds, "s", 300)
        yield Measurement("changed", report["updated"], "rows")
        yield Measurement("peak memory of the second import", memory, "MB")
