"""Everyday words of the field in both languages: how a question is asked in the other one.

Much is told in one language only, and concepts name but the subjects of it. So the words between
them are looked up in the other language too, at a lower weight. `data/glossary.txt` holds them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from search.analysis import Token, tokens
from search.lexicon import canonical

FILE = Path(__file__).parent / "data" / "glossary.txt"
#: So many other words of one are looked up.
_MAX_TEXTS = 6

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gloss:
    """Words of a text (from, to), and what they are called in the other language."""

    start: int
    end: int
    texts: tuple[str, ...]


class Glossary:
    """Words and phrases by their terms, whatever their form."""

    def __init__(self, pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> None:
        self._texts: dict[Phrase, dict[str, None]] = defaultdict(dict)
        self._texts_of_stems: dict[Phrase, dict[str, None]] = defaultdict(dict)
        self._beginnings: dict[str, set[Phrase]] = defaultdict(set)
        for sides in pairs:
            for own, other in (sides, sides[::-1]):
                for text in own:
                    words = list(tokens(text))
                    for texts, phrase in (
                        (self._texts, tuple(word.term for word in words)),
                        (self._texts_of_stems, tuple(canonical(word) for word in words)),
                    ):
                        texts[phrase].update(dict.fromkeys(other))
                        self._beginnings[phrase[0]].add(phrase)

    def find(self, run: Sequence[Token], taken: AbstractSet[int] = frozenset()) -> Iterator[Gloss]:
        """Yield the glosses of a run of words, of the longest phrases that are known.

        Places in `taken` are left out: names are not translated word by word. A word as it stands
        is before its stem, and this before its readings with prefixes.
        """
        forms = [[token.term, canonical(token), *token.keys] for token in run]
        start = 0
        while start < len(run):
            phrases = [] if start in taken else list(self._phrases(forms, start, taken))
            if not phrases:
                start += 1
                continue
            best = min(distance for distance, _phrase in phrases)
            found = [self._texts_of(phrase, d) for d, phrase in phrases if d == best]
            texts = [text for each in found for text in each]
            end = start - best[0]
            yield Gloss(start, end, tuple(dict.fromkeys(texts))[:_MAX_TEXTS])
            start = end

    def _texts_of(self, phrase: Phrase, distance: tuple[int, int]) -> dict[str, None]:
        as_it_stands = {} if distance[1] else self._texts.get(phrase, {})
        return as_it_stands or self._texts_of_stems.get(phrase, {})

    def _phrases(
        self, forms: Sequence[Sequence[str]], start: int, taken: AbstractSet[int]
    ) -> Iterator[tuple[tuple[int, int], Phrase]]:
        """Yield phrases that begin at `start`: the better, the less; longer ones are less."""
        for phrase in {each for form in forms[start] for each in self._beginnings.get(form, ())}:
            end = start + len(phrase)
            if end > len(forms) or not taken.isdisjoint(range(start, end)):
                continue
            pairs = list(zip(phrase, forms[start:end], strict=True))
            if all(word in of for word, of in pairs):
                distance = -len(phrase), sum(of.index(word) for word, of in pairs)
                if self._texts_of(phrase, distance):
                    yield distance, phrase


def read_pairs(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the two sides of each line; raises ValueError for a line that has not two."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            one, other = line.split("=")
            yield [word.strip() for word in one.split(",")], [w.strip() for w in other.split(",")]


@lru_cache(maxsize=1)
def glossary() -> Glossary:
    """Return the glossary; it is read once a process."""
    return Glossary(read_pairs(FILE.read_text("utf-8")))
