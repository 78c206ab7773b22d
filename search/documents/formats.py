"""Reads the text of PDF, DOCX, XLSX and plain text; runs in a process of its own, without Django.

What the author took out of sight stays so: hidden sheets, hidden and deleted text, comments.
"""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READ = "read"
EMPTY = "empty"
ENCRYPTED = "encrypted"
BROKEN = "broken"
COSTLY = "costly"
UNSUPPORTED = "unsupported"

#: A part of an archive may grow this much by unpacking; XML of real files grows 5 to 30 times.
MAX_RATIO = 200
RATIO_MATTERS_FROM = 10 * 1024 * 1024
MAX_PARTS = 5000
MAX_COLUMNS = 200
_BLOCK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0[DE]\0|\0<\0!\0[DE]", re.IGNORECASE)
_UTF16_BEGINNINGS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
#: Letters of Hebrew in windows-1255, and of English.
_HEBREW_BYTES = re.compile(rb"[\xe0-\xfa]")
_LATIN_BYTES = re.compile(rb"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: characters, pages, rows of a sheet, bytes unpacked."""

    characters: int = 400_000
    pages: int = 500
    rows: int = 20_000
    unpacked: int = 100 * 1024 * 1024


class Unreadable(Exception):
    """The file gives no text: `state` says why in a word, the message in a sentence."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(slots=True)
class Progress:
    """What is known of a file while its pieces are yielded."""

    pages: int = 0
    is_cut: bool = False


#: Yields pieces of text, and tells what it learns on the way.
Reader = Callable[[Path, Limits, Progress], Iterator[str]]


def read_pdf(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text of each page; a page that can't be read does not cost the others."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(ENCRYPTED, "It opens with a password only.")
        progress.pages = len(reader.pages)
    except (DependencyError, NotImplementedError):
        raise Unreadable(ENCRYPTED, "It is encrypted.") from None
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(BROKEN, f"It is no whole PDF ({type(error).__name__}).") from None
    for number in range(progress.pages):
        if number >= limits.pages:
            progress.is_cut = True
            return
        try:
            yield reader.pages[number].extract_text()
        except MemoryError:
            raise
        except Exception:
            progress.is_cut = True


def check_archive(path: Path, limits: Limits, folder: str) -> None:
    """Raise Unreadable for bombs, entities, encrypted parts, and what has no `folder` inside.

    Every part is unpacked once without being kept: what an archive says of its sizes is no proof.
    """
    with path.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            whole = file.read()
            if "EncryptedPackage".encode("utf-16-le") in whole:
                raise Unreadable(ENCRYPTED, "It opens with a password only.")
            raise Unreadable(UNSUPPORTED, "It is a file of an older kind.")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MAX_PARTS or len(names) != len(parts):
                raise Unreadable(BROKEN, "Its inside is not that of such a file.")
            if not any(name.startswith(f"{folder}/") for name in names):
                raise Unreadable(BROKEN, "It is another kind of file than its name says.")
            left = limits.unpacked
            for part in parts:
                left -= _unpack(archive, part, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Unreadable(BROKEN, f"It can't be unpacked ({type(error).__name__}).") from None
    except (NotImplementedError, RuntimeError):
        raise Unreadable(ENCRYPTED, "Its parts are encrypted.") from None


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Return the size of an unpacked part; raises Unreadable where it is too much or has a DTD."""
    if part.flag_bits & 0x1:
        raise Unreadable(ENCRYPTED, "Its parts are encrypted.")
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(part) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > left:
                raise Unreadable(COSTLY, "It grows too large when it is unpacked.")
            if size > RATIO_MATTERS_FROM and size > MAX_RATIO * max(part.compress_size, 1):
                raise Unreadable(COSTLY, "It grows too much when it is unpacked.")
            if is_xml and _DOCTYPE.search(tail + block):
                raise Unreadable(BROKEN, "It declares entities, which no such file does.")
            tail = block[-32:]
    return size


def _failure(error: Exception, kind: str) -> Unreadable:
    """Return what an error of a library says of a file; lxml tells of memory in its own words."""
    if isinstance(error, MemoryError) or "memory" in str(error).lower():
        return Unreadable(COSTLY, "It takes too much memory.")
    return Unreadable(BROKEN, f"It is no whole {kind} ({type(error).__name__}).")


def read_docx(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the paragraphs of the body, those of tables and text boxes too."""
    import docx
    from docx.oxml.ns import qn

    check_archive(path, limits, "word")
    try:
        body = docx.Document(str(path)).element.body
    except Exception as error:
        raise _failure(error, "DOCX") from None
    words, space = qn("w:t"), {qn("w:tab"), qn("w:br")}
    hidden = f"{qn('w:rPr')}/{qn('w:vanish')}"
    paragraph: list[str] = []
    for element in body.iter(qn("w:p"), words, *space):
        if element.tag == words:
            run = element.getparent()
            if run is None or run.find(hidden) is None:
                paragraph.append(element.text or "")
        elif element.tag in space:
            paragraph.append(" ")
        elif paragraph:
            yield "".join(paragraph)
            paragraph = []
    yield "".join(paragraph)


def read_xlsx(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the rows of the sheets that show, each sheet under its name."""
    import openpyxl

    check_archive(path, limits, "xl")
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        progress.pages = len(sheets)
        for sheet in sheets:
            yield str(sheet.title)
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
            for number, row in enumerate(rows):
                if number >= limits.rows:
                    progress.is_cut = True
                    break
                if cells := [_cell(value) for value in row if value not in (None, "")]:
                    yield "  ".join(cells)
    except Exception as error:
        raise _failure(error, "XLSX") from None


def _cell(value: Any) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def read_text(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text: UTF-8, UTF-16 with its mark, else the Windows code page that fits."""
    with path.open("rb") as file:
        raw = file.read(limits.characters * 4)
    if raw.startswith(_UTF16_BEGINNINGS):
        text = raw.decode("utf-16", errors="replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if error.start >= len(raw) - 3:  # cut inside a letter
                text = raw[: error.start].decode("utf-8-sig")
            else:
                is_hebrew = len(_HEBREW_BYTES.findall(raw)) > len(_LATIN_BYTES.findall(raw))
                text = raw.decode("cp1255" if is_hebrew else "cp1252", errors="replace")
    if len(_CONTROL.findall(text[:10_000])) > len(text[:10_000]) // 100:
        raise Unreadable(BROKEN, "It is no text.")
    yield text


READERS: dict[str, Reader] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "xlsx": read_xlsx,
    "txt": read_text,
    "csv": read_text,
}


def read_pieces(path: Path, extension: str, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the text of a file piece by piece, until it is long enough; raises Unreadable."""
    reader = READERS.get(extension)
    if reader is None:
        raise Unreadable(UNSUPPORTED, f"Files of the kind “{extension}” are not read.")
    left = limits.characters
    for piece in reader(path, limits, progress):
        piece = piece.replace("\x00", "").encode("utf-8", "ignore").decode()
        if len(piece) > left:
            progress.is_cut = True
            yield piece[:left]
            return
        left -= len(piece)
        yield piece
