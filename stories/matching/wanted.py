"""From a problem as it is told to what is looked for: concepts, whom it concerns, words, limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.models import Concept, ConceptKind
from search.analysis import STOP_WORDS, Token, tokens
from search.lexicon import lexicon

from .limits import Limits

#: Longer texts are cut before they are read (characters).
MAX_TEXT = 6_000
#: So many different words are compared: the first ones tell most.
MAX_WORDS = 120
#: A concept that was chosen counts whole; one that only a word of the text names counts less, and
#: least where the word has other meanings too.
NAMED, HINTED = 0.6, 0.3
#: A shared broader concept counts for so much of its narrower one.
BROADER = 0.4


@dataclass(frozen=True, slots=True)
class KnownConcept:
    """A concept of the vocabulary, by name in the reader's language."""

    key: str
    kind: str
    label: str
    broader: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the problem: as it was written, and the forms under which it is compared."""

    text: str
    term: str
    keys: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a problem asks of a practice.

    `concepts` and `audiences` map keys to how surely they are meant (0 to 1).
    """

    concepts: Mapping[str, float] = field(default_factory=dict)
    audiences: Mapping[str, float] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def text(self) -> str:
        """The words as they were written, for the library's own look-up."""
        return " ".join(word.text.casefold() for word in self.words)


def known_concepts(language: str) -> dict[str, KnownConcept]:
    """Return the vocabulary by key (one query)."""
    return {
        concept.key: KnownConcept(
            concept.key,
            concept.kind,
            concept.label.in_language(language) or concept.key,
            concept.broader.key if concept.broader else "",
        )
        for concept in Concept.objects.select_related("broader")
    }


def read_problem(
    texts: Iterable[tuple[str, float]],
    chosen: Iterable[str],
    limits: Limits,
    known: Mapping[str, KnownConcept],
) -> Wanted:
    """Return what is looked for; `texts` come with their weights, `chosen` are concepts' keys.

    Reads the lexicon (one small query).
    """
    meant: dict[str, float] = {key: 1.0 for key in chosen if key in known}
    words: dict[str, Word] = {}
    names = lexicon()
    for text, weight in texts:
        run = list(tokens(text[:MAX_TEXT]))
        for token in run:
            if token.word not in STOP_WORDS and len(words) < MAX_WORDS:
                words.setdefault(token.term, _word(text, token, weight))
        for named in names.find(run):
            for concepts, sureness in ((named.concepts, NAMED), (named.offered, HINTED)):
                for concept in concepts:
                    if concept.key in known:
                        meant[concept.key] = max(sureness, meant.get(concept.key, 0))
    return Wanted(
        concepts=_of_kind(meant, known, is_audience=False),
        audiences=_of_kind(meant, known, is_audience=True),
        words=tuple(words.values()),
        limits=limits,
    )


def _word(text: str, token: Token, weight: float) -> Word:
    return Word(text[token.start : token.end], token.term, token.keys, weight)


def _of_kind(
    meant: Mapping[str, float], known: Mapping[str, KnownConcept], is_audience: bool
) -> dict[str, float]:
    return {
        key: sureness
        for key, sureness in meant.items()
        if (known[key].kind == ConceptKind.AUDIENCE) is is_audience
    }


def broader_of(key: str, known: Mapping[str, KnownConcept]) -> Sequence[str]:
    """Return the concepts above one, the nearest first."""
    above: list[str] = []
    concept = known.get(key)
    while concept and concept.broader and concept.broader not in above:
        above.append(concept.broader)
        concept = known.get(concept.broader)
    return above
