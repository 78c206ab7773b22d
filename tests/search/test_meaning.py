"""Meaning beside words: what it adds, what it leaves alone, and how its vectors are kept."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.library import Facet
from search.models import LibraryEntry, LibraryVector
from search.query import LibraryQuery, LibraryResult, Sort
from search.services.library import find
from tests.factories import PartnershipFactory, ResourcePageFactory, page_of
from tests.search.test_engine_contract import ELASTICSEARCH, engine, story  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.requires("vectors")]


@pytest.fixture(autouse=True)
def vectors_on(tmp_path: Path) -> Iterator[None]:
    """Vectors take part, their file is the test's own."""
    from search.vectors import matrix
    from search.vectors.sources import sample

    with override_settings(SEARCH_VECTORS=True, VAR_DIR=tmp_path):
        matrix.forget()
        sample.forget()
        yield
    matrix.forget()


#: None of its words is in the glossary: only its meaning leads to what is told in Hebrew.
QUESTION = "granny's culinary traditions, broth over webcam"


def keep() -> None:
    """Do what the worker does until nothing waits, and let this process look again."""
    from search.vectors import matrix, upkeep
    from search.vectors.sources import sample

    while upkeep.make_some():
        pass
    upkeep.write_matrix()
    matrix.forget()
    sample.forget()


def ask(text: str, **asked: Any) -> LibraryResult:
    return find(LibraryQuery(text=text, lang="en", **asked))


def found(result: LibraryResult) -> list[uuid.UUID]:
    return [hit.thing_key for hit in result.hits]


@pytest.fixture
def soup() -> Any:
    """Six things of which one is about cooking, in Hebrew."""
    for title in ("Robots built by pupils", "Nurses in an emergency room", "Trees in the desert"):
        story(title, body=f"{title} and what came of it.")
    story("A committee of co-chairs", body="Elections, terms and minutes of the meeting.")
    story("Flights and insurance", body="Tickets were bought in March.")
    return story("בישול משותף", summary="משפחות מבשלות מרק יחד מול המסך", body="מתכונים של סבתא")


def test_a_thing_without_the_words_is_found_by_its_meaning_and_says_so(soup: Any) -> None:
    assert found(ask(QUESTION)) == []
    keep()
    result = ask(QUESTION)
    assert found(result)[0] == soup.translation_key
    assert result.hits[0].reasons == ("meaning",)
    assert result.total == len(result.hits)


def test_what_has_the_words_stays_and_is_counted_once(soup: Any) -> None:
    robots = LibraryEntry.objects.get(title="Robots built by pupils")
    keep()
    result = ask("robots")
    assert found(result)[0] == robots.thing_key
    assert found(result).count(robots.thing_key) == 1
    assert "meaning" not in result.hits[0].reasons


@pytest.mark.parametrize("text", ['"culinary broth"', "culinary broth -robots", "culinary broth"])
def test_precise_questions_are_left_alone(soup: Any, text: str) -> None:
    keep()
    asked = {"sort": Sort.DATE} if text == "culinary broth" else {}
    assert found(ask(text, **asked)) == []


def test_a_place_stays_pinned(soup: Any) -> None:
    partnership = PartnershipFactory(name={"en": "Soupville - Cookham", "he": ""})
    page = page_of(partnership, "en")
    keep()
    assert found(ask("Soupville - Cookham"))[0] == page.translation_key


def test_what_is_not_public_is_never_added(soup: Any) -> None:
    keep()
    assert found(ask(QUESTION))
    soup.unpublish()
    assert soup.translation_key not in found(ask(QUESTION))
    keep()
    assert soup.translation_key not in found(ask(QUESTION))


def test_filters_and_counts_take_what_was_added_like_the_rest(soup: Any) -> None:
    # As near as the other, whatever all the rest is called: how near is told by the whole library.
    cooking = ResourcePageFactory(
        title="בישול משותף של משפחות", summary="מבשלים מרק לפי מתכונים של סבתא, יחד מול המסך"
    )
    keep()
    text = QUESTION
    result = ask(text, page_size=100)
    assert {soup.translation_key, cooking.translation_key} <= set(found(result))
    types = {one.value: one.count for one in result.facets["type"]}
    assert sum(types.values()) == result.total
    resources = ask(text, types=["resource"], page_size=100)
    assert found(resources) == [cooking.translation_key]
    assert resources.total == types["resource"] == 1
    again = {one.value: one.count for one in resources.facets["type"]}
    assert again == types  # its own filter does not narrow a facet
    assert not ask(text, facets={Facet.YEAR: ["1871"]}).hits


@pytest.mark.usefixtures("engine")
def test_every_engine_gives_each_page_once_and_in_whole(soup: Any) -> None:
    for number in range(14):
        story(f"Soup of the village {number}", body="Soup for all.")
    keep()
    whole = found(ask("soup", page_size=100))
    pages = [found(ask("soup", page_size=6, page=page)) for page in (1, 2, 3, 4)]
    assert [key for page in pages for key in page] == whole
    assert len(set(whole)) == len(whole) == ask("soup").total


def test_vectors_follow_texts_and_go_with_their_rows(soup: Any) -> None:
    keep()
    before = LibraryVector.objects.get(entry__page=soup)
    soup.title = "Something else altogether: chess"
    soup.save_revision().publish()
    keep()
    after = LibraryVector.objects.get(entry__page=soup)
    assert bytes(after.data) != bytes(before.data) and after.version > before.version
    soup.delete()
    assert not LibraryVector.objects.filter(pk=after.pk).exists()
    from search.vectors import upkeep

    assert upkeep.write_matrix()
    assert not upkeep.write_matrix()


def test_publishing_makes_no_vector(soup: Any) -> None:
    assert not LibraryVector.objects.exists()


def test_before_the_worker_has_written_a_file_words_alone_answer(soup: Any) -> None:
    assert len(ask("robots").hits) == 1


@pytest.mark.parametrize("text", ["\0", "\ud800 x", "🜀" * 300, "a" * 10_000, "' OR 1=1 --"])
def test_hostile_texts_reach_the_model_as_text(soup: Any, text: str) -> None:
    keep()
    assert ask(text).total >= 0


def test_the_number_of_queries_does_not_grow(soup: Any) -> None:
    def queries() -> int:
        ask("soup of the village")  # the lexicon is read by the first one
        with CaptureQueriesContext(connection) as captured:
            ask("soup of the village")
        return len(captured)

    for number in range(4):
        story(f"Soup of the village {number}", body="Soup for all.")
    keep()
    few = queries()
    for number in range(4, 20):
        story(f"Soup of the village {number}", body=f"Soup for all, {timezone.now():%Y}.")
    keep()
    assert queries() == few


def test_without_the_packages_the_check_says_what_to_do(
    soup: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search import vectors
    from search.checks import vectors_can_be_used

    assert vectors_can_be_used(None) == []
    monkeypatch.setattr(vectors, "can_be_used", lambda: False)
    (told,) = vectors_can_be_used(None)
    assert "make vectors" in str(told.hint)
    assert len(ask("robots").hits) == 1


def test_the_newest_file_is_the_one_with_the_highest_number(tmp_path: Path) -> None:
    from search.vectors import matrix

    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "vectors-1-2-3-4.npy").touch()  # as files were called before
    made = [matrix.write(name, [], 0) for name in ("b", "c", "a")]
    os.utime(made[2], (1, 1))  # a clock that was set back
    assert [matrix.name_of(path) for path in matrix.files()] == ["a", "c"]
    assert len(list((tmp_path / "vectors").iterdir())) == 2


def test_the_worker_rests_while_nothing_changes(
    soup: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    from search.vectors import upkeep

    def settle() -> None:
        upkeep.keep()  # what it makes is drawn a version for
        upkeep.keep()

    monkeypatch.setattr(upkeep, "_pace", upkeep._Pace())
    settle()
    with django_assert_num_queries(1):  # the clock
        upkeep.keep()
    story("Chess by letter", body="A game of eighty weeks.")
    settle()
    assert LibraryVector.objects.count() == LibraryEntry.objects.count()
    LibraryVector.objects.all().delete()
    upkeep.keep()  # nothing has told that they are gone
    assert not LibraryVector.objects.exists()
    monkeypatch.setattr(upkeep, "LOOK_EVERY", 0.0)
    upkeep.keep()
    assert LibraryVector.objects.count() == LibraryEntry.objects.count()
