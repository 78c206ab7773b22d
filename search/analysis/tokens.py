"""The words of a text: where they stand, and the forms under which they are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from .english import english_term
from .hebrew import fold_final_forms, hebrew_keys

#: Terms are cut here (characters); nothing that a person looks for is longer.
MAX_TERM = 60

_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
#: Inside a word: apostrophes and Hebrew gershayim (Be'er, ג׳, צה"ל) and soft hyphens.
_INSIDE = "'\u2018\u2019\u02bc\u02bb`\u00b4\u05f3\u05f4\"\u201c\u201d\u201e\u00ad\u200d\u200c"
_WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:[{_INSIDE}]+(?:[^\W_]|[{_MARKS}])+)*", re.UNICODE
)
#: The same in a text of ASCII: other classes of characters take twice the time.
_ASCII_WORD = re.compile("[0-9A-Za-z]+(?:['`\"]+[0-9A-Za-z]+)*")
_DOUBLE_QUOTES = re.compile('["\u201c\u201d\u201e]+')
_HEBREW = re.compile("[\u05d0-\u05ea]")
#: A word in Hebrew letters only.
HEBREW_WORD = re.compile("[\u05d0-\u05ea]+")
_LATIN = re.compile("[a-z]+")
_POSSESSIVE = re.compile("['\u2019\u02bc]s$", re.IGNORECASE)
#: The other gender after a slash or a dot: מתנדבים/ות, מתנדבות.ים, מנהל/ת.
_GENDER = re.compile("(?:ות|ים|ית|ה|ת|י)")
_GENDER_MARKS = "/.\u2024"
_GENDERED_ENDING = re.compile("(?:ימ|ות|ה|י)$")
HYPHENS = "-\u2010\u2011\u05be"


class Token(NamedTuple):
    """A word of a text: where it stands, its plain form, and the term that is compared.

    `keys` are further forms under which it is found, at a lower weight.
    """

    start: int
    end: int
    word: str
    term: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Forms beside the term: of a Hebrew word without prefix, spelling and ending."""
        if self.term.isascii() or not _HEBREW.match(self.term):
            return ()
        return tuple(key for key in hebrew_keys(self.term) if key != self.term)


def plain_tokens(text: str, wanted: Collection[str]) -> Iterator[Token]:
    """Yield the words of an ASCII text whose term is wanted: some times quicker than `tokens`.

    Hyphens and double quotes must not stand in it, nor can slashes join what is no Hebrew.
    """
    for match in _ASCII_WORD.finditer(text):
        word, term = _analyse(match.group())
        if term in wanted:
            yield Token(*match.span(), word, term)


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a text, in order; מתנדבים/ות gives both of its words."""
    before: Token | None = None
    for match in _WORD.finditer(text):
        raw = match.group()
        start, end = match.span()
        # A slash or dot and nothing else: looked for first, since this runs for every word.
        if (
            before
            and before.end == start - 1
            and text[start - 1] in _GENDER_MARKS
            and (other := _other_gender(before, raw))
        ):
            yield Token(before.start, end, other, other)
            before = None
            continue
        before = None
        if not raw.isalnum() and _DOUBLE_QUOTES.search(raw) and not _HEBREW.search(raw):
            yield from _parts(raw, start)
            continue
        word, term = _analyse(raw)
        if term:
            before = Token(start, end, word, term)
            yield before


def _other_gender(before: Token, raw: str) -> str:
    """Return the word that a slash or dot and an ending make of the word before; else nothing."""
    if not _GENDER.fullmatch(raw) or not _HEBREW.match(before.word):
        return ""
    ending = fold_final_forms(raw)
    whole = before.word
    if ending in ("ות", "ימ"):
        whole = _GENDERED_ENDING.sub("", whole) or whole
    return whole + ending if len(whole) > 1 else ""


def _parts(raw: str, offset: int) -> Iterator[Token]:
    """Yield the words between double quotes; only Hebrew has them inside a word."""
    start = 0
    for piece in [*_DOUBLE_QUOTES.finditer(raw), None]:
        end = piece.start() if piece else len(raw)
        word, term = _analyse(raw[start:end])
        if term:
            yield Token(offset + start, offset + end, word, term)
        start = piece.end() if piece else end


@lru_cache(maxsize=100_000)
def _analyse(raw: str) -> tuple[str, str]:
    bare = _POSSESSIVE.sub("", raw) if raw.isascii() or not _HEBREW.search(raw) else raw
    decomposed = unicodedata.normalize("NFKD", bare).casefold()
    word = "".join(char for char in decomposed if char.isalnum())[:MAX_TERM]
    if _HEBREW.search(word):
        word = fold_final_forms(word)
        return word, word
    if _LATIN.fullmatch(word):
        return word, english_term(word)
    return word, word


def index_terms(text: str) -> str:
    """Return the terms of a text, a blank between them, as engines index them."""
    return _terms(tokens(text))


def index_keys(text: str) -> str:
    """Return the keys of a text's words, each once, and its hyphened words written as one."""
    return _keys(text, tokens(text))


def index_forms(text: str) -> tuple[str, str]:
    """Return the terms and the keys of a text, for one look at its words."""
    found = list(tokens(text))
    return _terms(found), _keys(text, found)


def _terms(found: Iterable[Token]) -> str:
    return " ".join(token.term for token in found)


def _keys(text: str, words: Iterable[Token]) -> str:
    found: dict[str, None] = {}
    before: Token | None = None
    for token in words:
        for key in token.keys:
            found[key] = None
        if before and token.start == before.end + 1 and joined(text, before, token):
            found[compound(before, token)] = None
        before = token
    return " ".join(found)


def joined(text: str, first: Token, second: Token) -> bool:
    """Whether a hyphen and nothing else stands between two words."""
    return second.start == first.end + 1 and text[first.end] in HYPHENS


def compound(first: Token, second: Token) -> str:
    """Return the term of two words written as one (after-school, afterschool)."""
    word = (first.word + second.word)[:MAX_TERM]
    return english_term(word) if _LATIN.fullmatch(word) else word


def index_words(text: str) -> str:
    """Return the plain words of a text, each once, for look-ups of what is being typed."""
    return " ".join(dict.fromkeys(token.word for token in tokens(text)))
