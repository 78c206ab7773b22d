"""Counting by bitmaps: the same as SQL finds, and never a moment behind what may be seen."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from portal.library import Audience, Facet, Number
from portal.visibility import NETWORK, PUBLIC, Viewer
from search.engines import DatabaseEngine, HeldBitmaps
from search.engines import counting as counting_module
from search.engines import quick as quick_module
from search.models import LibraryClock, LibraryEntry
from search.query import FACET_NAMES, LibraryQuery, Sort
from search.services.library import find
from search.services.versions import raise_pages
from search.tasks import refresh_library
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


class Nothing(HeldBitmaps):
    """Holds nothing: SQL counts."""

    def current(self, *args: Any) -> None:
        """Let the database count."""


@pytest.fixture
def engine() -> DatabaseEngine:
    """An engine with bitmaps of its own, which only the database tells of changes."""
    return DatabaseEngine(held=HeldBitmaps(in_transactions=True))


def story(title: str, parent: Any = None, **fields: Any) -> Any:
    place = {"parent": parent} if parent is not None else {}
    body = [{"type": "paragraph", "value": "<p>kitchen</p>"}]
    return StoryPageFactory(title=title, summary="kitchen", body=body, **place, **fields)


def found(engine: DatabaseEngine, **query: Any) -> tuple[int, int, dict[str, int]]:
    """Return the number of hits, the total, and the counts by language; they should agree."""
    answer = engine.search(LibraryQuery(types=["success"], **query))
    return len(answer.matches), answer.total, dict(answer.facets["language"])


def assert_same(engine: DatabaseEngine, query: LibraryQuery) -> None:
    by_bitmaps = engine.search(query)
    by_sql = DatabaseEngine(held=Nothing()).search(query)
    assert by_bitmaps.total == by_sql.total, query
    assert by_bitmaps.facets == by_sql.facets, query
    assert by_bitmaps.is_widened == by_sql.is_widened, query
    assert [m.thing_key for m in by_bitmaps.matches] == [m.thing_key for m in by_sql.matches], query
    if query.sort == Sort.RELEVANCE:
        scores = [match.score for match in by_sql.matches]
        assert [match.score for match in by_bitmaps.matches] == pytest.approx(scores), query


def test_it_finds_and_counts_what_sql_does(engine: DatabaseEngine) -> None:
    cooking, music = ConceptFactory(key="cooking"), ConceptFactory(key="music", kind="audience")
    home = PartnershipFactory(slug="home", with_members=True)
    away = PartnershipFactory(slug="away", with_members=True)
    pages = []
    for number in range(12):
        parent = page_of(home if number % 3 else away)
        page = story(
            f"Kitchen {number}",
            parent,
            concepts=[cooking, music][: number % 3],
            first_published_at=timezone.now() - datetime.timedelta(days=100 * (number // 2)),
        )
        pages.append(page)
    for page in pages[:5]:  # some are told in both languages, and one translation is older
        story(
            f"מטבח {page.pk}",
            page_of(page.get_parent().specific.partnership, "he"),
            language="he",
            translation_key=page.translation_key,
            original_language="en",
            first_published_at=timezone.now() - datetime.timedelta(days=333),
        )
    PracticePageFactory(title="Kitchen practice", parent=page_of(home), concepts=[music])
    story("Draft", page_of(home), live=False)
    pages[6].unpublish()
    LibraryEntry.objects.filter(page=pages[7]).update(audience=Audience.NETWORK, date=None)
    raise_pages([pages[7].pk])
    LibraryEntry.objects.filter(page=pages[8]).update(date=None)
    raise_pages([pages[8].pk])
    PageViewRestriction.objects.create(page=pages[9], restriction_type="login")
    texts = ("", "kitchen", "מטבח", "kitchen 3", "nothing kitchen zzz")
    for text in texts:
        for sort in Sort.values:
            assert_same(engine, LibraryQuery(text=text, sort=sort))
            assert_same(engine, LibraryQuery(text=text, sort=sort, page_size=3, page=2))
        for filters in (
            {"partnerships": ["home"]},
            {"partnerships": ["home", "away"], "concepts": ["music"]},
            {"concepts": ["cooking", "music"], "types": ["success"]},
            {"facets": {Facet.TOPIC: ["cooking"], Facet.AUDIENCE: ["music"]}},
            {"languages": ["he"]},
            {"languages": ["en"], "partnerships": ["no such"]},
            {"at_most": {Number.LEAD_TIME: 8}},
            {"at_least": {Number.LEAD_TIME: 9}},
            {"untold": [Number.COST_ISRAEL]},
        ):
            assert_same(engine, LibraryQuery(text=text, **filters))
            assert_same(engine, LibraryQuery(text=text, sort=Sort.DATE, page_size=2, **filters))
    assert_same(engine, LibraryQuery(text="kitchen", viewer=Viewer(user_id=1)))
    assert engine.search(LibraryQuery(text="kitchen")).total > 5


@pytest.mark.parametrize("few", [0, 4000])
def test_the_newest_are_found_by_both_ways(
    engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("search.engines.quick._FEW", few)
    now = timezone.now()
    for number in range(6):
        page = story(f"Day {number}", first_published_at=now - datetime.timedelta(days=number // 2))
        if number % 2:
            story(
                f"יום {number}",
                page_of(page.get_parent().specific.partnership, "he"),
                language="he",
                translation_key=page.translation_key,
                original_language="en",
                first_published_at=now - datetime.timedelta(days=3 - number),
            )
    LibraryEntry.objects.filter(title__in=["Day 0", "Day 3"]).update(date=None)
    raise_pages(Page.objects.values_list("pk", flat=True))
    for size in (1, 2, 3, 100):
        for page in (1, 2):
            assert_same(engine, LibraryQuery(page_size=size, page=page, types=["success"]))


# At once ----------------------------------------------------------------------------------------


def _unpublish(page: Any) -> None:
    page.unpublish()


def _expire(page: Any) -> None:
    base = Page.objects.get(pk=page.pk)  # as `publish_scheduled` does: the base class is saved
    base.live = False
    base.expired = True
    base.save()


def _update_without_a_signal(page: Any) -> None:
    Page.objects.filter(pk=page.pk).update(live=False)


def _restrict(page: Any) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type="login")


def _restrict_above(page: Any) -> None:
    PageViewRestriction.objects.create(page=page.get_parent(), restriction_type="login")


def _move_under_a_restriction(page: Any) -> None:
    closed = page_of(PartnershipFactory(slug="closed"))
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    page.move(closed, "last-child")


def _narrow(page: Any) -> None:
    with transaction.atomic():
        version = LibraryClock.draw()
        LibraryEntry.objects.filter(page=page).update(
            audience=Audience.NETWORK, version=version, built_version=version
        )


def _delete(page: Any) -> None:
    page.delete()


@pytest.mark.parametrize(
    "hide",
    [
        _unpublish,
        _expire,
        _update_without_a_signal,
        _restrict,
        _restrict_above,
        _move_under_a_restriction,
        _narrow,
        _delete,
    ],
)
@pytest.mark.parametrize("text", ["", "kitchen"])
def test_what_may_not_be_seen_any_more_is_neither_found_nor_counted(
    engine: DatabaseEngine, hide: Callable[[Any], None], text: str
) -> None:
    kept, page = story("Kept"), story("Hidden")
    assert found(engine, text=text) == (2, 2, {"en": 2})
    hide(page)
    assert found(engine, text=text) == (1, 1, {"en": 1})
    assert [m.thing_key for m in engine.search(LibraryQuery(types=["success"])).matches] == [
        kept.translation_key
    ]


def test_what_may_be_seen_again_is_counted_again(engine: DatabaseEngine) -> None:
    page = story("Back")
    _unpublish(page)
    assert found(engine) == (0, 0, {})
    page.save_revision().publish()
    assert found(engine) == (1, 1, {"en": 1})
    _restrict(page)
    assert found(engine) == (0, 0, {})
    PageViewRestriction.objects.all().delete()
    assert found(engine) == (1, 1, {"en": 1})


def test_new_pages_and_changed_facts_are_counted_at_once(engine: DatabaseEngine) -> None:
    cooking, music = ConceptFactory(key="cooking"), ConceptFactory(key="music")
    page = story("First", concepts=[cooking])

    def concepts() -> dict[str, int]:
        return dict(engine.search(LibraryQuery(types=["success"])).facets["topic"])

    assert concepts() == {"cooking": 1}
    story("Second", concepts=[cooking, music])
    assert concepts() == {"cooking": 2, "music": 1}
    page.concepts = [music]
    page.save_revision().publish()
    assert concepts() == {"cooking": 1, "music": 2}
    refresh_library.call()
    assert concepts() == {"cooking": 1, "music": 2}


def test_more_things_than_there_was_room_for(engine: DatabaseEngine) -> None:
    partnership = PartnershipFactory()
    story("First", page_of(partnership))
    assert found(engine)[1] == 1
    for number in range(80):
        story(f"More {number}", page_of(partnership))
    assert found(engine, page_size=100)[1] == 81


def test_deleted_and_made_anew_in_one_step(engine: DatabaseEngine) -> None:
    first, second = story("First"), story("Second")
    assert found(engine)[1] == 2
    first.delete()
    second.delete()
    story("Third")
    story("Fourth")
    story("Fifth")
    assert found(engine) == (3, 3, {"en": 3})
    assert_same(engine, LibraryQuery())


def test_a_library_too_large_for_bitmaps_is_counted_by_sql(
    engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting_module, "MAX_ROWS", 1)
    story("First")
    story("Second")
    assert engine._search(LibraryQuery()).__class__.__name__ == "SqlSearch"
    assert found(engine) == (2, 2, {"en": 2})


def test_what_a_transaction_may_take_back_is_never_held() -> None:
    engine = DatabaseEngine(held=HeldBitmaps())
    story("In a transaction")
    assert connection.in_atomic_block
    assert engine._search(LibraryQuery()).__class__.__name__ == "SqlSearch"
    assert engine.held._held is None


def test_only_the_public_is_counted_for_by_bitmaps(engine: DatabaseEngine) -> None:
    page = story("For members")
    _restrict(page)
    assert found(engine) == (0, 0, {})
    assert found(engine, viewer=Viewer(user_id=7)) == (1, 1, {"en": 1})


def test_the_number_of_queries_does_not_grow(engine: DatabaseEngine) -> None:
    partnership = PartnershipFactory()

    def queries() -> int:
        engine.held.forget()
        with CaptureQueriesContext(connection) as captured:
            engine.search(LibraryQuery(text="kitchen"))
        first = len(captured)
        story("One more", page_of(partnership))
        with CaptureQueriesContext(connection) as captured:
            engine.search(LibraryQuery(text="kitchen"))
        return first + len(captured)

    queries()  # names are read once
    few = queries()
    for number in range(20):
        story(f"Kitchen {number}", page_of(partnership))
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_what_another_process_commits_shows_in_the_next_search() -> None:
    engine = DatabaseEngine(held=HeldBitmaps())
    page, other = story("Here"), story("There")
    assert found(engine, text="kitchen") == (2, 2, {"en": 2})
    assert engine.held._held is not None

    def elsewhere(work: Callable[[], Any]) -> None:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(30)

    elsewhere(lambda: _unpublish(Page.objects.get(pk=page.pk).specific))
    assert found(engine, text="kitchen") == (1, 1, {"en": 1})
    elsewhere(lambda: _restrict(Page.objects.get(pk=other.pk)))
    assert found(engine, text="kitchen") == (0, 0, {})
    elsewhere(lambda: Page.objects.get(pk=page.pk).delete())
    elsewhere(lambda: PageViewRestriction.objects.all().delete())
    assert found(engine, text="") == (1, 1, {"en": 1})
    assert set(engine.search(LibraryQuery()).facets) == set(FACET_NAMES)


@pytest.mark.django_db(transaction=True)
def test_a_new_name_shows_at_once_beside_the_counts() -> None:
    cooking = ConceptFactory(key="cooking", label={"en": "Cooking", "he": "בישול"})
    story("Kitchen", concepts=[cooking])

    def label() -> str:
        return find(LibraryQuery(types=["success"], lang="en")).facets["topic"][0].label

    assert label() == "Cooking"
    cooking.label = {"en": "Kitchens", "he": "בישול"}
    cooking.save()
    assert label() == "Kitchens"


def test_what_begins_as_typed_is_shown_only_where_it_may_be_seen(engine: DatabaseEngine) -> None:
    pages = [story(f"Kit{'e' * number} of ours") for number in range(4)]
    _unpublish(pages[0])
    _restrict(pages[1])
    for size in (1, 2, 8):
        query = LibraryQuery(text="kit", page_size=size)
        by_sql = DatabaseEngine(held=Nothing()).suggest(query)
        assert engine.suggest(query) == by_sql
        assert set(by_sql) <= {pages[2].translation_key, pages[3].translation_key}


def test_kept_beginnings_follow_titles_and_restrictions(
    engine: DatabaseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_module, "_LONG", 1)
    lantern, longer = story("Lantern"), story("Lanterns for everyone")

    def begun(typed: str) -> list[str]:
        titles = dict(Page.objects.values_list("translation_key", "title"))
        return [titles[key] for key in engine.suggest(LibraryQuery(text=typed))]

    assert begun("lan") == ["Lantern", "Lanterns for everyone"]
    with CaptureQueriesContext(connection) as queries:
        assert begun("lan") == ["Lantern", "Lanterns for everyone"]
    assert not [query for query in queries if "MATCH" in query["sql"] or "@@" in query["sql"]]
    _restrict(lantern)
    assert begun("lan") == ["Lanterns for everyone"]
    longer.title = "Candles"
    longer.save_revision().publish()
    assert (begun("lan"), begun("can")) == ([], ["Candles"])


def test_concepts_are_offered_where_something_about_them_may_be_seen(
    engine: DatabaseEngine,
) -> None:
    seen, closed, draft, unused = (ConceptFactory() for _number in range(4))
    story("Seen", concepts=[seen])
    _restrict(story("Closed", concepts=[closed]))
    _unpublish(story("Draft", concepts=[draft]))
    keys = [concept.key for concept in (seen, closed, draft, unused)]
    for each in (engine, DatabaseEngine(held=Nothing())):
        assert each.concepts_with_things(keys, PUBLIC) == {seen.key}
        assert each.concepts_with_things(keys, NETWORK) == {seen.key, closed.key}
