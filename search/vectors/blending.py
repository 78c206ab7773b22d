"""Words first, meaning beside them: re-ranks what an engine found, and adds a little to it.

The engine's answer stays what it is: whatever has the words is found, and only among its first
`WINDOW` things does the meaning move any. Things that have none of the words, but are nearest in
meaning, are added: at most `MOST_ADDED`, counted in the total and in every facet as the engine
counts its own, and each says that this is why it is there.

Left alone: names (they are pinned), quoted phrases, words that are shut out, exact questions, other
orders than the best match. Who asks so wants what was typed.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.visibility import hidden_prefixes
from search.engines import LibraryEngine, get_engine
from search.models import LibraryEntry, LibraryFacet
from search.query import (
    CONCEPT,
    CONCEPT_FACETS,
    FACET_NAMES,
    KEY_FACETS,
    LANGUAGE,
    TYPE,
    EngineAnswer,
    LibraryQuery,
    Match,
    Sort,
    own_filters,
)
from search.ranking import TYPE_FACTORS
from search.vectors import ADDED
from search.vectors.encoder import encode_query
from search.vectors.sources import around

#: Of what words found so many are re-ranked; MAX_PAGE_SIZE is the most that an engine gives.
WINDOW = 100
MOST_ADDED = 50
#: Rows, or things, that are looked at; and how many if the viewer may see few of those.
_ROWS, _MORE_ROWS = 200, 1000
#: How near a thing must be to be added, as a part of the way from the middle of all to the nearest.
NEAR_ENOUGH = 0.6
#: What the nearest in meaning weighs beside the best by words; see docs/adr/0015, and the bench.
MEANING = 0.3
_FACTORS = {str(kind): factor for kind, factor in TYPE_FACTORS.items()}


@dataclass(frozen=True, slots=True)
class Near:
    """A thing and how near it is: 1 is the nearest of all, 0 the middle; `factor` is its kind's."""

    thing_key: uuid.UUID
    nearness: float
    factor: float = 1.0


def search(engine: LibraryEngine, query: LibraryQuery) -> EngineAnswer:
    """Return the engine's answer with the meaning of `query.text` (`query.words` are set)."""
    # Of more it is not asked whether the engine has found them by their words.
    near = nearest(query, engine)[:WINDOW] if _takes_part(query) else []
    if not near:
        return engine.search(query)
    first = engine.search(replace(query, page=1, page_size=WINDOW))
    by_words = _have_words(engine, query, near, first)
    added = [one for one in near if one.nearness >= NEAR_ENOUGH and one.thing_key not in by_words]
    rows = _Rows.read(query, [one.thing_key for one in added[:MOST_ADDED]])
    shown = [one for one in added if one.thing_key in rows.fitting(query.filters)]
    fused = _fused(first.matches, near, shown)
    return EngineAnswer(
        total=first.total + len(shown),
        matches=tuple(_page(engine, query, first, fused, len(shown))),
        facets=_counted(first.facets, query, rows) if query.with_facets else {},
        is_widened=first.is_widened,
        details={**first.details, ADDED: frozenset(one.thing_key for one in shown)},
    )


def nearest(query: LibraryQuery, engine: LibraryEngine | None = None) -> list[Near]:
    """Return the things nearest to the text that the viewer may see, whatever the filters."""
    vector = encode_query(query.text.strip())
    engine = engine or get_engine()
    found = around(engine, vector, query.viewer, _ROWS)
    if found and len(found.things) < MOST_ADDED and not found.is_all:
        found = around(engine, vector, query.viewer, _MORE_ROWS)
    if not found or not found.things:
        return []
    span = max(max(like for like, _kind in found.things.values()) - found.middle, 1e-6)
    return [
        Near(thing, max(0.0, (like - found.middle) / span), _FACTORS.get(kind, 1.0))
        for thing, (like, kind) in found.things.items()
    ]


def _takes_part(query: LibraryQuery) -> bool:
    words = query.words
    return bool(
        words
        and query.sort == Sort.RELEVANCE
        and not query.exact
        and not words.names
        and not words.excluded
        and not words.required
    )


def _have_words(
    engine: LibraryEngine, query: LibraryQuery, near: Sequence[Near], first: EngineAnswer
) -> set[uuid.UUID]:
    """Return those of the near things that the engine finds by words, whatever the filters."""
    asked = replace(
        query,
        types=(),
        concepts=(),
        partnerships=(),
        communities=(),
        languages=(),
        facets={},
        only=tuple(one.thing_key for one in near[:WINDOW]),
        widened=first.is_widened,
        page=1,
        page_size=WINDOW,
        with_facets=False,
    )
    return {match.thing_key for match in engine.search(asked).matches}


def _fused(matches: Sequence[Match], near: Sequence[Near], added: Sequence[Near]) -> list[Match]:
    """Return the first things by words and those that meaning adds, in one order.

    A sum: the score by words as a part of the best one's, and the nearness, weighed.
    """
    nearness = {one.thing_key: one.nearness * one.factor for one in near}
    top = max((match.score for match in matches), default=0.0) or 1.0
    scores = {match.thing_key: max(match.score, 0.0) / top for match in matches}
    order = {key: place for place, key in enumerate(scores)}
    scores.update({one.thing_key: 0.0 for one in added})
    summed = {key: score + MEANING * nearness.get(key, 0.0) for key, score in scores.items()}
    ranked = sorted(summed, key=lambda key: (-summed[key], order.get(key, len(order)), str(key)))
    return [Match(key, summed[key]) for key in ranked]


def _page(
    engine: LibraryEngine,
    query: LibraryQuery,
    first: EngineAnswer,
    fused: Sequence[Match],
    added: int,
) -> list[Match]:
    """Return the asked page: of the fused things, then of what follows by words alone."""
    start = (query.page - 1) * query.page_size
    stop = start + query.page_size
    found = list(fused[start:stop])
    if stop <= len(fused) or first.total <= WINDOW:
        return found
    # What follows stands `added` places further down than the engine counts.
    start, stop = max(start, len(fused)) - added, stop - added
    first_page, last_page = start // query.page_size, (stop - 1) // query.page_size
    following: list[Match] = []
    for page in range(first_page, last_page + 1):
        following += engine.search(replace(query, page=page + 1, with_facets=False)).matches
    begin = start - first_page * query.page_size
    return found + following[begin : begin + stop - start]


# Facets of what is added ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """The visible rows of the added things, with their facets by name (two queries)."""

    things: Mapping[int, uuid.UUID]
    values: Mapping[int, Mapping[str, frozenset[str]]]

    @classmethod
    def read(cls, query: LibraryQuery, things: Sequence[uuid.UUID]) -> _Rows:
        rows = LibraryEntry.objects.visible(query.viewer, hidden_prefixes(query.viewer))
        rows = rows.within(query.at_most, query.at_least, query.untold).filter(thing_key__in=things)
        found = {pk: (thing, kind, lang) for pk, thing, kind, lang in _plain(rows)}
        values: dict[int, dict[str, set[str]]] = {
            pk: defaultdict(set, {TYPE: {kind}, LANGUAGE: {lang}})
            for pk, (_thing, kind, lang) in found.items()
        }
        facets = LibraryFacet.objects.filter(entry__in=list(found), name__in=KEY_FACETS)
        for pk, name, value in facets.values_list("entry_id", "name", "value"):
            values[pk][name].add(value)
            if name in CONCEPT_FACETS:
                values[pk][CONCEPT].add(value)
        return cls(
            {pk: thing for pk, (thing, _kind, _lang) in found.items()},
            {pk: {n: frozenset(v) for n, v in own.items()} for pk, own in values.items()},
        )

    def fitting(
        self, filters: Mapping[str, Sequence[str]], but: Iterable[str] = ()
    ) -> dict[uuid.UUID, list[int]]:
        """Return the things with a row that passes all filters but those named, and the rows."""
        left_out = set(but)
        found: dict[uuid.UUID, list[int]] = defaultdict(list)
        for pk, thing in self.things.items():
            own = self.values[pk]
            if all(
                not own.get(name, frozenset()).isdisjoint(chosen)
                for name, chosen in filters.items()
                if name not in left_out
            ):
                found[thing].append(pk)
        return found


def _plain(rows: Iterable) -> Iterable[tuple[int, uuid.UUID, str, str]]:
    return rows.values_list("pk", "thing_key", "type", "language")  # type: ignore[attr-defined]


def _counted(
    counts: Mapping[str, Mapping[str, int]], query: LibraryQuery, rows: _Rows
) -> dict[str, dict[str, int]]:
    """Return the engine's counts and those of the added things, each without its own filter."""
    both = {name: dict(values) for name, values in counts.items()}
    for name in FACET_NAMES:
        told: dict[str, set[uuid.UUID]] = defaultdict(set)
        for thing, pks in rows.fitting(query.filters, own_filters(name)).items():
            for pk in pks:
                for value in rows.values[pk].get(name, ()):
                    told[value].add(thing)
        for value, things in told.items():
            both.setdefault(name, {})
            both[name][value] = both[name].get(value, 0) + len(things)
    return both
