"""Rows of an XLSX workbook, read as a stream and only after the archive was found harmless."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
import zlib
from collections.abc import Generator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser

from .problems import FileRefused
from .rows import RawRow

MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_PARTS = 1000
#: A part may grow this much by unpacking; XML of real workbooks grows by 5 to 30 times.
MAX_RATIO = 200
#: Below this size a part's ratio doesn't matter (a short part of blanks packs very well).
RATIO_MATTERS_FROM = 10 * 1024 * 1024
MAX_ROW_BYTES = 8 * 1024 * 1024
MAX_COLUMNS = 200
_BLOCK = 1 << 18

_UNREADABLE = (
    DefusedXmlException,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0[DE]\0|\0<\0!\0[DE]", re.IGNORECASE)


class _Uncomputed:
    """Stands for a formula whose result the workbook doesn't hold."""


class _Parser(WorkSheetParser):
    """openpyxl's parser of a sheet, which tells a formula without a result from an empty cell."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if (
            cell["value"] is None
            and element.find(FORMULA_TAG) is not None
            and not element.findtext(VALUE_TAG)
            and element.get("t") != "str"  # a formula whose result is the empty text
        ):
            cell["value"] = _Uncomputed
        return cell


class XlsxReader:
    """Reads the first visible sheet; row numbers are the sheet's own."""

    delimiter = ""

    def __init__(self, file: BinaryIO) -> None:
        if not openpyxl.DEFUSEDXML:
            raise RuntimeError("openpyxl reads XML unsafely here: install defusedxml.")
        self.notes: list[str] = []
        self._check_archive(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                file.seek(0)
                self.book = openpyxl.load_workbook(
                    file, read_only=True, data_only=True, keep_links=False
                )
            except _UNREADABLE as error:
                raise FileRefused(_unreadable(error)) from None
        self.sheet = self._choose_sheet()

    def _choose_sheet(self) -> ReadOnlyWorksheet:
        sheets = [
            sheet
            for sheet in self.book.worksheets
            if isinstance(sheet, ReadOnlyWorksheet) and sheet.sheet_state == "visible"
        ]
        if not sheets:
            raise FileRefused(_("The workbook has no visible sheet."))
        if len(sheets) > 1:
            self.notes.append(
                _("Only the first sheet, “%(name)s”, was read; the workbook has %(count)d.")
                % {"name": sheets[0].title, "count": len(sheets)}
            )
        return sheets[0]

    @staticmethod
    def _check_archive(file: BinaryIO) -> None:
        """Refuse bombs, entities and what is no XLSX, by unpacking once without keeping."""
        try:
            with zipfile.ZipFile(file) as archive:
                parts = archive.infolist()
                names = {part.filename for part in parts}
                if "[Content_Types].xml" not in names or not any(
                    name.startswith("xl/") for name in names
                ):
                    raise FileRefused(
                        _("This is a packed file, but no XLSX workbook. Save it as XLSX or CSV.")
                    )
                if len(parts) > MAX_PARTS or len(names) != len(parts):
                    raise FileRefused(_("The workbook's inside is not that of a spreadsheet."))
                left = MAX_UNPACKED_BYTES
                for part in parts:
                    if part.flag_bits & 0x1:
                        raise FileRefused(_("The workbook is protected by a password."))
                    left -= _unpack_part(archive, part, left)
        except FileRefused:
            raise
        except _UNREADABLE as error:
            raise FileRefused(_unreadable(error)) from None

    def rows(self) -> Generator[RawRow]:
        """Yield every row that the sheet holds, blank ones in between too; raises FileRefused."""
        number = 0
        sheet: Any = self.sheet  # openpyxl's own parts, for which it has no public names
        book: Any = self.book
        with sheet._get_source() as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parser = _Parser(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            try:
                for index, cells in parser.parse():
                    if index <= number:
                        raise FileRefused(_("The sheet's rows are out of order."), row=index)
                    number = index
                    yield _row(number, cells)
            except FileRefused:
                raise
            except _UNREADABLE as error:
                raise FileRefused(_unreadable(error), row=number + 1) from None


def _unpack_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    too_large = FileRefused(
        _("The workbook unpacks to more than %(limit)d MB; split it, or save it as CSV.")
        % {"limit": MAX_UNPACKED_BYTES // (1024 * 1024)}
    )
    if part.file_size > left:
        raise too_large
    is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    is_sheet = part.filename.startswith("xl/worksheets/") and is_xml
    size = since_row = 0
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > left:
                raise too_large
            if size > max(RATIO_MATTERS_FROM, part.compress_size * MAX_RATIO):
                raise FileRefused(
                    _("A part of the workbook unpacks to more than %(ratio)d times its size.")
                    % {"ratio": MAX_RATIO}
                )
            if is_xml:
                if _DOCTYPE.search(tail + block):
                    raise FileRefused(
                        _("The workbook declares entities, which no spreadsheet needs.")
                    )
                end_of_row = block.rfind(b"row>")
                since_row = len(block) - end_of_row if end_of_row >= 0 else since_row + len(block)
                if is_sheet and since_row > MAX_ROW_BYTES:
                    raise FileRefused(_("A row of the sheet is too large to be read."))
                tail = block[-16:]
    return size


def _row(number: int, cells: list[dict[str, Any]]) -> RawRow:
    texts: list[str] = []
    faults: dict[int, str] = {}
    for cell in cells:
        position = cell["column"] - 1
        value = cell["value"]
        if value is None:
            continue
        if position >= MAX_COLUMNS:
            raise FileRefused(
                _("There are cells beyond column %(limit)d.") % {"limit": MAX_COLUMNS}, row=number
            )
        texts.extend([""] * (position + 1 - len(texts)))
        if value is _Uncomputed:
            faults[position] = _(
                "The cell holds a formula without a stored result; open the file in Excel, save it,"
                " or put the value instead."
            )
        elif cell["data_type"] == "e":
            faults[position] = _("The cell holds the error %(error)s.") % {"error": value}
        else:
            texts[position] = cell_text(value)
    return RawRow(number, texts, faults)


def cell_text(value: Any) -> str:
    """Return a cell's value as the text that a CSV would hold: ISO dates, plain numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).replace("_x000D_", "")  # how Excel writes the CR of its line breaks


def _unreadable(error: Exception) -> str:
    if isinstance(error, DefusedXmlException):
        return _("The workbook declares entities, which no spreadsheet needs.")
    return _("The workbook is damaged or no XLSX (%(error)s).") % {
        "error": " ".join(str(error).split())[:150] or type(error).__name__
    }
