"""Marks the found words in a text, and cuts the piece around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from search.analysis import TextQuery, Token, tokens
from search.analysis.tokens import HYPHENS, compound, joined, plain_tokens
from search.matching import Wanted

#: Length of a snippet, and how much of a text is looked through for it (characters).
SNIPPET = 220
LOOK_THROUGH = 20_000
#: How far apart words may stand that are shown together; a piece begins before the first of them.
_LEAD = SNIPPET // 4
_WINDOW = SNIPPET - _LEAD - 40
#: Marks that make one word of several, or several of one.
_JOINING = (*HYPHENS, '"')


def highlight(text: str, query: TextQuery) -> SafeString:
    """Return `text` as safe HTML, the words that `query` finds in `<mark>`."""
    return _marked(text, _found(text, query))


def snippet(summary: str, body: str, query: TextQuery) -> SafeString:
    """Return the piece of a thing's text that shows best why it was found, as safe HTML.

    The summary if it has found words, else the piece of the body with the most different ones;
    the summary, or the beginning of the body, if there are none.
    """
    if found := _found(summary, query):
        return _marked(summary, found)
    text = body[:LOOK_THROUGH]
    found = _found(text, query)
    if not found and summary:
        return _marked(summary, [])
    start = _word_start(text, max(0, _densest(found) - _LEAD)) if found else 0
    end = _word_end(text, start + SNIPPET)
    piece = _one_line(_marked(text[start:end], found, start))
    return mark_safe(("… " if start else "") + piece + (" …" if end < len(text) else ""))


def _one_line(piece: str) -> str:
    """Return the lines of a text as one, a dot between those that end in no mark of their own."""
    line = ""
    for each in filter(None, (" ".join(one.split()) for one in piece.splitlines())):
        joint = " " if not line or line.endswith((".", "!", "?", ":", ",", "…")) else " · "
        line = f"{line}{joint}{each}" if line else each
    return line


def _found(text: str, query: TextQuery) -> list[Token]:
    """Return the words of `text` that make it match: in any of their forms, phrases as a whole."""
    if not query or not text:
        return []
    is_ascii = text.isascii()
    wanted = Wanted.in_ascii(query) if is_ascii else Wanted.of(query)
    if not wanted.forms:
        return []
    is_plain = is_ascii and not wanted.phrases and not wanted.together
    if is_plain and not any(mark in text for mark in _JOINING):
        return list(plain_tokens(text, wanted.words))
    words = list(tokens(text))
    places: dict[str, list[int]] = {form: [] for form in wanted.forms}  # where each stands
    for place, word in enumerate(words):
        if word.term in places:
            places[word.term].append(place)
        if not word.term.isascii():  # others have no keys
            for key in word.keys:
                if key in places:
                    places[key].append(place)
    places = {form: found for form, found in places.items() if found}
    marked = {place for form in wanted.words & places.keys() for place in places[form]}
    if wanted.words and any(hyphen in text for hyphen in HYPHENS):
        for place, (first, second) in enumerate(pairwise(words)):
            if joined(text, first, second) and compound(first, second) in wanted.words:
                marked |= {place, place + 1}
    for phrase in wanted.phrases:
        for place in places.get(phrase[0], ()):
            end = place + len(phrase)
            if phrase == tuple(word.term for word in words[place:end]):
                marked.update(range(place, end))
    for together in wanted.together:
        if together <= places.keys():
            marked.update(place for form in together for place in places[form])
    return [words[place] for place in sorted(marked)]


def _marked(text: str, found: Sequence[Token], offset: int = 0) -> SafeString:
    """Return `text`, which begins at `offset` of where `found` stand, as safe HTML."""
    pieces: list[str] = []
    at = 0
    for token in found:
        begin, end = token.start - offset, token.end - offset
        if begin >= at and end <= len(text):
            pieces += [escape(text[at:begin]), "<mark>", escape(text[begin:end]), "</mark>"]
            at = end
    return mark_safe("".join([*pieces, escape(text[at:])]))  # every piece is escaped


def _densest(found: Sequence[Token]) -> int:
    """Return where the piece begins that has the most different found words."""
    inside: Counter[str] = Counter()
    best, best_start, first = 0, found[0].start, 0
    for token in found:
        inside[token.term] += 1
        while token.end - found[first].start > _WINDOW:
            inside[found[first].term] -= 1
            inside += Counter()  # drops what is no longer there
            first += 1
        if len(inside) > best:
            best, best_start = len(inside), found[first].start
    return best_start


def _word_start(text: str, position: int) -> int:
    """Return the beginning of the first whole word from `position` on."""
    if position == 0:
        return 0
    blank = text.find(" ", position - 1, position + 40)
    return blank + 1 if blank >= 0 else position


def _word_end(text: str, position: int) -> int:
    """Return the end of the last whole word before `position`."""
    if position >= len(text):
        return len(text)
    blank = text.rfind(" ", max(0, position - 40), position)
    return blank if blank >= 0 else position
