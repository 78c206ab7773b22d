"""What a reader is told where nothing was found, of failed attempts, and in which order."""

from __future__ import annotations

import pytest
from django.test import Client

from search.query import LibraryQuery
from search.services.library import find
from tests.factories import (
    ConceptFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)
from tests.search.test_library_page import get, titles, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def library() -> None:
    """Stories and practices, the newest of which are about nothing that is looked for."""
    LibraryIndexPageFactory(title="Library")
    LibraryIndexPageFactory(title="ספרייה", language="he")
    home = page_of(PartnershipFactory(slug="home", name={"en": "Homeside", "he": "ביתצד"}))
    camp = ConceptFactory(key="camp", kind="program_type", label={"en": "Camping", "he": "מחנאות"})
    PracticePageFactory(parent=home, title="Kefiada by the lake", concepts=[camp])
    StoryPageFactory(parent=home, title="Tents in the rain", concepts=[camp])
    for number in range(4):
        StoryPageFactory(parent=home, title=f"Newer {number}")


def near(client: Client, query: str) -> tuple[str, list[str]]:
    """Return the heading and the titles of what stands below a search that found nothing."""
    soup = get(client, f"/en/library/?{query}")
    assert words(soup, ".listing__count") == "0 results"
    return words(soup, "#near-things"), titles(soup)


def test_near_a_misspelling_is_what_its_right_spelling_finds(client: Client, library: None) -> None:
    assert near(client, "q=kefiadda") == ("What comes close", ["Kefiada by the lake"])


def test_near_a_word_like_a_concept_is_what_the_concept_is_about(
    client: Client, library: None
) -> None:
    heading, found = near(client, "q=glamping")
    assert heading == "What comes close"
    assert set(found) == {"Kefiada by the lake", "Tents in the rain"}


def test_near_filters_is_what_one_filter_less_finds(client: Client, library: None) -> None:
    heading, found = near(client, "type=challenge&program_type=camp")
    assert heading == "What comes close"
    assert set(found) == {"Kefiada by the lake", "Tents in the rain"}
    assert near(client, "q=lake&type=success") == ("What comes close", ["Kefiada by the lake"])


def test_what_comes_close_to_nothing_is_not_said_to(client: Client, library: None) -> None:
    heading, found = near(client, "q=xqzzvplork")
    assert heading == "New in the library"
    assert len(found) == 3


def test_failed_attempt_is_marked_in_the_same_list(client: Client, library: None) -> None:
    home = page_of(PartnershipFactory(slug="other"))
    PracticePageFactory(parent=home, title="A race that failed", outcome="failed")
    PracticePageFactory(parent=home, title="A race that went well", outcome="worked")
    hits = {hit.title: hit for hit in find(LibraryQuery(text="race")).hits}
    assert hits["A race that failed"].outcome_label == "it did not work"
    assert hits["A race that went well"].outcome_label == ""
    soup = get(client, "/he/library/?q=race")
    marks = [[m.get_text() for m in hit.select(".label--warn")] for hit in soup.select(".hit")]
    assert sorted(marks) == [[], ["זה לא עבד"]]


def test_whole_library_says_its_order_only_if_it_is_so(client: Client, library: None) -> None:
    told = words(get(client, "/en/library/"), ".listing__count")
    assert told == "7 entries in the library, the newest first"
    told = words(get(client, "/en/library/?sort=title"), ".listing__count")
    assert told == "7 entries in the library"


def test_chips_speak_the_readers_language(client: Client, library: None) -> None:
    soup = get(client, "/en/library/?language=he&for_age=15")
    names = [
        " ".join(chip.get_text(" ", strip=True).split()) for chip in soup.select("[data-chip]")
    ]
    assert names == [
        "Leave out the filter Language Hebrew ×",
        "Leave out the filter for age 15 ×",
    ]
    assert find(LibraryQuery(lang="he", languages=["en"])).facets["language"][0].label == "אנגלית"
