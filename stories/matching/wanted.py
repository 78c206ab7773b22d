"""From a problem as it is told to what is looked for: concepts, whom it concerns, words, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.models import Concept, ConceptKind
from search.analysis import STOP_WORDS, Token, tokens
from search.glossary import glossary
from search.lexicon import Found, lexicon

from .limits import Limits
from .weak_words import is_weak

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
    """A word of the problem: as it was written, and the forms under which it is compared.

    `others` are what it is called in the other language, in one word or several.
    """

    text: str
    term: str
    keys: tuple[str, ...]
    weight: float
    others: tuple[tuple[Word, ...], ...] = ()

    @property
    def plain(self) -> str:
        """The word in lower case, without points and final forms; a phrase as it was written."""
        run = list(tokens(self.text))
        return run[0].word if len(run) == 1 else self.text


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
        found = list(names.find(run))
        for word in _words(text, run, weight, found):
            if len(words) < MAX_WORDS:
                words.setdefault(word.term, word)
        for named in found:
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


def _words(
    text: str, run: Sequence[Token], weight: float, found: Iterable[Found]
) -> Iterator[Word]:
    """Yield the words that are looked up, with what each is called in the other language.

    A phrase of the glossary is a word beside its words: each of them may mean something else.
    Names of places are not translated.
    """
    places = {place for each in found if each.places for place in range(each.start, each.end)}
    phrases = []
    single = {}
    for gloss in glossary().find(run, places):
        others = tuple(filter(None, (_plain_words(each) for each in gloss.texts)))
        if gloss.end - gloss.start == 1:
            single[gloss.start] = others
        else:
            span = run[gloss.start : gloss.end]
            written = text[span[0].start : span[-1].end]
            term = " ".join(token.term for token in span)
            phrases.append(Word(written, term, (), weight, others))
    for place, token in enumerate(run):
        if token.word not in STOP_WORDS:
            written = text[token.start : token.end]
            yield Word(written, token.term, token.keys, weight, single.get(place, ()))
    yield from phrases


def _plain_words(text: str) -> tuple[Word, ...]:
    """Return the words of a translation that tell something."""
    return tuple(
        Word(token.word, token.term, token.keys, 1.0)
        for token in tokens(text)
        if not is_weak(token.word)
    )


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
