"""From the typed question to Elasticsearch's query language.

What goes in are terms of `search.analysis` (letters and digits), keys of facets and numbers, each
as a value of its own: there is no query string, so nothing that a reader typed is ever parsed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from portal.library import Audience, Facet, Number
from portal.visibility import Viewer
from search.analysis import Alternative, Group, NamedThing, TextQuery
from search.engines.fulltext import WORDS, typed_title
from search.query import FACET_NAMES, TYPE, LibraryQuery, Sort, own_filters
from search.ranking import (
    PINNED,
    PINNED_STEP,
    PINNED_TYPES,
    RECENCY,
    TYPE_FACTORS,
    columns_left_out,
    evidence_bonuses,
)

from .mapping import (
    BEGINNING,
    FIELD_WEIGHTS,
    LIGHTEST,
    MAX_BEGINNING,
    ROWS,
    facet_field,
    number_field,
)

Clause = dict[str, Any]

#: A facet has no more values than this: communities are some 450.
MAX_VALUES = 10_000
_YEAR = 365.25 * 24 * 3600 * 1_000_000


@cache
def _fields(left_out: tuple[str, ...]) -> list[str]:
    """Return the texts with their weights, as Elasticsearch takes them: none below 1."""
    return [
        f"{ROWS}.{name}^{weight / LIGHTEST:g}"
        for name, weight in FIELD_WEIGHTS.items()
        if name not in left_out
    ]


# Words ------------------------------------------------------------------------------------------


def _term(term: str, fields: Sequence[str], weight: float) -> Clause:
    """A term in any of the texts, scored as one text with weighted parts (BM25F)."""
    return {"combined_fields": {"query": term, "fields": fields, "boost": weight}}


def _alternative(alternative: Alternative) -> Clause:
    terms, weight = alternative.terms, alternative.weight
    fields = _fields(columns_left_out(alternative))
    if len(terms) == 1:
        return _term(terms[0], fields, weight)
    each = weight / len(terms) if alternative.is_phrase else weight
    scored: Clause = {"bool": {"must": [_term(term, fields, each) for term in terms]}}
    if alternative.is_phrase:
        # A phrase scores as one word of its words' kind: in a query of phrases the weights of the
        # fields would multiply the score itself, not how often a word counts.
        phrase = {"type": "phrase", "query": " ".join(terms), "fields": fields}
        scored["bool"]["filter"] = [{"multi_match": phrase}]
    return scored


def _group(group: Group) -> Clause:
    """One of its alternatives will do; the best one counts, the others a little.

    It counts as often as it was typed.
    """
    clauses = [
        _alternative(replace(one, weight=one.weight * group.times) if group.times > 1 else one)
        for one in group.alternatives
    ]
    return (
        clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses, "tie_breaker": 0.1}}
    )


def words(text: TextQuery, demand_all: bool) -> Clause:
    """What the words ask of a row: all groups, or the required ones and any of the others."""
    wanted = [_group(group) for group in text.groups if group.is_required or demand_all]
    some = [] if demand_all else [_group(g) for g in text.groups if not g.is_required]
    return {
        "bool": {
            "must": wanted or [{"bool": {"should": some, "minimum_should_match": 1}}],
            "must_not": [_alternative(excluded) for excluded in text.excluded],
            "should": [*(some if wanted else ()), *map(_alternative, text.boosts)],
        }
    }


def ranked(matching: Clause, now: int) -> Clause:
    """The same, its score times the gentle factors of `search.ranking`; `now` in microseconds.

    The pinned are above all factors. Recency falls by half in the first year, as in the databases,
    and a little faster after: a function of the index itself, where they calculate with the date.
    """
    types = [
        {"filter": _any(facet_field(TYPE), [str(kind)]), "weight": factor}
        for kind, factor in TYPE_FACTORS.items()
        if factor != 1.0
    ]
    date = f"{ROWS}.date"
    decay = {date: {"origin": now, "scale": _YEAR, "decay": 0.5}}
    recent = [
        {"weight": 1.0},
        {"filter": {"exists": {"field": date}}, "exp": decay, "weight": RECENCY},
        *_evidence(),
    ]
    by_type = {"query": matching, "functions": types, "boost_mode": "multiply"}
    return {
        "function_score": {
            "query": {"function_score": by_type},
            "functions": recent,
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _evidence() -> list[Clause]:
    """What evidence adds: of several levels the best one counts, as in the databases."""
    field = facet_field(Facet.EVIDENCE)
    functions, better = [], list[str]()
    for level, bonus in evidence_bonuses().items():  # the best tested first
        clause: Clause = {"bool": {"filter": [_any(field, [level])]}}
        if better:
            clause["bool"]["must_not"] = [_any(field, better)]
        functions.append({"filter": clause, "weight": bonus})
        better.append(level)
    return functions


def pinned(names: Sequence[NamedThing]) -> list[Clause]:
    """The rows of the places whose name the text is, with the scores that put them first."""
    return [
        {
            "constant_score": {
                "filter": _all(
                    [
                        _any(facet_field(TYPE), [str(PINNED_TYPES[name.facet])]),
                        _any(facet_field(name.facet), [name.key]),
                    ]
                ),
                "boost": PINNED - PINNED_STEP * place,
            }
        }
        for place, name in enumerate(names)
        if name.facet in PINNED_TYPES
    ]


def either(clauses: Sequence[Clause]) -> Clause:
    """Rows for which one of the clauses holds."""
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def beginning(typed: Sequence[str]) -> Clause:
    """What is being typed: all words in title or names, the last one only begun."""
    field = f"{ROWS}.{WORDS}"
    whole: list[Clause] = [{"term": {field: word}} for word in typed[:-1]]
    return _all([*whole, {"prefix": {field: {"value": typed[-1]}}}])


def title_beginning(typed: Sequence[str]) -> Clause:
    """Rows whose title begins as typed."""
    wanted = typed_title(typed)[:MAX_BEGINNING]
    return {"prefix": {f"{ROWS}.{BEGINNING}": {"value": wanted}}}


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


def among(query: LibraryQuery, things: Clause) -> Clause:
    """Of what is found only the things that are asked for at all."""
    if query.only is None:
        return things
    only = _any("thing_key", [str(key) for key in query.only])
    return {"bool": {"must": [things], "filter": [only]}}


def order(query: LibraryQuery, rows: Clause) -> list[Clause]:
    """The order of things by their `rows` that are found; ties are broken by what keeps."""
    date = {"date": {"order": "desc", "missing": "_last"}}
    # In one language alone things are shown by its titles, whoever reads.
    shown = query.languages[0] if len(set(query.languages)) == 1 else query.lang
    orders: dict[str, list[Clause]] = {
        Sort.RELEVANCE: [{"_score": {"order": "desc"}}, date],
        Sort.DATE: [date],
        Sort.TITLE: [{f"titles.{shown}": {"missing": "_last", "unmapped_type": "keyword"}}],
        Sort.TESTED: [
            {
                number_field(Number.TESTED): {
                    "order": "desc",
                    "mode": "max",
                    "missing": "_last",
                    "nested": {"path": ROWS, "filter": rows},
                }
            },
            date,
        ],
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
        groups.setdefault(own_filters(name).intersection(chosen), []).append(name)
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
