"""Keeps Django's groups, and what they may do to pages and files, in step with the roles.

`RoleAssignment` rows are the truth. One group stands for each role of each Partnership and for each
role of the network; its rights are written exactly as the tables below say, in every language tree,
and its members are those whose term runs today. Nobody edits these groups by hand: what was changed
there is put back. Every function may run at any time and any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from partnerships.enums import ADMIN_ROLES, PUBLISHING_ROLES, Role
from partnerships.models import Partnership, PartnershipGroup, PartnershipPage, RoleAssignment
from portal.fields import default_language
from portal.models import User

#: The collection under which each Partnership has its own.
ROOT_COLLECTION = "Partnerships"

PARTNERSHIP_GROUPS = (Role.COORDINATOR, Role.EDITOR, Role.CHAIR, Role.PROFESSIONAL)
NETWORK_GROUPS = (Role.NETWORK_STAFF, Role.PROFESSIONAL)

#: Rights as "app.codename".
PAGE_RIGHTS = frozenset(
    {"wagtailcore.add_page", "wagtailcore.change_page", "wagtailcore.publish_page"}
)
STAFF_PAGE_RIGHTS = PAGE_RIGHTS | {
    "wagtailcore.bulk_delete_page",
    "wagtailcore.lock_page",
    "wagtailcore.unlock_page",
}
FILE_RIGHTS = frozenset(
    f"{app}.{action}_{model}"
    for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
    for action in ("add", "change", "choose")
)
STAFF_FILE_RIGHTS = FILE_RIGHTS | {
    f"wagtailcore.{action}_collection" for action in ("add", "change", "delete")
}
ADMIN_RIGHTS = frozenset({"wagtailadmin.access_admin", "simple_translation.submit_translation"})
#: Models that network staff keep; facts have their own policy (`partnerships.permissions`).
STAFF_MODELS = (
    ("portal", "user", ("add", "change", "view")),
    ("partnerships", "partnership", ("add", "change", "delete")),
    ("wagtailredirects", "redirect", ("add", "change", "delete")),
    ("wagtailsearchpromotions", "searchpromotion", ("add", "change", "delete")),
)
STAFF_RIGHTS = ADMIN_RIGHTS | {
    f"{app}.{action}_{model}" for app, model, actions in STAFF_MODELS for action in actions
}


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `sync_all` changed: members added to and removed from groups."""

    added: int
    removed: int


def sync_partnership_groups(partnership: Partnership) -> None:
    """Make the Partnership's collection and groups, and write their rights exactly.

    Pages of the Partnership in every language are reached through its PartnershipPages.
    """
    with transaction.atomic():
        collection = _sync_collection(partnership)
        pages = list(
            PartnershipPage.objects.filter(partnership=partnership).values_list("pk", flat=True)
        )
        groups = _sync_groups(PARTNERSHIP_GROUPS, partnership)
        for role, group in groups.items():
            publishes = role in PUBLISHING_ROLES
            _sync_rights(
                group,
                own=ADMIN_RIGHTS if role in ADMIN_ROLES else frozenset(),
                on_pages=dict.fromkeys(pages, PAGE_RIGHTS) if publishes else {},
                on_collections={collection.pk: FILE_RIGHTS} if publishes else {},
            )


def sync_network_groups() -> None:
    """Make the groups of the network's roles and write their rights exactly."""
    with transaction.atomic():
        groups = _sync_groups(NETWORK_GROUPS, None)
        root_page = Page.get_first_root_node()
        root_collection = Collection.get_first_root_node()
        _sync_rights(
            groups[Role.NETWORK_STAFF],
            own=STAFF_RIGHTS,
            on_pages={root_page.pk: STAFF_PAGE_RIGHTS} if root_page else {},
            on_collections={root_collection.pk: STAFF_FILE_RIGHTS} if root_collection else {},
        )
        _sync_rights(groups[Role.PROFESSIONAL], own=frozenset(), on_pages={}, on_collections={})


def sync_user_groups(user: User) -> None:
    """Put `user` into the groups of the roles held today, and out of those of all others."""
    with transaction.atomic():
        wanted = set()
        for assignment in RoleAssignment.objects.current().filter(user=user):
            wanted.add(_group_for(assignment).pk)
        held = set(user.groups.filter(partnership_group__isnull=False).values_list("pk", flat=True))
        if wanted - held:
            user.groups.add(*wanted - held)
        if held - wanted:
            user.groups.remove(*held - wanted)


def sync_all() -> SyncReport:
    """Bring every group, right and member in step; for terms that began or ended, and repairs."""
    sync_network_groups()
    for partnership in Partnership.objects.all():
        sync_partnership_groups(partnership)
    return sync_members()


def sync_members() -> SyncReport:
    """Put everybody into the groups of the roles held today, in a fixed number of queries."""
    through = User.groups.through
    with transaction.atomic():
        group_of = {
            (role, partnership_id): group_id
            for role, partnership_id, group_id in PartnershipGroup.objects.values_list(
                "role", "partnership_id", "group_id"
            )
        }
        current = RoleAssignment.objects.current().values_list("user_id", "role", "partnership_id")
        wanted = {
            (user_id, group_of[role, partnership_id])
            for user_id, role, partnership_id in current
            if (role, partnership_id) in group_of
        }
        held = {
            (user_id, group_id): pk
            for pk, user_id, group_id in through.objects.filter(
                group__in=list(group_of.values())
            ).values_list("pk", "user_id", "group_id")
        }
        missing = wanted - held.keys()
        through.objects.bulk_create(
            [through(user_id=user_id, group_id=group_id) for user_id, group_id in missing],
            ignore_conflicts=True,
        )
        ended = [pk for pair, pk in held.items() if pair not in wanted]
        through.objects.filter(pk__in=ended).delete()
    return SyncReport(added=len(missing), removed=len(ended))


def sync_page_groups(pages: Iterable[PartnershipPage]) -> None:
    """Give the groups of their Partnerships the rights on `pages`, where they lack them.

    Also when a page came to stand for another Partnership: the former one's rights go. One query
    when all is in step, as after every draft that is saved.
    """
    rights: dict[int, set[int | None]] = {page.pk: set() for page in pages}
    for page_id, partnership_id in (
        GroupPagePermission.objects.filter(
            page__in=list(rights), group__partnership_group__partnership__isnull=False
        )
        .values_list("page_id", "group__partnership_group__partnership_id")
        .distinct()
    ):
        rights[page_id].add(partnership_id)
    stale: set[int | None] = set()
    for page in pages:
        if rights[page.pk] != {page.partnership_id}:
            stale |= {page.partnership_id, *rights[page.pk]}
    for partnership in Partnership.objects.filter(pk__in=stale):
        sync_partnership_groups(partnership)


def _group_for(assignment: RoleAssignment) -> Group:
    """Return the group of an assignment's role, made with its rights when it is missing."""
    known = Q(role=assignment.role, partnership=assignment.partnership_id)
    found = PartnershipGroup.objects.filter(known).select_related("group").first()
    if found is None:
        if assignment.partnership is None:
            sync_network_groups()
        else:
            sync_partnership_groups(assignment.partnership)
        found = PartnershipGroup.objects.select_related("group").get(known)
    return found.group


def _sync_groups(roles: Iterable[Role], partnership: Partnership | None) -> dict[Role, Group]:
    """Return the groups of `roles` for a Partnership or the network, made or renamed as needed."""
    found = {
        Role(row.role): row.group
        for row in PartnershipGroup.objects.filter(partnership=partnership).select_related("group")
    }
    groups = {}
    for role in roles:
        name = f"{partnership.slug if partnership else 'network'}: {role.value}"
        group = found.get(role)
        if group is None:
            group, _made = Group.objects.get_or_create(name=name)
            PartnershipGroup.objects.create(group=group, role=role, partnership=partnership)
        elif group.name != name:
            group.name = name
            group.save(update_fields=["name"])
        groups[role] = group
    return groups


def _sync_collection(partnership: Partnership) -> Collection:
    """Return the collection of the Partnership's pictures and files, made or renamed as needed."""
    name = (partnership.name.in_language(default_language()) or partnership.slug)[:255]
    collection = Collection.objects.filter(pk=partnership.collection_id).first()
    if collection is None:
        root = Collection.get_first_root_node() or Collection.add_root(name="Root")
        above = root.get_children().filter(name=ROOT_COLLECTION).first()
        if above is None:
            above = root.add_child(name=ROOT_COLLECTION)
        collection = above.add_child(name=name)
        Partnership.objects.filter(pk=partnership.pk).update(collection=collection)
        partnership.collection = collection
    elif collection.name != name:
        collection.name = name
        collection.save(update_fields=["name"])
    return collection


def _permissions(rights: Iterable[str]) -> set[int]:
    """Return the keys of permissions named "app.codename"."""
    condition = Q(pk__in=[])
    for right in rights:
        app, codename = right.split(".")
        condition |= Q(content_type__app_label=app, codename=codename)
    return set(Permission.objects.filter(condition).values_list("pk", flat=True))


def _sync_rights(
    group: Group,
    *,
    own: frozenset[str],
    on_pages: dict[int, frozenset[str]],
    on_collections: dict[int, frozenset[str]],
) -> None:
    """Write a group's rights exactly: what is missing is added, what is too much removed."""
    permissions = {
        rights: _permissions(rights)
        for rights in {own, *on_pages.values(), *on_collections.values()}
    }
    held = set(group.permissions.values_list("pk", flat=True))
    if held != permissions[own]:
        group.permissions.set(permissions[own])
    for model, field, wanted in (
        (GroupPagePermission, "page_id", on_pages),
        (GroupCollectionPermission, "collection_id", on_collections),
    ):
        pairs = {
            (place, permission)
            for place, rights in wanted.items()
            for permission in permissions[rights]
        }
        rows = {
            (place, permission): pk
            for pk, place, permission in model.objects.filter(group=group).values_list(
                "pk", field, "permission_id"
            )
        }
        too_much = [pk for pair, pk in rows.items() if pair not in pairs]
        if too_much:
            model.objects.filter(pk__in=too_much).delete()
        model.objects.bulk_create(
            [
                model(group=group, **{field: place}, permission_id=permission)
                for place, permission in pairs - rows.keys()
            ]
        )
