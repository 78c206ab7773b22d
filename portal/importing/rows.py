"""A row as it stands in the file, before any column has judged it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_HIDDEN = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_GAPS = re.compile(r"[\s\-]+")


@dataclass(slots=True)
class RawRow:
    """Cells as text, in the file's order; `faults` says by position what a cell can't give."""

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in the row."""
        return not self.faults and not any(cell.strip() for cell in self.cells)


def column_key(name: str) -> str:
    """Return a header cell as a column's name: "Partnership " and "time zone" are forgiven."""
    return _GAPS.sub("_", _HIDDEN.sub("", name).strip()).casefold()
