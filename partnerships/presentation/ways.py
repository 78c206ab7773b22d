"""Ways to take part as a visitor reads them: open ones first, closed ones with when they open."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from partnerships.enums import PARTICIPANT_KINDS, Side, WayKind
from partnerships.models.programs import Program, WayToTakePart

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def age_range(age_from: int | None, age_to: int | None) -> str:
    """Return ages in words, "" when there are none."""
    if age_from and age_to:
        if age_from == age_to:
            return _("age %(age)d") % {"age": age_from}
        return _("ages %(first)d–%(last)d") % {"first": age_from, "last": age_to}
    if age_from:
        return _("from age %(age)d") % {"age": age_from}
    if age_to:
        return _("up to age %(age)d") % {"age": age_to}
    return ""


def fitting_age(age: int) -> Q:
    """Return the condition on ways that somebody of that age can take (see `PARTICIPANT_KINDS`)."""
    has_own = Q(age_from__isnull=False) | Q(age_to__isnull=False)
    measured = Q(kind__in=sorted(PARTICIPANT_KINDS))
    return (has_own & within_ages("", age)) | (
        ~has_own & (~measured | (measured & within_ages("program__", age)))
    )


def within_ages(prefix: str, age: int) -> Q:
    """Return the condition that `age` lies in the range of the fields with that prefix."""
    lower = Q(**{f"{prefix}age_from__isnull": True}) | Q(**{f"{prefix}age_from__lte": age})
    upper = Q(**{f"{prefix}age_to__isnull": True}) | Q(**{f"{prefix}age_to__gte": age})
    return lower & upper


@dataclass(frozen=True, slots=True)
class WayView:
    """One way to take part, with what a visitor asks of it first."""

    way: WayToTakePart
    program: Program
    is_open: bool
    today: datetime.date

    @property
    def kind_label(self) -> StrOrPromise:
        """What one does, for example "host at home"."""
        return WayKind(self.way.kind).label

    @property
    def who(self) -> StrOrPromise:
        """Which side it is for."""
        if not self.way.side:
            return _("for both sides")
        if self.way.side == Side.ISRAEL:
            return _("for people in Israel")
        return _("for people abroad")

    @property
    def ages(self) -> str:
        """Whom it is for by age, in words; a host's age is never the participants'."""
        way = self.way
        if way.age_from or way.age_to:
            return age_range(way.age_from, way.age_to)
        if way.kind in PARTICIPANT_KINDS:
            return age_range(self.program.age_from, self.program.age_to)
        return ""

    @property
    def opens_later(self) -> bool:
        """Whether it is closed only because it has not opened yet."""
        way = self.way
        return not self.is_open and bool(way.opens_on and way.opens_on > self.today)

    @property
    def closed_reason(self) -> str:
        """Why one can't apply now, in words; "" when one can."""
        way = self.way
        if self.is_open:
            return ""
        if self.opens_later:
            return _("not open yet")
        if way.places_left == 0:
            return _("all places are taken")
        if way.deadline and way.deadline < self.today:
            return _("the deadline has passed")
        return _("closed now")


def way_views(program: Program, today: datetime.date | None = None) -> list[WayView]:
    """Return the program's ways, open ones first, those with the nearest deadline before others.

    Reads `program.ways`; prefetch it for more than one program.
    """
    day = today or timezone.localdate()
    views = [WayView(way, program, way.is_open(day), day) for way in program.ways.all()]
    return in_order(views)


def in_order(views: Iterable[WayView]) -> list[WayView]:
    """Sort ways: open first, then by deadline, then as the program orders them."""
    return sorted(
        views,
        key=lambda view: (
            not view.is_open,
            view.way.deadline or datetime.date.max,
            view.way.sort_order,
            view.way.pk or 0,
        ),
    )
