"""Finding things by name, tolerant of spelling, in both scripts, without a search engine.

The network has some hundred names; they are compared in memory, under `normalize_name`. Free text
belongs to the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from portal.text import normalize_name

#: How like a word must be to count as another spelling of it (0 to 1).
CLOSE = 0.78
#: Shorter words are never guessed: too many others are like them.
SHORTEST_GUESS = 4


@dataclass(frozen=True, slots=True)
class NameMatches:
    """Which things (primary keys) have the name; not `is_exact` when only like names were found."""

    keys: frozenset[int]
    is_exact: bool = True


class NameBook:
    """The names of things, looked up by what a visitor typed.

    `names` maps a primary key to all its names: both languages, variants, former names.
    """

    def __init__(self, names: Mapping[int, Iterable[str]]) -> None:
        self._names = {
            key: sorted({normalize_name(name) for name in all_names} - {""})
            for key, all_names in names.items()
        }
        self._words = {
            key: {word for name in own for word in name.split()} for key, own in self._names.items()
        }

    def find(self, text: str) -> NameMatches:
        """Return what `text` names: each of its words begins a word of the thing's names.

        Words may be parted otherwise ("Beit Shean", "Beitshean"). Without such a thing, words that
        are nearly alike count.
        """
        asked = normalize_name(text).split()
        if not asked:
            return NameMatches(frozenset(self._names))
        compact = "".join(asked)
        found = {
            key
            for key, words in self._words.items()
            if all(any(word.startswith(part) for word in words) for part in asked)
            or any(compact in name.replace(" ", "") for name in self._names[key])
        }
        if found:
            return NameMatches(frozenset(found))
        vocabulary = sorted({word for words in self._words.values() for word in words})
        alike = [self._alike(part, vocabulary) for part in asked]
        near = {
            key for key, words in self._words.items() if all(options & words for options in alike)
        }
        return NameMatches(frozenset(near), is_exact=False)

    def nearest(self, text: str, limit: int = 5) -> list[int]:
        """Return the things whose names are most like `text`, the best first; never none."""
        asked = normalize_name(text)
        scored = []
        for key, names in self._names.items():
            parts = [*names, *self._words[key]]
            best = max((SequenceMatcher(None, asked, part).ratio() for part in parts), default=0.0)
            scored.append((-best, key))
        return [key for _score, key in sorted(scored)[:limit]]

    @staticmethod
    def _alike(part: str, vocabulary: list[str]) -> set[str]:
        begun = {word for word in vocabulary if word.startswith(part)}
        if len(part) < SHORTEST_GUESS:
            return begun
        return begun | set(get_close_matches(part, vocabulary, n=4, cutoff=CLOSE))


def initial_of(name: str) -> str:
    """Return the letter under which a name stands in A to Z ("" for a name without letters)."""
    bare = normalize_name(name)
    letter = next((char for char in bare if char.isalpha()), "")
    return letter.upper()


def letters_of(names: Iterable[str]) -> list[tuple[str, int]]:
    """Return the initials of names in order, each with how many names have it."""
    counts: dict[str, int] = {}
    for name in names:
        if letter := initial_of(name):
            counts[letter] = counts.get(letter, 0) + 1
    return sorted(counts.items())
