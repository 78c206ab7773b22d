"""The policy of facts: each role on each kind of row, own and others', of each side."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils import timezone
from wagtail.models import ModelLogEntry

from partnerships.enums import Role, Side
from partnerships.models import (
    BudgetShare,
    Committee,
    CommitteeSeat,
    Community,
    Event,
    Figure,
    Membership,
    ParticipationRow,
    Partnership,
    PartnershipKind,
    Program,
    RoleAssignment,
    SchoolTwin,
    WayToTakePart,
)
from partnerships.services.facts import delete_fact, save_fact
from portal.models import Concept
from portal.permissions import may, require, row_policy, rows_for
from search.models import ExchangeRate
from tests.factories import (
    BudgetShareFactory,
    CommitteeFactory,
    CommunityFactory,
    ConceptFactory,
    EventFactory,
    ExchangeRateFactory,
    FigureFactory,
    MembershipFactory,
    ParticipationRowFactory,
    PartnershipFactory,
    ProgramFactory,
    RoleAssignmentFactory,
    SchoolTwinFactory,
    UserFactory,
    WayToTakePartFactory,
)

pytestmark = pytest.mark.django_db

ACTIONS = ("add", "change", "delete", "choose")
ALL = set(ACTIONS)

#: How a row of a Partnership is made, by model.
MAKE: dict[type[Model], Callable[[Partnership], Any]] = {
    Partnership: lambda partnership: partnership,
    Membership: lambda partnership: MembershipFactory(partnership=partnership),
    Community: lambda partnership: MembershipFactory(partnership=partnership).community,
    Program: lambda partnership: ProgramFactory(partnership=partnership),
    WayToTakePart: lambda partnership: WayToTakePartFactory(program__partnership=partnership),
    Event: lambda partnership: EventFactory(partnership=partnership),
    Committee: lambda partnership: CommitteeFactory(partnership=partnership),
    CommitteeSeat: lambda partnership: CommitteeSeat.objects.create(
        committee=CommitteeFactory(partnership=partnership), side=Side.ISRAEL
    ),
    SchoolTwin: lambda partnership: SchoolTwinFactory(partnership=partnership),
    ParticipationRow: lambda partnership: ParticipationRowFactory(partnership=partnership),
    BudgetShare: lambda partnership: BudgetShareFactory(partnership=partnership),
    Figure: lambda partnership: FigureFactory(partnership=partnership),
    PartnershipKind: lambda partnership: partnership.kind,
    Concept: lambda partnership: ConceptFactory(),
    ExchangeRate: lambda partnership: ExchangeRateFactory(),
    RoleAssignment: lambda partnership: RoleAssignmentFactory(partnership=partnership),
}

#: What coordinators and editors may do to rows of their own Partnership.
OWN: dict[type[Model], tuple[set[str], set[str]]] = {
    Partnership: ({"change", "choose"}, {"choose"}),
    Membership: ({"add", "change", "choose"}, {"choose"}),
    Community: ({"change", "choose"}, {"choose"}),
    Program: (ALL, ALL),
    WayToTakePart: (ALL, ALL),
    Event: (ALL, ALL),
    Committee: (ALL, {"choose"}),
    CommitteeSeat: (ALL, {"choose"}),
    SchoolTwin: (ALL, {"choose"}),
    ParticipationRow: (ALL, {"choose"}),
    BudgetShare: (ALL, {"choose"}),
    Figure: (ALL, {"choose"}),
    PartnershipKind: ({"choose"}, {"choose"}),
    Concept: ({"choose"}, {"choose"}),
    ExchangeRate: (set(), set()),
    RoleAssignment: (set(), set()),
}
#: Rows of no Partnership, or chosen across Partnerships: others' are like own ones.
SHARED = {Community: {"choose"}, PartnershipKind: {"choose"}, Concept: {"choose"}}

models = pytest.mark.parametrize("model", list(MAKE), ids=lambda model: model.__name__)


def rights(user: Any, row: Any) -> set[str]:
    return {action for action in ACTIONS if may(type(user).objects.get(pk=user.pk), action, row)}


def listed(user: Any, row: Any) -> set[str]:
    """The actions for which the policy's queryset holds the row."""
    fresh = type(user).objects.get(pk=user.pk)
    everything = type(row)._default_manager.all()
    return {action for action in ACTIONS if row in rows_for(fresh, action, everything)}


def acting(role: Role, partnership: Partnership, **more: Any) -> Any:
    staff = role == Role.NETWORK_STAFF
    return RoleAssignmentFactory(role=role, partnership=None if staff else partnership, **more).user


@models
@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_may_do_to_own_rows(model, role):
    partnership = PartnershipFactory()
    user, row = acting(role, partnership), MAKE[model](partnership)
    coordinator, editor = OWN[model]
    expected = {Role.NETWORK_STAFF: ALL, Role.COORDINATOR: coordinator, Role.EDITOR: editor}

    assert rights(user, row) == expected.get(role, set())
    assert listed(user, row) == expected.get(role, set())


@models
@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_may_do_to_rows_of_others(model, role):
    user, row = acting(role, PartnershipFactory()), MAKE[model](PartnershipFactory())
    expected = {
        Role.NETWORK_STAFF: ALL,
        Role.COORDINATOR: SHARED.get(model, set()),
        Role.EDITOR: SHARED.get(model, set()),
    }

    assert rights(user, row) == expected.get(role, set())
    assert listed(user, row) == expected.get(role, set())


@models
def test_superusers_may_do_everything_and_strangers_nothing(model):
    row = MAKE[model](PartnershipFactory())
    boss, nobody = UserFactory(is_superuser=True), UserFactory()
    gone = UserFactory(is_superuser=True, is_active=False)

    assert rights(boss, row) == ALL
    assert rights(nobody, row) == rights(gone, row) == set()
    assert not may(AnonymousUser(), "change", row)
    assert not rows_for(AnonymousUser(), "choose", model._default_manager.all())


@models
@pytest.mark.parametrize("role", [Role.NETWORK_STAFF, Role.COORDINATOR, Role.EDITOR])
def test_rights_end_with_the_term_at_once(model, role):
    partnership = PartnershipFactory()
    row = MAKE[model](partnership)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    user = acting(role, partnership)
    RoleAssignment.objects.filter(user=user).update(ends_on=yesterday)

    assert rights(user, row) == set()
    assert listed(user, row) == set()


@pytest.mark.parametrize("factory", [EventFactory, BudgetShareFactory, FigureFactory])
def test_rows_of_the_whole_network_are_for_staff(factory):
    row = factory(partnership=None)

    assert rights(acting(Role.NETWORK_STAFF, PartnershipFactory()), row) == ALL
    assert rights(acting(Role.COORDINATOR, PartnershipFactory()), row) == set()
    assert listed(acting(Role.COORDINATOR, PartnershipFactory()), row) == set()


# Sides


def sided_rows(partnership: Partnership) -> dict[type[Model], Callable[[str], Any]]:
    """How a row of a side is made, for the models that have sides."""
    countries = {Side.ISRAEL: "IL", Side.DIASPORA: "US"}

    def community(side: str) -> Any:
        return CommunityFactory(country_code=countries[Side(side)])

    def seat(side: str) -> Any:
        committee = CommitteeFactory(partnership=partnership)
        return CommitteeSeat.objects.create(committee=committee, side=side)

    return {
        Membership: lambda side: MembershipFactory(
            partnership=partnership, community=community(side)
        ),
        Committee: lambda side: CommitteeFactory(partnership=partnership, side=side),
        CommitteeSeat: seat,
        WayToTakePart: lambda side: WayToTakePartFactory(
            program__partnership=partnership, side=side
        ),
        ParticipationRow: lambda side: ParticipationRowFactory(partnership=partnership, side=side),
    }


@pytest.mark.parametrize(
    "model",
    [Membership, Committee, CommitteeSeat, WayToTakePart, ParticipationRow],
    ids=lambda model: model.__name__,
)
@pytest.mark.parametrize(("bound", "other"), [("israel", "diaspora"), ("diaspora", "israel")])
def test_a_role_of_one_side_has_the_rows_of_its_side(model, bound, other):
    partnership = PartnershipFactory()
    make = sided_rows(partnership)[model]
    mine, theirs = make(bound), make(other)
    user = acting(Role.COORDINATOR, partnership, side=bound)

    assert rights(user, mine) == listed(user, mine) == OWN[model][0]
    assert rights(user, theirs) == listed(user, theirs) == set()


@pytest.mark.parametrize("model", [Committee, WayToTakePart], ids=lambda model: model.__name__)
def test_a_role_of_one_side_has_joint_rows_too(model):
    partnership = PartnershipFactory()
    row = sided_rows(partnership)[model]("")
    user = acting(Role.COORDINATOR, partnership, side="israel")

    assert rights(user, row) == listed(user, row) == ALL


def test_a_role_of_one_side_changes_the_communities_of_its_side():
    partnership = PartnershipFactory()
    make = sided_rows(partnership)[Membership]
    mine, theirs = make("israel").community, make("diaspora").community
    user = acting(Role.COORDINATOR, partnership, side="israel")

    assert rights(user, mine) == {"change", "choose"}
    assert rights(user, theirs) == {"choose"}
    assert listed(user, theirs) == {"choose"}


def test_roles_of_both_sides_add_up():
    partnership = PartnershipFactory()
    user = acting(Role.COORDINATOR, partnership, side="israel")
    RoleAssignmentFactory(
        user=user, role=Role.COORDINATOR, partnership=partnership, side="diaspora"
    )
    make = sided_rows(partnership)[ParticipationRow]

    assert rights(user, make("israel")) == rights(user, make("diaspora")) == ALL


def test_an_editor_of_one_place_is_no_coordinator_of_the_other():
    edited, coordinated = PartnershipFactory(), PartnershipFactory()
    user = acting(Role.EDITOR, edited)
    RoleAssignmentFactory(user=user, role=Role.COORDINATOR, partnership=coordinated)

    assert rights(user, FigureFactory(partnership=edited)) == {"choose"}
    assert rights(user, FigureFactory(partnership=coordinated)) == ALL


def test_a_community_that_left_is_no_longer_changed_by_its_former_coordinator():
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    membership = MembershipFactory(left_on=yesterday)
    user = acting(Role.COORDINATOR, membership.partnership)

    assert "change" not in rights(user, membership.community)


def test_a_community_of_two_partnerships_is_changed_by_both():
    community = CommunityFactory()
    first, second = (MembershipFactory(community=community).partnership for _ in range(2))

    for partnership in (first, second):
        user = acting(Role.COORDINATOR, partnership)
        assert "change" in rights(user, community)
        assert rows_for(user, "change", Community.objects.all()).count() == 1


# Users


@models
def test_the_policy_names_the_users_who_may(model):
    partnership = PartnershipFactory()
    row = MAKE[model](partnership)
    people = [acting(role, partnership) for role in Role]
    people += [acting(Role.COORDINATOR, PartnershipFactory()), UserFactory(is_superuser=True)]
    policy = row_policy(model)

    for action in ACTIONS:
        expected = {user for user in people if action in rights(user, row)}
        named = policy.users_with_permission_for_instance(action, row)
        assert set(named) & set(people) == expected
        assert expected <= set(policy.users_with_permission(action))


# Queries


def test_a_page_full_of_questions_asks_once_for_the_roles(django_assert_num_queries):
    partnership = PartnershipFactory()
    rows = [ProgramFactory(partnership=partnership) for _ in range(5)]
    user = acting(Role.COORDINATOR, partnership)

    with django_assert_num_queries(1):
        assert all(may(user, action, row) for row in rows for action in ACTIONS)


def test_many_communities_are_judged_in_two_queries(django_assert_num_queries):
    partnership = PartnershipFactory()
    rows = [MembershipFactory(partnership=partnership).community for _ in range(5)]
    user = acting(Role.COORDINATOR, partnership)

    with django_assert_num_queries(2):
        assert all(may(user, "change", row) for row in rows)


# Services and API


def test_require_says_why_it_refuses():
    user = acting(Role.EDITOR, PartnershipFactory())

    with pytest.raises(PermissionDenied, match="your own Partnership"):
        require(user, "change", EventFactory())


def test_a_service_saves_and_logs_what_its_user_may():
    event = EventFactory()
    user = acting(Role.EDITOR, event.partnership)

    event.name = {"en": "Summer camp"}
    save_fact(event, user=user)

    event.refresh_from_db()
    assert event.name["en"] == "Summer camp"
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.user, entry.object_id) == ("wagtail.edit", user, str(event.pk))


def test_a_service_makes_and_deletes_with_a_log():
    partnership = PartnershipFactory()
    user = acting(Role.EDITOR, partnership)
    event = EventFactory.build(partnership=partnership)

    save_fact(event, user=user)
    delete_fact(event, user=user)

    actions = ModelLogEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["wagtail.create", "wagtail.delete"]
    assert not Event.objects.exists()


def test_a_service_refuses_to_hand_a_row_to_another_partnership():
    event = EventFactory()
    user = acting(Role.EDITOR, event.partnership)

    event.partnership = PartnershipFactory()
    with pytest.raises(PermissionDenied):
        save_fact(event, user=user)

    assert not ModelLogEntry.objects.exists()


def test_a_service_refuses_to_take_a_row_of_another_partnership():
    event = EventFactory()
    own = PartnershipFactory()
    user = acting(Role.EDITOR, own)

    event.partnership = own
    with pytest.raises(PermissionDenied):
        save_fact(event, user=user)
    with pytest.raises(PermissionDenied):
        delete_fact(event, user=user)

    assert Event.objects.filter(pk=event.pk).exclude(partnership=own).exists()


# Checks


def test_every_fact_has_a_policy_that_minds_its_sides():
    from partnerships.checks import facts_have_a_policy

    assert facts_have_a_policy(None) == []


def test_a_fact_without_policy_is_told(monkeypatch):
    from partnerships import checks

    monkeypatch.setattr(checks, "WITHOUT_POLICY", frozenset())

    found = {(error.id, error.obj.__name__) for error in checks.facts_have_a_policy(None)}
    assert ("partnerships.E001", "PartnershipGroup") in found
