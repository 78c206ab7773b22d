"""Finds a thing by any of its names: spellings, both languages, parts joined by a dash."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from portal.text import normalize_name

Key = TypeVar("Key", bound=Hashable)

#: Words that people put around a name and that tell nothing apart.
_FILLERS = frozenset({"and", "the", "of", "p2g", "partnership", "partnership2gether", "שותפות"})
_MAX_WORDS = 40


class NameIndex(Generic[Key]):
    """Names of things in tiers: a hit in an earlier tier hides the later ones.

    The same name may stand for several things; then all of them are found.
    """

    def __init__(self, tiers: int = 1) -> None:
        self.tiers: list[dict[str, set[Key]]] = [{} for _tier in range(tiers)]
        self.spelling: dict[str, str] = {}
        self.find = functools.lru_cache(maxsize=4096)(self._find)
        self.find_whole = functools.lru_cache(maxsize=4096)(self._find_whole)

    def add(self, key: Key, names: Iterable[str], tier: int = 0) -> None:
        """Let `key` be found by `names`; call before the first `find`."""
        for name in names:
            normal = normalize_name(name)
            if normal:
                self.tiers[tier].setdefault(normal, set()).add(key)
                self.spelling.setdefault(normal, name)

    def _find_whole(self, name: str) -> frozenset[Key]:
        """Return the things that have `name` among their names: none, one, or several."""
        normal = normalize_name(name)
        for tier in self.tiers:
            if found := tier.get(normal):
                return frozenset(found)
        return frozenset()

    def _find(self, name: str) -> frozenset[Key]:
        """Return the things that `name` may mean, by a name or by several of theirs together."""
        return self._find_whole(name) or self._find_by_parts(
            normalize_name(name).split()[:_MAX_WORDS]
        )

    def _find_by_parts(self, words: list[str]) -> frozenset[Key]:
        """Return the things all of whose named parts `words` are made of ("Safed - Palm Beach").

        `reach[n]` holds the things that explain the first n words by names of their own.
        """
        if not words:
            return frozenset()
        reach: list[set[Key]] = [set() for _word in range(len(words) + 1)]
        is_start = [True]  # nothing but fillers before: everything is still possible
        for end, word in enumerate(words, start=1):
            is_filler = word in _FILLERS
            is_start.append(is_start[-1] and is_filler)
            if is_filler:
                reach[end] |= reach[end - 1]
            for begin in range(end):
                phrase = " ".join(words[begin:end])
                meant: set[Key] = set().union(*(tier.get(phrase, ()) for tier in self.tiers))
                reach[end] |= meant if is_start[begin] else meant & reach[begin]
        return frozenset(reach[-1])

    def nearest(self, name: str, count: int = 3) -> list[str]:
        """Return the names most like `name`, as they are spelled."""
        known = list(dict.fromkeys(normal for tier in self.tiers for normal in tier))
        near = difflib.get_close_matches(normalize_name(name), known, count, 0.7)
        return [self.spelling[normal] for normal in near]
