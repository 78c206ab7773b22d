"""Another spelling of what was typed, where little or nothing was found.

A suggestion is only shown, never searched instead. Its words come from titles and names, and from
the vocabulary; each must find something that the reader may see.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from portal.visibility import Viewer, hidden_prefixes
from search.analysis import STOP_WORDS, Token, plain_runs, tokens
from search.analysis.hebrew import with_final_form
from search.engines import DatabaseEngine, LibraryEngine
from search.lexicon import Lexicon, lexicon
from search.models import LibraryEntry
from search.query import MAX_TEXT, EngineAnswer, LibraryQuery, Match
from search.spelling import distance_within

#: Words of a text that are looked at; the shortest that is.
_MAX_WORDS = 8
_SHORTEST = 4
#: The words of titles are read anew after so many seconds.
_MAX_AGE = 300


class Vocabulary:
    """Words that things are called by, with the number of things, for look-ups by likeness."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self._counts: dict[str, int] = {}
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word, count in words:
            if len(word) >= _SHORTEST and word.isalpha():
                if word not in self._counts:
                    self._by_length[len(word)].append(word)
                self._counts[word] = self._counts.get(word, 0) + count

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def nearest(self, word: str) -> str | None:
        """Return the word that looks most like `word`: one letter off, two in long words."""
        limit = 1 if len(word) < 6 else 2
        best: tuple[int, int, str] | None = None
        for length in range(len(word) - limit, len(word) + limit + 1):
            for other in self._by_length.get(length, ()):
                if other[0] != word[0] and other[1:3] != word[1:3]:
                    continue
                distance = distance_within(word, other, limit)
                if distance:
                    best = min(best or (99, 0, ""), (distance, -self._counts[other], other))
        return best[2] if best else None


_held: tuple[float, Vocabulary] | None = None


def vocabulary(known: Lexicon) -> Vocabulary:
    """Return the words of titles, names and concepts; read anew every few minutes."""
    global _held
    held = _held
    if held is None or time.monotonic() - held[0] > _MAX_AGE:
        named = ((token.word, 1) for text in known.words() for token in tokens(text))
        held = _held = (time.monotonic(), Vocabulary([*DatabaseEngine().vocabulary(), *named]))
    return held[1]


def forget_vocabulary() -> None:
    """Let the words be read anew: for tests, whose database goes back in time."""
    global _held
    _held = None


def other_spelling(query: LibraryQuery, answer: EngineAnswer, engine: LibraryEngine) -> str | None:
    """Return the text in a spelling that finds more, if nothing has all of it; else None."""
    if answer.total and not answer.is_widened:
        return None
    if query.words is None or not query.words or query.words.names:
        return None
    known = lexicon()
    words = vocabulary(known)
    text = query.text[:MAX_TEXT]
    changed: list[tuple[Token, str]] = []
    for token in list(_doubtful(text, known))[:_MAX_WORDS]:
        if not (other := words.nearest(token.word)):
            continue
        anywhere = LibraryQuery(viewer=query.viewer)
        if _found(anywhere, token.word, engine) or not (found := _found(query, other, engine)):
            continue
        changed.append((token, _written(other, found, query.viewer)))
    for token, other in reversed(changed):
        text = text[: token.start] + other + text[token.end :]
    return text.strip() if changed else None


def _doubtful(text: str, known: Lexicon) -> Iterator[Token]:
    """Yield the words that may be misspelled: no little ones, none of a known name."""
    for run in plain_runs(text):
        named = {place for found in known.find(run) for place in range(found.start, found.end)}
        for place, token in enumerate(run):
            if place not in named and token.word not in STOP_WORDS and token.word.isalpha():
                yield token


def _found(query: LibraryQuery, word: str, engine: LibraryEngine) -> Sequence[Match]:
    """Return the best that a word finds of what the reader of `query` may see, in its filters."""
    alone = replace(query, text=word, words=None, exact=True, page=1, with_facets=False)
    return engine.search(alone.with_page_size(1)).matches


def _written(word: str, found: Sequence[Match], viewer: Viewer) -> str:
    """Return a word of the vocabulary as it is written: one that ends in פ as a title has it.

    Loan words keep a plain פ at their end (קליפ), others do not (כף). Only titles of what was
    `found` are looked at; a word that none of them has is taken for no loan word.
    """
    if word.endswith("פ"):
        rows = LibraryEntry.objects.filter(thing_key__in=[match.thing_key for match in found])
        seen = rows.visible(viewer, hidden_prefixes(viewer)).values_list("title", flat=True)
        if any(
            token.word == word and title[token.end - 1] == "פ"
            for title in seen
            for token in tokens(title)
        ):
            return word
    return with_final_form(word)
