"""Rows of a CSV file: the delimiter is found by the known columns; quoted newlines are fine."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Generator
from contextlib import closing
from typing import BinaryIO

from django.utils.translation import gettext as _

from .encodings import Encoding, detect_encoding
from .problems import FileRefused
from .rows import RawRow, column_key

DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?\Z")


class CsvReader:
    """Reads records; row numbers are a spreadsheet's (a record is a row, the first one row 1)."""

    def __init__(self, file: BinaryIO, known: Collection[str], declared: str = "") -> None:
        self.file = file
        self.encoding: Encoding = detect_encoding(file, declared)
        self.delimiter, self.skipped_lines = self._detect(known)
        self.notes: list[str] = []
        if self.encoding.is_concluded:
            self.notes.append(_("The file was read as Windows-1255."))

    def _lines(self) -> Generator[str]:
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, encoding=self.encoding.codec, newline="")
        try:
            # `yield from` would close the file together with the generator.
            for line in text:  # noqa: UP028
                yield line
        finally:
            text.detach()  # the file stays open for the second reading

    def _detect(self, known: Collection[str]) -> tuple[str, int]:
        with closing(self._lines()) as lines:
            head = list(itertools.islice(lines, 50))
        if head and (told := _SEPARATOR_LINE.match(head[0])):
            return told.group(1), 1
        scores = []
        for delimiter in DELIMITERS:
            try:
                header = next(csv.reader(iter(head), delimiter=delimiter), [])
            except csv.Error:
                header = []
            names = {column_key(cell) for cell in header}
            scores.append((len(names & set(known)), len(header), delimiter))
        best = max(scores, key=lambda score: score[:2])
        return best[2], 0

    def rows(self) -> Generator[RawRow]:
        """Yield every record, blank ones too (they count); raises FileRefused."""
        with closing(self._lines()) as lines:
            told = itertools.islice(lines, self.skipped_lines, None)
            reader = csv.reader(told, delimiter=self.delimiter, strict=True)
            for number in itertools.count(1):
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise FileRefused(_csv_reason(str(error)), row=number) from None
                yield RawRow(number, cells)


def _csv_reason(error: str) -> str:
    if "unexpected end" in error:
        return _("A quotation mark that opens in this row is never closed.")
    if "field limit" in error:
        return _(
            "A cell has more than %(limit)d characters, or a quotation mark is never closed."
        ) % {"limit": csv.field_size_limit()}
    if "expected after" in error:
        return _(
            "A quoted cell goes on after its closing quotation mark; inside quotation marks, write"
            " a quotation mark twice. The rows after this one were not read."
        )
    return _("The row can't be read as CSV (%(error)s).") % {"error": error}
