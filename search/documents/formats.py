"""Reads the text of PDF, DOCX, XLSX and plain text; runs in a process of its own, without Django.

What the author took out of sight stays so: hidden sheets, rows and columns; text that is hidden
(by itself, by a style, with its row of a table), deleted or moved elsewhere; comments.
"""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """Yield the paragraphs of the body, of tables and text boxes too, then headers and footers."""
    import docx

    check_archive(path, limits, "word")
    try:
        document = docx.Document(str(path))
        hidden = _hidden_styles(document.styles.element)
        stories = [document.element.body, *_headers(document)]
    except Exception as error:
        raise _failure(error, "DOCX") from None
    for story in stories:
        yield from _paragraphs(story, hidden)


def _paragraphs(story: Any, hidden: frozenset[str]) -> Iterator[str]:
    """Yield the text of a body, header or footer, without what its author took out of sight."""
    from docx.oxml.ns import qn

    words, space = qn("w:t"), {qn("w:tab"), qn("w:br")}
    paragraph: list[str] = []
    for element in story.iter(qn("w:p"), words, *space):
        if element.tag == words:
            if _shows(element.getparent(), hidden):
                paragraph.append(element.text or "")
        elif element.tag in space:
            paragraph.append(" ")
        elif paragraph:
            yield "".join(paragraph)
            paragraph = []
    yield "".join(paragraph)


def _shows(run: Any, hidden: frozenset[str]) -> bool:
    """Whether a run of text is seen: what it says of itself goes before what its styles say."""
    from docx.oxml.ns import qn

    if run is None:
        return True
    paragraph, row = qn("w:p"), qn("w:tr")
    styles = [_value(run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}"))]
    for around in run.iterancestors(qn("w:moveFrom"), paragraph, row):
        if around.tag == paragraph:
            if len(styles) == 1:  # the innermost: a text box stands within another paragraph
                style = around.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
                styles.append(_value(style) if style is not None else _DEFAULT_STYLE)
        elif around.tag != row or _is_on(around.find(f"{qn('w:trPr')}/{qn('w:hidden')}")):
            return False  # it was moved away from here, or its row is hidden
    vanishes = _is_on(run.find(f"{qn('w:rPr')}/{qn('w:vanish')}"))
    return not (hidden.intersection(styles) if vanishes is None else vanishes)


#: Stands for the style of paragraphs that name none.
_DEFAULT_STYLE = ""


def _hidden_styles(styles: Any) -> frozenset[str]:
    """Return the styles whose text is hidden, by themselves or by what they are based on."""
    from docx.oxml.ns import qn

    by_id = {style.get(qn("w:styleId")): style for style in styles.findall(qn("w:style"))}
    default = _is_on(
        styles.find(
            "/".join(qn(f"w:{tag}") for tag in ("docDefaults", "rPrDefault", "rPr", "vanish"))
        )
    )

    def is_hidden(style_id: str | None) -> bool:
        for _step in by_id:  # styles of a broken file may be based on one another
            if (style := by_id.get(style_id)) is None:
                break
            own = _is_on(style.find(f"{qn('w:rPr')}/{qn('w:vanish')}"))
            if own is not None:
                return own
            style_id = _value(style.find(qn("w:basedOn")))
        return bool(default)

    found = {str(style_id) for style_id in by_id if is_hidden(style_id)}
    plain = [
        style_id
        for style_id, style in by_id.items()
        if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in _ON
    ]
    if default or found.intersection(map(str, plain)):
        found.add(_DEFAULT_STYLE)
    return frozenset(found)


_ON = frozenset({"1", "true", "on"})


def _value(element: Any) -> str | None:
    """Return the value of an element of Word's; None if there is no such element or value."""
    from docx.oxml.ns import qn

    return None if element is None else element.get(qn("w:val"))


def _is_on(switch: Any) -> bool | None:
    """Return whether a switch is on, which it is without a value too; None if there is none."""
    if switch is None:
        return None
    value = _value(switch)
    return value is None or value in _ON


def _headers(document: Any) -> Iterator[Any]:
    """Yield the headers and footers that a section shows, each once."""
    from docx.oxml.ns import qn

    has_even = _is_on(document.settings.element.find(qn("w:evenAndOddHeaders")))
    seen: set[str] = set()
    for section in document.element.body.iter(qn("w:sectPr")):
        shown = {"default", None}
        if _is_on(section.find(qn("w:titlePg"))):
            shown.add("first")
        if has_even:
            shown.add("even")
        for place in section.iterchildren(qn("w:headerReference"), qn("w:footerReference")):
            key = place.get(qn("r:id"))
            if place.get(qn("w:type")) not in shown or key in seen:
                continue
            seen.add(key)
            rel = document.part.rels.get(key)
            if rel is not None and not rel.is_external and hasattr(rel.target_part, "element"):
                yield rel.target_part.element


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
            for number, row in _rows(sheet):
                if number > limits.rows:
                    progress.is_cut = True
                    break
                if cells := [_cell(value) for value in row if value not in (None, "")]:
                    yield "  ".join(cells)
    except Exception as error:
        raise _failure(error, "XLSX") from None


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number and values of each row that shows, without the columns that do not.

    openpyxl's own way of reading row by row leaves out what a sheet says of rows and columns.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        hidden: frozenset[int] | None = None
        for number, row in parser.parse():
            if hidden is None:  # columns are told before the first row
                hidden = _hidden_columns(parser.column_dimensions.values())
            about = parser.row_dimensions.pop(str(number), {})
            if about.get("hidden") not in _ON:
                yield (
                    number,
                    [
                        cell["value"]
                        for cell in row
                        if cell["column"] <= MAX_COLUMNS and cell["column"] not in hidden
                    ],
                )


def _hidden_columns(columns: Iterable[Mapping[str, str]]) -> frozenset[int]:
    return frozenset(
        number
        for column in columns
        if column.get("hidden") in _ON
        for number in range(
            int(column["min"]), min(int(column.get("max", column["min"])), MAX_COLUMNS) + 1
        )
    )


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
