"""Facts that wait for who keeps them: deadlines, terms that end, old figures, events held."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from partnerships.enums import ProgramStatus
from partnerships.models import (
    Committee,
    CommitteeSeat,
    Event,
    Figure,
    Program,
    RoleAssignment,
    WayToTakePart,
)
from portal.permissions import rows_for
from portal.templatetags.portal_tags import localized
from portal.waiting import WaitingGroup, WaitingLine, group_of

DEADLINE_NEAR = datetime.timedelta(days=30)
TERM_NEAR = datetime.timedelta(days=90)
#: A term that ended longer ago than this is history.
TERM_PAST = datetime.timedelta(days=90)
ROLE_NEAR = datetime.timedelta(days=30)
FIGURE_OLD = datetime.timedelta(days=365)
#: What was held longer ago than this is not asked for any more.
EVENT_PAST = datetime.timedelta(days=365)


def _address(view: str, model: type, pk: int | None = None) -> str:
    name = model.snippet_viewset.get_url_name(view)  # type: ignore[attr-defined]
    return reverse(name, args=[] if pk is None else [pk])


def _day(day: datetime.date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def facts_that_wait(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield what waits among the facts that `user` may change."""
    yield from _ways(user, today)
    yield _seats(user, today)
    yield _roles(user, today)
    yield _figures(user, today)
    yield _events(user, today)


def _way_line(note: str) -> Callable[[WayToTakePart], WaitingLine]:
    def line(way: WayToTakePart) -> WaitingLine:
        return WaitingLine(
            title=localized(way.title),
            url=_address("edit", Program, way.program_id),
            note=note % {"day": _day(way.deadline)},
            where=localized(way.program.name),
        )

    return line


def _ways(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    ways = (
        rows_for(user, "change", WayToTakePart.objects.all())
        .filter(is_closed=False)
        .exclude(program__status=ProgramStatus.ENDED)
        .select_related("program")
        .order_by("deadline", "pk")
    )
    yield group_of(
        ways.filter(deadline__gte=today, deadline__lte=today + DEADLINE_NEAR),
        _way_line(_("until %(day)s")),
        key="deadlines",
        heading=_("Ways to take part that close within 30 days"),
        icon="date",
        more_url=_address("list", Program),
    )
    yield group_of(
        ways.filter(deadline__lt=today).order_by("-deadline", "pk"),
        _way_line(_("the deadline was %(day)s: give the next one, or close it")),
        key="past_deadlines",
        heading=_("Ways to take part past their deadline"),
        icon="date",
        more_url=_address("list", Program),
    )


def _seats(user: Any, today: datetime.date) -> WaitingGroup:
    seats = (
        rows_for(user, "change", CommitteeSeat.objects.all())
        .filter(committee__is_active=True)
        .filter(term_to__gte=today - TERM_PAST, term_to__lte=today + TERM_NEAR)
        .select_related("committee")
        .order_by("term_to", "pk")
    )

    def line(seat: CommitteeSeat) -> WaitingLine:
        ended = seat.term_to is not None and seat.term_to < today
        note = _("the term ended on %(day)s") if ended else _("the term ends on %(day)s")
        return WaitingLine(
            title=localized(seat.title) or seat.get_role_display(),
            url=_address("edit", Committee, seat.committee_id),
            note=note % {"day": _day(seat.term_to)},
            where=localized(seat.committee.name),
        )

    return group_of(
        seats,
        line,
        key="seats",
        heading=_("Seats whose term ends"),
        icon="user",
        more_url=_address("list", Committee),
    )


def _roles(user: Any, today: datetime.date) -> WaitingGroup:
    roles = (
        rows_for(user, "change", RoleAssignment.objects.current(today))
        .filter(ends_on__lte=today + ROLE_NEAR)
        .select_related("user", "partnership")
        .order_by("ends_on", "pk")
    )
    return group_of(
        roles,
        lambda role: WaitingLine(
            title=str(role),
            url=_address("edit", RoleAssignment, role.pk),
            note=_("until %(day)s") % {"day": _day(role.ends_on)},
            where=localized(role.partnership.name) if role.partnership else "",
        ),
        key="roles",
        heading=_("Roles that end within 30 days"),
        icon="key",
        more_url=_address("list", RoleAssignment),
    )


def _figures(user: Any, today: datetime.date) -> WaitingGroup:
    whose = Coalesce("partnership_id", 0)
    newer = Figure.objects.alias(whose=whose).filter(
        key=OuterRef("key"), whose=OuterRef("whose"), as_of__gt=OuterRef("as_of")
    )
    figures = (
        rows_for(user, "change", Figure.objects.all())
        .alias(whose=whose)
        .filter(~Exists(newer), as_of__lt=today - FIGURE_OLD)
        .select_related("partnership")
        .order_by("as_of", "pk")
    )
    return group_of(
        figures,
        lambda figure: WaitingLine(
            title=localized(figure.label),
            url=_address("edit", Figure, figure.pk),
            note=_("as of %(day)s") % {"day": _day(figure.as_of)},
            where=localized(figure.partnership.name) if figure.partnership else "",
        ),
        key="figures",
        heading=_("Figures older than a year"),
        icon="table",
        more_url=_address("list", Figure),
    )


def _events(user: Any, today: datetime.date) -> WaitingGroup:
    now = timezone.now()
    events = (
        rows_for(user, "change", Event.objects.all())
        .alias(over=Coalesce(F("ends_at"), F("starts_at")))
        .filter(Q(over__lt=now), over__gte=now - EVENT_PAST, summary={})
        .select_related("partnership")
        .order_by("-starts_at", "pk")
    )
    return group_of(
        events,
        lambda event: WaitingLine(
            title=localized(event.name),
            url=_address("edit", Event, event.pk),
            note=_("held on %(day)s") % {"day": _day(timezone.localdate(event.starts_at))},
            where=localized(event.partnership.name) if event.partnership else "",
        ),
        key="events",
        heading=_("Events that were held and have no summary"),
        icon="calendar-alt",
        more_url=_address("list", Event),
    )
