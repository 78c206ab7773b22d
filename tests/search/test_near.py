"""The nearest concepts: the answers of comparing everything, at a small part of the cost."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.library import Number
from search.near import (
    ALIKE,
    MAX_WORDS,
    concept_names,
    folded,
    near_things,
    nearest_concepts,
)
from search.query import KEY_FACETS, LibraryQuery
from tests.factories import ConceptFactory, StoryPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db: None) -> None:
    names = ["Twinning", "Twinning of schools", "Host families", "Teenagers", "Families", "Choir"]
    concepts = [
        ConceptFactory(key=f"c{place}", kind="topic", label={"en": name, "he": f"מילה {place}"})
        for place, name in enumerate(names)
    ]
    StoryPageFactory(concepts=concepts)


def compared_with_everything(text: str) -> list[str]:
    """Return the labels as each name and word compared with each of the text's give them."""
    words = folded(text)
    ranked = []
    for concept, names in concept_names("en"):
        likeness = max(
            difflib.SequenceMatcher(None, word, part).ratio()
            for word in {words, *words.split()}
            for name in names
            for part in {name, *name.split()}
            if len(word) > 2 and len(part) > 2
        )
        if likeness >= ALIKE:
            ranked.append((-likeness, concept.label))
    return [label for _likeness, label in sorted(ranked)][:5]


@pytest.mark.parametrize(
    "text",
    ["twining", "host familys", "teenager of a family", "school twinnings", "chior", "xyzzy"],
)
def test_ordinary_texts_have_the_same_answers(told: None, text: str) -> None:
    assert [one.label for one in nearest_concepts(text, "en")] == compared_with_everything(text)


def test_many_words_cost_no_more_than_a_few(told: None, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []

    class Counting(difflib.SequenceMatcher[str]):
        def set_seq1(self, a: Any) -> None:
            looked.append(a)
            super().set_seq1(a)

        def ratio(self) -> float:
            looked.append("ratio")
            return super().ratio()

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    letters = "abcdefghij"
    text = " ".join(f"q{one}{other}" for one in letters for other in letters[:6])
    assert nearest_concepts(text, "en") == []
    assert "ratio" not in looked
    words = [word for word in dict.fromkeys(looked) if word]
    assert len(words) == MAX_WORDS + 1


@pytest.mark.parametrize("text", ["", "xylophone"])
def test_many_filters_cost_no_more_than_a_few(told: None, text: str) -> None:
    def asked(number: int) -> int:
        facets = {name: ["none"] for name in KEY_FACETS[:number]}
        query = LibraryQuery(text=text, facets=facets, at_most={Number.COST_WHOLE: 1})
        with CaptureQueriesContext(connection) as queries:
            near = near_things(query, "zeppelin" if text else None, ["unknown"])
        assert near.is_newest
        return len(queries)

    asked(2)  # the lexicon is read
    few = asked(5)
    assert asked(12) == few
    assert (asked(2) == few) is bool(text)
