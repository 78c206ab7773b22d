"""Which encoding a text file is in: read right, or refused with a reason; never guessed wrong."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from .problems import FileRefused

BLOCK = 1 << 16

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What may be declared, by the names that people write.
DECLARABLE = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1255": "cp1255",
    "cp1255": "cp1255",
}

# Windows-1255: letters, the points that may follow a letter, and signs that Hebrew text uses.
_LETTER = rb"[\xe0-\xfa]"
_HEBREW_WORD = re.compile(rb"[A-Za-z\xc0-\xff]*[\xc0-\xff][A-Za-z\xc0-\xff]*")
_PURE_WORD = re.compile(rb"(?:" + _LETTER + rb"[\xc0-\xd3]*)+\Z")
_LONG_WORD = re.compile(rb"(?:" + _LETTER + rb"[\xc0-\xd3]*){3,}\Z")
_FINAL_INSIDE = re.compile(rb"[\xea\xed\xef\xf3\xf5][\xc0-\xd3]*" + _LETTER)
_SIGNS = frozenset(b"\x85\x91\x92\x93\x94\x96\x97\xa0\xa4\xab\xbb\xb0\xb4\xb7\xce\xd7\xd8")
_MIN_LONG_WORDS = 3


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding as Python names it, and whether it was concluded from the bytes alone."""

    codec: str
    is_concluded: bool = False


def detect_encoding(file: BinaryIO, declared: str = "") -> Encoding:
    """Return the encoding of a text file, proven by decoding all of it.

    UTF-8 (with or without mark) and UTF-16 or UTF-32 with a mark are read; Windows-1255 when it is
    declared, or when each word with high bytes can only be Hebrew. Leaves the file at its start.
    Raises FileRefused with the line of the first byte that doesn't fit.
    """
    head = file.read(4)
    file.seek(0)
    for mark, codec in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            _prove(file, codec)
            return Encoding(codec)
    if declared:
        codec = DECLARABLE[declared.lower()]
        _prove(file, codec)
        return Encoding(codec)
    try:
        _prove(file, "utf-8")
    except FileRefused:
        if b"\0" in file.read(BLOCK):
            raise FileRefused(_nul_bytes()) from None
        if _is_surely_windows_1255(file):
            return Encoding("cp1255", is_concluded=True)
        raise
    return Encoding("utf-8")


def _prove(file: BinaryIO, codec: str) -> None:
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    nul_bytes = False
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise
            line += text.count("\n")
            nul_bytes = nul_bytes or "\0" in text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileRefused(_undecodable(codec, line, error)) from None
    finally:
        file.seek(0)
    if nul_bytes and codec == "utf-8":
        raise FileRefused(_nul_bytes())


def _nul_bytes() -> str:
    return _(
        "The file holds NUL bytes: it is not a text file, or it is UTF-16 without its mark. Save it"
        " as “CSV UTF-8” or as XLSX."
    )


def _undecodable(codec: str, line: int, error: UnicodeDecodeError) -> str:
    if codec in ("utf-8", "utf-8-sig"):
        return _(
            "Line %(line)d is not UTF-8 (byte 0x%(byte)02X). Save the file as “CSV UTF-8” or as"
            " XLSX; if it is Windows-1255, add --encoding windows-1255."
        ) % {"line": line, "byte": error.object[error.start]}
    names = {"cp1255": "Windows-1255", "utf-16": "UTF-16", "utf-32": "UTF-32"}
    return _("Line %(line)d can't be read as %(encoding)s. Save the file as “CSV UTF-8”.") % {
        "line": line,
        "encoding": names[codec],
    }


def _is_surely_windows_1255(file: BinaryIO) -> bool:
    """Whether every high byte fits Hebrew text and nothing else would look so.

    Latin words with accents mix high bytes with ASCII letters; Cyrillic and Greek words put
    letters where Hebrew has final forms, or use bytes that Windows-1255 doesn't have.
    """
    file.seek(0)
    long_words = 0
    rest = b""
    try:
        while True:
            block = file.read(BLOCK)
            data = rest + block
            # A word may go on in the next block: keep what follows the last plain space.
            cut = len(data) if not block else max(data.rfind(b" "), data.rfind(b"\n")) + 1
            data, rest = data[:cut], data[cut:]
            others = _HEBREW_WORD.sub(b"", data)
            if any(byte >= 0x80 and byte not in _SIGNS for byte in others):
                return False
            for match in _HEBREW_WORD.finditer(data):
                # Maqaf, geresh and gershayim lie among the letters' bytes: they part words.
                for word in re.split(rb"[\xce\xd7\xd8]", match.group()):
                    if not word or word.isascii():
                        continue
                    if not _PURE_WORD.match(word) or _FINAL_INSIDE.search(word):
                        return False
                    long_words += bool(_LONG_WORD.match(word))
            if not block:
                return long_words >= _MIN_LONG_WORDS
    finally:
        file.seek(0)
