"""To whom a visitor's message goes: the own community's contact, else the coordinators, else staff.

Addresses found here are written to and never shown (USERS A2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.enums import MembershipRole, Role, Side
from partnerships.models import Community, Membership, Partnership, RoleAssignment
from portal.fields import Translated
from portal.models import User

NETWORK_ZONE = "Asia/Jerusalem"
NETWORK_CALENDAR = "IL"


class RouteKind(models.TextChoices):
    """Who answers a visitor."""

    COMMUNITY = "community", _("the contact of the visitor’s community")
    PARTNERSHIP = "partnership", _("the Partnership’s coordinator")
    STAFF = "staff", _("the network’s staff")


@dataclass(frozen=True, slots=True)
class Receiver:
    """An address, and the account behind it where there is one (it gives the language)."""

    email: str
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers: told to the visitor by role, with the answer time that they state themselves."""

    kind: RouteKind
    receivers: Sequence[Receiver]
    title: Translated
    stated_days: int | None = None
    side: str = ""
    place: Community | None = None  # where they are, if known: its clock and its holidays count

    @property
    def community(self) -> Community | None:
        """The visitor's own community, where its contact answers."""
        return self.place if self.kind == RouteKind.COMMUNITY else None

    @property
    def time_zone(self) -> str:
        """The zone of the clock they live by."""
        return self.place.time_zone if self.place else NETWORK_ZONE

    @property
    def calendar_code(self) -> str:
        """The calendar whose holidays they have (`Community.calendar_code`)."""
        return self.place.calendar_code if self.place else NETWORK_CALENDAR

    @property
    def side_label(self) -> str:
        """On which side of the Partnership they are, in words; "" for the network's staff."""
        return str(Side(self.side).label) if self.side in Side.values else ""


def route_for(partnership: Partnership | None, community: Community | None = None) -> Route:
    """Return who answers a visitor of `community` who writes to `partnership` (None: staff).

    `receivers` is empty where nobody can be reached at all.
    """
    if partnership is None:
        return _to_staff()
    membership = (
        partnership.memberships.current().filter(community=community).exclude(contact_email="")
        if community
        else Membership.objects.none()
    ).first()
    if membership is not None and community is not None:
        return Route(
            RouteKind.COMMUNITY,
            [_receiver(membership.contact_email)],
            membership.contact_title,
            membership.answer_days,
            membership.side,
            community,
        )
    receivers, side = _of_partnership(partnership)
    if not receivers:
        return _to_staff()
    seat = _seat_of(partnership, side)
    return Route(
        RouteKind.PARTNERSHIP,
        receivers,
        partnership.contact_title,
        partnership.answer_days,
        seat.side if seat else side,
        seat.community if seat else None,
    )


def staff() -> list[User]:
    """Return the network's staff who can be written to (one query)."""
    return _people(RoleAssignment.objects.current().filter(role=Role.NETWORK_STAFF))


def _people(assignments: models.QuerySet[RoleAssignment]) -> list[User]:
    found = User.objects.filter(pk__in=assignments.values("user"), is_active=True)
    return list(found.order_by("pk"))


def _receiver(email: str) -> Receiver:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    return Receiver(email, user)


def _of_partnership(partnership: Partnership) -> tuple[list[Receiver], Side]:
    """Return who answers for a Partnership, and on which side: in Israel unless all are abroad."""
    if partnership.contact_email:
        return [_receiver(partnership.contact_email)], Side.ISRAEL
    rows = RoleAssignment.objects.current().filter(
        role=Role.COORDINATOR, partnership=partnership, user__is_active=True
    )
    found = list(rows.select_related("user").order_by("user_id"))
    people = {row.user_id: Receiver(row.user.email, row.user) for row in found}
    is_abroad = bool(found) and all(row.side == Side.DIASPORA for row in found)
    return list(people.values()), Side.DIASPORA if is_abroad else Side.ISRAEL


def _seat_of(partnership: Partnership, side: Side) -> Membership | None:
    """Return the place whose clock who answers lives by: on that side if known, the leading one."""
    members = partnership.memberships.current().select_related("community")
    order = sorted(
        members, key=lambda row: (row.side != side, row.role != MembershipRole.LEAD, row.pk)
    )
    return order[0] if order else None


def _to_staff() -> Route:
    people = [Receiver(person.email, person) for person in staff()]
    return Route(RouteKind.STAFF, people, Translated())
