"""From the typed question to Elasticsearch's query language.

What goes in are terms of `search.analysis` (letters and digits), keys of facets and numbers, each
as a value of its own: there is no query string, so nothing that a reader typed is ever parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from portal.library import Audience, LibraryType
from portal.visibility import Viewer
from search.analysis import Alternative, Group, TextQuery
from search.engines.fulltext import WEIGHTS, WORDS
from search.query import CONCEPT, CONCEPT_FACETS, FACET_NAMES, LibraryQuery, Sort

from .mapping import ROWS, facet_field, number_field

Clause = dict[str, Any]

#: A facet has no more values than this: communities are some 450.
MAX_VALUES = 10_000
#: What a thing whose own name was typed is raised by: above all that words can reach.
PINNED = 10_000.0

_LIGHTEST = min(WEIGHTS.values())
#: The weights as Elasticsearch takes them: none below 1.
_FIELDS = [f"{ROWS}.{name}^{weight / min(_LIGHTEST, 1.0):g}" for name, weight in WEIGHTS.items()]


# Words ------------------------------------------------------------------------------------------


def _term(term: str, weight: float) -> Clause:
    """A term in any of the texts, scored as one text with weighted parts (BM25F)."""
    return {"combined_fields": {"query": term, "fields": _FIELDS, "boost": weight}}


def _alternative(alternative: Alternative) -> Clause:
    terms = alternative.terms
    if len(terms) == 1:
        return _term(terms[0], alternative.weight)
    if alternative.is_phrase:
        return {
            "multi_match": {
                "type": "phrase",
                "query": " ".join(terms),
                "fields": _FIELDS,
                "boost": alternative.weight,
            }
        }
    return {"bool": {"must": [_term(term, alternative.weight) for term in terms]}}


def _group(group: Group) -> Clause:
    """One of its alternatives will do; the best one counts."""
    clauses = [_alternative(alternative) for alternative in group.alternatives]
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses}}


def words(text: TextQuery, at_least: int | None = None) -> Clause:
    """What the words ask of a row: all groups, or `at_least` so many besides the required ones."""
    wanted: list[Clause] = []
    some: list[Clause] = []
    for group in text.groups:
        (wanted if group.is_required or at_least is None else some).append(_group(group))
    if some:
        wanted.append({"bool": {"should": some, "minimum_should_match": at_least}})
    boosts: list[Clause] = [_alternative(boost) for boost in text.boosts]
    boosts += [
        {
            "constant_score": {
                "filter": _all([_any(f"{ROWS}.type", [_kind(name.facet)]), _key(name)]),
                "boost": PINNED,
            }
        }
        for name in text.names
    ]
    return {
        "bool": {
            "must": wanted,
            "must_not": [_alternative(excluded) for excluded in text.excluded],
            "should": boosts,
        }
    }


def beginning(typed: Sequence[str]) -> Clause:
    """What is being typed: all words in title or names, the last one only begun."""
    field = f"{ROWS}.{WORDS}"
    whole: list[Clause] = [{"term": {field: word}} for word in typed[:-1]]
    return _all([*whole, {"prefix": {field: {"value": typed[-1]}}}])


# Filters ----------------------------------------------------------------------------------------


def _any(field: str, values: Iterable[Any]) -> Clause:
    return {"terms": {field: list(values)}}


def _all(clauses: Sequence[Clause]) -> Clause:
    return {"bool": {"filter": list(clauses)}}


def visible(viewer: Viewer, hidden: Sequence[int]) -> Clause:
    """Rows of live pages that `viewer` may see; `hidden` are pages below which nothing shows."""
    must: list[Clause] = [{"term": {f"{ROWS}.live": True}}]
    must_not: list[Clause] = [_any(f"{ROWS}.pages", hidden)] if hidden else []
    if not viewer.is_signed_in and not viewer.is_superuser:
        must.append({"term": {f"{ROWS}.audience": str(Audience.PUBLIC)}})
    elif not viewer.is_superuser:
        must_not.append({"term": {f"{ROWS}.audience": str(Audience.PARTNERSHIPS)}})
    return {"bool": {"filter": must, "must_not": must_not}}


def filters(query: LibraryQuery) -> dict[str, Clause]:
    """The filters of facets, by name."""
    return {name: _any(facet_field(name), values) for name, values in query.filters.items()}


def limits(query: LibraryQuery) -> list[Clause]:
    """The limits of numbers; a row that does not tell a number passes no limit of it."""
    return [
        *({"range": {number_field(name): {"lte": at}}} for name, at in query.at_most.items()),
        *({"range": {number_field(name): {"gte": at}}} for name, at in query.at_least.items()),
        *({"term": {f"{ROWS}.untold": name}} for name in query.untold),
    ]


# The request --------------------------------------------------------------------------------------


def on_rows(condition: Clause, scored: bool = False) -> Clause:
    """Things that have a row like this; the best of its rows gives a thing its score."""
    mode = "max" if scored else "none"
    return {"nested": {"path": ROWS, "score_mode": mode, "query": condition}}


def order(query: LibraryQuery) -> list[Clause]:
    """The order of things; ties are broken by what does not change."""
    date = {"date": {"order": "desc", "missing": "_last"}}
    orders: dict[str, list[Clause]] = {
        Sort.RELEVANCE: [{"_score": {"order": "desc"}}, date],
        Sort.DATE: [date],
        Sort.TITLE: [{f"titles.{query.lang}": {"missing": "_last", "unmapped_type": "keyword"}}],
    }
    by_date = query.sort == Sort.RELEVANCE and not query.text.strip()
    return [*orders[Sort.DATE if by_date else query.sort], {"thing_key": {"order": "asc"}}]


def facets(
    fixed: Sequence[Clause], chosen: Mapping[str, Clause]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the aggregations, each facet without its own filter, and where each facet is told.

    `fixed` holds for every facet, `chosen` are the filters by name. Facets under the same filters
    share one look at the rows. `reverse_nested` goes from rows back to things, so that what has
    two languages is counted once, exactly.
    """
    groups: dict[frozenset[str], list[str]] = {}
    for name in FACET_NAMES:
        own = {name, CONCEPT} if name in CONCEPT_FACETS else {name}
        groups.setdefault(frozenset(own & chosen.keys()), []).append(name)
    looks, places = {}, {}
    for number, (skipped, names) in enumerate(groups.items()):
        others = [clause for name, clause in chosen.items() if name not in skipped]
        looks[str(number)] = {
            "filter": _all([*fixed, *others]),
            "aggs": {
                name: {
                    "terms": {"field": facet_field(name), "size": MAX_VALUES},
                    "aggs": {"things": {"reverse_nested": {}}},
                }
                for name in names
            },
        }
        places.update(dict.fromkeys(names, str(number)))
    return {"rows": {"nested": {"path": ROWS}, "aggs": looks}}, places


_KINDS = {
    "partnership": LibraryType.PARTNERSHIP,
    "community": LibraryType.COMMUNITY,
}


def _kind(facet: str) -> str:
    return str(_KINDS.get(facet, facet))


def _key(name: Any) -> Clause:
    return _any(facet_field(name.facet), [name.key])
