"""Loads the portal's own data files again and again without undoing what people did.

For each value three things are compared: the file, the database, and what the file said last time
(`LoadedRow`). A value that nobody changed follows the file; a changed one stays; what people
deleted does not come back, and what they made under the same key is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from portal.models import LoadedRow


@dataclass(slots=True)
class LoadReport:
    """How many rows a load made and changed, and how many values it kept as people had them."""

    created: int = 0
    updated: int = 0
    kept: int = 0

    def __str__(self) -> str:
        parts = [f"{self.created} new", f"{self.updated} changed"]
        if self.kept:
            parts.append(f"{self.kept} kept as edited")
        return ", ".join(parts)


class RowLoader:
    """Decides for the rows of one kind what a load may write.

    ::

        loader = RowLoader("community")
        changes = loader.changes("akko", wanted, current)
        if changes: …  # write them
        loader.save()

    Values are plain JSON: text, numbers, mappings, lists. A list is a set of values: what people
    added or removed stays so.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.report = LoadReport()
        self._known = {row.reference: row for row in LoadedRow.objects.filter(kind=kind)}
        self._touched: dict[str, LoadedRow] = {}

    def changes(
        self, reference: str, wanted: Mapping[str, Any], current: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        """Return the values to write, all of them for a new row; None when nothing is to be done.

        `current` are the values in the database under the same names, None when there is no row.
        """
        plain = _plain(wanted)
        before = self._known.get(reference)
        if current is None:
            if before is not None:  # loaded once and deleted by somebody
                self.report.kept += 1
                return None
            self._note(reference, plain)
            self.report.created += 1
            return plain
        if before is None:  # somebody made it before the file did
            self.report.kept += 1
            return None
        changes = self._merge(before.values, plain, _plain(current))
        if before.values != plain:
            self._note(reference, plain)
        if changes:
            self.report.updated += 1
        return changes or None

    def _merge(
        self, before: Mapping[str, Any], wanted: Mapping[str, Any], current: Mapping[str, Any]
    ) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for name, new in wanted.items():
            old, now = before.get(name), current.get(name)
            merged: Any
            if isinstance(new, list):
                merged = _merge_lists(old or [], new, now or [])
            elif now == old or name not in before:
                merged = new
            else:
                merged = now
            if merged != now:
                changes[name] = merged
            elif now not in (new, old):
                self.report.kept += 1
        return changes

    def _note(self, reference: str, values: dict[str, Any]) -> None:
        row = self._known.get(reference) or LoadedRow(kind=self.kind, reference=reference)
        row.values, row.loaded_at = values, timezone.now()
        self._known[reference] = self._touched[reference] = row

    def save(self) -> None:
        """Keep what the file said; call in the transaction that writes the changes."""
        new = [row for row in self._touched.values() if row.pk is None]
        LoadedRow.objects.bulk_create(new)
        old = [row for row in self._touched.values() if row not in new]
        LoadedRow.objects.bulk_update(old, ["values", "loaded_at"])
        self._touched.clear()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as JSON would give them back."""
    loaded: dict[str, Any] = json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
    return loaded


def _merge_lists(old: list[Any], new: list[Any], now: list[Any]) -> list[Any]:
    """Return `now` with what the file added and without what the file took away."""
    added = [value for value in new if value not in old and value not in now]
    removed = [value for value in old if value not in new]
    return [value for value in now if value not in removed] + added
