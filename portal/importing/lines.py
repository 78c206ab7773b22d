"""Cells that hold several things, one a line, each in parts between vertical bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .columns import LINE_BREAK, Cell
from .problems import CellRefused


@dataclass(frozen=True)
class Part:
    """One place in a line: `steps` are lines of "when | who | title | text"."""

    name: str
    cell: Cell
    required: bool = False
    default: Any = None


@dataclass(frozen=True)
class Lines(Cell):
    """Several things, one a line, their parts between vertical bars (a bar itself: "\\|")."""

    parts: Sequence[Part]

    def read(self, text: str) -> list[dict[str, Any]]:
        rows = []
        for number, line in enumerate(LINE_BREAK.split(text), start=1):
            if not line.strip():
                continue
            try:
                rows.append(self._read_line(line))
            except CellRefused as error:
                raise CellRefused(
                    _("Line %(number)d: %(reason)s") % {"number": number, "reason": error}
                ) from None
        return rows

    def _read_line(self, line: str) -> dict[str, Any]:
        words = [word.replace("\\|", "|").strip() for word in re.split(r"(?<!\\)\|", line)]
        if len(words) > len(self.parts):
            raise CellRefused(
                _("it has %(count)d parts, the form is: %(form)s.")
                % {"count": len(words), "form": self.form}
            )
        words += [""] * (len(self.parts) - len(words))
        values = {}
        for part, word in zip(self.parts, words, strict=True):
            if word:
                try:
                    values[part.name] = part.cell.read(word)
                except CellRefused as error:
                    raise CellRefused(f"{part.name}: {error}") from None
            elif part.required:
                raise CellRefused(
                    _("“%(part)s” is missing; the form is: %(form)s.")
                    % {"part": part.name, "form": self.form}
                )
            else:
                blank = part.cell.empty() if part.default is None else part.default
                values[part.name] = blank
        return values

    def empty(self) -> list[dict[str, Any]]:
        return []

    @property
    def form(self) -> str:
        return " | ".join(part.name for part in self.parts)
