"""Fixtures of the whole suite, and its summary: what was left out, and the time by tier."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from django.utils import translation

from tests import parts
from tests.databases import BASE_DIR, SuiteDatabase, suite_database

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIERS = ("engines", "browser", "drills")  # the rest is "fast"
LEFT_OUT = "left out: "
BEGUN = pytest.StashKey[float]()


# Databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
) -> Iterator[SuiteDatabase]:
    """Copy the template database; tests that commit are put back to it, not flushed."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    database = suite_database(worker)
    with django_db_blocker.unblock():
        database.create()

    def put_back(self: TransactionTestCase) -> None:
        database.restore()

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
    yield database
    patch.undo()
    with django_db_blocker.unblock():
        database.destroy()


@dataclass
class OtherProcesses:
    """A database and a data directory of their own, for tests that need several processes."""

    environment: dict[str, str]
    data_dir: Path

    def start(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, **environment: str
    ) -> subprocess.Popen[str]:
        """Start `manage.py <arguments>` with both streams captured."""
        return subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            cwd=BASE_DIR,
            env={**self.environment, **environment},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(
        self, *arguments: str, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `manage.py <arguments>` to its end (seconds in `timeout`)."""
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def other_processes(
    django_db_setup: SuiteDatabase, django_db_blocker: Any, tmp_path: Path
) -> OtherProcesses:
    """Let `manage.py` run in processes of their own, on a fresh migrated database."""
    var = tmp_path / "var"
    var.mkdir()
    with django_db_blocker.unblock():
        url = django_db_setup.copy_for_processes(var)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "portal.settings.dev",
        "SEARCH_ENGINE": "database",  # those that are about Elasticsearch say so
        "PYTHONUNBUFFERED": "1",
    }
    return OtherProcesses(environment, tmp_path)


# Chromium ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Drive the machine's own Chromium; mark such tests `browser` and `requires("chromium")`."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, and Django would take the ORM calls beside it for
    # calls from inside the loop.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=parts.chromium_path(), args=arguments)
        yield chromium
        chromium.close()


# What is left out, and the summary -----------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--tally FILE` writes the totals as JSON, for `.ci/run`."""
    parser.addoption("--tally", metavar="FILE", help="write totals and tiers as JSON to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Note when the run began."""
    config.stash[BEGUN] = time.monotonic()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose part is missing; where TEST_REQUIRES names the part, it fails."""
    for marker in item.iter_markers("requires"):
        for part in marker.args:
            if why := parts.missing(part):
                if part in os.environ.get("TEST_REQUIRES", "").split():
                    pytest.fail(f"{part} has to be there: {why}", pytrace=False)
                pytest.skip(f"{LEFT_OUT}{part}")


def _tier(report: pytest.TestReport) -> str:
    return next((tier for tier in TIERS if tier in report.keywords), "fast")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name each missing part and each skip, and print tests and minutes by tier."""
    stats = terminalreporter.stats
    skipped = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    here = [part for part in parts.CHECKS if not parts.missing(part)]
    terminalreporter.section("parts")
    terminalreporter.line(f"there: {', '.join(here)}")
    for part in parts.CHECKS:
        if why := parts.missing(part):
            count = skipped.pop(f"{LEFT_OUT}{part}", 0)
            terminalreporter.line(f"left out: {part} ({why}): {count} tests", yellow=True)
    for why, count in skipped.items():
        terminalreporter.line(f"skipped: {why}: {count} tests", yellow=True)

    seconds: Counter[str] = Counter()
    tests: Counter[str] = Counter()
    for reports in stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[_tier(report)] += report.duration  # type: ignore[assignment]
                tests[_tier(report)] += report.when == "call"
    for tier, count in sorted(tests.items()):
        terminalreporter.line(f"{tier}: {count} tests, {seconds[tier] / 60:.1f} min of work")

    if path := config.getoption("tally"):
        outcomes = {name: len(stats.get(name, [])) for name in ("passed", "failed", "error")}
        tally = {
            "database": "postgresql" if not parts.missing("postgresql") else "sqlite",
            **outcomes,
            "not_passed": sorted(
                {report.nodeid for name in ("failed", "error") for report in stats.get(name, [])}
            ),
            "wall_seconds": round(time.monotonic() - config.stash[BEGUN], 1),
            "skipped": len(stats.get("skipped", [])),
            "left_out": {p: parts.missing(p) for p in parts.CHECKS if parts.missing(p)},
            "tiers": {t: {"tests": tests[t], "seconds": round(seconds[t], 1)} for t in tests},
        }
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(json.dumps(tally, indent=2) + "\n")


@pytest.fixture(autouse=True)
def no_cache_from_other_tests() -> Iterator[None]:
    """Wagtail caches renditions by the picture's key, and keys come again in the next test."""
    cache.clear()
    yield


@pytest.fixture(autouse=True)
def no_names_from_other_tests() -> Iterator[None]:
    """The library's names are read once a process; a test's database goes back behind them."""
    from search.engines import forget_bitmaps
    from search.lexicon import forget_lexicon
    from search.services.other_spelling import forget_vocabulary

    forget_lexicon()
    forget_vocabulary()
    forget_bitmaps()
    yield


class _Unheard:
    """A task that is queued for nobody."""

    def enqueue(self, *args: Any, **kwargs: Any) -> None:
        """Let it be."""


@pytest.fixture(autouse=True)
def no_indexes_that_nobody_asks(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Wagtail's own search and reference indexes cost a fifth of each page that a test makes.

    Few tests ask them; these, and all with other processes or a browser, have them
    (`wagtail_indexes`).
    """
    if not any(request.node.get_closest_marker(name) for name in ("wagtail_indexes", *TIERS)):
        monkeypatch.setattr("modelsearch.signal_handlers.insert_or_update_object_task", _Unheard())
        monkeypatch.setattr("wagtail.signal_handlers.update_reference_index_task", _Unheard())
    yield


@pytest.fixture(autouse=True)
def no_beats_beside_a_test(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The thread of a heartbeat commits beside a test that is rolled back, and its row stays.

    Tests that commit themselves are put back whole, so there the thread beats.
    """
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        from portal.liveness import Pulse

        monkeypatch.setattr(Pulse, "_run", lambda self: None)
    yield


@pytest.fixture(autouse=True)
def mails_as_their_kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look at each mail that any test lets a service write: it tells what its kind does."""
    from portal import mail
    from tests.mails import check_mail

    render = mail.render_mail

    def render_and_check(template: str, context: Any, **values: Any) -> mail.RenderedMail:
        rendered = render(template, context, **values)
        check_mail(template, context, rendered)
        return rendered

    monkeypatch.setattr(mail, "render_mail", render_and_check)
    yield


@pytest.fixture(autouse=True)
def no_language_from_other_tests() -> Iterator[None]:
    """A request leaves its language active in the thread; each test begins with the default."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
