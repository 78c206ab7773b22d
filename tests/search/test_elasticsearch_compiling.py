"""What Elasticsearch is asked: values of their own, no query language, no Elasticsearch needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.library import Facet
from portal.visibility import Viewer
from search.analysis import NamedThing, read_query
from search.engines.elasticsearch.compiling import (
    beginning,
    facets,
    filters,
    limits,
    order,
    pinned,
    visible,
    words,
)
from search.engines.elasticsearch.contents import TEXTS_OF_ROWS
from search.engines.elasticsearch.documents import documents
from search.engines.elasticsearch.mapping import FACETS, facet_field, mapping
from search.query import FACET_NAMES, KEY_FACETS, NUMBER_NAMES, LibraryQuery, Sort
from search.ranking import WEIGHTS
from tests.factories import ConceptFactory, StoryPageFactory
from tests.search.test_api import HOSTILE

#: Kinds of clause; whatever parses a text or runs a script is none of them.
CLAUSES = {
    *("bool", "combined_fields", "constant_score", "dis_max", "function_score", "multi_match"),
    *("nested", "prefix", "range", "term", "terms"),
}


def leaves(clause: Any, under: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a request with the key that each stands under."""
    if isinstance(clause, dict):
        for key, value in clause.items():
            yield from leaves(value, key)
    elif isinstance(clause, list):
        for value in clause:
            yield from leaves(value, under)
    else:
        yield under, clause


def kinds(clause: Any) -> Iterator[str]:
    """Yield the kinds of all clauses in a clause of `words`."""
    [(kind, told)] = clause.items()
    yield kind
    nested = told.get("queries", []) if kind == "dis_max" else []
    if kind == "bool":
        nested = [
            c for part in ("must", "must_not", "should", "filter") for c in told.get(part, [])
        ]
    for inner in nested:
        yield from kinds(inner)


def assert_harmless(text: str) -> None:
    read = read_query(text)
    if not read:
        return
    for demand_all in (True, False):
        clause = words(read, demand_all)
        assert set(kinds(clause)) <= CLAUSES
        for key, value in leaves(clause):
            if key == "query":
                assert all(term.isalnum() for term in value.split(" ")), value


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_becomes_terms(text: str) -> None:
    assert_harmless(text)


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(
            st.characters(codec="utf-8"), st.sampled_from("\"'*?~^:/\\(){}-|&! \x00א")
        )
    )
)
def test_any_text_becomes_terms(text: str) -> None:
    assert_harmless(text)


def test_filters_are_values_whatever_they_hold() -> None:
    hostile = '"}},{"script":{}'
    query = LibraryQuery(partnerships=[hostile], facets={"topic": [hostile]})
    for clause in filters(query).values():
        [(kind, told)] = clause.items()
        assert kind == "terms"
        assert list(told.values()) == [[hostile]]


def test_facets_and_numbers_of_the_library_are_all_mapped() -> None:
    row = mapping()["properties"]["rows"]["properties"]
    assert set(row["facets"]["properties"]) >= set(KEY_FACETS)
    assert set(row["numbers"]["properties"]) == NUMBER_NAMES
    assert set(WEIGHTS) <= set(row)
    assert mapping()["dynamic"] == "strict"
    assert len(TEXTS_OF_ROWS.digest) == 10
    assert {facet_field(name) for name in FACETS} <= {f"rows.facets.{name}" for name in FACETS}


def test_each_facet_is_counted_without_its_own_filter_only() -> None:
    query = LibraryQuery(types=["success"], facets={"topic": ["arts"]}, concepts=["teens"])
    aggregations, places = facets([], filters(query))
    looks = aggregations["rows"]["aggs"]
    assert set(places) == set(FACET_NAMES)

    def fields(name: str) -> set[str]:
        return {
            field
            for clause in looks[places[name]]["filter"]["bool"]["filter"]
            for field in clause["terms"]
        }

    assert fields("type") == {"rows.facets.topic", "rows.facets.concept"}
    assert fields("topic") == {"rows.type"}
    assert fields("concept") == {"rows.type", "rows.facets.topic"}
    assert fields("partnership") == {"rows.type", "rows.facets.topic", "rows.facets.concept"}
    assert len(looks) < len(FACET_NAMES)  # those under the same filters share a look


def test_public_sees_public_rows_outside_of_restricted_pages() -> None:
    told = visible(Viewer(), [7])["bool"]
    assert {"term": {"rows.audience": "public"}} in told["filter"]
    assert told["must_not"] == [{"terms": {"rows.pages": [7]}}]
    assert visible(Viewer(user_id=1, is_superuser=True), [])["bool"]["must_not"] == []


def test_limits_orders_names_and_beginnings() -> None:
    number = sorted(NUMBER_NAMES)[0]
    query = LibraryQuery(at_most={number: 5}, at_least={number: 1}, untold=[number])
    assert limits(query) == [
        {"range": {f"rows.numbers.{number}": {"lte": 5}}},
        {"range": {f"rows.numbers.{number}": {"gte": 1}}},
        {"term": {"rows.untold": number}},
    ]
    assert list(order(LibraryQuery(sort=Sort.TITLE, lang="he"), {})[0]) == ["titles.he"]
    assert list(order(LibraryQuery(text=""), {})[0]) == ["date"]
    [first, second] = pinned([NamedThing(Facet.PARTNERSHIP, "a"), NamedThing(Facet.COMMUNITY, "b")])
    assert first["constant_score"]["boost"] > second["constant_score"]["boost"]
    assert beginning(["painting", "wa"])["bool"]["filter"] == [
        {"term": {"rows.words": "painting"}},
        {"prefix": {"rows.words": {"value": "wa"}}},
    ]


@pytest.mark.django_db
def test_documents_of_many_things_take_a_fixed_number_of_queries(
    django_assert_num_queries: Any,
) -> None:
    concept = ConceptFactory(key="arts", kind="topic")
    pages = [StoryPageFactory(concepts=[concept]) for _number in range(2)]
    with django_assert_num_queries(6):
        documents([page.translation_key for page in pages])
    pages += [StoryPageFactory(concepts=[concept]) for _number in range(10)]
    with django_assert_num_queries(6):
        made = documents([page.translation_key for page in pages])
    assert len(made) == 12
    assert all('"topic":["arts"]' in document.text for document in made)


@pytest.mark.django_db
def test_checksum_changes_with_what_is_found() -> None:
    page = StoryPageFactory(title="Before")
    [before] = documents([page.translation_key])
    page.title = "After"
    page.save()
    [after] = documents([page.translation_key])
    [(_version, old)], [(_later, new)] = before.rows.values(), after.rows.values()
    assert old != new
    assert after.version > before.version
