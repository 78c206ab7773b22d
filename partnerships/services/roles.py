"""Keeps Django's groups, and what they may do to pages and files, in step with the roles.

`RoleAssignment` rows are the truth. One group stands for each role of each Partnership and for each
role of the network; its rights are written exactly as the tables below say, in every language tree,
and its members are those whose term runs today. Nobody edits these groups by hand: what was changed
there is put back. Every function may run at any time and any number of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Model, Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from partnerships.enums import ADMIN_ROLES, PUBLISHING_ROLES, Role
from partnerships.models import Partnership, PartnershipGroup, PartnershipPage, RoleAssignment
from partnerships.permissions import POLICIES
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
#: Models that network staff keep. Facts have their own policy (`partnerships.permissions`); the
#: rights by model open fields for staff and show the facts' log in Wagtail's report.
STAFF_MODELS = (
    *((policy.model._meta.app_label, policy.model._meta.model_name) for policy in POLICIES),
    ("wagtailredirects", "redirect"),
)
STAFF_RIGHTS = ADMIN_RIGHTS | {
    "portal.add_user",
    "portal.change_user",
    "portal.view_user",
    *(
        f"{app}.{action}_{model}"
        for app, model in STAFF_MODELS
        for action in ("add", "change", "delete")
    ),
}


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `sync_all` changed: members added to and removed from groups."""

    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class GroupRights:
    """All that a group may do: by itself, on pages and on collections (by primary key)."""

    own: frozenset[str] = frozenset()
    on_pages: Mapping[int, frozenset[str]] = field(default_factory=dict)
    on_collections: Mapping[int, frozenset[str]] = field(default_factory=dict)


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
        rights = {}
        for role, group in groups.items():
            publishes = role in PUBLISHING_ROLES
            rights[group.pk] = GroupRights(
                own=ADMIN_RIGHTS if role in ADMIN_ROLES else frozenset(),
                on_pages=dict.fromkeys(pages, PAGE_RIGHTS) if publishes else {},
                on_collections={collection.pk: FILE_RIGHTS} if publishes else {},
            )
        _write_rights(rights)


def sync_network_groups() -> None:
    """Make the groups of the network's roles and write their rights exactly."""
    with transaction.atomic():
        groups = _sync_groups(NETWORK_GROUPS, None)
        root_page = Page.get_first_root_node()
        root_collection = Collection.get_first_root_node()
        staff = GroupRights(
            own=STAFF_RIGHTS,
            on_pages={root_page.pk: STAFF_PAGE_RIGHTS} if root_page else {},
            on_collections={root_collection.pk: STAFF_FILE_RIGHTS} if root_collection else {},
        )
        _write_rights(
            {groups[Role.NETWORK_STAFF].pk: staff, groups[Role.PROFESSIONAL].pk: GroupRights()}
        )


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
    stale: set[int] = set()
    for page in pages:
        if rights[page.pk] != {page.partnership_id}:
            stale |= {pk for pk in (page.partnership_id, *rights[page.pk]) if pk is not None}
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
    groups = {
        Role(row.role): row.group
        for row in PartnershipGroup.objects.filter(partnership=partnership).select_related("group")
    }
    names = {role: f"{partnership.slug if partnership else 'network'}: {role}" for role in roles}
    missing = [names[role] for role in roles if role not in groups]
    if missing:
        Group.objects.bulk_create([Group(name=name) for name in missing], ignore_conflicts=True)
        made = {group.name: group for group in Group.objects.filter(name__in=missing)}
        added = {role: made[names[role]] for role in roles if role not in groups}
        PartnershipGroup.objects.bulk_create(
            [
                PartnershipGroup(group=group, role=role, partnership=partnership)
                for role, group in added.items()
            ]
        )
        groups |= added
    for role in roles:
        if groups[role].name != names[role]:
            groups[role].name = names[role]
            groups[role].save(update_fields=["name"])
    return {role: groups[role] for role in roles}


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


def _permission_keys(rights: Iterable[str]) -> dict[str, int]:
    """Return the primary keys of permissions named "app.codename"."""
    condition = Q(pk__in=[])
    for right in rights:
        app, codename = right.split(".")
        condition |= Q(content_type__app_label=app, codename=codename)
    found = Permission.objects.filter(condition).values_list(
        "content_type__app_label", "codename", "pk"
    )
    return {f"{app}.{codename}": pk for app, codename, pk in found}


def _write_rights(groups: Mapping[int, GroupRights]) -> None:
    """Write the rights of groups exactly: what is missing is added, what is too much removed."""
    named = {
        right
        for rights in groups.values()
        for several in (rights.own, *rights.on_pages.values(), *rights.on_collections.values())
        for right in several
    }
    keys = _permission_keys(named)

    def placed(group: int, places: Mapping[int, frozenset[str]]) -> set[tuple[int, ...]]:
        return {
            (group, place, keys[right])
            for place, several in places.items()
            for right in several & keys.keys()
        }

    own: set[tuple[int, ...]] = set()
    on_pages: set[tuple[int, ...]] = set()
    on_collections: set[tuple[int, ...]] = set()
    for group, rights in groups.items():
        own |= {(group, keys[right]) for right in rights.own & keys.keys()}
        on_pages |= placed(group, rights.on_pages)
        on_collections |= placed(group, rights.on_collections)
    _write_rows(Group.permissions.through, groups, ("group_id", "permission_id"), own)
    _write_rows(GroupPagePermission, groups, ("group_id", "page_id", "permission_id"), on_pages)
    _write_rows(
        GroupCollectionPermission,
        groups,
        ("group_id", "collection_id", "permission_id"),
        on_collections,
    )


def _write_rows(
    model: type[Model], groups: Iterable[int], names: Sequence[str], wanted: set[tuple[int, ...]]
) -> None:
    """Make the rows of `groups` in `model` be `wanted` (values of the fields `names`)."""
    rows = model._default_manager.filter(group_id__in=list(groups))
    held = {tuple(values): pk for pk, *values in rows.values_list("pk", *names)}
    too_much = [pk for values, pk in held.items() if values not in wanted]
    if too_much:
        rows.filter(pk__in=too_much).delete()
    missing = [model(**dict(zip(names, values, strict=True))) for values in wanted - held.keys()]
    if missing:
        model._default_manager.bulk_create(missing)
