"""Small functions over text and numbers, as readers of two scripts write them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from django.utils import formats, numberformat
from django.utils.translation import get_language_info

_HEBREW = re.compile(r"[\u0590-\u05FF]")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02BC\u02BB`\u00B4\u05F3\u05F4\"\u201C\u201D]")
#: Spreadsheets take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
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


def isolate(text: str) -> str:
    """Return a text that keeps its own direction within plain text of the other one."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def harmless_cell(value: object) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def whole_number(text: str, digits: int = 11) -> int | None:
    """Return the number that stands in `text` in at most so many ASCII digits, else None.

    For what an address or a form tells; every key of a row fits into eleven digits, and every
    database takes as many.
    """
    if not 0 < len(text) <= digits or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def plain_number(value: Decimal | int | None) -> str:
    """Return a number as the reader's language writes it: grouped, no idle zeros ("400,000")."""
    if value is None:
        return ""
    number = Decimal(value).normalize()
    places = max(0, -int(number.as_tuple().exponent))
    return numberformat.format(
        number,
        formats.get_format("DECIMAL_SEPARATOR"),
        decimal_pos=places,
        grouping=3,  # Django's Hebrew formats leave it out
        thousand_sep=formats.get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )
