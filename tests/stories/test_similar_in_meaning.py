"""Meaning beside concepts: practices like one by vectors, and what they add to the matcher."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from portal.library import LibraryType
from search.services.similar import similar_things
from stories.matching import Problem, match_practices
from tests.factories import ConceptFactory, PracticePageFactory, locale_of, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.requires("vectors")]


@pytest.fixture(autouse=True)
def vectors_on(tmp_path: Path) -> Iterator[None]:
    """Vectors take part, their file is the test's own."""
    from search.vectors import matrix

    with override_settings(SEARCH_VECTORS=True, VAR_DIR=tmp_path):
        matrix.forget()
        yield
    matrix.forget()


def keep() -> None:
    """Do what the worker does until nothing waits, and let this process look again."""
    from search.vectors import matrix, upkeep

    while upkeep.make_some():
        pass
    upkeep.write_matrix()
    matrix.forget()


def practice(title: str, summary: str, *concepts: Any, **fields: Any) -> Any:
    """Return a practice whose text is its title and summary only."""
    told = {"problem": f"<p>{summary}</p>" * 20, "audience": "all", "concepts": list(concepts)}
    return PracticePageFactory(title=title, summary=summary, **told, **fields)


@pytest.fixture
def about() -> Any:
    """Return what all practices of these tests are about."""
    return ConceptFactory(key="ties", kind="topic", label={"en": "Ties", "he": ""})


@pytest.fixture
def kitchen(about: Any) -> Any:
    """Return a practice about cooking; four others are not."""
    for title, summary in (
        ("Robots built by pupils", "Two schools build a robot and program it."),
        ("Nurses in an emergency room", "Physicians train for disasters."),
        ("Trees in the desert", "Measuring streams and planting."),
        ("A committee of co-chairs", "Elections, terms and minutes."),
    ):
        practice(title, summary, about)
    return practice("Old flavours", "Families cook grandmothers' recipes on a screen.", about)


@pytest.fixture
def soup(kitchen: Any, about: Any) -> Any:
    """Return the one that is near it, in other words."""
    return practice("A broth for two", "Families cook granny's recipes together by video.", about)


def like(page: Any, **asked: Any) -> list[Any]:
    return similar_things(page.translation_key, types=[LibraryType.PRACTICE], **asked)


def test_the_nearest_in_meaning_comes_first_and_says_so(
    kitchen: Any, soup: Any, client: Client
) -> None:
    keep()
    found = like(kitchen)
    assert found[0].thing_key == soup.translation_key and found[0].is_near
    assert found[0].score > found[1].score
    told = BeautifulSoup(client.get(kitchen.url).content, "html.parser").select_one(".similar li")
    assert told is not None
    assert "both are about: Ties" in told.get_text() and "similar in meaning" in told.get_text()


def test_only_what_the_viewer_may_see_and_never_the_thing_itself(
    kitchen: Any, soup: Any, about: Any
) -> None:
    page_of(kitchen.partnership, "he")
    copy = kitchen.copy_for_translation(locale_of("he"))
    copy.save_revision().publish()
    text = "Families cook grandmothers' recipes on a screen."
    restricted = practice("Old flavours of the village", text, about)
    gone = practice("Old flavours of the town", text, about)
    keep()
    PageViewRestriction.objects.create(page=restricted, restriction_type="login")
    gone.unpublish()
    keys = [one.thing_key for one in like(kitchen, limit=10)]
    assert keys[0] == soup.translation_key
    hidden = {kitchen.translation_key, restricted.translation_key, gone.translation_key}
    assert not hidden & set(keys)


def test_before_the_worker_has_made_vectors_concepts_answer(kitchen: Any, soup: Any) -> None:
    found = like(kitchen)
    assert len(found) == 3 and not [one for one in found if one.is_near]


def test_the_number_of_queries_does_not_grow(kitchen: Any, soup: Any, about: Any) -> None:
    def queries() -> int:
        like(kitchen)  # the lexicon is read once
        with CaptureQueriesContext(connection) as captured:
            assert like(kitchen)
        return len(captured)

    keep()
    few = queries()
    for number in range(20):
        practice(f"Soup {number}", "Families cook.", about, parent=soup.get_parent())
    keep()
    assert queries() == few


# The matcher ----------------------------------------------------------------------------------

#: In none of the words of the practice that answers it.
PROBLEM = Problem("Nobody passes on granny's dishes", "Her broth is forgotten by the young.")


def test_meaning_adds_to_the_words_and_is_told_as_a_reason(kitchen: Any, soup: Any) -> None:
    keep()
    problem = Problem(PROBLEM.title, PROBLEM.text, concepts=("ties",))
    with override_settings(SEARCH_VECTORS=False):
        before = match_practices(problem, "en").worked
    assert len(before) == 6
    assert not [one for match in before for one in match.because if one.kind == "meaning"]
    found = match_practices(problem, "en").worked
    titles = [match.hit.title for match in found]
    assert set(titles[:2]) == {kitchen.title, soup.title}
    assert "similar in meaning" in [str(one) for one in found[0].because]
    assert [match.score for match in found] == [
        match.score for match in match_practices(problem, "en").worked
    ]
