"""Whatever is typed is answered, soon, and no engine's query language sees it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Concept
from search.analysis import MAX_GROUPS, MAX_TERM, read_query, tokens
from search.engines import DatabaseEngine, LibraryEngine
from search.engines.sqlite import _expression
from search.query import LibraryQuery
from search.services.library import find, suggest
from search.understanding import understand
from tests.factories import ConceptFactory, StoryPageFactory
from tests.search.elastic import engine_in_step

#: Named by the issue: each kind in short and in ten thousand characters.
NAMED = {
    "quotes": '"' * 10_000,
    "phrases": '"a b" ' * 1_700,
    "long phrases": " ".join(
        '"' + " ".join(f"w{phrase}x{word}" for word in range(20)) + '"' for phrase in range(60)
    ),
    "long exclusions": "teens "
    + " ".join('-"' + " ".join(f"w{n}x{word}" for word in range(20)) + '"' for n in range(60)),
    "unbalanced": '"a ' * 3_300,
    "gershayim": 'צה"ל ' * 2_000,
    "one word": "a" * 10_000,
    "words": " ".join(f"word{number}" for number in range(1_400)),
    "same word": "teens " * 1_700,
    "exclusions": "-a " * 3_300,
    "OR": "OR " * 3_300,
    "a OR b": " OR ".join("abcdefgh" * 300),
    "hyphens": "a-" * 5_000,
    "slashes": "מתנדבים/ות/ים/" * 700,
    "brackets": "(" * 5_000 + ")" * 5_000,
    "FTS5": "{title} : NEAR(a b, 3) ^a + b* " * 300,
    "tsquery": "a & !b | c <-> d:*A " * 500,
    "Lucene": "title:/.*/ AND [a TO *] ~0.5^4 " * 320,
    "SQL": "'; DROP TABLE search_libraryentry; -- " * 260,
    "format": "%s %(x)s {0} " * 700,
    "null": "a\x00" * 5_000,
    "right to left": "\u202eabc\u202d\u2066\u2069" * 1_200,
    "surrogates": "\ud800a\udfff" * 3_300,
    "marks": "a" + "\u0301" * 9_999,
    "points": "ש\u05b8\u05c1" * 3_300,
    "planes": "".join(chr(plane * 0x10000 + 0x41) for plane in range(17)) * 500,
    "longer": "teens and hosts " * 2_000,
}

HARD = "\"'%:*()^-+&|!~\\/\x00{}[]<>=?.,;_@#$\u05f4\u05f3\u05be\u202e\u202d\u2066\u2069\ufeff OR"
ANYTHING = st.text(
    alphabet=st.one_of(
        st.characters(),  # every plane, lone surrogates too
        st.sampled_from(HARD),
        st.sampled_from('aבגteen ות/"-'),
    ),
    max_size=120,
)

ELASTICSEARCH = pytest.param(
    "elasticsearch", marks=[pytest.mark.engines, pytest.mark.requires("elasticsearch")]
)
anything = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["database", ELASTICSEARCH])
def engine(
    request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch
) -> LibraryEngine:
    """Each engine in turn, with something in it."""
    StoryPageFactory(title="Teens and hosts", concepts=[ConceptFactory(label={"en": "Teens"})])
    made: LibraryEngine = DatabaseEngine() if request.param == "database" else engine_in_step()
    monkeypatch.setattr("search.services.library.get_engine", lambda: made)
    return made


@pytest.mark.parametrize("name", NAMED)
def test_named_texts_are_answered(engine: LibraryEngine, name: str) -> None:
    find(LibraryQuery(text=NAMED[name]))
    suggest(LibraryQuery(text=NAMED[name]))


@pytest.mark.parametrize("name", NAMED)
def test_named_texts_become_a_small_question(name: str) -> None:
    query = read_query(NAMED[name])
    assert len(query.groups) <= MAX_GROUPS
    assert sum(len(group.alternatives) for group in query.groups) <= 4 * MAX_GROUPS
    assert len(query.boosts) + len(query.excluded) <= MAX_GROUPS


@anything
@given(text=ANYTHING)
def test_anything_is_answered(engine: LibraryEngine, text: str) -> None:
    find(LibraryQuery(text=text))
    find(LibraryQuery(text=f"teens {text}", lang="he"))
    suggest(LibraryQuery(text=text))


def is_sound(term: str) -> bool:
    """Whether a term is letters and digits, and no longer than terms are."""
    return term.isalnum() and len(term) <= 2 * MAX_TERM


@given(text=ANYTHING)
def test_tree_holds_terms_only_and_is_bounded(text: str) -> None:
    query = read_query(text)
    every = [*query.alternatives, *query.excluded, *query.boosts]
    assert all(is_sound(term) for alternative in every for term in alternative.terms)
    assert len(query.groups) <= MAX_GROUPS
    for token in tokens(text):
        assert all(is_sound(key) for key in token.keys)


@given(text=ANYTHING)
def test_expression_of_fts5_is_quoted_terms_and_operators(text: str) -> None:
    query = read_query(text)
    for demand_all in (True, False) if query else ():
        outside = " ".join(_expression(query, demand_all).split('"')[::2])
        bare = outside.replace("(", " ").replace(")", " ").split()
        assert set(bare) <= {"AND", "OR", "NOT"}


def test_so_many_words_of_phrases_are_looked_at() -> None:
    query = read_query(f"{NAMED['long phrases']} teens")
    assert [len(group.typed.terms) for group in query.groups] == [20] * 8
    query = read_query('teens "a long phrase" hosts')
    assert [len(group.typed.terms) for group in query.groups] == [1, 3, 1]


def test_text_full_of_concepts_is_bounded(engine: LibraryEngine) -> None:
    for number in range(60):
        concept: Any = ConceptFactory(
            label={"en": f"Subject{number} matter", "he": f"נושא{number}"}
        )
        for other in range(3):
            concept.synonyms.create(language="en", text=f"Thing{number} {other}", grade="exact")
        concept.save()
    assert Concept.objects.count() > 60
    text = " ".join(f"Subject{number} matter" for number in range(60))
    words = understand(LibraryQuery(text=text)).words
    assert sum(a.is_added for a in words.alternatives) < 200
    find(LibraryQuery(text=text))
