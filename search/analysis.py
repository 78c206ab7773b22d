"""From text to terms: what is put into the index, and what is looked up in it.

Everything that engines compare goes through `tokens`, at index time and at query time, and the
marks in a hit are set by it too; so all engines find the same, and no engine's query language ever
sees what a reader typed. A term is made of letters and digits only.

English words are stemmed. Hebrew words lose points and final forms here; prefixes, spelling
and endings come with the Hebrew normaliser (`hebrew_term` is its place).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

#: Terms are cut here (characters); nothing that a person looks for is longer.
MAX_TERM = 60
#: So many different terms of a query are looked at.
MAX_QUERY_TERMS = 40

_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670"
#: Inside a word: apostrophes and Hebrew gershayim (Be'er, ג׳, צה"ל) and soft hyphens.
_INSIDE = "'\u2018\u2019\u02bc\u02bb`\u00b4\u05f3\u05f4\"\u201c\u201d\u201e\u00ad\u200d\u200c"
_WORD = re.compile(
    rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:[{_INSIDE}]+(?:[^\W_]|[{_MARKS}])+)*", re.UNICODE
)
_DOUBLE_QUOTES = re.compile('["\u201c\u201d\u201e]+')
_HEBREW = re.compile("[\u05d0-\u05ea]")
_LATIN = re.compile("[a-z]+")
_POSSESSIVE = re.compile("['\u2019\u02bc]s$", re.IGNORECASE)
_FINAL_FORMS = str.maketrans("םןץףך", "מנצפכ")

_stemmers = threading.local()  # a stemmer keeps state while it works

_ENGLISH = """
    a about all also am an and any are as at be been but by can could did do does done for from get
    had has have he her here him his how i if in into is it its just like me more most my no not of
    on one or our out over own she should so some such than that the their them then there these
    they this those to too us very was we were what when where which who whom whose why will with
    would you your
"""
_HEBREW_WORDS = """
    של את על עם זה זו זאת אלה אלו מה מי איך איפה היכן מתי למה מדוע האם כן לא אני אנחנו אתה אתם הוא
    היא הם הן יש אין כל גם או אם כי אבל רק עוד כמו בין אל עד אצל לי לו לה לנו לכם להם שלי שלו שלה
    שלנו שלכם שלהם אותו אותה אותם אותנו כך כאן שם היה היתה הייתה היו יהיה להיות
"""

#: Little words: indexed as all others, but not demanded of a hit.
STOP_WORDS = frozenset(_ENGLISH.split()) | frozenset(_HEBREW_WORDS.translate(_FINAL_FORMS).split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands, its plain form, and the term that is compared."""

    start: int
    end: int
    word: str
    term: str


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What is looked up for a reader's text: different terms, in the order they were typed."""

    terms: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.terms)


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a text, in order."""
    for match in _WORD.finditer(text):
        raw = match.group()
        if _DOUBLE_QUOTES.search(raw) and not _HEBREW.search(raw):
            yield from _parts(raw, match.start())
            continue
        word, term = _analyse(raw)
        if term:
            yield Token(match.start(), match.end(), word, term)


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
        return word.translate(_FINAL_FORMS), hebrew_term(word)
    if _LATIN.fullmatch(word):
        return word, english_term(word)
    return word, word


def english_term(word: str) -> str:
    """Return the stem of an English word in small letters."""
    try:
        stemmer = _stemmers.english
    except AttributeError:
        stemmer = _stemmers.english = snowballstemmer.stemmer("english")
    return str(stemmer.stemWord(word))


def hebrew_term(word: str) -> str:
    """Return the form under which a Hebrew word (without points) is compared."""
    return word.translate(_FINAL_FORMS)


def index_terms(text: str) -> str:
    """Return the terms of a text, a blank between them, as engines index them."""
    return " ".join(token.term for token in tokens(text))


def index_words(text: str) -> str:
    """Return the plain words of a text, each once, for look-ups of what is being typed."""
    return " ".join(dict.fromkeys(token.word for token in tokens(text)))


def read_query(text: str) -> TextQuery:
    """Return what to look up for what a reader typed; never raises, whatever it holds.

    Little words (how, the, של) are left out unless there is nothing else.
    """
    found = list(tokens(text))
    telling = [token for token in found if token.word not in STOP_WORDS]
    terms = dict.fromkeys(token.term for token in telling or found)
    return TextQuery(tuple(terms)[:MAX_QUERY_TERMS])
