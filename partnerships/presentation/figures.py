"""Quoted numbers: the newest of each key, with its date and source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext as _

from partnerships.enums import FigureKind
from partnerships.models.figures import Figure
from portal.text import plain_number


@dataclass(frozen=True, slots=True)
class FigureView:
    """One quoted number as a page shows it."""

    figure: Figure
    as_of: str

    @property
    def is_demo(self) -> bool:
        """Whether the number is invented."""
        return self.figure.is_demo

    @property
    def value(self) -> str:
        """The number in the reader's way of writing; a year stays bare (1994)."""
        if self.figure.kind == FigureKind.YEAR:
            return f"{self.figure.value:.0f}"
        return plain_number(self.figure.value)


def figure_views(figures: Iterable[Figure]) -> list[FigureView]:
    """Return the newest figure of each key, in the figures' own order."""
    newest: dict[str, Figure] = {}
    for figure in figures:
        known = newest.get(figure.key)
        if known is None or figure.as_of > known.as_of:
            newest[figure.key] = figure
    views = [FigureView(figure, _date_of(figure)) for figure in newest.values()]
    return sorted(views, key=lambda view: (view.figure.sort_order, view.figure.key))


def _date_of(figure: Figure) -> str:
    """Return the as-of date in words; an approximate one is told by its year."""
    if figure.as_of_is_approximate:
        return _("about %(year)d") % {"year": figure.as_of.year}
    return formats.date_format(figure.as_of, "DATE_FORMAT")
