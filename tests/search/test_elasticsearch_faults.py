"""What may go wrong with Elasticsearch itself: no search fails, and nothing is lost."""

from __future__ import annotations

import datetime
import http.server
import threading
import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from portal.cycles import run_cycles_once
from portal.library import Audience
from search import cycles
from search.engines import get_engine, selection
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import ElasticsearchEngine, feed
from search.engines.elasticsearch.comparison import compare
from search.engines.elasticsearch.documents import Document
from search.engines.elasticsearch.sending import send
from search.models import EngineIndex, LibraryEntry
from search.query import LibraryQuery, Sort
from search.services.library import find
from search.services.versions import raise_pages, touch_pages
from search.tasks import mend_index
from tests.factories import LibraryIndexPageFactory, PartnershipFactory, StoryPageFactory, page_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engines,
    pytest.mark.requires("elasticsearch"),
]

STORIES = LibraryQuery(types=["success"])


@pytest.fixture(autouse=True)
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each cycle look at the index, whenever it was looked at last."""
    monkeypatch.setattr(cycles, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(cycles, "_next_look", {})


def differences(engine: ElasticsearchEngine) -> list[str]:
    return compare(engine.client, engine.indexes.alias).problems()


def stories(count: int) -> list[Any]:
    parent = page_of(PartnershipFactory())
    return [StoryPageFactory(title=f"Story {n}", parent=parent) for n in range(count)]


# What answers is not Elasticsearch, or only half of it --------------------------------------------

ODD: dict[str, tuple[int, str]] = {
    "nothing": (200, ""),
    "null": (200, "null"),
    "an empty object": (200, "{}"),
    "a list": (200, "[]"),
    "a page": (200, "<html>Welcome</html>"),
    "cut": (200, '{"took": 1, "hits": {"to'),
    "without hits": (200, '{"timed_out": false, "hits": {}}'),
    "without counts": (200, '{"timed_out": false, "hits": {"total": {"value": 9}, "hits": []}}'),
    "another index": (
        200,
        '{"timed_out": false, "hits": {"total": {"value": 9}, "hits": [{"_id": "x"}]}}',
    ),
    "too many requests": (429, '{"error": {"type": "x"}, "status": 429}'),
    "no rights": (403, '{"error": {"type": "x"}, "status": 403}'),
    "elsewhere": (302, ""),
    "bad gateway": (502, "<html>Bad gateway</html>"),
    "not ready": (503, '{"error": {"type": "x"}, "status": 503}'),
}


class Odd(http.server.BaseHTTPRequestHandler):
    """Answers everything with the same."""

    protocol_version = "HTTP/1.1"
    told: ClassVar[tuple[int, str]] = (200, "")

    def answer(self) -> None:
        """Answer, whatever is asked."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        status, text = self.told
        self.send_response(status)
        kind = "text/html" if text.startswith("<") else "application/json"
        self.send_header("content-type", kind)
        self.send_header("x-elastic-product", "Elasticsearch")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def odd(settings: Any) -> Iterator[type[Odd]]:
    """Let the portal search in something odd."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{server.server_port}"
    yield Odd
    server.shutdown()
    server.server_close()
    selection._with_fallback.cache_clear()


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_none(odd: type[Odd], name: str, client: Client) -> None:
    odd.told = ODD[name]
    LibraryIndexPageFactory(title="Library")
    stories(2)
    for address in ("/en/library/?q=story", "/api/v1/search?q=story", "/api/v1/suggest?q=sto"):
        selection._with_fallback.cache_clear()  # a circuit that the one before has opened
        response = client.get(address)
        assert response.status_code == 200
    told = client.get("/api/v1/search?q=story").json()
    assert (told["engine"], told["total"]) == ("database", 2)
    assert run_cycles_once() == ["library: outbox"]
    assert get_engine().lag() == LibraryEntry.objects.count()
    assert get_engine().verify(thorough=True)


# What it holds is not what it was sent ------------------------------------------------------------


class PutBack(Exception):
    """The database is put back to an older state."""


@pytest.mark.parametrize("then", ["somebody publishes", "nobody publishes", "it is compared"])
def test_database_that_was_put_back_is_found_and_the_index_built_anew(
    elasticsearch: ElasticsearchEngine, then: str
) -> None:
    elasticsearch.indexes.remove_all()  # its mark is of the test before
    hidden, gone, renamed, _kept = stories(4)
    run_cycles_once()
    with pytest.raises(PutBack), transaction.atomic():
        hidden.unpublish()
        Page.objects.get(pk=gone.pk).delete()
        page = Page.objects.get(pk=renamed.pk).specific
        page.title = "Renamed"
        page.save()
        StoryPageFactory(title="Later", parent=hidden.get_parent())
        run_cycles_once()
        assert elasticsearch.search(STORIES).total == 3
        raise PutBack
    assert differences(elasticsearch)
    if then == "somebody publishes":
        page = Page.objects.get(pk=renamed.pk).specific
        page.title = "Renamed after all"
        page.save()
    if then == "it is compared":
        assert mend_index.call() == 0
    else:
        assert run_cycles_once() == []
    assert differences(elasticsearch) == []
    found = find(STORIES)
    assert (found.engine, found.total) == ("elasticsearch", 4)


def test_deletions_alone_tell_that_the_database_was_put_back(
    elasticsearch: ElasticsearchEngine,
) -> None:
    elasticsearch.indexes.remove_all()  # its mark is of the test before
    gone, _kept = stories(2)
    run_cycles_once()
    with pytest.raises(PutBack), transaction.atomic():
        Page.objects.get(pk=gone.pk).delete()
        run_cycles_once()
        raise PutBack
    assert run_cycles_once() == []
    assert differences(elasticsearch) == []


@pytest.mark.parametrize("by", ["the worker", "the comparison"])
def test_lost_index_is_built_anew_while_nobody_publishes(
    elasticsearch: ElasticsearchEngine, by: str
) -> None:
    stories(2)
    run_cycles_once()
    elasticsearch.indexes.remove_all()
    if by == "the worker":
        assert run_cycles_once() == []
    else:
        assert mend_index.call() == 0
    assert find(STORIES).engine == "elasticsearch"
    assert differences(elasticsearch) == []


def test_of_two_workers_that_find_no_index_one_builds_it(
    elasticsearch: ElasticsearchEngine,
) -> None:
    stories(2)
    elasticsearch.indexes.remove_all()
    EngineIndex.objects.all().delete()
    first = elasticsearch.feed._register()
    with pytest.raises(EngineUnavailable, match="another process"):
        elasticsearch.feed._register()
    assert elasticsearch.indexes.names() == [first.name]
    assert elasticsearch.feed.keep() == 0  # the first is at it
    assert elasticsearch.feed.rebuild()  # who is told to goes on with the same
    assert elasticsearch.indexes.names() == [first.name]
    assert differences(elasticsearch) == []


def test_index_that_was_registered_and_never_made_is_forgotten(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = EngineIndex.objects.create(name=elasticsearch.indexes.new_name(), version=0)
    stories(1)
    run_cycles_once()
    assert EngineIndex.objects.filter(pk=state.pk).exists()  # somebody may be about to make it
    monkeypatch.setattr(feed, "FILLING_LEASE", datetime.timedelta(0))
    stories(1)
    run_cycles_once()
    assert not EngineIndex.objects.filter(pk=state.pk).exists()
    assert differences(elasticsearch) == []
    assert not elasticsearch.feed.has_work()


@pytest.mark.parametrize("block", ["write", "read_only", "read_only_allow_delete"])
def test_what_an_index_takes_no_writes_for_waits(
    elasticsearch: ElasticsearchEngine, block: str
) -> None:
    changed, gone, _kept = stories(3)
    run_cycles_once()
    name, indices = elasticsearch.indexes.present().serving, elasticsearch.client.indices
    assert name
    indices.put_settings(index=name, settings={f"index.blocks.{block}": True})
    try:
        changed.title = "Changed"
        changed.save()
        Page.objects.get(pk=gone.pk).delete()
        assert run_cycles_once() == ["library: outbox"]
        assert elasticsearch.lag() == 2
        assert find(STORIES).total == 2
    finally:
        indices.put_settings(index=name, settings={f"index.blocks.{block}": None})
    assert run_cycles_once() == []
    assert differences(elasticsearch) == []


def test_thing_that_is_refused_is_not_found_as_it_was(elasticsearch: ElasticsearchEngine) -> None:
    first, second = stories(2)
    run_cycles_once()
    version = LibraryEntry.objects.latest("version").version
    bad = Document(first.translation_key, version, '{"unknown": 1}', {})
    good = Document(second.translation_key, version, '{"rows": []}', {})
    assert send(elasticsearch.client, elasticsearch.indexes.alias, [bad, good], refresh=True) == 1
    assert elasticsearch.search(STORIES).total == 0
    assert mend_index.call() == 2
    assert differences(elasticsearch) == []


# What goes first ----------------------------------------------------------------------------------


def test_what_is_hidden_does_not_wait_behind_all_else(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 3)
    *many, deleted, hidden, below, narrowed = stories(14)
    run_cycles_once()
    with transaction.atomic():
        raise_pages([page.pk for page in many])
    Page.objects.get(pk=deleted.pk).delete()
    hidden.unpublish()
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=below.pk), restriction_type=PageViewRestriction.LOGIN
    )
    LibraryEntry.objects.filter(page=narrowed).update(audience=Audience.NETWORK)
    touch_pages([narrowed.pk])
    sent: list[uuid.UUID] = []

    def noted(client: Any, alias: str, items: Any, refresh: bool = False) -> int:
        sent.extend(item.thing_key for item in items)
        return send(client, alias, items, refresh)

    monkeypatch.setattr(feed, "send", noted)
    assert run_cycles_once() == []
    first = {page.translation_key for page in (deleted, hidden, below, narrowed)}
    assert set(sent[:4]) == first
    assert elasticsearch.lag() == 0
    assert differences(elasticsearch) == []


@pytest.mark.parametrize("how", ["restricted", "for the network"])
def test_order_tells_nothing_of_what_is_hidden(
    elasticsearch: ElasticsearchEngine, settings: Any, how: str
) -> None:
    days = [timezone.now() - datetime.timedelta(days=number) for number in (1, 2, 900)]
    partnership = PartnershipFactory()
    parent = page_of(partnership)
    first = StoryPageFactory(title="Beta", parent=parent, first_published_at=days[0])
    StoryPageFactory(title="Gamma", parent=parent, first_published_at=days[1])
    hidden = StoryPageFactory(
        title="Alpha",
        parent=page_of(partnership, "he"),
        language="he",
        translation_key=first.translation_key,
        original_language="en",
        first_published_at=days[2],
    )
    run_cycles_once()
    assert [hit.date for hit in find(STORIES).hits] == [days[1], days[2]]
    if how == "restricted":
        PageViewRestriction.objects.create(
            page=Page.objects.get(pk=hidden.pk), restriction_type=PageViewRestriction.LOGIN
        )
    else:
        LibraryEntry.objects.filter(page=hidden).update(audience=Audience.NETWORK)
        touch_pages([hidden.pk])
    run_cycles_once()
    for engine in ("database", "elasticsearch"):
        settings.SEARCH_ENGINE = engine
        for lang in ("en", "he"):
            for sort in (Sort.DATE, Sort.TITLE):
                hits = find(LibraryQuery(types=["success"], sort=sort, lang=lang)).hits
                assert [hit.title for hit in hits] == ["Beta", "Gamma"], (engine, lang, sort)
    PageViewRestriction.objects.all().delete()
    assert run_cycles_once() == []
    assert differences(elasticsearch) == []
    assert EngineIndex.objects.count() == 1
