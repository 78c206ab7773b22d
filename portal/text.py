"""Small pure functions over text in two scripts."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import get_language_info

_HEBREW = re.compile(r"[\u0590-\u05FF]")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02BC\u02BB`\u00B4\u05F3\u05F4\"\u201C\u201D]")
_SEPARATORS = re.compile(r"[^\w]+", re.UNICODE)


def language_of_script(text: str) -> str:
    """Return "he" for a text with Hebrew letters, else "en"."""
    return "he" if _HEBREW.search(text) else "en"


def language_name(code: str) -> str:
    """Return a language's name in the reader's language ("Hebrew", "אנגלית"), or its code."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def normalize_name(text: str) -> str:
    """Return the form under which names are compared.

    Case, accents, Hebrew points, apostrophes (Be'er, Ba’al, ג׳) and the kind of separator do not
    matter: "Be'er Sheva", "Beer-Sheva" and "BEER SHEVA" are one.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SEPARATORS.sub(" ", _APOSTROPHES.sub("", bare)).strip().casefold()
