"""Rows of new pages, in bulk: what `add_child`, `save_revision` and `publish` insert one by one.

Nothing here validates, sends signals or opens a transaction: `portal.services.bulk_pages` does.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Cast, Coalesce
from modelcluster.models import (
    ClusterableModel,
    get_all_child_m2m_relations,
    get_all_child_relations,
)
from taggit.models import Tag
from treebeard.exceptions import PathOverflow
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page, PageLogEntry, Revision

from portal.models import PageTag, PortalPage, User


def lock_parents(parent_ids: Iterable[int]) -> dict[int, Page]:
    """Lock the parents, as treebeard's `add_child` does, and return them fresh by id.

    They come as their specific types, one instance for all its children. Raises
    Page.DoesNotExist when one has gone.
    """
    wanted = sorted(set(parent_ids))
    locked = Page.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    list(locked.values_list("pk", flat=True))
    parents = {page.pk: page for page in Page.objects.filter(pk__in=wanted).specific()}
    for parent_id in wanted:
        if parent_id not in parents:
            raise Page.DoesNotExist(f"The parent page {parent_id} has been deleted.")
    return parents


def children_of(parent: Page) -> Any:
    """Return the queryset of the pages straight under `parent`, whatever its `numchild` says."""
    return Page.objects.filter(path__startswith=parent.path, depth=parent.depth + 1)


def last_step(parent: Page) -> int:
    """Return the position of the last child of `parent`; 0 when it has none."""
    path = children_of(parent).order_by("-path").values_list("path", flat=True).first()
    return int(Page._str2int(path[-Page.steplen :])) if path else 0


def place(page: PortalPage, parent: Page, step: int) -> None:
    """Give `page` its place in the tree: the child of `parent` at position `step`.

    Raises PathOverflow when the tree has no room there.
    """
    page.depth = parent.depth + 1
    page.path = Page._get_path(parent.path, page.depth, step)
    too_many = len(page.path) > len(parent.path) + Page.steplen
    if too_many or len(page.path) > Page._meta.get_field("path").max_length:
        raise PathOverflow(f"There is no room for another page under {parent.url_path}")
    page.numchild = 0
    page._cached_parent_obj = parent
    page.set_url_path(parent)


def insert_pages(pages: Sequence[PortalPage]) -> None:
    """Insert the rows of `pages` (of mixed types) in both their tables; sets the primary keys.

    Django's `bulk_create` refuses models with a parent table; the inserts below are what it runs
    for others. The rows are not live yet.
    """
    base_fields = [field for field in Page._meta.local_concrete_fields if not field.primary_key]
    inserted = Page._base_manager.all()._batched_insert(list(pages), base_fields, batch_size=None)
    by_type: dict[type[PortalPage], list[PortalPage]] = defaultdict(list)
    for page, (page_id,) in zip(pages, inserted, strict=True):
        page.pk = page_id
        page.id = page_id
        by_type[type(page)].append(page)
    for model, group in by_type.items():
        own_fields = model._meta.local_concrete_fields
        model._base_manager.all()._batched_insert(group, own_fields, batch_size=None)
    for page in pages:
        page._state.adding = False
        page._state.db = connection.alias


def remember_children(page: PortalPage) -> dict[str, list[Any]]:
    """Return the child objects by relation, so that reading them later asks no database."""
    held: dict[str, list[Any]] = page.__dict__.setdefault("_cluster_related_objects", {})
    for relation in get_all_child_relations(page):
        held.setdefault(relation.get_accessor_name(), [])
    for field in get_all_child_m2m_relations(page):
        held.setdefault(field.name, [])
    return held


def set_tags(pages: Iterable[tuple[PortalPage, Sequence[str]]]) -> None:
    """Hang the tags of each page on it, making those that do not exist yet.

    A name is one tag in any case of its letters, as the settings of taggit say.
    """
    given = [(page, list(dict.fromkeys(name.strip() for name in names))) for page, names in pages]
    wanted: dict[str, str] = {}
    for _page, names in given:
        for name in filter(None, names):
            wanted.setdefault(name.casefold(), name)
    if not wanted:
        return
    known: dict[str, Tag] = {}
    query = models.Q()
    for name in wanted.values():
        query |= models.Q(name__iexact=name)
    for tag in Tag.objects.filter(query).order_by("-pk"):
        known[tag.name.casefold()] = tag
    for key, name in wanted.items():
        if key not in known:
            known[key] = Tag.objects.create(name=name)
    for page, names in given:
        held = remember_children(page)["portal_page_tags"]
        had = {item.tag_id for item in held}
        for tag in dict.fromkeys(known[name.casefold()] for name in names if name):
            if tag.pk not in had:
                held.append(PageTag(tag=tag, content_object=page))


def insert_children(pages: Sequence[PortalPage]) -> None:
    """Insert the child rows and many-to-many rows that the pages hold in memory.

    Raises ValueError for a child that has children of its own (no page type has such).
    """
    rows: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for page in pages:
        held = remember_children(page)
        for relation in get_all_child_relations(page):
            for child in held[relation.get_accessor_name()]:
                if isinstance(child, ClusterableModel) and any(remember_children_of(child)):
                    raise ValueError(f"{type(child).__name__} has children of its own.")
                setattr(child, relation.field.attname, page.pk)
                rows[type(child)].append(child)
        for field in get_all_child_m2m_relations(page):
            through = field.remote_field.through
            own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            rows[through].extend(
                through(**{own: page.pk, other: target.pk}) for target in held[field.name]
            )
    for model, objects in rows.items():
        model._base_manager.bulk_create(objects)


def remember_children_of(child: ClusterableModel) -> Iterable[list[Any]]:
    """Return the lists of children that a child itself holds in memory."""
    return getattr(child, "_cluster_related_objects", {}).values()


def insert_revisions(pages: Sequence[PortalPage], user: User | None, at: datetime.datetime) -> None:
    """Insert the first revision of each page and note it on the instance."""
    base_type = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    revisions = Revision.objects.bulk_create(
        Revision(
            content_type_id=page.content_type_id,
            base_content_type=base_type,
            object_id=str(page.pk),
            created_at=at,
            user=user,
            object_str=str(page),
            content=page.serializable_data(),
        )
        for page in pages
    )
    for page, revision in zip(pages, revisions, strict=True):
        page.latest_revision = revision
        page.latest_revision_created_at = at


def point_at_revisions(
    pages: Sequence[PortalPage], at: datetime.datetime, *, live: bool, published: bool
) -> None:
    """Let the rows point at their first revision, and make them live if `live`.

    `published` without `live` is for pages that wait unseen: their date is fixed already.
    """
    if not pages:
        return
    base_type = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    newest = (
        Revision.objects.filter(
            base_content_type=base_type,
            object_id=Cast(OuterRef("pk"), models.CharField()),
        )
        .order_by("-pk")
        .values("pk")[:1]
    )
    changes: dict[str, Any] = {
        "latest_revision_id": Subquery(newest),
        "latest_revision_created_at": at,
        "has_unpublished_changes": not live,
    }
    if published:
        changes["first_published_at"] = Coalesce(F("first_published_at"), at)
    if live:
        changes |= {"live": True, "live_revision_id": Subquery(newest), "last_published_at": at}
    Page.objects.filter(pk__in=[page.pk for page in pages]).update(**changes)


def mark_published(pages: Iterable[PortalPage], at: datetime.datetime) -> None:
    """Set on the instances what publication sets on the rows."""
    for page in pages:
        page.live = True
        page.has_unpublished_changes = False
        page.live_revision = page.latest_revision
        page.last_published_at = at
        page.first_published_at = page.first_published_at or at


def insert_log_entries(
    pages: Iterable[Page], action: str, user: User | None, at: datetime.datetime
) -> None:
    """Insert a log entry a page, as `wagtail.log_actions.log` makes it."""
    context = get_active_log_context()
    PageLogEntry.objects.bulk_create(
        PageLogEntry(
            page_id=page.pk,
            content_type_id=page.content_type_id,
            label=page.get_admin_display_title(),
            action=action,
            timestamp=at,
            uuid=context.uuid,
            user=user or (page.owner if action == "wagtail.create" else None) or context.user,
            revision_id=None if action == "wagtail.create" else page.latest_revision_id,
            content_changed=True,
        )
        for page in pages
    )


def raise_numchild(counts: dict[int, int]) -> None:
    """Raise the number of children of each parent, in the order of their ids (no deadlocks)."""
    for parent_id, count in sorted(counts.items()):
        Page.objects.filter(pk=parent_id).update(numchild=F("numchild") + count)
