"""What helps on where little or nothing was found: nearest concepts, near things, next levels."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.library import Facet, facet_orders
from portal.models import Concept, SynonymGrade
from portal.visibility import PUBLIC, Viewer
from search.analysis import tokens
from search.engines import DatabaseEngine
from search.lexicon import Lexicon, lexicon
from search.query import CONCEPT, LANGUAGE, TYPE, LibraryHit, LibraryQuery
from search.services.library import find

#: How alike a word and a concept's name must be to be offered (0 to 1).
ALIKE = 0.72
#: So many words of a text are compared with the names, beside the text as a whole; the shortest.
MAX_WORDS = 12
_SHORTEST = 3
NEAR_CONCEPTS = 5
NEAR_THINGS = 3
#: So many wider questions are asked at most, each of them a full search.
MAX_WIDER = 6
#: A filter by evidence that leaves fewer goes on with the next lower level (USERS C1).
FEW = 3


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept by the name that fits what the reader typed."""

    key: str
    label: str
    kind: str


_held: tuple[Lexicon, dict[str, list[tuple[NamedConcept, list[str]]]]] | None = None


def concept_names(language: str) -> list[tuple[NamedConcept, list[str]]]:
    """Return all concepts with the words of their names, folded as texts are.

    They are read once a process, and anew whenever the lexicon is: one query else.
    """
    global _held
    known = lexicon()
    held = _held
    if held is None or held[0] is not known:
        held = _held = (known, {})
    if language not in held[1]:
        held[1][language] = _concept_names(language)
    return held[1][language]


def _concept_names(language: str) -> list[tuple[NamedConcept, list[str]]]:
    found = []
    for concept in Concept.objects.prefetch_related("synonyms").order_by("key"):
        named = NamedConcept(
            concept.key, concept.label.in_language(language) or concept.key, concept.kind
        )
        exact = [s.text for s in concept.synonyms.all() if s.grade == SynonymGrade.EXACT]
        names = [*concept.label.values(), *exact]
        found.append((named, [folded(name) for name in names if name]))
    return found


def folded(text: str) -> str:
    """Return a name as one line of folded words."""
    return " ".join(token.word for token in tokens(text))


def with_things(concepts: Sequence[NamedConcept], viewer: Viewer) -> list[NamedConcept]:
    """Return those concepts that something is about which `viewer` may see."""
    if not concepts:
        return []
    known = DatabaseEngine().concepts_with_things([concept.key for concept in concepts], viewer)
    return [concept for concept in concepts if concept.key in known]


def nearest_concepts(text: str, language: str, viewer: Viewer = PUBLIC) -> list[NamedConcept]:
    """Return the concepts whose names are most like the text or one of its first words."""
    words = folded(text[:200])
    wanted = [words, *words.split()]
    wanted = [word for word in dict.fromkeys(wanted) if len(word) >= _SHORTEST][: MAX_WORDS + 1]
    ranked = []
    known: dict[str, float] = {}
    for concept, names in concept_names(language):
        parts = {part for name in names for part in (name, *name.split())}
        for part in parts - known.keys():
            known[part] = _likeness(wanted, part)
        likeness = max((known[part] for part in parts), default=0.0)
        if likeness >= ALIKE:
            ranked.append((-likeness, concept.label, concept))
    ordered = [concept for *_rank, concept in sorted(ranked, key=lambda one: one[:2])]
    return with_things(ordered, viewer)[:NEAR_CONCEPTS]


def _likeness(words: Sequence[str], part: str) -> float:
    """Return how like a part of a name the most like word is; 0 if that is less than `ALIKE`.

    Most pairs are told apart by their lengths and letters alone, a hundred times quicker.
    """
    best = 0.0
    if len(part) < _SHORTEST:
        return best
    matcher = difflib.SequenceMatcher(None, b=part)
    for word in words:
        matcher.set_seq1(word)
        bound = max(best, ALIKE)
        if matcher.real_quick_ratio() >= bound and matcher.quick_ratio() >= bound:
            best = max(best, matcher.ratio())
    return best if best >= ALIKE else 0.0


def begun_concepts(
    text: str, language: str, limit: int, viewer: Viewer = PUBLIC
) -> list[NamedConcept]:
    """Return the concepts of which a name has a word that begins as the text does."""
    begun = folded(text[:200])
    if not begun:
        return []
    ranked = []
    for concept, names in concept_names(language):
        fitting = [name for name in names if name.startswith(begun) or f" {begun}" in name]
        if fitting:
            is_first = any(name.startswith(begun) for name in fitting)
            ranked.append((not is_first, len(concept.label), concept.label, concept))
    ordered = [one[-1] for one in sorted(ranked, key=lambda one: one[:3])]
    found = with_things(ordered[: 2 * limit], viewer)
    if len(found) < limit:
        found += with_things(ordered[2 * limit :], viewer)
    return found[:limit]


@dataclass(frozen=True, slots=True)
class NearThings:
    """What is shown where nothing was found: things that come close, else the newest of all."""

    hits: tuple[LibraryHit, ...] = ()
    is_newest: bool = False


def near_things(
    query: LibraryQuery, spelling: str | None = None, concepts: Sequence[str] = ()
) -> NearThings:
    """Return what comes close to a question that found nothing.

    What another spelling finds; the words without the filters; what the nearest `concepts` are
    about; the filters without the words; the filters without one of them. Where none of the first
    `MAX_WIDER` of these finds any, the newest things of the library, which are no answer and are
    told to be none.
    """
    for wider in itertools.islice(_wider(query, spelling, concepts), MAX_WIDER):
        asked = replace(wider, page=1, page_size=NEAR_THINGS, with_facets=False)
        if hits := find(asked).hits:
            return NearThings(hits)
    bare = LibraryQuery(lang=query.lang, viewer=query.viewer)
    newest = find(replace(bare, page_size=NEAR_THINGS, with_facets=False)).hits
    return NearThings(newest, is_newest=True)


def _wider(
    query: LibraryQuery, spelling: str | None, concepts: Sequence[str]
) -> Iterator[LibraryQuery]:
    """Yield questions that ask less than `query`, the nearest to it first."""
    bare = LibraryQuery(lang=query.lang, viewer=query.viewer)
    is_narrowed = query.is_filtered
    if query.text.strip():
        if spelling:
            yield replace(query, text=spelling, words=None)
        if is_narrowed:
            yield replace(bare, text=query.text)
        if concepts:
            yield replace(bare, concepts=list(concepts))
        if is_narrowed:
            yield replace(query, text="", words=None)
    elif query.has_limits:
        yield replace(query, at_most={}, at_least={}, untold=())
    if is_narrowed and len(query.filters) > 1:
        for name in query.filters:
            yield _without(query, name)


def _without(query: LibraryQuery, name: str) -> LibraryQuery:
    """Return the filters and limits of a question without one of its filters, and its words."""
    facets = {facet: values for facet, values in query.facets.items() if facet != name}
    fields: dict[str, str] = {
        TYPE: "types",
        CONCEPT: "concepts",
        Facet.PARTNERSHIP: "partnerships",
        Facet.COMMUNITY: "communities",
        LANGUAGE: "languages",
    }
    changes: dict[str, Any] = {fields[name]: ()} if name in fields else {}
    return replace(query, text="", words=None, facets=facets, **changes)


def next_level(query: LibraryQuery, chosen: Sequence[str]) -> str | None:
    """Return the level of evidence that follows the weakest chosen one; None after the last."""
    order = list(facet_orders.get(Facet.EVIDENCE, ()))
    places = [order.index(value) for value in chosen if value in order]
    following = order[max(places) + 1 :] if places else []
    return following[0] if following else None
