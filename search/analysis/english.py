"""English: the stem under which a word is compared."""

from __future__ import annotations

import re
import threading

import snowballstemmer

_stemmers = threading.local()  # a stemmer keeps state while it works

#: Plurals that the stemmer leaves apart, and words that the two sides of the sea spell otherwise.
_SAME = {
    "children": "child",
    "programme": "program",
    "programmes": "program",
    "centre": "center",
    "centres": "center",
    "theatre": "theater",
    "theatres": "theater",
    "neighbour": "neighbor",
    "neighbours": "neighbor",
}
_BRITISH = re.compile("(?<=[a-z]{4})is(e|ed|er|ers|es|ing|ation|ations)$")

#: Little words: indexed as all others, but not demanded of a hit.
_LITTLE = """
    a about all also am an and any are as at be been but by can could did do does done for from get
    had has have he her here him his how i if in into is it its just like me more most my no not of
    on one or our out over own she should so some such than that the their them then there these
    they this those to too us very was we were what when where which who whom whose why will with
    would you your
"""
LITTLE_WORDS = frozenset(_LITTLE.split())


def english_term(word: str) -> str:
    """Return the stem of an English word in small letters."""
    try:
        stemmer = _stemmers.english
    except AttributeError:
        stemmer = _stemmers.english = snowballstemmer.stemmer("english")
    return str(stemmer.stemWord(_SAME.get(word) or _BRITISH.sub(r"iz\1", word)))
