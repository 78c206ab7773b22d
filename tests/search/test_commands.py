"""`rebuild_library`, `library_status`, `check_library`."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from portal.library import Facet, library_changed
from portal.services.bulk_pages import BulkPageWriter
from search.models import LibraryClock, LibraryEntry, LibraryFacet, LibraryText
from search.query import LibraryQuery
from search.services.consistency import described_pages, rebuild
from search.services.library import find
from search.services.writer import Written, write_pages
from stories.models import StoryPage
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    ProgramPageFactory,
    StoryPageFactory,
    WayToTakePartFactory,
    home_page,
    page_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> list[StoryPage]:
    """Some stories, one of them a draft."""
    parent = page_of(PartnershipFactory(slug="home", with_members=True))
    arts = ConceptFactory(key="arts", kind="topic")
    made = [StoryPageFactory(parent=parent, title=f"Story {n}", concepts=[arts]) for n in range(3)]
    StoryPageFactory(parent=parent, title="Draft", live=False)
    return made


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command; return its exit code and its JSON."""
    try:
        call_command(*arguments)
        code = 0
    except SystemExit as error:
        code = int(str(error.code))
    return code, json.loads(capsys.readouterr().out)


def snapshot() -> list[Any]:
    """Return what the tables hold, without ids and versions."""
    rows = []
    for entry in LibraryEntry.objects.select_related("text").order_by("page_id"):
        facets = sorted(entry.facets.values_list("name", "value"))
        text = [getattr(entry.text, f.name) for f in LibraryText._meta.fields if f.name != "entry"]
        rows.append((entry.page_id, entry.title, entry.type, entry.date, text, facets))
    return rows


def test_check_is_clean_after_the_writer(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = run(capsys, "check_library")
    assert code == 0
    assert report["clean"] is True
    assert report["checked"] == 4
    assert report["missing"] == report["extra"] == report["engine"] == []
    assert report["different"] == {}


def test_check_names_each_difference(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    LibraryEntry.objects.filter(page=pages[0]).delete()
    LibraryEntry.objects.filter(page=pages[1]).update(title="Another")
    LibraryFacet.objects.filter(entry__page=pages[2], name="topic").delete()
    home = home_page()
    LibraryEntry.objects.filter(page=pages[1].get_parent()).update(page=home)
    code, report = run(capsys, "check_library")
    assert code == 1
    assert report["clean"] is False
    assert set(report["missing"]) == {pages[0].pk, pages[1].get_parent().pk}
    assert report["different"] == {str(pages[1].pk): ["title"], str(pages[2].pk): ["topic"]}
    assert report["extra"] == [home.pk]


def test_check_tells_a_page_that_cannot_be_described(
    pages: list[StoryPage],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(page: StoryPage) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(StoryPage, "describe_for_library", fail)
    code, report = run(capsys, "check_library")
    assert code == 1
    assert report["failed"][str(pages[0].pk)] == "ValueError: broken"


def test_rows_that_wait_are_no_difference(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    LibraryEntry.objects.filter(page=pages[0]).update(title="Another")
    library_changed.send(None, facet=Facet.TOPIC, keys=["arts"])
    code, report = run(capsys, "check_library")
    assert (code, report["stale"]) == (0, 3)


def test_rebuild_makes_the_same_from_nothing(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot()
    LibraryEntry.objects.all().delete()
    assert find(LibraryQuery()).total == 0
    code, report = run(capsys, "rebuild_library", "--json", "--chunk", "2")
    assert code == 0
    assert (report["rows"], report["removed"], report["failed"]) == (4, 0, {})
    assert snapshot() == before
    assert find(LibraryQuery(text="story")).total == 3


def test_rebuild_mends_and_removes_orphans(pages: list[StoryPage]) -> None:
    before = snapshot()
    entry = LibraryEntry.objects.get(page=pages[0])
    LibraryEntry.objects.filter(pk=entry.pk).update(title="Another")
    home = home_page()
    LibraryEntry.objects.create(
        page=home,
        thing_key=home.translation_key,
        language="en",
        type="success",
        title="Orphan",
        version=1,
        built_version=1,
    )
    result = rebuild()
    assert (result.written, result.removed) == (4, 1)
    assert snapshot() == before
    assert LibraryEntry.objects.get(pk=entry.pk).version > entry.version


class Interrupted(Exception):
    """What ends a rebuild in its middle."""


def broken_rebuild(pages: int) -> None:
    """Break a rebuild off once so many pages are done."""

    def interrupt(done: int, total: int) -> None:
        if done >= pages:
            raise Interrupted

    with pytest.raises(Interrupted):
        rebuild(interrupt, chunk=1)


def spoil() -> None:
    """Let every row differ from its page, so that it shows which ones are written anew."""
    LibraryEntry.objects.update(title="Spoiled")


def spoiled() -> set[int | None]:
    return set(LibraryEntry.objects.filter(title="Spoiled").values_list("page_id", flat=True))


def test_a_rebuild_that_was_broken_off_goes_on(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    ids = sorted([pages[0].get_parent().pk, *(page.pk for page in pages)])
    before = snapshot()
    spoil()
    broken_rebuild(2)
    assert spoiled() == set(ids[2:])
    spoil()
    call_command("rebuild_library", "--json", "--chunk", "1")
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert (report["rows"], report["pages"], report["pages_before"]) == (2, 2, 2)
    assert f"Goes on from page {ids[1]}: 2 pages were done" in told.err
    assert spoiled() == set(ids[:2])  # what was written before the break is not written twice
    code, report = run(capsys, "rebuild_library", "--json")  # it came to its end: all is done anew
    assert (code, report["rows"], report["pages_before"]) == (0, 4, 0)
    assert snapshot() == before


def test_a_rebuild_begins_anew_when_told_or_after_a_day(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    broken_rebuild(2)
    code, report = run(capsys, "rebuild_library", "--json", "--anew")
    assert (code, report["rows"], report["pages_before"]) == (0, 4, 0)
    broken_rebuild(2)
    LibraryClock.objects.update(rebuild_at=timezone.now() - datetime.timedelta(hours=25))
    assert rebuild().written == 4


def test_two_rebuilds_at_once_leave_no_page_out(pages: list[StoryPage]) -> None:
    """One begins anew in the middle of another, which then comes to its end, and is broken off."""
    ids = sorted([pages[0].get_parent().pk, *(page.pk for page in pages)])

    def meanwhile(done: int, total: int) -> None:
        if done == 2:
            spoil()
            with pytest.raises(Interrupted):
                rebuild(lambda other, _total: interrupt(other), chunk=1, anew=True)

    def interrupt(done: int) -> None:
        raise Interrupted

    assert rebuild(meanwhile, chunk=1).written == 4
    assert rebuild(chunk=1).written == 3  # goes on with the one that was begun anew
    assert spoiled() == set()
    assert LibraryClock.objects.get().rebuild_version == 0
    assert len(ids) == 4


def test_progress_of_a_rebuild_counts_pages(pages: list[StoryPage]) -> None:
    """A page may have several rows, or none."""
    steps: list[tuple[int, int]] = []
    WayToTakePartFactory(program=ProgramPageFactory().program, kind="host")
    result = rebuild(lambda done, total: steps.append((done, total)), chunk=2)
    total = described_pages().filter(live=True).count()
    assert result.written > total
    assert steps[-1] == (total, total)
    assert result.pages == total


def test_rebuild_leaves_what_waits_unseen(pages: list[StoryPage]) -> None:
    """A batch that an import is about to show keeps its rows."""
    LibraryEntry.objects.filter(page=pages[0]).exists()
    Page.objects.filter(pk=pages[0].pk).update(live=False)
    assert rebuild().removed == 0
    Page.objects.filter(pk=pages[0].pk).update(live=True)
    assert find(LibraryQuery(text="story")).total == 3


def test_number_of_queries_of_a_rebuild_grows_by_the_chunk_only(pages: list[StoryPage]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            rebuild(chunk=100)
        return len(queries)

    count()  # content types are known from here on
    before = count()
    arts = ConceptFactory(key="arts", kind="topic")
    for number in range(20):
        StoryPageFactory(parent=pages[0].get_parent(), title=f"More {number}", concepts=[arts])
    assert count() == before


def test_number_of_queries_of_bulk_rows_does_not_grow(
    pages: list[StoryPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = pages[0].get_parent().specific
    arts = ConceptFactory(key="arts", kind="topic")
    counts: list[int] = []

    def counted(written: list[StoryPage]) -> Written:
        with CaptureQueriesContext(connection) as queries:
            result = write_pages(written)
        counts.append(len(queries))
        return result

    monkeypatch.setattr("search.signal_handlers.write_pages", counted)
    for number in (3, 30):
        with BulkPageWriter(chunk_seconds=10) as writer:
            for index in range(number):
                title = f"Bulk {number} {index}"
                writer.add(StoryPage(title=title, summary="x", concepts=[arts]), parent)
    assert len(counts) == 2
    assert counts[0] == counts[1]


def test_status_tells_rows_and_lag(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "library_status") == (
        0,
        {"engine": "database", "rows": 4, "stale": 0, "engines": {"database": {"lag": 0}}},
    )
    library_changed.send(None, facet=Facet.TOPIC, keys=["arts"])
    code, status = run(capsys, "library_status")
    assert (code, status["stale"], status["engines"]) == (0, 3, {"database": {"lag": 3}})


def test_waiting_ends_when_nothing_waits_or_time_is_up(
    pages: list[StoryPage], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "library_status", "--wait")[0] == 0
    library_changed.send(None, facet=Facet.TOPIC, keys=["arts"])
    code, status = run(capsys, "library_status", "--wait", "--timeout", "0.3")
    assert (code, status["stale"]) == (1, 3)
