"""Reads plain text in whatever letters it was written."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from search.documents.reading import BROKEN, Limits, Progress, Unreadable

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MARKS_OF_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: What files of other kinds begin with, whatever their names say.
_OTHERS = (b"%PDF-", b"PK\x03\x04", b"{\\rtf", b"\xd0\xcf\x11\xe0")
#: Letters of Hebrew in windows-1255 and in DOS, and of English.
_HEBREW_BYTES = re.compile(rb"[\xe0-\xfa]")
_DOS_HEBREW_BYTES = re.compile(rb"[\x80-\x9a]")
_LATIN_BYTES = re.compile(rb"[A-Za-z]")


def read_text(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text: UTF-8, UTF-16, else the code page of Windows or DOS that fits."""
    with path.open("rb") as file:
        raw = file.read(limits.characters * 4)
        progress.is_cut = bool(file.read(1))
    if raw.startswith(_OTHERS):
        raise Unreadable(BROKEN, "It is another kind of file than its name says.")
    text = _decoded(raw)
    if len(_CONTROL.findall(text[:10_000])) > len(text[:10_000]) // 100:
        raise Unreadable(BROKEN, "It is no text.")
    yield text


def _decoded(raw: bytes) -> str:
    if raw.startswith(_MARKS_OF_UTF16):
        return raw.decode("utf-16", errors="replace")
    if found := _utf16_without_mark(raw):
        return raw.decode(found, errors="replace")
    text = raw.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    # By chance hardly any two letters of a code page are one of UTF-8.
    if sum(letter > "\x7f" for letter in text) >= 2 * broken:
        return text
    latin = len(_LATIN_BYTES.findall(raw))
    hebrew, dos_hebrew = len(_HEBREW_BYTES.findall(raw)), len(_DOS_HEBREW_BYTES.findall(raw))
    if max(hebrew, dos_hebrew) <= latin:
        return raw.decode("cp1252", errors="replace")
    return raw.decode("cp1255" if hebrew >= dos_hebrew else "cp862", errors="replace")


def _utf16_without_mark(raw: bytes) -> str:
    """Return which UTF-16 a text is in that does not say so: every other byte is of one alphabet.

    Empty where it is none. Those of English are 0, those of Hebrew 5; blanks and signs are 0.
    """
    sample = raw[:4096]
    if len(sample) < 4:
        return ""
    for name, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        low = sample[0::2] if name == "utf-16-le" else sample[1::2]
        if sum(byte in (0, 5) for byte in high) > 0.95 * len(high) and 0 in high and 0 not in low:
            return name
    return ""
