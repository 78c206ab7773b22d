"""Reads the sheets, rows and columns of an XLSX that show."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from search.documents.archives import check_archive, failure
from search.documents.reading import Limits, Progress

MAX_COLUMNS = 200
_ON = frozenset({"1", "true", "on"})
#: Shows nothing, whatever stands in the cell.
_BLANK_FORMAT = ";;;"


def read_xlsx(path: Path, limits: Limits, progress: Progress) -> Iterator[str]:
    """Yield the rows of the sheets that show, each sheet under its name."""
    import openpyxl
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    check_archive(path, limits, "xl")
    # A sheet that does not say how large it is would be read through for that, all of it.
    ReadOnlyWorksheet._get_size = lambda sheet: None  # type: ignore[attr-defined]
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
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
        raise failure(error, "XLSX") from None


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number and values of each row that shows, without the columns that do not.

    openpyxl's own way of reading row by row leaves out what a sheet says of rows and columns.
    """
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    blank = _blank_styles(book)
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        columns: frozenset[int] | None = None
        for number, row in parser.parse():
            if columns is None:  # they are told before the first row
                columns = _shown_columns(parser)
            if _shows(parser.row_dimensions.pop(str(number), {}), "ht"):
                yield (
                    number,
                    [
                        cell["value"]
                        for cell in row
                        if cell["column"] in columns and cell["style_id"] not in blank
                    ],
                )


def _shown_columns(parser: Any) -> frozenset[int]:
    """Return the columns that show; one is hidden by a switch, or by a width of nothing."""
    width = getattr(getattr(parser, "sheet_format", None), "defaultColWidth", None)
    shown = set() if _is_nothing(width) else set(range(1, MAX_COLUMNS + 1))
    for column in parser.column_dimensions.values():
        first = int(column["min"])
        columns = range(first, min(int(column.get("max", first)), MAX_COLUMNS) + 1)
        (shown.update if _shows(column, "width") else shown.difference_update)(columns)
    return frozenset(shown)


def _shows(about: Mapping[str, str], size: str) -> bool:
    """Whether a row or column shows, by what is said of it: nothing most often."""
    return about.get("hidden") not in _ON and not _is_nothing(about.get(size))


def _is_nothing(size: Any) -> bool:
    """Whether a height or width is told, and is none."""
    try:
        return size is not None and float(size) <= 0
    except ValueError:
        return False


def _blank_styles(book: Any) -> frozenset[int]:
    """Return the styles of cells whose format lets nothing show."""
    formats = {
        number
        for number, text in enumerate(book._number_formats, start=164)  # those before are Excel's
        if "".join(text.split()).strip() == _BLANK_FORMAT
    }
    return frozenset(
        place for place, style in enumerate(book._cell_styles) if style.numFmtId in formats
    )


def _cell(value: Any) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
