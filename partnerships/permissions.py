"""The one permission policy of the facts: by Partnership and side, from the roles in force today.

Network staff may do everything. A coordinator has the facts of the own Partnership; an editor its
programs, ways to take part and events; chairs and professionals none. A role that is bound to a
side has the rows of that side and joint ones. Lists, choosers, forms, services and the API ask
here, by Wagtail's registry of policies (`portal.permissions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.permissions import register_permission_policy

from partnerships.enums import Role, Side
from partnerships.models import (
    BudgetShare,
    Committee,
    CommitteeDecision,
    CommitteeSeat,
    Community,
    Event,
    Figure,
    FormsClosure,
    Membership,
    ParticipationRow,
    Partnership,
    PartnershipKind,
    Program,
    RoleAssignment,
    SchoolTwin,
    WayToTakePart,
)
from portal.models import Concept, User
from portal.permissions import RowPermissionPolicy
from portal.visibility import network_rules
from search.models import ExchangeRate, PromotedResult, SearchCount

if TYPE_CHECKING:
    from portal.permissions import Person

_JOINT = ""
_ALL_SIDES = frozenset({_JOINT, *Side.values})
_CACHE = "_partnerships_standing"

#: What a role may do to the rows of its Partnership.
Rights = Mapping[Role, frozenset[str]]

EVERYTHING = frozenset({"add", "change", "delete", "view", "choose"})
CHOOSE = frozenset({"choose"})
BY_COORDINATORS: Rights = {Role.COORDINATOR: EVERYTHING, Role.EDITOR: CHOOSE}
BY_EDITORS: Rights = {Role.COORDINATOR: EVERYTHING, Role.EDITOR: EVERYTHING}
#: Changed, never made or removed: the Partnership itself and its communities.
KEPT: Rights = {Role.COORDINATOR: frozenset({"change", "view", "choose"}), Role.EDITOR: CHOOSE}
#: Members leave by a date, their rows stay.
ENDED_NOT_DELETED: Rights = {Role.COORDINATOR: EVERYTHING - {"delete"}, Role.EDITOR: CHOOSE}
BY_STAFF: Rights = {Role.COORDINATOR: CHOOSE, Role.EDITOR: CHOOSE}
NOBODY_ELSE: Rights = {}


@dataclass(frozen=True)
class Standing:
    """For what an account acts today: everything, or sides of Partnerships by role."""

    acts_for_all: bool = False
    sides: Mapping[Role, Mapping[int, frozenset[str]]] = field(default_factory=dict)

    def sides_of(self, roles: Iterable[Role], partnership_id: int | None) -> frozenset[str]:
        """Return the sides ("" is joint) on which one of `roles` acts for a Partnership."""
        found: frozenset[str] = frozenset()
        if partnership_id is not None:
            for role in roles:
                found |= self.sides.get(role, {}).get(partnership_id, frozenset())
        return found

    def partnership_ids(self, roles: Iterable[Role]) -> set[int]:
        """Return the Partnerships for which one of `roles` acts, on any side."""
        return {pk for role in roles for pk in self.sides.get(role, {})}

    @cached_property
    def roles(self) -> set[Role]:
        """The roles that act for some Partnership."""
        return {role for role, partnerships in self.sides.items() if partnerships}


def standing_of(user: Person) -> Standing:
    """Return what `user` acts for today: one query, remembered on the user object.

    The object lives as long as a request; who holds one longer reads it anew.
    """
    if not user.is_active or not user.is_authenticated:
        return Standing()
    if user.is_superuser:
        return Standing(acts_for_all=True)
    known: Standing | None = getattr(user, _CACHE, None)
    if known is None:
        known = _read_standing(user)
        setattr(user, _CACHE, known)
    return known


def _read_standing(user: User) -> Standing:
    sides: dict[Role, dict[int, frozenset[str]]] = {}
    rows = RoleAssignment.objects.current().filter(user=user)
    for role, partnership_id, side in rows.values_list("role", "partnership_id", "side"):
        if role == Role.NETWORK_STAFF:
            return Standing(acts_for_all=True)
        if partnership_id is not None:
            of_role = sides.setdefault(Role(role), {})
            added = frozenset({_JOINT, side}) if side else _ALL_SIDES
            of_role[partnership_id] = of_role.get(partnership_id, frozenset()) | added
    return Standing(sides=sides)


def has_role(user: Person) -> bool:
    """Whether any role of `user` is in force today, whatever it allows (one query)."""
    return RoleAssignment.objects.current().filter(user=user.pk).exists()


class PartnershipFactPolicy(RowPermissionPolicy):
    """Rights on rows that belong to a Partnership (`partnership` is the path to it) and a side.

    A row of no Partnership is the network's: staff only.
    """

    def __init__(
        self,
        model: type[Model],
        rights: Rights,
        *,
        partnership: str = "partnership",
        has_side: bool = False,
    ) -> None:
        super().__init__(model)
        self.rights = rights
        self.partnership = partnership
        self.has_side = has_side
        self.scope_fields = ("side", "partnership") if has_side else ("partnership", "program")

    def _roles(self, actions: Iterable[str]) -> set[Role]:
        wanted = set(actions)
        return {role for role, allowed in self.rights.items() if allowed & wanted}

    # Some row or other

    def user_has_permission(self, user: Person, action: str) -> bool:
        return self.user_has_any_permission(user, [action])

    def user_has_any_permission(self, user: Person, actions: Iterable[str]) -> bool:
        standing = standing_of(user)
        return standing.acts_for_all or bool(standing.roles & self._roles(actions))

    # This row

    def partnership_id_of(self, row: Any) -> int | None:
        """Return the Partnership of a row (None: the whole network's)."""
        *relations, last = self.partnership.split("__")
        for relation in relations:
            row = getattr(row, relation)
        found: int | None = row.pk if last == "pk" else getattr(row, f"{last}_id")
        return found

    def _reaches(
        self, user: Person, actions: Iterable[str], partnership_id: int | None, row: Any
    ) -> bool:
        standing = standing_of(user)
        if standing.acts_for_all:
            return True
        sides = standing.sides_of(self._roles(actions), partnership_id)
        return (row.side in sides) if self.has_side else bool(sides)

    def user_has_permission_for_instance(self, user: Person, action: str, instance: Any) -> bool:
        return self._reaches(user, [action], self.partnership_id_of(instance), instance)

    def user_has_any_permission_for_instance(
        self, user: Person, actions: Iterable[str], instance: Any
    ) -> bool:
        return self._reaches(user, actions, self.partnership_id_of(instance), instance)

    def user_may_have_child(self, user: Person, action: str, child: Any, parent: Any) -> bool:
        partnership_id = parent.pk if isinstance(parent, Partnership) else parent.partnership_id
        return self._reaches(user, [action], partnership_id, child)

    # Rows

    def instances_user_has_any_permission_for(
        self, user: Person, actions: Iterable[str]
    ) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        standing = standing_of(user)
        if standing.acts_for_all:
            return rows
        roles = self._roles(actions)
        whole: list[int] = []
        condition = Q(pk__in=[])
        for partnership_id in standing.partnership_ids(roles):
            sides = standing.sides_of(roles, partnership_id)
            if self.has_side and sides != _ALL_SIDES:
                condition |= Q(**{self.partnership: partnership_id, "side__in": sorted(sides)})
            else:
                whole.append(partnership_id)
        return rows.filter(condition | Q(**{f"{self.partnership}__in": whole}))

    # Users

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[User]:
        roles = {Role.NETWORK_STAFF, *self._roles(actions)}
        return self._users(RoleAssignment.objects.current().filter(role__in=roles))

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Any
    ) -> QuerySet[User]:
        own = Q(role__in=self._roles(actions), partnership=self.partnership_id_of(instance))
        if self.has_side and instance.side:
            own &= Q(side__in=[_JOINT, instance.side])
        rows = RoleAssignment.objects.current().filter(Q(role=Role.NETWORK_STAFF) | own)
        return self._users(rows)

    @staticmethod
    def _users(assignments: QuerySet[RoleAssignment]) -> QuerySet[User]:
        return User.objects.filter(
            Q(is_superuser=True) | Q(pk__in=assignments.values("user")), is_active=True
        )

    def refusal(self, action: str) -> str:
        if action == "delete" and self.rights is ENDED_NOT_DELETED:
            return _("Rows of members stay: give the date on which it left instead.")
        if self.has_side:
            return _("You act for one side of your own Partnership; this is beyond it.")
        return _("You act for your own Partnership; this is beyond it.")


class NetworkPolicy(PartnershipFactPolicy):
    """Rights on what belongs to no Partnership: staff keep it, all who edit may choose from it."""

    def __init__(self, model: type[Model], *, is_choosable: bool = True) -> None:
        super().__init__(model, BY_STAFF if is_choosable else NOBODY_ELSE)
        self.scope_fields = ()

    def partnership_id_of(self, row: Any) -> int | None:
        return None

    def _reaches(
        self, user: Person, actions: Iterable[str], partnership_id: int | None, row: Any
    ) -> bool:
        return self.user_has_any_permission(user, actions)

    def instances_user_has_any_permission_for(
        self, user: Person, actions: Iterable[str]
    ) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows if self.user_has_any_permission(user, actions) else rows.none()

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Any
    ) -> QuerySet[User]:
        return self.users_with_any_permission(actions)

    def refusal(self, action: str) -> str:
        return _("This is kept by the network's staff.")


class CommunityPolicy(PartnershipFactPolicy):
    """A coordinator changes the communities that are members today, on the side acted for.

    All who edit may choose from all of them: an event can be held anywhere.
    """

    def __init__(self) -> None:
        super().__init__(Community, KEPT)
        self.scope_fields = ()

    def _own_ids(self, user: Person, actions: Iterable[str]) -> set[int]:
        """Return the communities in reach; one query, remembered on the user object."""
        standing = standing_of(user)
        known: dict[frozenset[Role], set[int]] = user.__dict__.setdefault(f"{_CACHE}_members", {})
        roles = frozenset(self._roles(actions))
        if roles not in known:
            reach = Q(pk__in=[])
            for partnership_id in standing.partnership_ids(roles):
                sides = standing.sides_of(roles, partnership_id)
                reach |= Q(partnership=partnership_id, side__in=sorted(sides))
            members = Membership.objects.current().filter(reach)
            known[roles] = set(members.values_list("community_id", flat=True))
        return known[roles]

    def user_has_permission_for_instance(self, user: Person, action: str, instance: Any) -> bool:
        return self.user_has_any_permission_for_instance(user, [action], instance)

    def user_has_any_permission_for_instance(
        self, user: Person, actions: Iterable[str], instance: Any
    ) -> bool:
        if standing_of(user).acts_for_all:
            return True
        if not self.user_has_any_permission(user, actions):
            return False
        return "choose" in actions or instance.pk in self._own_ids(user, actions)

    def instances_user_has_any_permission_for(
        self, user: Person, actions: Iterable[str]
    ) -> QuerySet[Any]:
        rows = Community.objects.all()
        if not self.user_has_any_permission(user, actions):
            return rows.none()
        if standing_of(user).acts_for_all or "choose" in actions:
            return rows
        return rows.filter(pk__in=self._own_ids(user, actions))

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Any
    ) -> QuerySet[User]:
        if "choose" in actions:
            return self.users_with_any_permission(actions)
        own = Q(role=Role.NETWORK_STAFF)
        for partnership_id, side in (
            Membership.objects.current()
            .filter(community=instance)
            .values_list("partnership_id", "side")
        ):
            own |= Q(
                role__in=self._roles(actions),
                partnership=partnership_id,
                side__in=[_JOINT, side],
            )
        return self._users(RoleAssignment.objects.current().filter(own))

    def refusal(self, action: str) -> str:
        return _("You can change the communities that belong to your own side.")


POLICIES: tuple[PartnershipFactPolicy, ...] = (
    PartnershipFactPolicy(Partnership, KEPT, partnership="pk"),
    PartnershipFactPolicy(Membership, ENDED_NOT_DELETED, has_side=True),
    CommunityPolicy(),
    PartnershipFactPolicy(Program, BY_EDITORS),
    PartnershipFactPolicy(
        WayToTakePart, BY_EDITORS, partnership="program__partnership", has_side=True
    ),
    PartnershipFactPolicy(Event, BY_EDITORS),
    PartnershipFactPolicy(Committee, BY_COORDINATORS, has_side=True),
    PartnershipFactPolicy(
        CommitteeSeat, BY_COORDINATORS, partnership="committee__partnership", has_side=True
    ),
    PartnershipFactPolicy(CommitteeDecision, BY_COORDINATORS, partnership="committee__partnership"),
    PartnershipFactPolicy(SchoolTwin, BY_COORDINATORS),
    PartnershipFactPolicy(ParticipationRow, BY_COORDINATORS, has_side=True),
    PartnershipFactPolicy(BudgetShare, BY_COORDINATORS),
    PartnershipFactPolicy(Figure, BY_COORDINATORS),
    NetworkPolicy(PartnershipKind),
    NetworkPolicy(Concept),
    NetworkPolicy(ExchangeRate, is_choosable=False),
    NetworkPolicy(RoleAssignment, is_choosable=False),
    NetworkPolicy(FormsClosure, is_choosable=False),
    NetworkPolicy(PromotedResult, is_choosable=False),
    NetworkPolicy(SearchCount, is_choosable=False),
)


def register_policies() -> None:
    """Register every policy of the facts, and who belongs to the network; called once."""
    for policy in POLICIES:
        register_permission_policy(policy.model, policy)
    network_rules.append(has_role)
