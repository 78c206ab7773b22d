"""The same questions by hand, in each engine's own language: what `bench_library_speed` compares.

A question is a word and perhaps filters. Bare means: the things that match and that everybody may
see, the best twenty with their rank and a marked piece of their text, the total, and the counts of
all facets, each without its own filter. No analysis of what was typed, no labels, no addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection

from search.engines.elasticsearch.mapping import FIELD_WEIGHTS, LIGHTEST
from search.engines.postgresql import CONCEPTS_MARK, NAMES_MARK, RANK_WEIGHTS
from search.query import KEY_FACETS, LibraryQuery
from search.ranking import WEIGHTS
from search.understanding import understand

ENTRY, FACET, TEXT = "search_libraryentry", "search_libraryfacet", "search_librarytext"


@dataclass(frozen=True, slots=True)
class Question:
    """A word, and filters: of one facet the values are alternatives."""

    word: str
    types: Sequence[str] = ()
    countries: Sequence[str] = ()

    @property
    def address(self) -> str:
        """The question as the end of an address of the API."""
        filters = [("type", value) for value in self.types]
        filters += [("country", value) for value in self.countries]
        return "&".join([f"q={self.word}", *(f"{name}={value}" for name, value in filters)])

    @property
    def terms(self) -> list[str]:
        """The forms that are looked up: the word's stem, and a concept's name in Hebrew."""
        return _terms(self.word)

    def passes(self) -> list[tuple[list[str], list[str], list[str]]]:
        """Return for each look at the facets: its conditions, parameters, and the facets."""
        by_type = f"e.type IN ({', '.join(['%s'] * len(self.types))})"
        by_country = (
            f"e.id IN (SELECT entry_id FROM {FACET} WHERE name = 'country' AND value IN "
            f"({', '.join(['%s'] * len(self.countries))}))"
        )
        types = ([by_type], list(self.types)) if self.types else ([], [])
        countries = ([by_country], list(self.countries)) if self.countries else ([], [])
        others = [*KEY_FACETS, "language"]
        if countries[0]:
            others.remove("country")
        if not types[0]:
            others.append("type")
        found = [(types[0] + countries[0], types[1] + countries[1], others)]
        if types[0]:
            found.append((*countries, ["type"]))
        if countries[0]:
            found.append((*types, ["country"]))
        return found


@cache
def _terms(word: str) -> list[str]:
    words = understand(LibraryQuery(text=word)).words
    return [" ".join(alternative.terms) for alternative in words.alternatives]


def _select(columns: str, conditions: Sequence[str]) -> str:
    return (
        f"SELECT {columns} FROM m JOIN {ENTRY} e ON e.id = m.id "
        "JOIN wagtailcore_page p ON p.id = e.page_id "
        f"WHERE {' AND '.join(['p.live', 'e.audience = %s', *conditions])}"
    )


def by_sql(question: Question) -> int:
    """Answer with SQLite or PostgreSQL; return the total."""
    matching, terms, marked = _MATCHING[connection.vendor](question)
    with connection.cursor() as cursor:

        def fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
            cursor.execute(sql, list(parameters))
            return list(cursor.fetchall())

        for number, (conditions, values, names) in enumerate(question.passes()):
            if number == 0:
                rows = fetch(
                    f"WITH m AS MATERIALIZED ({matching}), found AS "
                    f"({_select('e.thing_key, e.id, m.score', conditions)}) "
                    "SELECT thing_key, MIN(id), MAX(score) AS best, COUNT(*) OVER () FROM found "
                    "GROUP BY thing_key ORDER BY best DESC LIMIT 20",
                    [*terms, "public", *values],
                )
            found = _select("e.id, e.thing_key, e.type, e.language", conditions)
            counts = [
                f"SELECT '{name}', {name}, COUNT(DISTINCT thing_key) FROM found GROUP BY {name}"
                for name in ("type", "language")
                if name in names
            ]
            if keys := [name for name in names if name in KEY_FACETS]:
                counts.append(
                    "SELECT f.name, f.value, COUNT(DISTINCT found.thing_key) FROM found "
                    f"JOIN {FACET} f ON f.entry_id = found.id WHERE f.name IN "
                    f"({', '.join(f'{chr(39)}{key}{chr(39)}' for key in keys)}) "
                    "GROUP BY f.name, f.value"
                )
            fetch(
                f"WITH m AS MATERIALIZED ({matching}), found AS MATERIALIZED ({found}) "
                f"{' UNION ALL '.join(counts)}",
                [*terms, "public", *values],
            )
        for row in rows:
            fetch(marked, [*terms[:1], row[1]])
        fetch(
            f"SELECT title, summary FROM {ENTRY} WHERE id IN ({', '.join(['%s'] * len(rows))})",
            [row[1] for row in rows],
        )
    return int(rows[0][3]) if rows else 0


def _sqlite(question: Question) -> tuple[str, list[str], str]:
    index = "search_library_fts"
    wanted = " OR ".join(f'"{term}"' for term in question.terms)
    weights = ", ".join(map(str, WEIGHTS.values()))
    return (
        f"SELECT rowid AS id, -bm25({index}, {weights}) AS score FROM {index} "
        f"WHERE {index} MATCH %s",
        [wanted],
        f"SELECT snippet({index}, -1, '<mark>', '</mark>', '…', 30) FROM {index} "
        f"WHERE {index} MATCH %s AND rowid = %s",
    )


def _postgresql(question: Question) -> tuple[str, list[str], str]:
    # Terms of names and of concepts are marked in the vector; what was added is none of these.
    wanted = " | ".join(
        "(" + " <-> ".join(f"{mark}{word}" for word in term.split()) + ")"
        for number, term in enumerate(question.terms)
        for mark in ("", NAMES_MARK, *((CONCEPTS_MARK,) if number == 0 else ()))
    )
    return (
        f"SELECT t.entry_id AS id, ts_rank({RANK_WEIGHTS}, t.terms_vector, q, 1) AS score "
        f"FROM {TEXT} t, to_tsquery('simple', %s) q WHERE t.terms_vector @@ q",
        [wanted],
        "SELECT ts_headline('english', t.body, to_tsquery('english', %s)) "
        f"FROM {TEXT} t WHERE t.entry_id = %s",
    )


_MATCHING: Mapping[str, Callable[[Question], tuple[str, list[str], str]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}


def by_elasticsearch(question: Question, client: Any, index: str) -> int:
    """Answer with Elasticsearch, in one request, and read the texts of the hits; the total."""
    fields = [f"rows.{name}^{weight / LIGHTEST:g}" for name, weight in FIELD_WEIGHTS.items()]
    words = [{"combined_fields": {"query": term, "fields": fields}} for term in question.terms[:1]]
    words += [
        {"multi_match": {"type": "phrase", "query": term, "fields": fields}}
        for term in question.terms[1:]
    ]
    wanted = {"dis_max": {"queries": words}}
    seen = [{"term": {"rows.live": True}}, {"term": {"rows.audience": "public"}}]
    matching = {"bool": {"filter": seen, "must": [wanted]}}
    chosen: dict[str, Any] = {}
    if question.types:
        chosen["type"] = {"terms": {"rows.type": list(question.types)}}
    if question.countries:
        chosen["country"] = {"terms": {"rows.facets.country": list(question.countries)}}
    looks: dict[str, Any] = {}
    for number, (_conditions, _values, names) in enumerate(question.passes()):
        others = [clause for name, clause in chosen.items() if number == 0 or name not in names]
        looks[str(number)] = {
            "filter": {"bool": {"filter": [*seen, wanted, *others]}},
            "aggs": {
                name: {
                    "terms": {
                        "field": f"rows.{name}"
                        if name in ("type", "language")
                        else f"rows.facets.{name}",
                        "size": 1000,
                    },
                    "aggs": {"things": {"reverse_nested": {}}},
                }
                for name in names
            },
        }
    told = client.search(
        index=index,
        source=False,
        size=20,
        track_total_hits=True,
        query={"nested": {"path": "rows", "score_mode": "max", "query": matching}},
        post_filter={
            "nested": {"path": "rows", "query": {"bool": {"filter": [wanted, *chosen.values()]}}}
        },
        aggregations={"rows": {"nested": {"path": "rows"}, "aggs": looks}},
    )
    keys = [hit["_id"].replace("-", "") for hit in told["hits"]["hits"]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.title, e.summary, t.body FROM {ENTRY} e JOIN {TEXT} t ON t.entry_id = e.id "
            f"WHERE e.thing_key IN ({', '.join(['%s'] * len(keys))})",
            keys,
        )
        for (
            row
        ) in cursor.fetchall():  # the texts are not in the index: what is found is marked here
            for text in row:
                re.sub(rf"(?i)\b{question.word}\w*", r"<mark>\g<0></mark>", text, count=1)
    return int(told["hits"]["total"]["value"])
