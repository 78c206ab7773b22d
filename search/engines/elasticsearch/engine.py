"""Searches the library in Elasticsearch; see docs/adr/0009."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from elasticsearch import Elasticsearch

from portal.visibility import hidden_pages
from search.analysis import tokens
from search.engines.base import EngineUnavailable
from search.engines.fulltext import today
from search.query import (
    FACET_NAMES,
    LANGUAGE,
    MAX_DEPTH,
    MAX_TEXT,
    NOTHING,
    EngineAnswer,
    LibraryQuery,
    Match,
    Sort,
)
from search.ranking import enough
from search.understanding import words_of

from . import client as connection
from .comparison import compare
from .compiling import (
    Clause,
    among,
    beginning,
    either,
    facets,
    filters,
    limits,
    on_rows,
    order,
    pinned,
    ranked,
    title_beginning,
    visible,
    words,
)
from .documents import microseconds
from .feed import Feed, Progress
from .indexes import Indexes
from .mapping import ROWS
from .vectors import VectorIndex


class ElasticsearchEngine:
    """Answers from an index of its own, which the worker feeds from the table.

    Raises EngineUnavailable from whatever asks Elasticsearch, when it does not answer in time
    (`timeout`, seconds) or has no index yet.
    """

    name = "elasticsearch"

    def __init__(self, url: str, prefix: str, timeout: float = 3.0) -> None:
        self.url = url
        self.prefix = prefix
        self.timeout = timeout

    @property
    def client(self) -> Elasticsearch:
        """The client of this process."""
        return connection.client(self.url)

    @property
    def indexes(self) -> Indexes:
        """The indexes of this library."""
        return Indexes(self.client, self.prefix)

    @property
    def feed(self) -> Feed:
        """What brings the indexes up to the table."""
        return Feed(self.client, self.indexes)

    @property
    def vectors(self) -> VectorIndex:
        """The index of the vectors of this library."""
        return VectorIndex(self.client, self.prefix, self.timeout)

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Return the things that have all words; if there are too few, those with some too."""
        search = _Search(self, query)
        if not query.text.strip():
            return search.answer(None)
        text = words_of(query)
        if not text:
            return NOTHING
        named, wanted = pinned(text.names), enough(text)
        all_words = words(text, demand_all=True)
        if query.widened is not None:
            found = words(text, demand_all=not query.widened)
            return search.answer(found, () if query.widened else named, query.widened)
        if wanted <= 1:  # one will do: mostly there is one
            answer = search.answer(all_words, named)
            if answer.total >= wanted:
                return answer
        elif search.has(wanted, all_words) or (named and search.has(1, either(named))):
            return search.answer(all_words, named)
        return search.answer(words(text, demand_all=False), is_widened=True)

    def suggest(self, query: LibraryQuery) -> list[uuid.UUID]:
        """Return things whose title or other names begin as typed, at most `page_size`."""
        typed = [token.word for token in tokens(query.text[:MAX_TEXT])][:10]
        return _Search(self, query).things_beginning(typed) if typed else []

    def nearest(self, vector: bytes, count: int) -> list[uuid.UUID]:
        """Return the things whose vectors are nearest to one of int8 numbers, the best first."""
        return self.vectors.nearest(vector, count)

    def rebuild(self, progress: Progress = lambda done, total: None) -> bool:
        """Build new indexes from the table and let them serve; return whether all were filled."""
        return self.feed.rebuild(progress) and self.vectors.rebuild()

    def lag(self) -> int:
        """Return how many rows of the table the index was not sent as they are."""
        return self.feed.waiting()

    def mend(self) -> int:
        """Send anew what differs from the table; return how many things did."""
        return self.feed.mend() + self.vectors.mend()

    def verify(self, thorough: bool = False) -> list[str]:
        """Return what is wrong with the index; `thorough` compares it with the table by row."""
        try:
            if not self.indexes.serves(self.timeout):
                return ["Elasticsearch has no index that fits this code; the worker builds one"]
            if not thorough:
                return []
            problems = compare(self.client, self.indexes.alias).problems()
            return problems + self.vectors.verify(thorough)
        except EngineUnavailable as error:
            return [str(error)]


class _Search:
    """One search: what its requests share."""

    def __init__(self, engine: ElasticsearchEngine, query: LibraryQuery) -> None:
        self.engine = engine
        self.query = query
        self.filters = filters(query)
        self.fixed = [visible(query.viewer, hidden_pages(query.viewer)), *limits(query)]

    @cached_property
    def chosen(self) -> list[Clause]:
        """What every row of a hit has to be, but for the words."""
        return [*self.fixed, *self.filters.values()]

    def has(self, count: int, matching: Clause) -> bool:
        """Whether so many things match under the filters."""
        rows = on_rows(_rows(matching, self.chosen))
        found = self._ask(query=rows, size=0, track_total_hits=count)
        with connection.understood():
            return bool(found["hits"]["total"]["value"] >= count)

    def answer(
        self, found: Clause | None, named: Sequence[Clause] = (), is_widened: bool = False
    ) -> EngineAnswer:
        """Return the page, the total and the counts for what is found (None: all).

        `named` rows are found too, before all others.
        """
        query = self.query
        matching = found and either([found, *named])
        start = (query.page - 1) * query.page_size
        size = query.page_size if start + query.page_size <= MAX_DEPTH else 0
        asked: dict[str, Any] = {"size": size, "from_": start if size else 0}
        fixed = self.fixed if matching is None else [*self.fixed, matching]
        scoring: Clause | None = None
        if found is not None and query.sort == Sort.RELEVANCE:
            scoring = either([ranked(found, microseconds(today())), *named])
        places: dict[str, str] = {}
        if query.with_facets:
            asked["query"] = among(query, self._base(matching, scoring))
            if self.filters:
                asked["post_filter"] = on_rows(_rows(matching, self.chosen))
            asked["aggregations"], places = facets(fixed, self.filters)
        else:
            rows = on_rows(_rows(scoring or matching, self.chosen), bool(scoring))
            asked["query"] = among(query, rows)
        told = self._ask(sort=order(query, _found(matching, self.chosen)), **asked)
        with connection.understood():
            hits = told["hits"]
            return EngineAnswer(
                total=hits["total"]["value"],
                matches=tuple(
                    Match(uuid.UUID(hit["_id"]), float(hit["_score"] or 0.0))
                    for hit in hits["hits"]
                ),
                facets=_counts(told["aggregations"], places) if query.with_facets else {},
                is_widened=is_widened,
            )

    def _base(self, matching: Clause | None, scoring: Clause | None) -> Clause:
        """What the counts look at: everything that matches, whatever the filters choose of it."""
        if scoring is None or LANGUAGE not in self.filters:
            return on_rows(_rows(scoring or matching, self.fixed), bool(scoring))
        # Only the rows in the chosen languages give a thing its score.
        return {
            "bool": {
                "filter": [on_rows(_rows(matching, self.fixed))],
                "should": [on_rows(_rows(scoring, self.chosen), scored=True)],
            }
        }

    def things_beginning(self, typed: Sequence[str]) -> list[uuid.UUID]:
        """Return the things with these words in title or names.

        Titles that begin so come first, then the shortest.
        """
        rows = {"bool": {"filter": [beginning(typed), *self.chosen]}}
        first = {"bool": {"filter": [*rows["bool"]["filter"], title_beginning(typed)]}}
        lengths = [
            {
                f"{ROWS}.title_length": {
                    "order": "asc",
                    "mode": "min",
                    "missing": "_last",
                    "nested": {"path": ROWS, "filter": those},
                }
            }
            for those in (first, rows)
        ]
        told = self._ask(
            query=on_rows(rows),
            size=self.query.page_size,
            sort=[*lengths, {"thing_key": {"order": "asc"}}],
            track_total_hits=False,
        )
        with connection.understood():
            return [uuid.UUID(hit["_id"]) for hit in told["hits"]["hits"]]

    def _ask(self, **body: Any) -> Any:
        """Ask the serving index; a part of an answer is none."""
        engine = self.engine
        asked = {"track_total_hits": True, **body}
        return connection.search(engine.client, engine.indexes.alias, engine.timeout, **asked)


def _rows(matching: Clause | None, conditions: Sequence[Clause]) -> Clause:
    must = [] if matching is None else [matching]
    return {"bool": {"must": must, "filter": list(conditions)}}


def _found(matching: Clause | None, conditions: Sequence[Clause]) -> Clause:
    """Return the same as a filter."""
    return {"bool": {"filter": [*conditions, *([matching] if matching else [])]}}


def _counts(aggregations: dict[str, Any], places: dict[str, str]) -> dict[str, dict[str, int]]:
    rows = aggregations["rows"]
    return {
        name: {
            bucket["key"]: bucket["things"]["doc_count"]
            for bucket in rows[places[name]][name]["buckets"]
        }
        for name in FACET_NAMES
    }
