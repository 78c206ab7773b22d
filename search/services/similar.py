"""What is like a thing: about the same, in like words, and near in meaning where vectors are on.

Nothing here depends on the order of rows or on an engine's scores, so the answer is the same each
time; ties go by the key.
"""

from __future__ import annotations

import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from django.db.models import Count

from portal.library import Facet
from portal.visibility import PUBLIC, Viewer, hidden_prefixes
from search import vectors
from search.analysis import STOP_WORDS, tokens
from search.lexicon import Lexicon, lexicon
from search.models import LibraryEntry, LibraryFacet
from search.query import CONCEPT_FACETS, LibraryQuery
from search.querysets import LibraryEntryQuerySet
from search.services.library import find_things

#: Rows of the rarest concepts that are read; what only shares commoner ones than these is no match.
MOST_ROWS = 4000
#: So many things are compared in whole: those that share most, are nearest, or have the words.
MOST_COMPARED, BY_WORDS = 60, 20
#: What whom it is for tells beside what it is about; all words of the title beside all concepts.
AUDIENCE, WORDS = 0.5, 0.5
#: Who has less of a thing's concepts and words is not like it.
LEAST = 0.3
#: What meaning weighs beside all concepts. Practices that have little in common lie half of the way
#: from the middle of all (0) to the same text (1): only what is beyond counts (docs/adr, 0015).
MEANING, NOTHING_ALIKE = 0.5, 0.5
#: How near something must be for its meaning to be told as a reason.
NEAR_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Similar:
    """A thing that is like another one, and why: keys of concepts and words that both have.

    `concepts` are what both are about, `audiences` whom both are for, the rarest first. The words
    stand in `words_language`. `is_near`: it is similar in meaning.
    """

    thing_key: uuid.UUID
    score: float
    concepts: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    words_language: str = ""
    is_near: bool = False


def similar_things(
    thing_key: uuid.UUID,
    *,
    types: Sequence[str],
    viewer: Viewer = PUBLIC,
    limit: int = 3,
    without: Collection[uuid.UUID] = (),
) -> list[Similar]:
    """Return at most `limit` things of these types that are like a thing, the most alike first.

    All are what `viewer` may see; the thing itself, in whatever language, and those of `without`
    are left out. By the concepts that both have, the rarer the weightier, by the words of the
    titles, and by vectors where they are on and the thing has one (docs/adr, 0015). A fixed number
    of queries, however much there is.
    """
    reading = _Reading(viewer, hidden_prefixes(viewer), tuple(types), {thing_key, *without})
    rows = reading.visible().filter(thing_key=thing_key).order_by("pk")
    known = lexicon()
    told = rows.values_list("pk", "language", "title")
    titles = [_Title.read(entry, language, title, known) for entry, language, title in told]
    if not titles:
        return []
    entries = [title.entry for title in titles]
    concepts = _Concepts.read(entries)
    near = _nearness(entries)
    keys = list(dict.fromkeys([*reading.sharing(concepts), *_nearest(near)]))
    if len(keys) < limit:
        keys = list(dict.fromkeys([*keys, *_with_words(titles, reading)]))
    return _compared(keys, concepts, titles, near, reading)[:limit]


def _nearness(entries: Collection[int]) -> Mapping[uuid.UUID, float]:
    """Return how near things are to that of these rows; empty where vectors can't tell."""
    if not vectors.are_on():
        return {}
    # What carries the model is optional: only where it is used.
    near: Mapping[uuid.UUID, float] = import_module("search.vectors.nearness").things_near(entries)
    return near


def _nearest(near: Mapping[uuid.UUID, float]) -> list[uuid.UUID]:
    keys = [key for key, nearness in near.items() if nearness >= NEAR_ENOUGH]
    return sorted(keys, key=lambda key: (-near[key], key))[:MOST_COMPARED]


def _compared(
    keys: Collection[uuid.UUID],
    concepts: _Concepts,
    titles: Sequence[_Title],
    near: Mapping[uuid.UUID, float],
    reading: _Reading,
) -> list[Similar]:
    others = reading.compared(keys)
    having = {
        term: sum(term in other.terms for other in others.values())
        for title in titles
        for term in title.words
    }
    telling = {term: math.log(1 + len(others) / max(1, n)) for term, n in having.items()}
    found = []
    for key, other in others.items():
        shared = concepts.shared(other.concepts)
        alike, title = max(
            ((title.likeness(other.terms, telling), title) for title in titles),
            key=lambda one: (one[0], -one[1].entry),
        )
        nearness = near.get(key, 0.0)
        beyond = max(0.0, (nearness - NOTHING_ALIKE) / (1 - NOTHING_ALIKE))
        score = round(concepts.part(shared) + WORDS * alike + MEANING * beyond, 6)
        if score >= LEAST:
            words = tuple(word for term, word in title.words.items() if term in other.terms)
            language = title.language if words else ""
            told = concepts.told(shared)
            found.append(Similar(key, score, *told, words, language, nearness >= NEAR_ENOUGH))
    return sorted(found, key=_rank)


def _rank(one: Similar) -> tuple[float, uuid.UUID]:
    return -one.score, one.thing_key


def _with_words(titles: Iterable[_Title], reading: _Reading) -> list[uuid.UUID]:
    """Return the things that have words of the titles."""
    words = " ".join(word.casefold() for title in titles for word in title.words.values())
    if not words:
        return []
    return find_things(
        LibraryQuery(
            text=words,
            types=reading.types,
            viewer=reading.viewer,
            page_size=BY_WORDS,
            with_facets=False,
        )
    )


def nearness_to(text: str, viewer: Viewer = PUBLIC) -> Mapping[uuid.UUID, float]:
    """Return how near things that `viewer` may see are to a text in meaning, by key.

    1 is the nearest of all, 0 the middle; only the nearest are told. Empty where vectors are off.
    """
    if not vectors.are_on() or not text.strip():
        return {}
    near: Mapping[uuid.UUID, float]
    near = import_module("search.vectors.nearness").things_near_text(text, viewer)
    return near


@dataclass(frozen=True, slots=True)
class _Title:
    """The words of a title that tell something, by the term under which they are compared."""

    entry: int
    language: str
    words: Mapping[str, str]

    @classmethod
    def read(cls, entry: int, language: str, title: str, known: Lexicon) -> _Title:
        """Names of places are left out: what is told there is not alike for that."""
        run = list(tokens(title))
        found = known.find(run)
        places = {place for one in found if one.places for place in range(one.start, one.end)}
        return cls(
            entry,
            language,
            {
                token.term: title[token.start : token.end]
                for place, token in enumerate(run)
                if place not in places and len(token.word) > 1 and token.word not in STOP_WORDS
            },
        )

    def likeness(self, terms: Collection[str], telling: Mapping[str, float]) -> float:
        """Return how much of what the words tell is in `terms` (0 to 1)."""
        whole = sum(telling[term] for term in self.words)
        return sum(telling[term] for term in self.words if term in terms) / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class _Concepts:
    """The concepts of a thing: what each tells (the fewer rows have it, the more), and how many."""

    weights: Mapping[str, float]
    having: Mapping[str, int]
    audiences: frozenset[str]

    @classmethod
    def read(cls, entries: Collection[int]) -> _Concepts:
        """Read those of a thing's rows (three queries)."""
        facets = LibraryFacet.objects.filter(name__in=CONCEPT_FACETS)
        own = dict(facets.filter(entry__in=list(entries)).values_list("value", "name"))
        counted = facets.filter(value__in=list(own)).values("value").annotate(rows=Count("pk"))
        having = {row["value"]: row["rows"] for row in counted.order_by()}
        rows = LibraryEntry.objects.count()
        audiences = frozenset(key for key, name in own.items() if name == Facet.AUDIENCE)
        weights = {
            key: math.log(1 + rows / having[key]) * (AUDIENCE if key in audiences else 1.0)
            for key in sorted(having, key=lambda key: (having[key], key))
        }
        return cls(weights, having, audiences)

    def rarest(self) -> list[str]:
        """Return the concepts that decide: as many as have `MOST_ROWS` rows, the rarest surely."""
        rows = 0
        found: list[str] = []
        for key in self.weights:
            rows += self.having[key]
            if found and rows > MOST_ROWS:
                break
            found.append(key)
        return found

    def shared(self, others: Collection[str]) -> tuple[str, ...]:
        """Return those that another thing has too, the rarest first."""
        return tuple(key for key in self.weights if key in others)

    def told(self, others: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what both are about, and whom both are for."""
        shared = self.shared(others)
        return (
            tuple(key for key in shared if key not in self.audiences),
            tuple(key for key in shared if key in self.audiences),
        )

    def part(self, shared: Iterable[str]) -> float:
        """Return how much of what all tell these do (0 to 1)."""
        whole = sum(self.weights.values())
        return sum(self.weights[key] for key in shared) / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class _Other:
    """What is compared of another thing, in all its languages together."""

    concepts: frozenset[str]
    terms: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What may be an answer: rows of these types that the viewer may see, of other things."""

    viewer: Viewer
    hidden: list[str]
    types: tuple[str, ...]
    left_out: set[uuid.UUID]

    def visible(self) -> LibraryEntryQuerySet:
        """Return all rows that the viewer may see."""
        rows: LibraryEntryQuerySet = LibraryEntry.objects.visible(self.viewer, self.hidden)
        return rows

    def others(self) -> LibraryEntryQuerySet:
        """Return the rows that may be an answer."""
        return self.visible().filter(type__in=self.types).exclude(thing_key__in=self.left_out)

    def sharing(self, concepts: _Concepts) -> list[uuid.UUID]:
        """Return the things that share the weightiest concepts, those with most first."""
        rarest = concepts.rarest()
        if not rarest:
            return []
        rows = (
            self.others()
            .filter(facets__name__in=CONCEPT_FACETS, facets__value__in=rarest)
            .order_by("-pk", "facets__value")
            .values_list("thing_key", "facets__value")
        )
        shared: dict[uuid.UUID, set[str]] = defaultdict(set)
        for thing, concept in rows[:MOST_ROWS]:
            shared[thing].add(concept)
        parts = {thing: concepts.part(concepts.shared(own)) for thing, own in shared.items()}
        return sorted(parts, key=lambda thing: (-parts[thing], thing))[:MOST_COMPARED]

    def compared(self, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, _Other]:
        """Return those of the things that may be an answer (two queries)."""
        rows = self.others().filter(thing_key__in=list(keys)).order_by("pk")
        things: dict[int, uuid.UUID] = {}
        terms: dict[uuid.UUID, set[str]] = defaultdict(set)
        for pk, thing, title in rows.values_list("pk", "thing_key", "text__title_terms"):
            things[pk] = thing
            terms[thing].update((title or "").split())
        concepts: dict[uuid.UUID, set[str]] = defaultdict(set)
        facets = LibraryFacet.objects.filter(entry__in=list(things), name__in=CONCEPT_FACETS)
        for pk, value in facets.values_list("entry_id", "value"):
            concepts[things[pk]].add(value)
        return {key: _Other(frozenset(concepts[key]), frozenset(terms[key])) for key in terms}
