"""What is searched for is counted without who searched, and told to network staff only."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnerships.enums import Role
from search import searches
from search.models import SearchCount, SearchSighting
from search.searches import MAX_REMEMBERED, SearchLog, forget_old_searches, kept_text, search_log
from tests.factories import LibraryIndexPageFactory, RoleAssignmentFactory, StoryPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    search_log._tallies.clear()


def staff_client(client: Client) -> Client:
    client.force_login(RoleAssignmentFactory(role=Role.NETWORK_STAFF).user)
    return client


def counted() -> dict[str, int]:
    return dict(SearchCount.objects.values_list("text", "count"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Host   FAMILIES ", "host families"),
        ("משפחות מארחות", "משפחות מארחות"),
        ("summer 2025", "summer 2025"),
        ("what happened to me@example.org", ""),
        ("www.example.org/me", ""),
        ("call 050-123 4567", ""),
        ("(02) 12.34 5", ""),
        ("id 123456789", ""),
        ("a" * 81, ""),
        ("one two three four five six seven eight nine ten eleven", ""),
        ("050–123–4567", ""),
        ("0_5_0_1_2", ""),
        ("dana at example dot org", ""),
        ("dana שטרודל example", ""),
        ("example.org", ""),
        ("Dr. Cohen Haifa", ""),
        ("Mrs Levi host family", ""),
        ('ד"ר כהן', ""),
        ("גב׳ לוי", ""),
        ("דר' כהן", ""),
        ("דר כהן חיפה", ""),
        ("גברת לוי", ""),
        ("הרב כהן", ""),
        ("קוראים לי דנה", ""),
        ("mr.Cohen", ""),
        ("Professor Cohen", ""),
        ("Rabbi Levi", ""),
        ("my name’s Dana", ""),
        ("rabbinical school", "rabbinical school"),
        ("drama club", "drama club"),
        ("דרום הארץ", "דרום הארץ"),
        ("הרבה אנשים", "הרבה אנשים"),
        ("dinner at home", "dinner at home"),
        ("מתנדבות.ים", "מתנדבות.ים"),
        ("מרכז קהילתי", "מרכז קהילתי"),
        ("???", ""),
        ("", ""),
        ("a\x00b\nc", "a b c"),
        ("=1+1", "=1+1"),
    ],
)
def test_only_harmless_texts_are_kept(text: str, kept: str) -> None:
    assert kept_text(text) == kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(searches, "_hour", lambda: clock.now)
    return clock


class Clock:
    """The hour that it is for those who count."""

    def __init__(self) -> None:
        self.now = datetime.datetime.combine(timezone.localdate(), datetime.time(9))

    def ask(self, log: SearchLog, text: str, language: str = "en", after: int = 0) -> None:
        """Ask `after` hours from the last question, and write."""
        self.now += datetime.timedelta(hours=after)
        log.note(text, language, 2)
        log.flush()


def test_a_text_is_a_digest_until_it_was_asked_in_three_hours(clock: Clock) -> None:
    log = SearchLog()
    for _n in range(5):  # somebody tries again within the hour, and each try is written
        clock.ask(log, "Aunt Miriam of Haifa")
    clock.ask(log, "aunt miriam of haifa", after=1)
    assert counted() == {}
    sighting = SearchSighting.objects.get()
    assert "miriam" not in sighting.digest
    assert (sighting.hours, sighting.count) == (2, 6)
    clock.ask(log, "Aunt Miriam of Haifa", after=20)
    assert counted() == {"aunt miriam of haifa": 7}
    assert SearchCount.objects.get().found == 2
    assert not SearchSighting.objects.exists()
    clock.ask(log, "aunt miriam of haifa")
    assert counted() == {"aunt miriam of haifa": 8}


def test_an_hour_that_is_told_late_is_not_counted_twice(clock: Clock) -> None:
    """Each process writes for itself: one may come to it after the other's next hour."""
    early, late = SearchLog(), SearchLog()
    late.note("teens", "en", 1)
    clock.ask(early, "teens")
    clock.ask(early, "teens", after=1)
    late.flush()
    assert counted() == {}
    assert SearchSighting.objects.get().hours == 2


def test_languages_and_days_are_counted_apart(clock: Clock) -> None:
    log = SearchLog()
    today = timezone.localdate()
    for day in (today - datetime.timedelta(days=1), today):
        SearchCount.objects.create(text="teens", language="en", day=day, count=1)
    for hours in (0, 1, 1):
        clock.ask(log, "Teens", "he", after=hours)
        clock.ask(log, "Teens", "en")
    rows = SearchCount.objects.order_by("language", "day").values_list("language", "day", "count")
    assert list(rows) == [
        ("en", today - datetime.timedelta(days=1), 1),
        ("en", today, 4),
        ("he", today, 3),
    ]


def test_a_search_writes_nothing_while_the_reader_waits(client: Client, clock: Clock) -> None:
    LibraryIndexPageFactory(title="Library")
    StoryPageFactory(title="Soup")
    with CaptureQueriesContext(connection) as queries:
        client.get("/en/library/", {"q": "soup"})
        client.get("/api/v1/search", {"q": "soup"})
    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs.isdisjoint({"INSERT", "UPDATE", "DELETE", "BEGIN", "SAVEPOINT"})
    search_log.flush()
    for _n in range(2):
        clock.ask(search_log, "soup", after=1)
    assert counted() == {"soup": 4}


def test_pages_filters_and_empty_texts_are_not_counted(client: Client) -> None:
    LibraryIndexPageFactory(title="Library")
    limited = {"q": "soup", "lead_time_max": "5"}
    for data in ({}, {"q": " "}, {"q": "soup", "type": "practice"}, limited):
        client.get("/en/library/", data)
    assert search_log._tallies == {}


def test_nothing_is_counted_where_nothing_is_to_be_kept(client: Client, settings: Any) -> None:
    settings.SEARCH_REPORT_DAYS = 0
    LibraryIndexPageFactory(title="Library")
    client.get("/en/library/", {"q": "soup"})
    assert search_log._tallies == {}


def test_memory_is_bounded() -> None:
    log = SearchLog()
    for number in range(MAX_REMEMBERED + 50):
        log.note(f"word{chr(97 + number % 26)} {'b' * (number // 26 % 60)}{number % 1000}", "en", 0)
    assert len(log._tallies) <= MAX_REMEMBERED


def test_old_counts_are_deleted(settings: Any) -> None:
    settings.SEARCH_REPORT_DAYS = 90
    today = timezone.localdate()
    for days in (89, 91):
        day = today - datetime.timedelta(days=days)
        SearchCount.objects.create(text=f"t{days}", language="en", day=day, count=1)
    SearchSighting.objects.create(digest="x", day=today - datetime.timedelta(days=31))
    assert forget_old_searches() == 2
    assert counted() == {"t89": 1}


# The report --------------------------------------------------------------------------------------


def fill() -> None:
    today = timezone.localdate()
    before = today - datetime.timedelta(days=3)
    for text, day, count, found in [
        ("teens", before, 2, 0),
        ("teens", today, 3, 7),
        ("=cmd|calc", today, 1, 0),
        ("unicorns", before, 4, 0),
    ]:
        SearchCount.objects.create(text=text, language="en", day=day, count=count, found=found)


def test_the_report_adds_up_days(client: Client) -> None:
    fill()
    staff_client(client)
    html = client.get("/admin/search-library/searches/").content.decode()
    assert html.index("teens") < html.index("unicorns")
    html = client.get("/admin/search-library/searches/empty/").content.decode()
    assert "unicorns" in html
    assert "teens" not in html
    assert client.get("/admin/search-library/searches/results/").status_code == 200


def test_exports_hold_no_formula(client: Client) -> None:
    fill()
    staff_client(client)
    answer = client.get("/admin/search-library/searches/", {"export": "csv"})
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert rows[1][:3] == ["teens", "en", "5"]
    assert ["'=cmd|calc"] in [row[:1] for row in rows]
    answer = client.get("/admin/search-library/searches/", {"export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue())).worksheets[0]
    assert "'=cmd|calc" in [cell.value for cell in sheet["A"]]


@pytest.mark.parametrize("address", ["searches/", "searches/empty/", "index/"])
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR])
def test_only_network_staff_sees_reports(client: Client, address: str, role: Role) -> None:
    client.force_login(RoleAssignmentFactory(role=role).user)
    answer = client.get(f"/admin/search-library/{address}")
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"
    assert "search-library" not in client.get("/admin/").content.decode()
