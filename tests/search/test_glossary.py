"""Everyday words are looked up in the other language too, and names of places are not."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from search.analysis import GLOSS, plain_runs
from search.glossary import FILE, Glossary, glossary, read_pairs
from search.query import LibraryQuery
from search.services.library import find
from search.understanding import understand
from tests.factories import (
    LibraryIndexPageFactory,
    PartnershipFactory,
    StoryPageFactory,
    page_of,
)

PAIRS = [
    (["mayor"], ["ראש עיר"]),
    (["head"], ["ראש"]),
    (["city"], ["עיר"]),
    (["volunteer"], ["מתנדב"]),
    (["after"], ["אחרי"]),
    (["other"], ["אחר"]),
    (["small business"], ["עסק קטן"]),
    (["school", "pupils' school"], ["בית ספר"]),
]


def glosses(text: str) -> list[tuple[str, ...]]:
    (run,) = plain_runs(text)
    return [gloss.texts for gloss in Glossary(PAIRS).find(run)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mayors", [("ראש עיר",)]),
        ("ראש עיר", [("mayor",)]),  # the longest phrase, not its words
        ("ראשי ערים", [("mayor",)]),
        ("ראש גדול", [("head",)]),
        ("volunteering", [("מתנדב",)]),
        ("למתנדבים", [("volunteer",)]),  # a prefix, a plural
        ("אחרי", [("after",)]),  # as it stands, though its stem is another word's
        ("אחר", [("other",)]),
        ("small businesses", [("עסק קטן",)]),
        ("business", []),
        ("בתי ספר", [("school", "pupils' school")]),
    ],
)
def test_words_in_any_form(text: str, found: list[tuple[str, ...]]) -> None:
    assert glosses(text) == found


def test_file_has_two_sides_on_every_line_and_no_meaning_twice() -> None:
    pairs = list(read_pairs(FILE.read_text("utf-8")))
    assert len(pairs) > 800
    for english, hebrew in pairs:
        assert all(english)
        assert all(hebrew)
        assert not any("\u05d0" <= letter <= "\u05ea" for word in english for letter in word)
        assert all(any("\u05d0" <= letter <= "\u05ea" for letter in word) for word in hebrew)
    sides = [(tuple(english), tuple(hebrew)) for english, hebrew in pairs]
    assert len(sides) == len(set(sides))


@pytest.mark.parametrize("line", ["no sides", "one = two = three"])
def test_line_without_two_sides_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        list(read_pairs(line))


def added(text: str, **more: object) -> set[str]:
    words = understand(LibraryQuery(text=text, **more)).words
    return {" ".join(each.terms) for each in words.alternatives if each.source == GLOSS}


@pytest.mark.django_db
def test_question_is_asked_in_the_other_language_too() -> None:
    assert "mayor" in added("ראש עיר חדש")
    assert "בחירות" in added("elections")
    assert not added("elections", exact=True)
    assert not added('"new mayor"')  # a phrase is demanded as it stands


@pytest.mark.django_db
def test_name_of_a_place_is_not_translated() -> None:
    PartnershipFactory(slug="home", name={"en": "House of the Sun", "he": "בית שמש"})
    assert not added("house of the sun")
    assert "תזמורת" in added("orchestra house of the sun")
    assert "בית" not in added("orchestra house of the sun")


@pytest.mark.django_db
def test_translation_finds_no_place_by_its_name() -> None:
    """What is told in New Jersey is not new."""
    partnership = PartnershipFactory(slug="jersey", name={"en": "New Jersey", "he": "ניו ג'רזי"})
    StoryPageFactory(title="A concert", parent=page_of(partnership))
    new = StoryPageFactory(title="A new orchestra")
    found = find(LibraryQuery(text="חדש", types=["success"], lang="he"))
    assert [hit.page_id for hit in found.hits] == [new.pk]


def test_glossary_knows_the_everyday_words_of_both_languages() -> None:
    for text in ("teachers", "budget", "travel", "תקציב", "המשפחות", "ובמפגשים"):
        (run,) = plain_runs(text)
        assert list(glossary().find(run)), text


@pytest.mark.django_db
def test_page_says_what_was_searched_in_the_other_language_and_how_to_leave_it_out(
    client: Client,
) -> None:
    LibraryIndexPageFactory(title="Library")
    partnership = PartnershipFactory()
    StoryPageFactory(title="תזמורת צעירה", parent=page_of(partnership, "he"), language="he")
    address = "/en/library/"
    shown = BeautifulSoup(client.get(address, {"q": "orchestra"}).content, "html.parser")
    (chip,) = [one for one in shown.select(".chip--quiet") if "תזמורת" in one.get_text()]
    assert "in the other language: " in chip.get_text()
    assert shown.select_one(".listing__count").get_text(strip=True) == "1 result"
    without = client.get(address + chip["href"]).content
    shown = BeautifulSoup(without, "html.parser")
    assert not [one for one in shown.select(".chip--quiet") if "תזמורת" in one.get_text()]
    assert shown.select_one(".listing__count").get_text(strip=True) == "0 results"
    kept = shown.select_one('input[type="hidden"][name="translate"]')
    assert kept is not None
    assert kept["value"] == "0"


@pytest.mark.django_db
def test_answer_tells_only_what_was_added() -> None:
    assert "תזמורת" in find(LibraryQuery(text="orchestra")).translations
    assert not find(LibraryQuery(text="orchestra", translated=False)).translations
    assert not find(LibraryQuery(text='"orchestra"')).translations
    assert not find(LibraryQuery(text="orchestra", exact=True)).translations
