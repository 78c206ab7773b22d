"""Practices that are like one: what is alike, who may see it, and its section on the page."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from portal.library import LibraryType
from search.services.similar import similar_things
from stories.models import PracticePage
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    locale_of,
    page_of,
)
from tests.stories.adopting import practice as published
from tests.stories.adopting import publish_child, running, taken

pytestmark = pytest.mark.django_db


def practice(title: str, *concepts: Any, **fields: Any) -> Any:
    return PracticePageFactory(title=title, concepts=list(concepts), **fields)


def topic(key: str, **names: str) -> Any:
    return ConceptFactory(key=key, kind="topic", label={"en": key.title(), **names})


def like(page: Any, **asked: Any) -> list[uuid.UUID]:
    asked = {"types": [LibraryType.PRACTICE], "limit": 10, **asked}
    return [one.thing_key for one in similar_things(page.translation_key, **asked)]


def section(client: Client, page: Any) -> Tag | None:
    """Return the section of the page, which says nothing to caches about who reads."""
    response = client.get(page.url)
    assert response.status_code == 200
    assert not response.cookies and "Cookie" not in response.headers.get("Vary", "")
    return BeautifulSoup(response.content, "html.parser").select_one(".similar")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


# What is alike --------------------------------------------------------------------------------


def test_a_rare_concept_tells_more_than_one_that_many_have() -> None:
    rare, common = topic("robots"), topic("schools")
    about = practice("First", rare, common)
    with_rare, with_common = practice("Second", rare), practice("Third", common)
    both = practice("Fourth", rare, common)
    for number in range(6):
        StoryPageFactory(title=f"Told {number}", concepts=[common])
    found = similar_things(about.translation_key, types=[LibraryType.PRACTICE], limit=10)
    assert [one.thing_key for one in found][:2] == [both.translation_key, with_rare.translation_key]
    assert found[0].concepts == ("robots", "schools")
    assert with_common.translation_key not in [one.thing_key for one in found[:2]]


def test_without_concepts_the_words_of_the_titles_count_but_not_places() -> None:
    PartnershipFactory(slug="soupville", name={"en": "Soupville - Cookham", "he": ""})
    about = practice("Grandmothers bake bread in Soupville")
    bread = practice("Bread that grandmothers bake")
    practice("Robots in Soupville")
    [found] = similar_things(about.translation_key, types=[LibraryType.PRACTICE])
    assert found.thing_key == bread.translation_key
    assert found.words == ("Grandmothers", "bake", "bread") and found.words_language == "en"


def test_whom_it_is_for_tells_less_and_is_no_reason_alone() -> None:
    whom = ConceptFactory(key="teens", kind="audience", label={"en": "Teens", "he": ""})
    robots, choirs = topic("robots"), topic("choirs")
    about = practice("First", robots, whom)
    near = practice("Second", robots, whom)
    far = practice("Third", choirs, whom)
    [found] = similar_things(about.translation_key, types=[LibraryType.PRACTICE])
    assert (found.thing_key, found.concepts) == (near.translation_key, ("robots",))
    assert found.audiences == ("teens",)
    assert like(far) == []


def test_ties_go_by_the_key() -> None:
    about = topic("robots")
    made = [practice(f"Number {number}", about) for number in range(6)]
    keys = sorted(page.translation_key for page in made[1:])
    assert like(made[0]) == keys
    assert like(made[0], limit=2) == keys[:2]


def test_only_the_types_that_are_asked_for() -> None:
    about = topic("robots")
    first = practice("First", about)
    story = StoryPageFactory(title="Told", concepts=[about])
    assert like(first) == []
    assert like(first, types=[LibraryType.STORY]) == [story.translation_key]


def test_only_what_the_viewer_may_see_and_never_the_thing_itself() -> None:
    about = topic("robots")
    first = practice("First", about)
    page_of(first.partnership, "he")
    copy = first.copy_for_translation(locale_of("he"))
    copy.save_revision().publish()
    seen = practice("Seen", about)
    PracticePageFactory(title="Draft", concepts=[about], live=False)
    practice("Taken away", about).unpublish()
    restricted = practice("Private", about)
    PageViewRestriction.objects.create(page=restricted, restriction_type="login")
    closed = PartnershipFactory(slug="closed")
    practice("Of a closed Partnership", about, parent=page_of(closed, "en"))
    PageViewRestriction.objects.create(page=page_of(closed, "en"), restriction_type="login")
    assert like(first) == like(copy) == [seen.translation_key]
    assert like(first, without=[seen.translation_key]) == []
    assert like(restricted) == []  # of what the viewer may not see, nothing is told


def test_nothing_is_like_what_is_not_there() -> None:
    topic("robots")
    assert similar_things(uuid.uuid4(), types=[LibraryType.PRACTICE]) == []


# On the page ----------------------------------------------------------------------------------


def test_the_page_shows_three_with_what_both_are_about(client: Client) -> None:
    about, other = topic("robots"), topic("choirs")
    first = practice("First", about)
    for number in range(5):
        practice(f"Second {number}", about, other)
    told = section(client, first)
    assert told is not None
    assert words(told.h2) == "Similar practices"
    assert len(told.select("li.similar__one")) == 3
    assert words(told.select_one(".similar__why")) == "both are about: Robots"


def test_the_page_of_one_that_nothing_is_like_has_no_section(client: Client) -> None:
    first = practice("Robots", topic("robots"))
    practice("Choirs", topic("choirs"))
    draft = PracticePageFactory(title="Draft", concepts=list(first.concepts.all()), live=False)
    draft.save_revision()
    assert section(client, first) is None


def test_what_is_told_in_the_other_language_says_so(client: Client) -> None:
    about = topic("robots", he="רובוטים")
    first = practice("First", about)
    hebrew = practice("רובוטים בכיתה", about, language="he")
    told = section(client, first)
    assert told is not None
    title = told.select_one(".card__title")
    assert title is not None and title.get_text(strip=True) == hebrew.title
    assert (title["lang"], title["dir"]) == ("he", "rtl")
    told = section(client, hebrew)
    assert told is not None
    title = told.select_one(".card__title")
    assert title is not None and (title["lang"], title["dir"]) == ("en", "ltr")
    assert "רובוטים" in words(told.select_one(".similar__why"))


def test_shared_words_stand_in_their_own_language(client: Client) -> None:
    first = practice("Grandmothers bake bread")
    practice("Bread that grandmothers bake")
    page_of(first.partnership, "he")
    copy = first.copy_for_translation(locale_of("he"))
    copy.title = "סבתות אופות לחם"
    copy.save_revision().publish()
    told = section(client, PracticePage.objects.get(pk=copy.pk))
    assert told is not None
    item = told.select_one(".similar__why bdi")
    assert item is not None and (item.get_text(), item["lang"]) == ("Grandmothers", "en")


def test_the_family_of_a_practice_stands_in_its_lineage_and_not_here(client: Client) -> None:
    about = topic("robots")
    source = published(title="Source", concepts=[about])
    long_ago = timezone.localdate().replace(day=1)
    child = publish_child(running(taken(source), long_ago), title="Child", concepts=[about])
    sibling = publish_child(running(taken(source), long_ago), title="Sibling", concepts=[about])
    for page in (source, child, sibling):
        assert section(client, page) is None
    stranger = practice("Stranger", about)
    for page in (source, child, sibling):
        told = section(client, page)
        assert told is not None
        assert [words(one) for one in told.select(".card__title")] == [stranger.title]


def test_the_number_of_queries_does_not_grow() -> None:
    about, parents = topic("robots"), [page_of(PartnershipFactory(), "en") for _ in range(3)]
    first = practice("Robots in class", about)

    def queries() -> int:
        like(first)  # the lexicon is read once
        with CaptureQueriesContext(connection) as captured:
            assert like(first, limit=3)
        return len(captured)

    for number in range(3):
        practice(f"Robots {number}", about, parent=parents[number])
    few = queries()
    for number in range(22):
        practice(f"Robots again {number}", about, parent=parents[number % 3])
    assert queries() == few <= 9
