"""The course of an import: the whole file is checked first, then written, then shown at once."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from .batches import recover
from .columns import Column
from .lock import ImportRunning, only_import, running_problem
from .problems import CellRefused, FileRefused, Problem, Severity
from .report import Report, Tally
from .rows import RawRow
from .table import Table, open_table

#: Rows that are read, checked and written together.
CHUNK = 500


@dataclass(slots=True)
class Row:
    """A row whose cells were read; `values` has the columns that the file has."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def __contains__(self, column: str) -> bool:
        return column in self.values

    def get(self, column: str, default: Any = None) -> Any:
        """Return a column's value, or `default` when the file doesn't have the column."""
        return self.values.get(column, default)

    def refuse(self, column: str | None, reason: str) -> None:
        """Note an error: nothing of the file will be written."""
        self.problems.append(Problem(Severity.ERROR, self.number, column, reason))

    def warn(self, column: str | None, reason: str) -> None:
        """Note what is done otherwise than the file says."""
        self.problems.append(Problem(Severity.WARNING, self.number, column, reason))

    @property
    def is_refused(self) -> bool:
        """Whether the row has an error."""
        return any(problem.severity == Severity.ERROR for problem in self.problems)


class Importer(ABC):
    """One kind of import. A fresh instance serves one import.

    `check` sees all rows, a chunk at a time, before anything is written, and keeps little of them
    (files are large); `write` gets the same rows again.
    """

    kind: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]

    def __init__(self, *, publish: bool = False) -> None:
        self.publish = publish
        self.file = ""
        self.batch = ""
        self._first_rows: dict[str, int] = {}

    @property
    def origin(self) -> dict[str, Any]:
        """What the log of each imported thing tells of the import."""
        return {"file": self.file, "kind": self.kind, "as": "network_staff"}

    @abstractmethod
    def prepare(self) -> None:
        """Load what rows are looked up in; called once, before the first row."""

    @abstractmethod
    def check(self, rows: Sequence[Row]) -> Tally:
        """Judge rows whose cells were all read; note problems in them, and say what they come to.

        Writes nothing.
        """

    def check_together(self) -> Iterable[Problem]:
        """Return what is wrong between rows; called once, after the last row."""
        return ()

    @abstractmethod
    def write(self, chunks: Iterator[list[Row]]) -> Iterator[Tally]:
        """Write all rows so that they show at once; yield what each chunk came to.

        Raises ImportRefused, and leaves nothing, when something that was right when checked no
        longer is.
        """

    def check_reference(self, row: Row) -> None:
        """Refuse a reference that an earlier row of the file has."""
        first = self._first_rows.setdefault(row["reference"], row.number)
        if first != row.number:
            row.refuse(
                "reference",
                _("“%(reference)s” is the reference of row %(row)d already.")
                % {"reference": row["reference"], "row": first},
            )


class ImportRefused(Exception):
    """The import can't go on; everything written so far was taken back."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems[0].reason if self.problems else "")


def run_import(
    importer: Importer,
    path: Path,
    *,
    dry_run: bool = False,
    strict: bool = False,
    encoding: str = "",
) -> Report:
    """Check a file and, when nothing is wrong, write it; return the report.

    Raises FileUnusable when the file can't be opened. With `strict` every warning refuses.
    """
    report = Report(
        kind=importer.kind,
        file=str(path),
        dry_run=dry_run,
        publish=importer.publish,
        strict=strict,
    )
    importer.file = path.name
    required = [column.name for column in importer.columns if column.required or column.present]
    optional = [column.name for column in importer.columns if column.name not in required]
    aliases = {alias: column.name for column in importer.columns for alias in column.aliases}
    try:
        with only_import(), open_table(path, required, optional, aliases, encoding) as table:
            if not dry_run:
                report.notes += recover()
            report.notes += table.notes
            report.add(table.problems)
            if any(problem.severity == Severity.ERROR for problem in table.problems):
                return report.close("refused")
            importer.prepare()
            _check(importer, table, report)
            if report.is_refused:
                return report.close("refused")
            if not dry_run:
                report.count_anew()
                for tally in importer.write(_chunks(importer, table)):
                    report.count(tally)
                report.batch = importer.batch
    except ImportRunning:
        report.add([running_problem()])
    except FileRefused as error:
        report.add([Problem(Severity.ERROR, error.row, error.column, error.reason)])
    except ImportRefused as error:
        report.add(error.problems)
    if report.is_refused:
        return report.close("refused")
    return report.close("dry-run" if dry_run else "done")


def _check(importer: Importer, table: Table, report: Report) -> None:
    try:
        for rows in _chunks(importer, table):
            report.rows += len(rows)
            report.count(importer.check([row for row in rows if not row.is_refused]))
            for row in rows:
                report.add(row.problems)
    finally:
        # Also when the file breaks off in the middle: what was found before is told.
        report.add(importer.check_together() if not report.is_refused else ())
    if report.rows == 0:
        raise FileRefused(_("There are no rows under the header."))


def _chunks(importer: Importer, table: Table) -> Iterator[list[Row]]:
    with closing(table.rows()) as rows:
        while chunk := [_read(importer, table, raw) for raw in itertools.islice(rows, CHUNK)]:
            yield chunk


def _read(importer: Importer, table: Table, raw: RawRow) -> Row:
    row = Row(raw.number, {}, table.shape_problems(raw))
    if row.is_refused:
        return row
    for column in importer.columns:
        position = table.columns.get(column.name)
        if position is None:
            continue
        text = raw.cells[position] if position < len(raw.cells) else ""
        try:
            row.values[column.name] = column.read(text)
        except CellRefused as error:
            row.refuse(column.name, str(error))
    return row
