"""Names that are known beside the words of texts: concepts and places, in every language.

A text is looked through for them when it is searched. The lexicon is read once a process, and anew
when `library_changed` was sent since (a counter in the database tells), or after some minutes.
"""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from portal.library import place_names
from portal.models import Concept, SynonymGrade
from search.analysis import STOP_WORDS, Token, tokens
from search.analysis.hebrew import stem
from search.analysis.tokens import HEBREW_WORD
from search.models import LibraryClock
from search.spelling import distance_within

#: Read anew after so many seconds, whether or not a change was told.
_MAX_AGE = 600
#: A longer name is not looked for (words).
_MAX_WORDS = 12
_PARENTHESES = re.compile(r"\(([^()]*)\)")
#: Consonants by which spellings of a place in Latin letters are compared.
_SAME_SOUND = [
    (re.compile(pattern), to)
    for pattern, to in (
        ("tz|ts", "z"),
        ("ph", "f"),
        ("ck|c(?!h)|q", "k"),
        ("h", ""),
        ("w", "v"),
        ("y", "i"),
        (r"(.)\1+", r"\1"),
    )
]
_VOWELS = re.compile("[aeiou]+")
#: With fewer consonants, vowels count too.
_SHORTEST_SOUND = 3


@dataclass(frozen=True, slots=True)
class ConceptWords:
    """A concept: its labels by language, and every text that stands for it."""

    key: str
    labels: dict[str, str]
    exact: tuple[str, ...]

    def label(self, language: str) -> str:
        """Return the label in a language, or in any."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.key)


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """A Partnership or place: its names, and of a place the Partnerships that it belongs to."""

    facet: str
    key: str
    names: tuple[str, ...]
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A name that stands in a text: which tokens (from, to), and what it names."""

    start: int
    end: int
    concepts: tuple[ConceptWords, ...] = ()
    offered: tuple[ConceptWords, ...] = ()
    places: tuple[PlaceWords, ...] = ()


@dataclass(slots=True)
class _Named:
    concepts: dict[str, ConceptWords] = field(default_factory=dict)
    offered: dict[str, ConceptWords] = field(default_factory=dict)
    places: dict[tuple[str, str], PlaceWords] = field(default_factory=dict)


class Lexicon:
    """The names of concepts and places by their words."""

    def __init__(self, concepts: Iterable[Concept], places: Iterable[PlaceWords]) -> None:
        self._phrases: dict[tuple[str, ...], _Named] = defaultdict(_Named)
        self._beginnings: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self._sounds: dict[str, list[tuple[str, PlaceWords]]] = defaultdict(list)
        for concept in concepts:
            self._add_concept(concept)
        for place in places:
            self._add_place(place)

    def _add_concept(self, concept: Concept) -> None:
        labels = {code: str(text) for code, text in concept.label.items() if text}
        exact = [text for label in labels.values() for text in spellings(label)]
        loose: list[str] = []
        for synonym in concept.synonyms.all():
            (exact if synonym.grade == SynonymGrade.EXACT else loose).append(synonym.text)
        words = ConceptWords(concept.key, labels, tuple(dict.fromkeys(exact)))
        for text in exact:
            if named := self._phrase(text):
                named.concepts[concept.key] = words
        for text in loose:
            if named := self._phrase(text):
                named.offered[concept.key] = words

    def _add_place(self, place: PlaceWords) -> None:
        for name in place.names:
            for text in spellings(name):
                if named := self._phrase(text):
                    named.places[place.facet, place.key] = place
                sound = sound_of(text)
                if sound:
                    self._sounds[sound].append((_letters(text), place))

    def _phrase(self, text: str) -> _Named | None:
        told = list(tokens(text))
        words = tuple(canonical(token) for token in told)
        # A little word ("the", "של") would stand for its concept in half of all questions.
        if len(words) > _MAX_WORDS or STOP_WORDS.issuperset(token.word for token in told):
            return None
        self._beginnings[words[0]].add(words)
        return self._phrases[words]

    def find(self, found: Sequence[Token]) -> list[Found]:
        """Return the names in a run of words, the longest first, none within another."""
        forms = [{token.term, canonical(token), *token.keys} for token in found]
        matches: dict[tuple[int, int], list[_Named]] = defaultdict(list)
        for start, beginning in enumerate(forms):
            for phrase in {each for form in beginning for each in self._beginnings.get(form, ())}:
                end = start + len(phrase)
                rest = zip(phrase[1:], forms[start + 1 : end], strict=False)
                if end <= len(forms) and all(word in form for word, form in rest):
                    matches[start, end].append(self._phrases[phrase])
        spans = sorted(matches, key=lambda span: (span[0] - span[1], span))
        return list(_outermost(spans, matches))

    def is_name(self, token: Token) -> bool:
        """Whether a word as it stands names a concept or place, and no reading of it does too."""
        own = canonical(token)
        return self._names(own) and not any(self._names(key) for key in token.keys if key != own)

    def _names(self, word: str) -> bool:
        named = self._phrases.get((word,))
        return named is not None and bool(named.concepts or named.places)

    def sounding_like(self, text: str) -> list[PlaceWords]:
        """Return the places whose names in Latin letters sound and nearly look like `text`."""
        letters = _letters(text)
        near = [
            (place.facet, place.key, place)
            for name, place in self._sounds.get(sound_of(text), ())
            if distance_within(letters, name, max(1, len(letters) // 4)) is not None
        ]
        return list({(facet, key): place for facet, key, place in near}.values())

    def places_of(self, facet: str, keys: Iterable[str]) -> list[PlaceWords]:
        """Return the places of these keys."""
        wanted = set(keys)
        known = {
            (place.facet, place.key): place
            for named in self._phrases.values()
            for place in named.places.values()
            if place.facet == facet and place.key in wanted
        }
        return list(known.values())

    def places_in(self, facet: str) -> list[PlaceWords]:
        """Return all places of a facet."""
        known = {
            place.key: place
            for named in self._phrases.values()
            for place in named.places.values()
            if place.facet == facet
        }
        return list(known.values())

    @cached_property
    def names(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """All names by facet ("concept" for each of the four) and key."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for named in self._phrases.values():
            for key, concept in named.concepts.items():
                found["concept", key] = concept.exact
            for place in named.places.values():
                found[place.facet, place.key] = place.names
        return found

    def words(self) -> Iterator[str]:
        """Yield every name's text, for suggestions of spelling."""
        for named in self._phrases.values():
            for concept in named.concepts.values():
                yield from concept.exact
            for place in named.places.values():
                yield from place.names


def _outermost(
    spans: Sequence[tuple[int, int]], matches: dict[tuple[int, int], list[_Named]]
) -> Iterator[Found]:
    """Yield what each span names, leaving out what lies within a longer name of the same sort."""
    taken: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for start, end in spans:
        kept: dict[str, tuple] = {}
        for sort in ("concepts", "offered", "places"):
            named = {k: v for each in matches[start, end] for k, v in getattr(each, sort).items()}
            if not named or any(a <= start and end <= b for a, b in taken[sort]):
                continue
            taken[sort].append((start, end))
            kept[sort] = tuple(named.values())
        if kept:
            yield Found(start, end, **kept)


def spellings(name: str) -> list[str]:
    """Return a name whole, and where it has parentheses, what is before and within them."""
    inside = _PARENTHESES.findall(name)
    if not inside:
        return [name]
    return [name, _PARENTHESES.sub(" ", name), *inside]


def canonical(token: Token) -> str:
    """Return the form under which a word of a name is compared, whatever its spelling."""
    return stem(token.term) if HEBREW_WORD.fullmatch(token.term) else token.term


def _letters(text: str) -> str:
    return "".join(token.word for token in tokens(text))


def sound_of(text: str) -> str:
    """Return the consonants of a name in Latin letters, as they sound; of others, nothing.

    A short name keeps its vowels; one that is shorter still has too many likenesses.
    """
    sound = _letters(text)
    if not sound.isascii():
        return ""
    for pattern, to in _SAME_SOUND:
        sound = pattern.sub(to, sound)
    consonants = _VOWELS.sub("", sound)
    if len(consonants) >= _SHORTEST_SOUND:
        return consonants
    return sound if len(sound) >= _SHORTEST_SOUND else ""


# The one of this process ------------------------------------------------------------------------

_lock = threading.Lock()
_held: tuple[int | None, float, Lexicon] | None = None


def lexicon() -> Lexicon:
    """Return the lexicon as it is now; one small query where it is known already."""
    global _held
    stamp = LibraryClock.objects.filter(pk=1).values_list("names", flat=True).first()
    held = _held
    if held and held[0] == stamp and time.monotonic() - held[1] < _MAX_AGE:
        return held[2]
    with _lock:
        read = Lexicon(
            Concept.objects.prefetch_related("synonyms"),
            (
                PlaceWords(place.facet, place.key, tuple(place.names), tuple(place.within))
                for source in place_names
                for place in source()
            ),
        )
        _held = (stamp, time.monotonic(), read)
    return read


def forget_lexicon() -> None:
    """Let the lexicon be read anew: for tests, whose database goes back in time."""
    global _held
    _held = None
