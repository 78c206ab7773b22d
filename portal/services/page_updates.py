"""Gives many existing pages new texts in one short transaction: all of them, or none.

    updates = PageUpdates(batch, action="portal.import")
    for page, changed in changes:               # before: nothing is written, much is prepared
        updates.add(page, changed, publish=True)
    with transaction.atomic():
        updates.write()
        page_batches.show(batch)
    page_batches.finish(batch)

What is written is what `save_revision` and `publish` write: a revision, the page's rows, its
concepts and tags, the log. `post_save` and `page_published` are not sent; `pages_updated` is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_m2m_relations
from wagtail.models import Page, PageLogEntry, Revision

from portal.library import pages_updated
from portal.models import PageTag, PortalPage, WriteBatch, WriteBatchPage
from portal.services.bulk_pages import OWN_FIELDS
from portal.services.prepared_rows import insert_rows, prepared, update_rows

#: Fields of the base page that a revision decides; the tree's own stay as they are.
PAGE_FIELDS = (
    "title",
    "draft_title",
    "seo_title",
    "search_description",
    "show_in_menus",
    "go_live_at",
    "expire_at",
)
REVISION_FIELDS = (
    "content_type",
    "base_content_type",
    "object_id",
    "created_at",
    "user",
    "object_str",
    "content",
)
LOG_FIELDS = (
    "page",
    "content_type",
    "label",
    "action",
    "data",
    "timestamp",
    "user",
    "content_changed",
    "deleted",
)
_BLOCK = 500
_TAGS = "portal_page_tags"


class PageGone(Exception):
    """A page that was to be updated has been deleted meanwhile."""


@dataclass(slots=True)
class _Update:
    """What waits to be written of one page: prepared rows, so that thousands fit in memory."""

    page_id: int
    model: type[PortalPage]
    revision_id: int | None
    changed: Mapping[str, Any]
    publish: bool
    title: str
    revision_row: tuple[Any, ...]
    log_row: tuple[Any, ...]
    page_row: tuple[Any, ...] = ()
    own_row: tuple[Any, ...] = ()
    relations: Mapping[str, Sequence[int]] | None = None


def newest_content(page: PortalPage) -> Mapping[str, Any]:
    """Return what the page's newest revision holds, or the page itself if it has none."""
    revision = page.latest_revision
    return revision.content if revision else page.serializable_data()


def page_with(page: PortalPage, content: Mapping[str, Any]) -> Any:
    """Return `page` as it will be with a revision's content; nothing is saved."""
    return page.with_content_json(dict(content))


def check_update(page: PortalPage, changed: Mapping[str, Any], *, publish: bool) -> None:
    """Raise ValidationError when the page can't take these values (the gate, when published)."""
    content = {**newest_content(page), **changed}
    content[_TAGS] = []  # tags are never wrong, and new ones have no key yet
    draft = page_with(page, content)
    draft.live = publish
    if publish:
        draft.full_clean(exclude=OWN_FIELDS - {"alias_of"} | {"slug"}, validate_unique=False)
    else:
        draft.minimal_clean()


class PageUpdates:
    """Collects updates of pages, then writes them all inside the caller's transaction.

    The pages that are published are shown by `page_batches.show(batch)`, as new ones are. `action`
    and `data` go into the log entry of each page; Wagtail's own "publish" follows with `finish`.
    """

    def __init__(self, batch: WriteBatch, *, action: str, data: Mapping[str, Any]) -> None:
        self.batch = batch
        self.action = action
        self.data = dict(data)
        self.moment = timezone.now()
        self._updates: list[_Update] = []
        self._page_type = ContentType.objects.get_for_model(Page, for_concrete_model=False)

    def __len__(self) -> int:
        return len(self._updates)

    def add(
        self,
        page: PortalPage,
        changed: Mapping[str, Any],
        *,
        publish: bool,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Remember new values for a page (specific, with its `latest_revision`).

        `changed` holds values as a revision keeps them, by field. With `publish` the page is live
        with them afterwards; otherwise they wait in its newest draft.
        """
        self._updates.append(self._prepared(page, changed, publish, {**self.data, **(data or {})}))

    def _prepared(
        self,
        page: PortalPage,
        changed: Mapping[str, Any],
        publish: bool,
        data: Mapping[str, Any],
    ) -> _Update:
        model = type(page)
        content_type = ContentType.objects.get_for_model(model)
        content = {**newest_content(page), **changed}
        title = str(content["title"])
        revision = Revision(
            content_type=content_type,
            base_content_type=self._page_type,
            object_id=str(page.pk),
            created_at=self.moment,
            user=self.batch.user,
            object_str=title,
            content=content,
        )
        entry = PageLogEntry(
            page_id=page.pk,
            content_type=content_type,
            label=title,
            action=self.action,
            data=dict(data),
            timestamp=self.moment,
            user=self.batch.user,
            content_changed=True,
        )
        update = _Update(
            page_id=page.pk,
            model=model,
            revision_id=page.latest_revision_id,
            changed=changed,
            publish=publish,
            title=title,
            revision_row=prepared(revision, REVISION_FIELDS),
            log_row=prepared(entry, LOG_FIELDS),
        )
        if publish:
            self._prepare_rows(update, page, content)
        return update

    def _prepare_rows(self, update: _Update, page: PortalPage, content: Mapping[str, Any]) -> None:
        new = page_with(page, content)
        new.draft_title = new.title
        update.page_row = prepared(new, PAGE_FIELDS, Page)
        update.own_row = prepared(new, _own_fields(update.model), update.model)
        names = [*[field.name for field in get_all_child_m2m_relations(update.model)], _TAGS]
        told = {name: content[name] or () for name in names if name in content}
        if page.live:  # its rows are what the revision before says
            told = {name: value for name, value in told.items() if name in update.changed}
        if _TAGS in told:
            told[_TAGS] = [item["tag"] for item in told[_TAGS]]
        update.relations = told

    # Inside the transaction ------------------------------------------------------------------

    def write(self) -> list[int]:
        """Write everything and return the ids of the pages that `show` is to publish.

        Raises PageGone, and ValidationError when a page that somebody edited meanwhile can't take
        the new values.
        """
        published: list[int] = []
        for start in range(0, len(self._updates), _BLOCK):
            block = self._updates[start : start + _BLOCK]
            block = self._with_newer_edits(block)
            insert_rows(Revision, REVISION_FIELDS, [update.revision_row for update in block])
            self._point_at_revisions(block)
            shown = [update for update in block if update.publish]
            self._write_rows(shown)
            insert_rows(PageLogEntry, LOG_FIELDS, [update.log_row for update in block])
            self._name_revisions(block)
            published += [update.page_id for update in shown]
        WriteBatchPage.objects.bulk_create(
            [WriteBatchPage(batch=self.batch, page_id=page_id) for page_id in published],
            batch_size=_BLOCK,
        )
        if published:
            pages_updated.send(sender=PageUpdates, page_ids=published)
        return published

    def _with_newer_edits(self, block: Sequence[_Update]) -> list[_Update]:
        """Put the new values on top of what was saved since `add`: no edit is lost."""
        found = dict(
            Page.objects.select_for_update()
            .filter(pk__in=[update.page_id for update in block])
            .order_by("pk")
            .values_list("pk", "latest_revision_id")
        )
        result = []
        for update in block:
            if update.page_id not in found:
                raise PageGone(_("A page of this import has been deleted meanwhile."))
            if found[update.page_id] != update.revision_id:
                pages = update.model._default_manager.select_related("latest_revision")
                page = pages.get(pk=update.page_id)
                publish = update.publish and not page.has_unpublished_changes
                check_update(page, update.changed, publish=publish)
                data = update.log_row[LOG_FIELDS.index("data")]
                update = self._prepared(page, update.changed, publish, {})
                row = list(update.log_row)
                row[LOG_FIELDS.index("data")] = data
                update.log_row = tuple(row)
            result.append(update)
        return result

    def _point_at_revisions(self, block: Sequence[_Update]) -> None:
        newest = self._newest_revisions(block)
        fields = ("latest_revision", "latest_revision_created_at", "draft_title")
        (moment,) = prepared(Page(latest_revision_created_at=self.moment), fields[1:2])
        rows = [(newest[u.page_id], moment, u.title, u.page_id) for u in block]
        update_rows(Page, fields, rows)
        drafts = [update.page_id for update in block if not update.publish]
        Page.objects.filter(pk__in=drafts).update(has_unpublished_changes=True)

    def _newest_revisions(self, block: Sequence[_Update]) -> dict[int, int]:
        found = Revision.objects.filter(
            base_content_type=self._page_type,
            object_id__in=[str(update.page_id) for update in block],
            created_at=self.moment,
        )
        pairs = found.order_by("pk").values_list("object_id", "pk")
        return {int(object_id): pk for object_id, pk in pairs}

    def _name_revisions(self, block: Sequence[_Update]) -> None:
        """Let the log entries name the revisions, by which a later import knows its own."""
        newest = self._newest_revisions(block)
        entries = PageLogEntry.objects.filter(
            page_id__in=list(newest), action=self.action, timestamp=self.moment
        )
        pairs = entries.values_list("pk", "page_id")
        update_rows(PageLogEntry, ("revision",), [(newest[page], pk) for pk, page in pairs])

    def _write_rows(self, block: Sequence[_Update]) -> None:
        update_rows(Page, PAGE_FIELDS, [(*update.page_row, update.page_id) for update in block])
        by_model: dict[type[PortalPage], list[_Update]] = defaultdict(list)
        for update in block:
            by_model[update.model].append(update)
        for model, updates in by_model.items():
            rows = [(*update.own_row, update.page_id) for update in updates]
            update_rows(model, _own_fields(model), rows)
            for field in get_all_child_m2m_relations(model):
                own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
                self._write_pairs(field.remote_field.through, own, other, field.name, updates)
        self._write_pairs(PageTag, "content_object", "tag", _TAGS, block)

    def _write_pairs(
        self, model: Any, own: str, other: str, name: str, block: Sequence[_Update]
    ) -> None:
        """Let the rows between a page and others be those that it is told to have."""
        told = {u.page_id: u.relations[name] for u in block if u.relations and name in u.relations}
        if not told:
            return
        wanted = {(page_id, pk) for page_id, keys in told.items() for pk in keys}
        rows = model._default_manager.filter(**{f"{own}__in": list(told)})
        there = {(page, pk): row for row, page, pk in rows.values_list("pk", own, other)}
        rows.filter(pk__in=[row for pair, row in there.items() if pair not in wanted]).delete()
        model._default_manager.bulk_create(
            model(**{f"{own}_id": page_id, f"{other}_id": pk})
            for page_id, pk in sorted(wanted - there.keys())
        )


def _own_fields(model: type[PortalPage]) -> list[str]:
    """Return the columns of a page type's own table that a revision decides."""
    kept = {"reference", "original_language", "is_demo"}  # see PortalPage.with_content_json
    return [
        field.name
        for field in model._meta.local_concrete_fields
        if not field.primary_key and field.name not in kept
    ]
