"""Elasticsearch holds what the table holds, whatever happened: the outbox, new indexes, mending."""

from __future__ import annotations

import math
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from wagtail.models import Page

from portal.cycles import run_cycles_once
from search import cycles
from search.engines import get_engine
from search.engines.base import EngineUnavailable
from search.engines.elasticsearch import ElasticsearchEngine, feed
from search.engines.elasticsearch.comparison import compare
from search.engines.elasticsearch.documents import documents
from search.engines.elasticsearch.sending import send
from search.models import EngineIndex, LibraryClock, LibraryDeletion, LibraryEntry
from search.models.feed import TEXTS
from search.query import LibraryQuery
from search.services.library import find
from search.services.status import library_status
from search.services.versions import raise_pages
from search.tasks import mend_index
from tests.factories import PartnershipFactory, StoryPageFactory, page_of
from tests.search.scenes import Scene, assert_library_is_right, make_scene
from tests.search.test_ways_in import WAYS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engines,
    pytest.mark.requires("elasticsearch"),
]


def differences(engine: ElasticsearchEngine) -> list[str]:
    return compare(engine.client, engine.indexes.alias).problems()


def stories(count: int) -> list[Any]:
    parent = page_of(PartnershipFactory())
    return [StoryPageFactory(title=f"Story {n}", parent=parent) for n in range(count)]


# Ways in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_index_is_right_after_a_cycle(
    way: Callable[[Scene], None], elasticsearch: ElasticsearchEngine, settings: Any
) -> None:
    scene = make_scene()
    assert run_cycles_once() == []
    settings.SEARCH_ENGINE = "database"  # ways look at once whether they found what they did
    way(scene)
    settings.SEARCH_ENGINE = "elasticsearch"
    assert run_cycles_once() == []
    assert elasticsearch.lag() == 0
    assert find(LibraryQuery()).engine == "elasticsearch"
    assert_library_is_right(scene.gone)
    assert differences(elasticsearch) == []


def test_what_is_hidden_is_not_counted_within_a_cycle(elasticsearch: ElasticsearchEngine) -> None:
    first, second, third = stories(3)
    run_cycles_once()
    first.unpublish()
    Page.objects.get(pk=second.pk).delete()
    run_cycles_once()
    found = find(LibraryQuery(types=["success"]))
    assert (found.engine, found.total) == ("elasticsearch", 1)
    assert [hit.thing_key for hit in found.hits] == [third.translation_key]


def test_what_is_hidden_is_not_counted_where_it_would_be_shown(
    elasticsearch: ElasticsearchEngine,
) -> None:
    """Before the worker comes to it: the table answers in place of an index that lags."""
    first, second = stories(2)
    run_cycles_once()
    query = LibraryQuery(types=["success"])
    assert (find(query).total, find(query).engine) == (2, "elasticsearch")
    first.unpublish()
    found = find(query)
    assert (found.total, [hit.thing_key for hit in found.hits]) == (1, [second.translation_key])
    second.unpublish()
    assert (find(query).total, find(query).hits) == (0, ())
    run_cycles_once()
    assert (find(query).total, find(query).engine) == (0, "elasticsearch")


def test_nothing_waits_is_told_without_asking_elasticsearch(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories(1)
    run_cycles_once()
    monkeypatch.setattr(
        cycles, "_next_look", {TEXTS: math.inf}
    )  # it looks now and then all the same
    monkeypatch.setattr(feed.Feed, "targets", lambda self: pytest.fail("it was asked"))
    assert run_cycles_once() == []


def test_status_tells_what_waits(elasticsearch: ElasticsearchEngine, client: Client) -> None:
    pages = stories(2)
    before = library_status()
    assert (before.engine, before.is_drained) == ("elasticsearch", False)
    assert before.lag["elasticsearch"] == LibraryEntry.objects.count()
    run_cycles_once()
    assert library_status().is_drained
    Page.objects.get(pk=pages[0].pk).delete()
    assert library_status().lag["elasticsearch"] == 1
    run_cycles_once()
    assert library_status().is_drained
    assert client.get("/readyz").json()["components"]["library"]["state"] == "ok"


# Nothing is lost, nothing comes back --------------------------------------------------------------


def test_outbox_waits_while_it_can_not_be_sent(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = stories(3)
    run_cycles_once()
    Page.objects.get(pk=pages[0].pk).delete()
    pages[1].title = "Renamed"
    pages[1].save()

    def down(*args: Any, **kwargs: Any) -> int:
        raise EngineUnavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(feed, "send", down)
        assert run_cycles_once() == ["library: outbox"]
    assert library_status().lag["elasticsearch"] == 2
    assert differences(elasticsearch)
    assert run_cycles_once() == []
    assert differences(elasticsearch) == []
    assert LibraryDeletion.objects.count() == 0


def test_late_requests_bring_nothing_back(elasticsearch: ElasticsearchEngine) -> None:
    gone, changed = stories(2)
    run_cycles_once()
    late = documents([gone.translation_key, changed.translation_key])
    Page.objects.get(pk=gone.pk).delete()
    changed.title = "Changed"
    changed.save()
    run_cycles_once()
    send(elasticsearch.client, elasticsearch.indexes.alias, late, refresh=True)
    assert differences(elasticsearch) == []
    assert elasticsearch.search(LibraryQuery(types=["success"])).total == 1


def test_thing_that_was_deleted_may_be_told_again(elasticsearch: ElasticsearchEngine) -> None:
    [page] = stories(1)
    key = page.translation_key
    run_cycles_once()
    Page.objects.get(pk=page.pk).delete()
    run_cycles_once()
    StoryPageFactory(title="Told again", translation_key=key)
    run_cycles_once()
    assert differences(elasticsearch) == []
    assert key in [m.thing_key for m in elasticsearch.search(LibraryQuery(text="told")).matches]


def test_deletion_that_is_rolled_back_is_none(elasticsearch: ElasticsearchEngine) -> None:
    [page] = stories(1)
    run_cycles_once()
    with transaction.atomic():
        Page.objects.get(pk=page.pk).delete()
        transaction.set_rollback(True)
    run_cycles_once()
    assert differences(elasticsearch) == []
    assert elasticsearch.search(LibraryQuery(types=["success"])).total == 1


def test_thousands_of_rows_of_one_version_are_all_sent(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename raises many rows to one version: the cursor goes on within it."""
    monkeypatch.setattr(feed, "CHUNK", 3)
    pages = stories(8)
    run_cycles_once()
    with transaction.atomic():
        raise_pages([page.pk for page in pages])
    assert run_cycles_once() == []
    assert elasticsearch.lag() == 0
    assert differences(elasticsearch) == []


# New indexes --------------------------------------------------------------------------------------


def test_new_index_takes_what_is_written_while_it_is_filled(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 2)
    pages = stories(6)
    run_cycles_once()
    before = elasticsearch.indexes.present().serving
    steps: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        steps.append(done)
        if len(steps) == 1:  # some of these are in the new index already, some are not
            for page in pages[:3]:
                Page.objects.get(pk=page.pk).delete()
            for page in pages[3:]:
                page.title = f"Anew {page.title}"
                page.save()
            stories(2)
            assert elasticsearch.search(LibraryQuery(types=["success"])).total == 6

    assert elasticsearch.feed.rebuild(meanwhile)
    present = elasticsearch.indexes.present()
    assert present.serving != before
    assert present.filling is None
    assert elasticsearch.indexes.names() == [present.serving]
    assert [state.name for state in EngineIndex.objects.all()] == [present.serving]
    assert steps == sorted(steps)
    run_cycles_once()
    assert differences(elasticsearch) == []
    assert elasticsearch.search(LibraryQuery(types=["success"])).total == 5


def test_broken_rebuild_goes_on_where_it_was(
    elasticsearch: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 2)
    stories(6)
    run_cycles_once()
    things = LibraryEntry.objects.values("thing_key").distinct().count()

    class Killed(BaseException):
        pass

    def kill(done: int, total: int) -> None:
        if done >= 4:
            raise Killed

    def refreshed(name: str | None) -> str:
        told = elasticsearch.client.indices.get_settings(index=name)
        return str(told[name]["settings"]["index"]["refresh_interval"])

    with pytest.raises(Killed):
        elasticsearch.feed.rebuild(kill)
    assert refreshed(elasticsearch.indexes.present().filling) == "-1"
    assert elasticsearch.search(LibraryQuery(types=["success"])).total == 6  # the old one serves
    steps: list[tuple[int, int]] = []
    assert elasticsearch.feed.rebuild(lambda done, total: steps.append((done, total)))
    assert steps[0][0] > 4
    assert steps[-1] == (things, things)
    assert refreshed(elasticsearch.indexes.present().serving) == "10s"
    run_cycles_once()
    assert differences(elasticsearch) == []


def test_index_that_is_lost_is_built_anew(elasticsearch: ElasticsearchEngine) -> None:
    pages = stories(3)
    run_cycles_once()
    elasticsearch.indexes.remove_all()
    found = find(LibraryQuery(types=["success"]))
    assert (found.engine, found.total) == ("database", 3)
    pages[0].save()
    assert run_cycles_once() == []
    found = find(LibraryQuery(types=["success"]))
    assert (found.engine, found.total) == ("elasticsearch", 3)
    assert differences(elasticsearch) == []


def test_index_that_is_ahead_of_the_table_is_built_anew(
    elasticsearch: ElasticsearchEngine,
) -> None:
    """The database was put back to an older state: versions are drawn a second time."""
    stories(3)
    run_cycles_once()
    EngineIndex.objects.update(version=LibraryClock.objects.get().value + 1000)
    LibraryEntry.objects.first().delete()
    assert run_cycles_once() == []
    assert differences(elasticsearch) == []


def test_command_builds_the_index_anew(elasticsearch: ElasticsearchEngine) -> None:
    stories(2)
    before = elasticsearch.indexes.present().serving
    told, progress = StringIO(), StringIO()
    call_command("rebuild_library", engine="elasticsearch", stdout=told, stderr=progress)
    assert "a new index serves" in told.getvalue()
    assert "things" in progress.getvalue()
    assert elasticsearch.indexes.present().serving != before
    assert differences(elasticsearch) == []


# Mending ------------------------------------------------------------------------------------------


def test_comparison_tells_each_difference_and_mending_removes_it(
    elasticsearch: ElasticsearchEngine,
) -> None:
    missing, outdated, surplus, right = stories(4)
    run_cycles_once()
    rows = {
        page.pk: LibraryEntry.objects.get(page=page).pk
        for page in (missing, outdated, surplus, right)
    }
    client, alias = elasticsearch.client, elasticsearch.indexes.alias
    client.delete(index=alias, id=str(missing.translation_key), refresh=True)
    LibraryEntry.objects.filter(page=outdated).update(title="Changed past the writer")
    LibraryEntry.objects.filter(page=surplus).delete()
    LibraryDeletion.objects.all().delete()  # as if nobody had noted it
    found = compare(client, alias)
    assert (found.missing, found.outdated, found.surplus) == (
        [rows[missing.pk]],
        [rows[outdated.pk]],
        [rows[surplus.pk]],
    )
    assert len(get_engine().verify(thorough=True)) == 3
    assert mend_index.call() == 3
    assert differences(elasticsearch) == []
    assert mend_index.call() == 0
