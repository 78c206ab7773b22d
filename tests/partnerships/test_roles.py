"""Groups, rights and members follow the roles that people hold today."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.permissions import policy_registry

from partnerships.enums import ADMIN_ROLES, Role
from partnerships.models import PartnershipGroup, PartnershipPage, RoleAssignment
from partnerships.services.roles import (
    sync_all,
    sync_network_groups,
    sync_partnership_groups,
    sync_user_groups,
)
from portal.library import pages_written
from portal.models import PortalDocument, PortalImage
from tests.factories import (
    ImageFactory,
    PartnershipFactory,
    PartnershipPageFactory,
    RoleAssignmentFactory,
    StandardPageFactory,
    StoryPageFactory,
    UserFactory,
    page_of,
)

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "he")


def group_names(user: Any) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


def page_rights(user: Any, page: Page) -> set[str]:
    """What a freshly read user may do to a page."""
    fresh = type(user).objects.get(pk=user.pk)
    tester = page.permissions_for_user(fresh)
    return {
        name
        for name in ("add_subpage", "edit", "publish", "delete", "unpublish", "lock", "move")
        if getattr(tester, f"can_{name}")()
    }


def today(days: int = 0) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


# Groups


def test_each_partnership_has_a_group_for_each_role_and_a_collection():
    partnership = PartnershipFactory(slug="haifa-boston", name={"en": "Haifa", "he": "חיפה"})

    roles = PartnershipGroup.objects.filter(partnership=partnership).values_list(
        "role", "group__name"
    )
    partnership.refresh_from_db()
    assert sorted(roles) == [
        ("chair", "haifa-boston: chair"),
        ("coordinator", "haifa-boston: coordinator"),
        ("editor", "haifa-boston: editor"),
        ("professional", "haifa-boston: professional"),
    ]
    assert partnership.collection.name == "Haifa"
    assert partnership.collection.get_parent().name == "Partnerships"


def test_a_renamed_partnership_keeps_its_groups_and_collection_under_the_new_name():
    partnership = PartnershipFactory(slug="old", name={"en": "Old"})
    before = set(PartnershipGroup.objects.values_list("group_id", flat=True))

    partnership.slug, partnership.name = "new", {"en": "New"}
    partnership.save()

    assert set(PartnershipGroup.objects.values_list("group_id", flat=True)) == before
    assert Group.objects.filter(name="new: editor").exists()
    assert Collection.objects.filter(name="New").exists()
    assert not Collection.objects.filter(name="Old").exists()


def test_groups_go_with_their_partnership():
    partnership = PartnershipFactory(slug="short-lived")

    partnership.delete()

    assert not Group.objects.filter(name__startswith="short-lived").exists()


@pytest.mark.parametrize("role", list(Role))
def test_only_roles_that_edit_open_the_admin(role):
    user = RoleAssignmentFactory(role=role).user

    assert user.has_perm("wagtailadmin.access_admin") is (role in ADMIN_ROLES)


def test_syncing_again_changes_nothing():
    partnership = PartnershipFactory()
    for language in LANGUAGES:
        page_of(partnership, language)
    user = RoleAssignmentFactory(partnership=partnership).user
    RoleAssignmentFactory(role=Role.NETWORK_STAFF)

    def state() -> list[Any]:
        return [
            list(model.objects.order_by("pk").values_list())
            for model in (Group, PartnershipGroup, GroupPagePermission, GroupCollectionPermission)
        ] + [list(Group.permissions.through.objects.order_by("pk").values_list())]

    before = state()
    sync_partnership_groups(partnership)
    sync_network_groups()
    sync_user_groups(user)
    report = sync_all()

    assert state() == before
    assert (report.added, report.removed) == (0, 0)


def test_what_somebody_changed_by_hand_is_put_back():
    partnership = PartnershipFactory()
    page = page_of(partnership)
    group = Group.objects.get(name=f"{partnership.slug}: chair")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    GroupPagePermission.objects.create(group=group, page=page, permission_type="publish")
    editors = Group.objects.get(name=f"{partnership.slug}: editor")
    editors.page_permissions.all().delete()
    stranger = UserFactory()
    stranger.groups.add(group)

    sync_all()

    assert not group.permissions.exists()
    assert not group.page_permissions.exists()
    assert editors.page_permissions.count() == 3
    assert not stranger.groups.exists()


def test_groups_that_are_not_of_roles_are_left_alone():
    user = UserFactory()
    other = Group.objects.create(name="readers of the newsletter")
    user.groups.add(other)

    RoleAssignmentFactory(user=user)
    sync_all()

    assert other in user.groups.all()


# Members


def test_a_role_puts_its_person_into_the_group_and_its_end_takes_them_out():
    assignment = RoleAssignmentFactory(partnership=PartnershipFactory(slug="arad"))
    user = assignment.user
    assert group_names(user) == ["arad: editor"]

    assignment.delete()

    assert group_names(user) == []


def test_a_changed_role_moves_its_person():
    assignment = RoleAssignmentFactory(partnership=PartnershipFactory(slug="arad"))

    assignment.role = Role.COORDINATOR
    assignment.save()

    assert group_names(assignment.user) == ["arad: coordinator"]


def test_a_role_passed_on_leaves_nothing_with_the_former_holder():
    assignment = RoleAssignmentFactory()
    former, successor = assignment.user, UserFactory()
    assignment = RoleAssignment.objects.get(pk=assignment.pk)

    assignment.user = successor
    assignment.save()

    assert group_names(former) == []
    assert len(group_names(successor)) == 1


def test_two_roles_in_two_partnerships_stand_side_by_side():
    user = UserFactory()
    for slug, role in (("arad", Role.EDITOR), ("haifa", Role.CHAIR)):
        RoleAssignmentFactory(user=user, role=role, partnership=PartnershipFactory(slug=slug))

    assert group_names(user) == ["arad: editor", "haifa: chair"]


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (None, None, True),
        (-10, 10, True),
        (0, 0, True),
        (1, None, False),
        (None, -1, False),
    ],
)
def test_a_role_holds_within_its_term(starts, ends, holds):
    starts_on, ends_on = (None if days is None else today(days) for days in (starts, ends))
    assignment = RoleAssignmentFactory(starts_on=starts_on, ends_on=ends_on)

    assert bool(group_names(assignment.user)) is holds


def test_the_daily_sync_ends_and_begins_terms(capsys):
    ended, begun = RoleAssignmentFactory(), RoleAssignmentFactory(starts_on=today(1))
    RoleAssignment.objects.filter(pk=ended.pk).update(ends_on=today(-1))
    RoleAssignment.objects.filter(pk=begun.pk).update(starts_on=today())

    call_command("sync_roles")

    assert group_names(ended.user) == []
    assert len(group_names(begun.user)) == 1
    assert capsys.readouterr().out == "1 added to groups, 1 removed\n"


def test_the_sync_of_members_asks_the_same_number_of_queries_for_many(
    django_assert_num_queries, django_assert_max_num_queries
):
    from partnerships.services.roles import sync_members

    partnership = PartnershipFactory()
    RoleAssignmentFactory.create_batch(2, partnership=partnership)
    with django_assert_max_num_queries(12) as few:
        sync_members()
    RoleAssignmentFactory.create_batch(18, partnership=partnership)

    with django_assert_num_queries(len(few)):
        sync_members()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR, Role.CHAIR])
def test_roles_of_a_partnership_need_one(role):
    assignment = RoleAssignment(user=UserFactory(), role=role)

    with pytest.raises(ValidationError) as refused:
        assignment.full_clean()

    assert "partnership" in refused.value.message_dict


def test_network_staff_have_no_partnership():
    assignment = RoleAssignment(
        user=UserFactory(), role=Role.NETWORK_STAFF, partnership=PartnershipFactory()
    )

    with pytest.raises(ValidationError):
        assignment.full_clean()


# Pages, in both trees


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.NETWORK_STAFF, {"add", "edit", "publish", "delete", "unpublish", "lock", "move"}),
        (Role.COORDINATOR, {"edit", "publish", "delete", "unpublish", "move"}),
        (Role.EDITOR, {"edit", "publish", "delete", "unpublish", "move"}),
        (Role.CHAIR, set()),
        (Role.PROFESSIONAL, set()),
    ],
)
def test_rights_on_the_stories_of_the_own_partnership(role, language, expected):
    partnership = PartnershipFactory()
    story = StoryPageFactory(parent=page_of(partnership, language), language=language)
    staff = role == Role.NETWORK_STAFF
    user = RoleAssignmentFactory(role=role, partnership=None if staff else partnership).user

    assert page_rights(user, story) == expected - {"add"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            Role.NETWORK_STAFF,
            {"add_subpage", "edit", "publish", "delete", "unpublish", "lock", "move"},
        ),
        (Role.COORDINATOR, {"add_subpage", "edit", "publish"}),
        (Role.EDITOR, {"add_subpage", "edit", "publish"}),
        (Role.CHAIR, set()),
        (Role.PROFESSIONAL, set()),
    ],
)
def test_the_partnerships_own_page_is_written_but_never_removed_by_its_people(
    role, language, expected
):
    partnership = PartnershipFactory()
    page = page_of(partnership, language)
    staff = role == Role.NETWORK_STAFF
    user = RoleAssignmentFactory(role=role, partnership=None if staff else partnership).user

    assert page_rights(user, page) == expected
    base = Page.objects.get(pk=page.pk)
    assert page_rights(user, base) == expected
    assert base.permissions_for_user(user).can_set_view_restrictions() is staff


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", [role for role in Role if role != Role.NETWORK_STAFF])
def test_no_rights_on_the_pages_of_another_partnership(role, language):
    user = RoleAssignmentFactory(role=role, partnership=PartnershipFactory()).user
    other = PartnershipFactory()
    story = StoryPageFactory(parent=page_of(other, language), language=language, live=False)
    plain = StandardPageFactory(language=language)

    assert page_rights(user, page_of(other, language)) == set()
    assert page_rights(user, story) == set()
    assert page_rights(user, plain) == set()


def test_a_draft_of_another_partnership_is_not_in_the_explorer():
    user = RoleAssignmentFactory(partnership=PartnershipFactory()).user
    story = StoryPageFactory(live=False)

    explorable = policy_registry.get_by_type(Page).explorable_instances(user)

    assert not explorable.filter(pk=story.pk).exists()


def test_pages_made_before_and_after_the_groups_get_their_rights():
    partnership = PartnershipFactory()
    early = page_of(partnership, "en")
    user = RoleAssignmentFactory(partnership=partnership).user
    late = page_of(partnership, "he")

    assert "edit" in page_rights(user, early)
    assert "edit" in page_rights(user, late)


def test_pages_of_the_bulk_writer_get_their_rights():
    page = page_of(PartnershipFactory())
    GroupPagePermission.objects.all().delete()

    pages_written.send(sender=None, pages=[StoryPageFactory(parent=page), page])

    assert GroupPagePermission.objects.filter(page=page).count() == 6


def test_a_page_that_changes_its_partnership_changes_its_people():
    before, after = PartnershipFactory(), PartnershipFactory()
    page = page_of(before)
    former = RoleAssignmentFactory(partnership=before).user
    new = RoleAssignmentFactory(partnership=after).user

    page.partnership = after
    page.save()

    assert "edit" not in page_rights(former, page)
    assert "edit" in page_rights(new, page)


def test_saving_a_page_in_step_costs_one_query_for_rights(django_assert_num_queries):
    from partnerships.services.roles import sync_page_groups

    page = PartnershipPage.objects.get(pk=PartnershipPageFactory().pk)

    with django_assert_num_queries(1):
        sync_page_groups([page])


# Pictures and files


@pytest.mark.parametrize("role", list(Role))
def test_pictures_and_files_by_collection(role):
    own, other = PartnershipFactory(), PartnershipFactory()
    staff = role == Role.NETWORK_STAFF
    user = RoleAssignmentFactory(role=role, partnership=None if staff else own).user
    own.refresh_from_db()
    other.refresh_from_db()
    mine, theirs = (
        ImageFactory(collection=own.collection),
        ImageFactory(collection=other.collection),
    )
    pictures = policy_registry.get_by_type(PortalImage)
    files = policy_registry.get_by_type(PortalDocument)
    edits = role in ADMIN_ROLES

    for action in ("change", "choose"):
        assert pictures.user_has_permission_for_instance(user, action, mine) is edits
        assert pictures.user_has_permission_for_instance(user, action, theirs) is staff
    assert (mine in pictures.instances_user_has_permission_for(user, "choose")) is edits
    assert (theirs in pictures.instances_user_has_permission_for(user, "choose")) is staff
    collections = files.collections_user_has_permission_for(user, "add")
    assert (own.collection in collections) is edits
    assert (other.collection in collections) is staff
