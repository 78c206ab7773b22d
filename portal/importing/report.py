"""What an import did or would do, for people and for machines."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class Tally:
    """What rows came to, or would."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


#: More problems than these are counted, not listed: memory stays flat with any file.
MAX_LISTED = 1000


@dataclass
class Report:
    """Counts and problems of one import. `status` is done, dry-run or refused."""

    kind: str
    file: str
    dry_run: bool = False
    publish: bool = False
    strict: bool = False
    status: str = ""
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    batch: str = ""
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    error_count: int = 0
    warning_count: int = 0
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic, repr=False)

    def add(self, problems: Iterable[Problem]) -> None:
        """Count problems, and list the first of them; strict makes every warning an error."""
        for problem in problems:
            if problem.severity == Severity.ERROR or self.strict:
                self.error_count += 1
                listed = self.errors
            else:
                self.warning_count += 1
                listed = self.warnings
            if len(listed) < MAX_LISTED:
                listed.append(problem)

    def count(self, tally: Tally) -> None:
        """Add what some rows came to."""
        self.created += tally.created
        self.updated += tally.updated
        self.unchanged += tally.unchanged

    def count_anew(self) -> None:
        """Forget what rows would come to: now they are written and counted."""
        self.created = self.updated = self.unchanged = 0

    @property
    def is_refused(self) -> bool:
        """Whether anything forbids the import."""
        return self.error_count > 0

    def close(self, status: str) -> Report:
        """Set how it ended, sort what is listed, and stop the clock."""
        self.status = status
        if status == "refused":
            self.count_anew()
        for listed in (self.errors, self.warnings):
            listed.sort(key=lambda problem: (problem.row or 0, problem.column or ""))
        self.seconds = round(time.monotonic() - self.started, 2)
        return self

    def as_json(self) -> dict[str, Any]:
        """Return the machine-readable report (docs/import.md lists its keys)."""

        def listed(problems: list[Problem]) -> list[dict[str, Any]]:
            rows = [asdict(problem) for problem in problems]
            for row in rows:
                del row["severity"]
            return rows

        return {
            "kind": self.kind,
            "file": self.file,
            "status": self.status,
            "dry_run": self.dry_run,
            "publish": self.publish,
            "strict": self.strict,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": listed(self.errors),
            "error_count": self.error_count,
            "warnings": listed(self.warnings),
            "warning_count": self.warning_count,
            "notes": self.notes,
            "batch": self.batch,
            "seconds": self.seconds,
        }

    def lines(self) -> Iterable[str]:
        """Yield the report for people, a line a problem."""
        yield from self.notes
        for title, problems, count in (
            (_("Warning"), self.warnings, self.warning_count),
            (_("Error"), self.errors, self.error_count),
        ):
            for problem in problems:
                yield f"{title}: {place(problem)}{problem.reason}"
            if count > len(problems):
                yield _("… and %(count)d more of these.") % {"count": count - len(problems)}
        counts = _(
            "%(rows)d rows: %(created)d new, %(updated)d changed, %(unchanged)d unchanged,"
            " %(warnings)d warnings, %(errors)d errors, %(seconds).1f seconds."
        ) % {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "warnings": self.warning_count,
            "errors": self.error_count,
            "seconds": self.seconds,
        }
        yield f"{_STATUS[self.status]()} {counts}"


_STATUS = {
    "done": lambda: _("Done."),
    "dry-run": lambda: _("Dry run: nothing was changed."),
    "refused": lambda: _("Refused: nothing was changed."),
}


def place(problem: Problem) -> str:
    """Return where a problem is, ending with ": " ("row 3, column title: "), or nothing."""
    if problem.row is None and problem.column is None:
        return ""
    if problem.column is None:
        return _("row %(row)d: ") % {"row": problem.row}
    if problem.row is None:
        return _("column %(column)s: ") % {"column": problem.column}
    return _("row %(row)d, column %(column)s: ") % {"row": problem.row, "column": problem.column}
