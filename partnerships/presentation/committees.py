"""Committees of a Partnership: nested, with their seats by side. Roles show, names never."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from partnerships.enums import SeatRole
from partnerships.models.committees import Committee, CommitteeDecision, CommitteeSeat
from partnerships.models.partnerships import Partnership
from partnerships.presentation.sides import side_heading, side_key, sides_for
from portal.demonstration import any_demo

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_ROLE_ORDER = list(SeatRole.values)


@dataclass(frozen=True, slots=True)
class SeatLine:
    """Seats of one side that are alike: role or title, how many, volunteers or staff."""

    label: StrOrPromise
    count: int
    is_volunteer: bool
    is_chair: bool


@dataclass(frozen=True, slots=True)
class SeatSide:
    """The seats of one side of a committee."""

    key: str
    heading: StrOrPromise
    seats: list[SeatLine]


@dataclass
class CommitteeView:
    """A committee with its seats by side (reader's order), public decisions and subcommittees."""

    committee: Committee
    sides: list[SeatSide]
    decisions: list[CommitteeDecision]
    parts: list[CommitteeView] = field(default_factory=list)

    @property
    def is_demo(self) -> bool:
        """Whether the committee or one inside it is invented."""
        return self.committee.is_demo or any_demo(self.parts)


def committee_views(partnership: Partnership, language: str) -> list[CommitteeView]:
    """Return the active committees, subcommittees inside theirs (three queries)."""
    committees = partnership.committees.filter(is_active=True).prefetch_related(
        Prefetch("seats", CommitteeSeat.objects.current()),
        Prefetch("decisions", CommitteeDecision.objects.filter(is_public=True)),
    )
    views = {one.pk: _view(one, language) for one in committees}
    roots: list[CommitteeView] = []
    for view in views.values():
        parent = views.get(view.committee.parent_id or 0)
        (parent.parts if parent else roots).append(view)
    return roots


def _view(committee: Committee, language: str) -> CommitteeView:
    seats = list(committee.seats.all())
    sides = [
        SeatSide(side_key(side), side_heading(side), _lines(s for s in seats if s.side == side))
        for side in sides_for(language)
    ]
    return CommitteeView(committee, sides, list(committee.decisions.all()))


def _lines(seats: Iterable[CommitteeSeat]) -> list[SeatLine]:
    """Return seats of one side, chairs first, those alike as one line."""
    counts: dict[tuple[int, str, bool, bool], int] = {}
    for seat in seats:
        label = str(seat.title) or str(SeatRole(seat.role).label)
        key = (_ROLE_ORDER.index(seat.role), label, seat.is_volunteer, seat.is_chair)
        counts[key] = counts.get(key, 0) + 1
    return [
        SeatLine(label, count, is_volunteer, is_chair)
        for (_order, label, is_volunteer, is_chair), count in sorted(counts.items())
    ]
