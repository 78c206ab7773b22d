"""What a review found in the engines and is mended: limits of SQLite, questions to closed texts."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from wagtail.models import PageViewRestriction

from search.engines import DatabaseEngine, HeldBitmaps
from search.query import LibraryQuery
from search.services.library import find
from tests.factories import StoryPageFactory

pytestmark = pytest.mark.django_db


def story(title: str, **fields: Any) -> Any:
    return StoryPageFactory(title=title, **{"summary": "soup", **fields})


def test_many_pairs_of_letters_are_a_bounded_question() -> None:
    runs = itertools.islice(itertools.permutations("bcdfghjklmnp", 12), 0, 400_000, 997)
    text = " -z ".join(" ".join(run) for run in runs)[:9000]
    assert find(LibraryQuery(text=text)).total == 0


def test_no_spelling_tells_what_a_closed_page_says() -> None:
    story("Lantern making")
    asked = LibraryQuery(text="lanterm", lang="en")
    assert find(asked).suggestion == "lantern"
    closed = story("Closed", body=[{"type": "paragraph", "value": "<p>lanterm</p>"}])
    PageViewRestriction.objects.create(page=closed, restriction_type="groups")
    assert find(asked).suggestion == "lantern"


def test_hundreds_of_restrictions_hide_and_break_nothing() -> None:
    engine = DatabaseEngine(held=HeldBitmaps(in_transactions=True))
    closed, _open = story("Closed"), story("Open")
    PageViewRestriction.objects.bulk_create(
        PageViewRestriction(page_id=closed.pk, restriction_type="login") for _ in range(900)
    )
    assert engine.search(LibraryQuery(types=["success"])).total == 1


@pytest.mark.requires("vectors")
def test_what_words_found_is_not_added_by_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    from search.understanding import understand
    from search.vectors import blending

    keys = [story(f"Soup {number}").translation_key for number in range(8)]
    monkeypatch.setattr(blending, "WINDOW", 3)
    near = [blending.Near(key, 1.0 - number / 100) for number, key in enumerate(keys)]
    monkeypatch.setattr(blending, "nearest", lambda query, engine: near)
    query = LibraryQuery(text="soup", lang="en")
    query = LibraryQuery(text="soup", lang="en", words=understand(query).words)
    answer = blending.search(DatabaseEngine(), query)
    assert answer.total == len({match.thing_key for match in answer.matches}) == 8
