"""Two versions of a practice, part by part, as Wagtail compares revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stories.sections import PARTS

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

    from stories.models import PracticePage


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that differs: its label, and what went and what came as safe HTML."""

    label: StrOrPromise
    html: Any


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A part of the practice and the fields of it that differ; none of them: it is the same."""

    key: str
    heading: StrOrPromise
    fields: Sequence[FieldDifference]


def side_by_side(
    before: PracticePage, after: PracticePage, request: HttpRequest
) -> list[SideBySide]:
    """Return every part of a practice with what differs between two versions of it."""
    panel = (
        type(after).get_edit_handler().get_bound_panel(instance=after, request=request, form=None)
    )
    differences: dict[str, FieldDifference] = {}
    for compare in panel.get_comparison():
        comparison = compare(before, after)
        name = getattr(getattr(comparison, "field", None), "name", "")
        if name and comparison.has_changed():
            differences[name] = FieldDifference(comparison.field_label(), comparison.htmldiff())
    return [
        SideBySide(
            part.key,
            part.heading,
            [differences[name] for name in part.fields if name in differences],
        )
        for part in PARTS
    ]
