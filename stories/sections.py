"""The parts of a practice, by which two versions of it are compared and changes are told."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField

from portal.blocks import plain_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class PracticePart:
    """A part of a practice: its key, its heading, and the page's fields that stand in it."""

    key: str
    heading: StrOrPromise
    fields: tuple[str, ...]


PARTS: tuple[PracticePart, ...] = (
    PracticePart("name", _("Title and summary"), ("title", "summary")),
    PracticePart("why", _("Why"), ("problem", "context", "aim")),
    PracticePart(
        "whom", _("For whom"), ("audience", "age_from", "age_to", "group_size", "direction")
    ),
    PracticePart("how", _("How it works"), ("steps",)),
    PracticePart("who", _("Who is needed"), ("roles",)),
    PracticePart("cost", _("What it costs"), ("costs", "has_no_cost")),
    PracticePart("when", _("When"), ("lead_time_weeks", "duration_days", "season", "rhythm")),
    PracticePart("languages", _("Languages"), ("activity_languages", "interpretation")),
    PracticePart("transfer", _("For another place"), ("must_keep", "may_change", "depends_on")),
    PracticePart(
        "care",
        _("Care and safety"),
        ("safeguarding", "security_need", "security", "weather_need", "when_not"),
    ),
    PracticePart("resources", _("Forms, letters, guides"), ("resources",)),
    PracticePart("results", _("What came of it"), ("results", "difficulties", "do_differently")),
)

#: The parts of which a Partnership that takes a practice over is asked what it changed.
ADAPTED_PARTS = ("why", "whom", "how", "who", "cost", "when", "transfer", "care")


def section_choices() -> list[tuple[str, StrOrPromise]]:
    """Return the parts as choices; a callable, so that migrations don't hold them."""
    return [(part.key, part.heading) for part in PARTS]


def part_heading(key: str) -> StrOrPromise:
    """Return the heading of a part ("" for an unknown one)."""
    return next((part.heading for part in PARTS if part.key == key), "")


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a part says in one version and not in the other, line by line."""

    key: str
    heading: StrOrPromise
    removed: tuple[str, ...]
    added: tuple[str, ...]


def part_changes(before: Any, after: Any, keys: Iterable[str] = ()) -> list[PartChange]:
    """Return the parts in which two practice pages differ, in order; `keys` limits them."""
    wanted = set(keys)
    changes = []
    for part in PARTS:
        if wanted and part.key not in wanted:
            continue
        removed, added = _lines_between(_lines(before, part), _lines(after, part))
        if removed or added:
            changes.append(PartChange(part.key, part.heading, removed, added))
    return changes


def _lines(page: Any, part: PracticePart) -> list[str]:
    return [line for name in part.fields for line in _field_lines(page, name)]


def _field_lines(page: Any, name: str) -> list[str]:
    field = page._meta.get_field(name)
    value = getattr(page, name)
    if value is None or value == "" or value is False:
        return []
    if isinstance(field, StreamField):
        return [text for block in value if (text := _block_text(block))]
    if field.get_internal_type() == "TextField":
        return [line.strip() for line in plain_text(value).splitlines() if line.strip()]
    label = str(field.verbose_name)
    words = getattr(page, f"get_{name}_display", lambda: value)()
    if name in ("title", "summary", "audience"):
        return [str(words)]
    return [label if value is True else f"{label}: {words}"]


def _block_text(block: Any) -> str:
    """Return one block as one line: its words, then its numbers by label."""
    told = block.block.get_searchable_content(block.value)
    words = " · ".join(text for part in told if (text := plain_text(part).strip()))
    numbers = []
    for name, child in getattr(block.block, "child_blocks", {}).items():
        value = block.value.get(name)
        if isinstance(value, bool) or value is None:
            continue
        if not isinstance(value, str) and str(value).replace(".", "", 1).lstrip("-").isdigit():
            numbers.append(f"{child.label}: {value}")
        elif name == "currency":
            numbers.append(str(value))
    return " · ".join([part for part in (words, *numbers) if part])


def _lines_between(a: list[str], b: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    removed: list[str] = []
    added: list[str] = []
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    for tag, from_a, to_a, from_b, to_b in matcher.get_opcodes():
        if tag != "equal":
            removed += a[from_a:to_a]
            added += b[from_b:to_b]
    return tuple(removed), tuple(added)
