"""What an import refuses, and where: file, row, column, reason."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """Whether a problem refuses the import, or is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or that the importer did otherwise than the file says.

    `row` counts as a spreadsheet does: the header is row 1. None stands for the whole file.
    """

    severity: Severity
    row: int | None
    column: str | None
    reason: str


class FileUnusable(Exception):
    """The file can't be opened at all (missing, a directory, not readable): a usage error."""


class FileRefused(Exception):
    """The file was opened and can't be read as a table; `row` and `column` where known."""

    def __init__(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


class CellRefused(Exception):
    """A cell holds what its column can't take; the message is the reason shown."""
