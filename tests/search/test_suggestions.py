"""Another spelling is suggested where little is found, and never searched by itself."""

from __future__ import annotations

from typing import Any

import pytest

from search.query import LibraryQuery
from search.services.library import find
from search.spelling import distance_within
from tests.factories import ConceptFactory, StoryPageFactory

pytestmark = pytest.mark.django_db


def suggestion(text: str, **more: Any) -> str | None:
    return find(LibraryQuery(text=text, **more)).suggestion


@pytest.mark.parametrize(
    ("one", "other", "limit", "distance"),
    [
        ("kefiada", "kefiada", 2, 0),
        ("kefida", "kefiada", 2, 1),
        ("kefaida", "kefiada", 2, 1),
        ("kafieda", "kefiada", 2, 2),
        ("kafieda", "kefiada", 1, None),
        ("a", "abcd", 2, None),
        ("", "ab", 2, 2),
    ],
)
def test_distance(one: str, other: str, limit: int, distance: int | None) -> None:
    assert distance_within(one, other, limit) == distance
    assert distance_within(other, one, limit) == distance


def test_hebrew_word_is_offered_as_it_is_written() -> None:
    StoryPageFactory(title="אופניים במודיעין")
    StoryPageFactory(title="מודיעין")
    assert suggestion("מודעין") == "מודיעין"


@pytest.mark.parametrize(
    ("title", "typed", "written"),
    [
        ("קליפ של להקה", "קלטפ", "קליפ"),
        ("נסיעה בטרמפ", "בטרנף", "בטרמפ"),
        ("אוסף בולים", "אוקסף", "אוסף"),
    ],
)
def test_loan_word_keeps_the_letter_at_its_end(title: str, typed: str, written: str) -> None:
    StoryPageFactory(title=title)
    assert suggestion(typed) == written


def test_misspelled_word_is_corrected_in_its_place() -> None:
    StoryPageFactory(title="A kefiada for everyone")
    StoryPageFactory(title="קייטנה לכולם")
    assert suggestion("kefida") == "kefiada"
    assert suggestion("the Kefaida, please") == "the kefiada, please"
    assert suggestion("קייטנא") == "קייטנה"
    assert find(LibraryQuery(text="kefida")).total == 0


def test_misspelled_word_among_others_is_corrected_too() -> None:
    StoryPageFactory(title="A kefiada for everyone")
    StoryPageFactory(title="A budget for everyone")
    assert suggestion("kefida budget") == "kefiada budget"


def test_vocabulary_is_suggested_where_something_has_it() -> None:
    StoryPageFactory(title="Lanterns", concepts=[ConceptFactory(label={"en": "Hospitality"})])
    assert suggestion("hospitallity") == "hospitality"


@pytest.mark.parametrize(
    "text", ["kefiada", "everyone", "xylophone", "zzz", "2024", '"kefida"', ""]
)
def test_nothing_is_suggested_without_need_or_likeness(text: str) -> None:
    StoryPageFactory(title="A kefiada for everyone")
    assert suggestion(text) is None


def test_word_that_the_reader_may_not_see_is_not_suggested() -> None:
    StoryPageFactory(title="A kefiada for everyone").unpublish()
    assert suggestion("kefida") is None
