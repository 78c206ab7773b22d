"""Who may act for a Partnership in sharing: take over, move on, report, agree, answer.

The rows of sharing belong to Partnerships, and one row can concern two: whoever took a practice
over and whoever told it. So services ask here for whom a person acts, and each act remembers the
role and side in which it was done. What is one side's, and what the Partnership's: docs/adr/0021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from partnerships.enums import Role
from partnerships.models import Partnership
from partnerships.permissions import Standing, standing_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.permissions import Person

#: Roles that act for their Partnership in sharing; chairs approve and professionals read.
ACTING_ROLES = (Role.COORDINATOR, Role.EDITOR)


@dataclass(frozen=True, slots=True)
class Actor:
    """In which role, and for which side ("" is both), a person acts."""

    role: Role
    side: str = ""


def actor_for(user: Person, partnership_id: int | None) -> Actor | None:
    """Return how `user` acts for a Partnership today; None when the person does not."""
    standing = standing_of(user)
    if standing.acts_for_all:
        return Actor(Role.NETWORK_STAFF)
    for role in ACTING_ROLES:
        sides = standing.sides_of([role], partnership_id)
        if sides:
            named = sorted(side for side in sides if side)
            return Actor(role, named[0] if len(named) == 1 else "")
    return None


def require_actor(user: Person, partnership_id: int | None) -> Actor:
    """Return how `user` acts for a Partnership; raise PermissionDenied when the person does not."""
    actor = actor_for(user, partnership_id)
    if actor is None:
        raise PermissionDenied(_("You act for your own Partnership; this is beyond it."))
    return actor


def acts_on_side(user: Person, partnership_id: int | None, side: str) -> bool:
    """Whether `user` may change what was said for a Partnership by a side ("" is both).

    Who acts for one side has what that side said and what both said; who acts for both has all
    (docs/adr/0021).
    """
    standing = standing_of(user)
    return standing.acts_for_all or side in standing.sides_of(ACTING_ROLES, partnership_id)


def require_staff(user: Person) -> Actor:
    """Raise PermissionDenied unless `user` acts for the whole network."""
    if not standing_of(user).acts_for_all:
        raise PermissionDenied(_("This is kept by the network's staff."))
    return Actor(Role.NETWORK_STAFF)


def acts_for_some(user: Person) -> bool:
    """Whether `user` acts in sharing for any Partnership at all."""
    standing = standing_of(user)
    return standing.acts_for_all or bool(standing.roles & set(ACTING_ROLES))


def own_ids(standing: Standing) -> set[int]:
    """Return the Partnerships that somebody who does not act for all acts for."""
    return standing.partnership_ids(ACTING_ROLES)


def partnerships_of(user: Person) -> QuerySet[Partnership]:
    """Return the Partnerships that `user` acts for in sharing."""
    standing = standing_of(user)
    rows = Partnership.objects.all()
    return rows if standing.acts_for_all else rows.filter(pk__in=own_ids(standing))
