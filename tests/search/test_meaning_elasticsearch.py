"""The nearest in meaning from Elasticsearch: what it answers, and how its index is kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from portal.cycles import run_cycles_once
from portal.library import Audience
from portal.visibility import Viewer
from search import cycles
from search.engines import DatabaseEngine, EngineUnavailable, get_engine, selection
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch.comparison import compare
from search.engines.elasticsearch.vectors import VECTORS_OF_ROWS
from search.models import EngineIndex, LibraryDeletion, LibraryEntry, LibraryVector
from search.models.feed import TEXTS, VECTORS
from search.query import LibraryQuery, LibraryResult
from search.services.library import find
from search.services.status import library_status
from search.services.versions import touch_pages
from search.tasks import mend_index
from tests.factories import StoryPageFactory
from tests.search.test_elasticsearch_faults import ODD, Odd, odd  # noqa: F401
from tests.search.test_engine_contract import story, translation_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.engines,
    pytest.mark.requires("elasticsearch", "vectors"),
]

#: None of its words stands in what it is to find.
QUESTION = "granny's culinary traditions, broth over webcam"
ABOUT = LibraryQuery(text=QUESTION, lang="en")


@pytest.fixture(autouse=True)
def vectors_on(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Vectors take part, their file is the test's own; each cycle looks at the index."""
    from search.vectors import matrix, upkeep

    monkeypatch.setattr(upkeep, "_pace", upkeep._Pace())
    settings.SEARCH_VECTORS = True
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(cycles, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(cycles, "_next_look", {})
    forget()
    yield
    matrix.forget()


@pytest.fixture
def engine(elasticsearch: ElasticsearchEngine) -> ElasticsearchEngine:
    """Elasticsearch serves, without vectors so far."""
    elasticsearch.vectors.indexes.remove_all()
    return elasticsearch


def forget() -> None:
    """Let this process look for vectors anew."""
    from search.vectors import matrix
    from search.vectors.sources import sample

    matrix.forget()
    sample.forget()


def work() -> None:
    """Do what the worker does until nothing waits."""
    from search.vectors import upkeep

    while upkeep.make_some():
        pass
    upkeep.write_matrix()
    assert run_cycles_once() == []
    forget()


def without_matrix() -> None:
    """Take away the file: only Elasticsearch can tell what is near."""
    from search.vectors import matrix

    for path in matrix.files():
        path.unlink()
    forget()


def near(engine: Any, viewer: Viewer | None = None) -> dict[uuid.UUID, float]:
    """Return what is nearest to the question by this engine."""
    from search.vectors.blending import nearest

    query = ABOUT if viewer is None else LibraryQuery(text=QUESTION, viewer=viewer)
    return {one.thing_key: one.nearness for one in nearest(query, engine)}


def found(result: LibraryResult) -> list[uuid.UUID]:
    return [hit.thing_key for hit in result.hits]


def differences(engine: ElasticsearchEngine) -> list[str]:
    return compare(engine.client, engine.vectors.indexes.alias, VECTORS_OF_ROWS).problems()


@pytest.fixture
def soup() -> Any:
    """Five things of which one is about cooking, in Hebrew."""
    for title in ("Robots built by pupils", "Nurses in an emergency room", "Trees in the desert"):
        story(title, body=f"{title} and what came of it.")
    story("Flights and insurance", body="Tickets were bought in March.")
    return story("בישול משותף", summary="משפחות מבשלות מרק יחד מול המסך", body="מתכונים של סבתא")


# What it answers ----------------------------------------------------------------------------------


def test_both_sources_tell_the_same_nearness(engine: ElasticsearchEngine, soup: Any) -> None:
    robots = LibraryEntry.objects.get(title="Robots built by pupils")
    translation_of(Page.objects.get(pk=robots.page_id).specific, "רובוטים של תלמידים")
    work()
    by_matrix = near(DatabaseEngine())
    without_matrix()
    by_engine = near(engine)
    assert list(by_engine) == list(by_matrix)
    assert by_engine == pytest.approx(by_matrix, abs=1e-4)
    assert len(by_engine) == LibraryEntry.objects.values("thing_key").distinct().count()


def test_thing_is_found_by_the_field_alone(engine: ElasticsearchEngine, soup: Any) -> None:
    work()
    without_matrix()
    result = find(ABOUT)
    assert result.engine == "elasticsearch"
    assert found(result)[0] == soup.translation_key
    assert result.hits[0].reasons == ("meaning",)


def test_hidden_things_are_not_shown_by_an_index_that_lags(
    engine: ElasticsearchEngine, soup: Any
) -> None:
    about = {"summary": "משפחות מבשלות מרק יחד מול המסך"}
    drafted, restricted, narrowed = (story(f"מרק של סבתא {number}", **about) for number in range(3))
    StoryPageFactory(title="מרק שלא פורסם", live=False, **about)
    work()
    without_matrix()
    assert {p.translation_key for p in (soup, drafted, restricted, narrowed)} <= near(engine).keys()
    drafted.unpublish()
    PageViewRestriction.objects.create(
        page=Page.objects.get(pk=restricted.pk), restriction_type=PageViewRestriction.LOGIN
    )
    LibraryEntry.objects.filter(page=narrowed).update(audience=Audience.NETWORK)
    touch_pages([narrowed.pk])
    for _cycle in ("before", "after"):
        shown = near(engine).keys()
        assert soup.translation_key in shown
        assert shown.isdisjoint(p.translation_key for p in (drafted, restricted, narrowed))
        assert set(found(find(ABOUT))) <= shown
        work()
        without_matrix()
    member = near(engine, Viewer(user_id=1)).keys()
    assert {restricted.translation_key, narrowed.translation_key} <= member
    assert drafted.translation_key not in member


def test_what_is_hidden_starves_nobody(
    engine: ElasticsearchEngine, soup: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.vectors import blending

    monkeypatch.setattr(blending, "_ROWS", 2)
    hidden = [story(f"{QUESTION} {number}") for number in range(3)]
    work()
    Page.objects.filter(pk__in=[page.pk for page in hidden]).update(live=False)
    for asked in (engine, DatabaseEngine()):
        assert soup.translation_key in near(asked)


def test_the_number_of_queries_does_not_grow(engine: ElasticsearchEngine, soup: Any) -> None:
    def queries() -> int:
        find(ABOUT)  # the lexicon and the sample are read by the first one
        with CaptureQueriesContext(connection) as captured:
            assert find(ABOUT).engine == "elasticsearch"
        return len(captured)

    work()
    few = queries()
    for number in range(20):
        story(f"מרק של סבתא {number}", summary="משפחות מבשלות מרק")
    work()
    assert queries() == few


# Where it does not answer -------------------------------------------------------------------------


def test_without_its_vectors_the_matrix_answers(engine: ElasticsearchEngine, soup: Any) -> None:
    work()
    expected = near(DatabaseEngine())
    engine.vectors.indexes.remove_all()
    result = find(ABOUT)
    assert (result.engine, found(result)[0]) == ("elasticsearch", soup.translation_key)
    assert near(get_engine()) == expected
    told = Client().get("/readyz").json()["components"]["library"]
    assert told["state"] == "degraded" and "without its vectors" in told["detail"]
    work()
    assert Client().get("/readyz").json()["components"]["library"]["state"] == "ok"


def test_while_it_is_down_the_matrix_answers_and_vectors_are_made(
    engine: ElasticsearchEngine, soup: Any, settings: Any
) -> None:
    work()
    expected = near(DatabaseEngine())
    there = settings.ELASTICSEARCH_URL
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"  # nobody listens
    selection._with_fallback.cache_clear()
    result = find(ABOUT)
    assert (result.engine, found(result)[0]) == ("database", soup.translation_key)
    assert near(get_engine()) == expected
    chess = story("Chess by letter", body="A game of eighty weeks.")
    assert "library: meanings" not in run_cycles_once()
    assert LibraryVector.objects.filter(entry__page=chess).exists()
    settings.ELASTICSEARCH_URL = there
    work()
    assert differences(engine) == []


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_none(odd: type[Odd], name: str, soup: Any) -> None:  # noqa: F811
    from search.vectors import upkeep

    while upkeep.make_some():
        pass
    upkeep.write_matrix()
    forget()
    odd.told = ODD[name]
    selection._with_fallback.cache_clear()
    assert near(get_engine()) == near(DatabaseEngine())
    with pytest.raises(EngineUnavailable):
        selection.elasticsearch_engine().nearest(bytes(384), 10)
    assert found(find(ABOUT))[0] == soup.translation_key


# How it is kept -----------------------------------------------------------------------------------


def test_changes_and_deletions_reach_it_in_a_cycle(engine: ElasticsearchEngine, soup: Any) -> None:
    work()
    texts = engine.indexes.present().serving
    assert differences(engine) == []
    before = compare(engine.client, engine.vectors.indexes.alias, VECTORS_OF_ROWS)
    assert before.compared == LibraryVector.objects.count() > 4
    soup.title = "Something else altogether: chess"
    soup.save_revision().publish()
    gone = LibraryEntry.objects.get(title="Trees in the desert")
    Page.objects.get(pk=gone.page_id).delete()
    assert differences(engine)
    assert library_status().lag["elasticsearch (vectors)"] == 1  # the deletion; one is not made
    work()
    assert differences(engine) == []
    assert library_status().is_drained
    assert not LibraryDeletion.objects.exists()
    assert engine.indexes.present().serving == texts
    assert gone.thing_key not in engine.nearest(bytes([1] * 384), 100)


def test_vectors_do_not_let_texts_be_sent_anew(
    engine: ElasticsearchEngine, soup: Any, settings: Any
) -> None:
    settings.SEARCH_VECTORS = False
    assert run_cycles_once() == []
    texts = EngineIndex.objects.filter(holds=TEXTS).values("name", "version", "entry_id")
    state = texts.get()
    settings.SEARCH_VECTORS = True
    work()
    assert LibraryVector.objects.count() == LibraryEntry.objects.count()
    assert EngineIndex.objects.filter(holds=VECTORS).exists()
    assert texts.get() == state


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_index_that_is_lost_or_empty_is_filled_again(
    engine: ElasticsearchEngine, soup: Any, how: str
) -> None:
    work()
    if how == "removed":
        engine.vectors.indexes.remove_all()
    else:
        _empty(engine)
    assert near(get_engine()) == near(DatabaseEngine())
    work()
    assert differences(engine) == []
    without_matrix()
    assert soup.translation_key in near(engine)


def _empty(engine: ElasticsearchEngine) -> None:
    """Put an empty index in the place of the serving one, as a careless restoration does."""
    indexes = engine.vectors.indexes
    name = indexes.present().serving
    assert name
    indexes.remove(name)
    indexes.create(name)
    actions = [
        {"add": {"index": name, "alias": indexes.alias, "is_write_index": True}},
        {"remove": {"index": name, "alias": indexes.filling_alias}},
    ]
    engine.client.indices.update_aliases(actions=actions)


def test_comparison_tells_each_difference_and_mending_removes_it(
    engine: ElasticsearchEngine, soup: Any
) -> None:
    work()
    outdated, surplus, *_others = LibraryVector.objects.exclude(entry__page=soup).order_by("pk")
    client, alias = engine.client, engine.vectors.indexes.alias
    client.delete(index=alias, id=str(soup.translation_key), refresh=True)
    LibraryVector.objects.filter(pk=outdated.pk).update(data=bytes([1] * 384))
    LibraryVector.objects.filter(pk=surplus.pk).delete()
    told = compare(client, alias, VECTORS_OF_ROWS)
    assert [len(rows) for rows in (told.missing, told.outdated, told.surplus)] == [1, 1, 1]
    assert sum("Vectors in" in problem for problem in get_engine().verify(thorough=True)) == 3
    assert mend_index.call() == 3
    assert differences(engine) == []


def test_command_builds_both_indexes_anew_and_leaves_those_of_others(
    engine: ElasticsearchEngine, soup: Any
) -> None:
    work()
    prefix = engine.prefix
    names = [f"{prefix}-vectors", f"{prefix}-vectors-v{VECTORS_OF_ROWS.digest}"]
    others = [ElasticsearchEngine(engine.url, name) for name in names]
    made = []
    try:
        for other in others:
            for indexes in (other.indexes, other.vectors.indexes):
                made.append(indexes.new_name())
                indexes.create(made[-1])
                indexes.switch(made[-1])
        before = [engine.indexes.names(), engine.vectors.indexes.names()]
        assert [len(own) for own in before] == [1, 1]
        call_command(
            "rebuild_library", engine="elasticsearch", stdout=StringIO(), stderr=StringIO()
        )
        after = [engine.indexes.names(), engine.vectors.indexes.names()]
        assert [len(own) for own in after] == [1, 1]
        assert not {*before[0], *before[1]} & {*after[0], *after[1]}
        assert differences(engine) == []
        for other in others:
            serving = [other.indexes.present().serving, other.vectors.indexes.present().serving]
            assert all(name in made for name in serving)
    finally:
        for other in others:
            other.indexes.remove_all()
            other.vectors.indexes.remove_all()


def test_off_nothing_is_sent_or_asked(
    engine: ElasticsearchEngine, soup: Any, settings: Any
) -> None:
    settings.SEARCH_VECTORS = False
    assert run_cycles_once() == []
    assert engine.vectors.indexes.names() == []
    assert engine.verify(thorough=True) == []
    assert list(library_status().lag) == ["database", "elasticsearch"]
