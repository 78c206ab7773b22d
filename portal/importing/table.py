"""Opens a file as a table: which kind it is, which columns it has, and its rows."""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
import unicodedata
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.utils.translation import gettext as _

from .csv_reader import CsvReader
from .problems import FileRefused, FileUnusable, Problem, Severity
from .rows import RawRow, column_key
from .xlsx_reader import XlsxReader

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_ROWS = 100_000
_BLOCK = 1 << 20

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_BINARY_STARTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"PK\x05\x06")


class Table:
    """A file's rows under its header; `rows()` can be read more than once."""

    def __init__(
        self,
        reader: CsvReader | XlsxReader,
        required: Collection[str],
        optional: Collection[str],
        aliases: Mapping[str, str],
    ) -> None:
        self.reader = reader
        self.aliases = aliases
        self.problems: list[Problem] = []
        #: Position of each column that the file has and the importer knows.
        self.columns: dict[str, int] = {}
        self.width = 0
        self._named: set[int] = set()
        self._read_header(required, optional)

    @property
    def notes(self) -> list[str]:
        """What a person should know of how the file was read."""
        return self.reader.notes

    def _read_header(self, required: Collection[str], optional: Collection[str]) -> None:
        with closing(self.reader.rows()) as rows:
            header = next((row for row in rows if not row.is_blank), None)
        if header is None:
            raise FileRefused(_("The file is empty: its first row must name the columns."))
        self.header_row = header.number
        cells = header.cells
        while cells and not cells[-1].strip():
            cells.pop()
        self.width = len(cells)
        known = [*required, *optional]
        unknown: list[str] = []
        for position, cell in enumerate(cells):
            key = column_key(cell)
            key = self.aliases.get(key, key)
            if not key:
                continue
            self._named.add(position)
            if key not in known:
                unknown.append(cell.strip())
            elif key in self.columns:
                self._tell(Severity.ERROR, key, _("The column is there twice."))
            else:
                self.columns[key] = position
        missing = [name for name in required if name not in self.columns]
        for name in missing:
            self._tell(Severity.ERROR, name, _missing_column(name, unknown))
        for name in unknown:
            self._tell(
                Severity.WARNING,
                name[:80],
                _("The column is not known and was left out. Known columns: %(names)s.")
                % {"names": ", ".join(known)},
            )

    def _tell(self, severity: Severity, column: str | None, reason: str) -> None:
        self.problems.append(Problem(severity, self.header_row, column, reason))

    def column_name(self, position: int) -> str:
        """Return the name of the column at a position, or its number if it has none."""
        for name, place in self.columns.items():
            if place == position:
                return name
        return str(position + 1)

    def rows(self) -> Generator[RawRow]:
        """Yield the rows that hold anything; raises FileRefused."""
        count = 0
        with closing(self.reader.rows()) as rows:
            for row in rows:
                if row.number <= self.header_row or row.is_blank:
                    continue
                count += 1
                if count > MAX_ROWS:
                    raise FileRefused(
                        _("There are more than %(limit)d rows; split the file.")
                        % {"limit": MAX_ROWS},
                        row=row.number,
                    )
                yield row

    def shape_problems(self, row: RawRow) -> list[Problem]:
        """Return what is wrong with a row before any column is read: its width, its letters."""
        problems = []
        if isinstance(self.reader, CsvReader) and len(row.cells) < self.width:
            problems.append(
                Problem(
                    Severity.ERROR,
                    row.number,
                    None,
                    _("The row has %(cells)d cells, the header has %(width)d columns.")
                    % {"cells": len(row.cells), "width": self.width},
                )
            )
        elif any(cell.strip() for cell in row.cells[self.width :]):
            problems.append(
                Problem(
                    Severity.ERROR,
                    row.number,
                    None,
                    _(
                        "The row has %(cells)d cells, the header has %(width)d columns. A text with"
                        " the delimiter in it needs quotation marks."
                    )
                    % {"cells": len(row.cells), "width": self.width},
                )
            )
        for position, cell in enumerate(row.cells[: self.width]):
            if position not in self._named and cell.strip():
                problems.append(
                    Problem(
                        Severity.WARNING,
                        row.number,
                        str(position + 1),
                        _("The column has no name in the header and was left out."),
                    )
                )
            elif bad := _control_character(cell):
                problems.append(
                    Problem(
                        Severity.ERROR,
                        row.number,
                        self.column_name(position),
                        _("The cell holds a character that no text has (U+%(code)04X).")
                        % {"code": ord(bad)},
                    )
                )
        problems += [
            Problem(Severity.ERROR, row.number, self.column_name(position), reason)
            for position, reason in row.faults.items()
            if position in self._named
        ]
        return problems


def _missing_column(name: str, unknown: list[str]) -> str:
    near = difflib.get_close_matches(name, [column_key(cell) for cell in unknown], 1, 0.75)
    if near:
        return _("The column is missing; is it the one called “%(name)s”?") % {"name": near[0]}
    return _("The column is missing.")


def _control_character(text: str) -> str:
    if text.isprintable():
        return ""
    for char in text:
        if char not in "\t\n\r" and unicodedata.category(char) in ("Cc", "Cs"):
            return char
    return ""


@contextmanager
def open_table(
    path: Path,
    required: Collection[str],
    optional: Collection[str],
    aliases: Mapping[str, str],
    encoding: str = "",
) -> Iterator[Table]:
    """Open CSV or XLSX, told apart by content; `encoding` is what the user declared for CSV.

    `aliases` gives the column's name for other names that a header may have. The file is copied
    first, so that both readings see the same. Raises FileUnusable when it can't be opened,
    FileRefused when it is no table.
    """
    with _copied(path) as file:
        head = file.read(8)
        file.seek(0)
        if head.startswith(_ZIP):
            reader: CsvReader | XlsxReader = XlsxReader(file)
        elif head.startswith(_OLE):
            raise FileRefused(
                _(
                    "This is an old Excel file (.xls) or a workbook with a password. Save it as"
                    " XLSX without a password."
                )
            )
        elif head.startswith(_BINARY_STARTS):
            raise FileRefused(_("This is not a table. Save it as “CSV UTF-8” or as XLSX."))
        else:
            reader = CsvReader(file, [*required, *optional, *aliases], encoding)
        yield Table(reader, required, optional, aliases)


@contextmanager
def _copied(path: Path) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as copy:
        try:
            _copy(path, copy)
        except OSError as error:
            raise FileUnusable(f"{path}: {error.strerror or error}") from None
        copy.seek(0)
        yield cast(BinaryIO, copy)


def _copy(path: Path, target: IO[bytes]) -> None:
    if stat.S_ISDIR(os.stat(path).st_mode):
        raise FileUnusable(_("%(path)s is a directory.") % {"path": path})
    size = 0
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > MAX_FILE_BYTES:
                raise FileRefused(
                    _("The file has more than %(limit)d MB; split it.")
                    % {"limit": MAX_FILE_BYTES // (1024 * 1024)}
                )
            target.write(block)
