"""Hebrew: the key forms by which a word is found in its other forms.

A Hebrew word is compared as it stands (without points and final forms), and at a lower weight by
its keys: without prefixes (ו ה ב ל מ ש כ), in one spelling (תוכנית, תכנית), without endings (ה, ת,
ות, ים, י). Peeling is risky: what would leave another word is named in `hebrew_words`. A word has
the keys of all its readings, since without a dictionary nobody knows whether a first letter is a
prefix; the reading that is meant is always among them, so that nothing is lost. The network's own
places are known (`search/data/places.txt`): they are left whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .hebrew_words import FINAL_FORMS, FULL_O, IRREGULAR, PLACES, ROOTED, WHOLE

_TO_FINAL_FORMS = str.maketrans("מנצפכ", "םןץףך")
_LETTERS = re.compile("[\u05d0-\u05ea]+")
_DOUBLED = re.compile("(?<=.)(?:(י)י+|(ו)ו+)|^(ו)ו+")

#: Longest first. Where the longest that fits would leave too little, no shorter one is taken.
_ENDINGS = ("יות", "ות", "ימ", "ית", "יה", "ה", "ת", "י")
#: What must be left without an ending; without a prefix. With three letters left only these
#: prefixes are taken: with others too many words of the language would be torn.
_SHORTEST = 3
_LONG = 4
_BEFORE_SHORT = "והבל"
#: Which prefix letters may follow which ("" is the beginning of the word).
_NEXT = {
    "": "ושכהבלמ",
    "ו": "שכהבלמ",
    "ש": "כהבלמ",
    "כ": "שה",
    "מ": "שה",
    "ל": "כ",
    "ב": "",
    "ה": "",
}


def fold_final_forms(word: str) -> str:
    """Return a word with the plain forms of the five letters that have final ones."""
    return word.translate(FINAL_FORMS)


def with_final_form(word: str) -> str:
    """Return a word as it is written: its last letter, if it has a final form, in that form."""
    if len(word) < 2 or not _LETTERS.fullmatch(word):
        return word
    return word[:-1] + word[-1].translate(_TO_FINAL_FORMS)


@lru_cache(maxsize=100_000)
def first_yod_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a word in the other spelling of a first י: יישוב and ישוב, ייעוץ and יעוץ.

    They are looked up and not indexed: a text has one of the two.
    """
    other = []
    for key in hebrew_keys(word):
        if key.startswith("יי") and len(key) > _LONG:
            other.append(key[1:])
        elif key.startswith("י") and len(key) >= _LONG:
            other.append(f"י{key}")
    return tuple(other)


@lru_cache(maxsize=100_000)
def hebrew_keys(word: str) -> tuple[str, ...]:
    """Return the keys of a Hebrew word (without points and final forms), the likeliest last.

    Words of two letters, and with other characters among them, are their only key.
    """
    if len(word) < _SHORTEST or not _LETTERS.fullmatch(word):
        return (word,)
    return tuple(dict.fromkeys(stem(reading) for reading in _readings(word)))


def _readings(word: str) -> Iterator[str]:
    """Yield the word, and what is left of it without one to four prefix letters."""
    rest, last = word, ""
    yield rest
    for _peeled in range(4):
        if is_whole(rest) or rest[0] not in _NEXT[last]:
            return
        last, rest = rest[0], rest[1:]
        if len(rest) < _SHORTEST:
            return
        if len(rest) >= _LONG or last in _BEFORE_SHORT:
            yield rest


@lru_cache(maxsize=50_000)
def is_whole(word: str) -> bool:
    """Whether no prefix is taken from this word."""
    return stem(word) in _whole_stems() or plain_spelling(word) in _rooted()


@lru_cache(maxsize=1)
def _rooted() -> frozenset[str]:
    return ROOTED | {plain_spelling(word) for word in PLACES}


@lru_cache(maxsize=1)
def _whole_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in WHOLE)


def plain_spelling(word: str) -> str:
    """Return the word with doubled ו and י written once."""
    return _DOUBLED.sub(lambda match: match[1] or match[2] or match[3], word)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the one form of a word's spellings, singular, plural and construct."""
    if word in IRREGULAR:
        word = IRREGULAR[word]
    word = plain_spelling(word)
    if word in _rooted():
        return word
    for _layer in range(2):  # קהילתיות: an ending on an ending
        shorter = _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return _defective(word)


def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if not word.endswith(ending):
            continue
        rest = word.removesuffix(ending)
        if len(rest) >= _SHORTEST:
            return rest
        # שפות and שפה: too short to lose the ending, so one of the two is taken for both.
        return rest + "ה" if ending == "ות" and len(rest) == 2 else word
    return word


def _defective(word: str) -> str:
    """Return a stem without the letter that full spelling adds after the first one."""
    if len(word) > _SHORTEST and word[1] == "ו" and word not in FULL_O:
        return word[0] + word[2:]
    if len(word) >= 6 and word[1] == "י":
        return word[0] + word[2:]
    return word
