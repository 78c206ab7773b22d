"""Writes many pages at once: what Wagtail's own calls make, some twenty times faster.

`BulkPageWriter` is for imports, the network's first load, the demonstration and the benchmark. A
test proves field by field that a page made here equals one made by `add_child` and
`save_revision().publish()`. What it leaves out on purpose: `post_save` and `page_published` are
not sent (`portal.library.pages_written` is, inside the transaction), and `save()` of child rows
is not called.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from portal.fixed_addresses import HOME_DEPTH, is_reserved, reserved_error, reserved_slugs
from portal.library import pages_written
from portal.models import PortalPage, User, WriteBatch, WriteBatchPage
from portal.services import page_rows as rows
from portal.services.page_indexes import let_others_write, refresh_indexes

#: Fields that the writer sets itself, hence never validates.
OWN_FIELDS = frozenset(
    {
        "alias_of",
        "content_type",
        "depth",
        "latest_revision",
        "live_revision",
        "locale",
        "numchild",
        "owner",
        "path",
        "translation_key",
        "url_path",
    }
)
SMALLEST_CHUNK, LARGEST_CHUNK = 10, 500
SLUG_LENGTH = 255


@dataclass(slots=True)
class _NewPage:
    """A page that waits to be written."""

    page: PortalPage
    parent_id: int
    tags: Sequence[str]
    publish: bool
    slug_was_given: bool


class BulkPageWriter:
    """Adds pages of mixed types under given parents, in short transactions.

    ::

        with BulkPageWriter(user=user) as writer:
            writer.add(StoryPage(title="…", summary="…", concepts=[…]), parent, tags=["summer"])

    `user` is named in revisions and log. With a `batch` (`page_batches.start_batch`) the pages are
    written unseen until `page_batches.show(batch)`. `validated=True` skips validation and the gate
    for pages that passed them already. `chunk_seconds` is the aim for the length of a transaction:
    the writer measures, and makes its chunks longer or shorter. `progress` is called with the
    number of pages written so far after each chunk.

    Leaving the `with` block writes what waits and refreshes Wagtail's indexes; after an exception
    the pages that wait are dropped (chunks already written stay: use a batch for all or nothing).
    """

    def __init__(
        self,
        *,
        user: User | None = None,
        batch: WriteBatch | None = None,
        validated: bool = False,
        chunk_seconds: float = 0.4,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.user = user
        self.batch = batch
        self.validated = validated
        self.chunk_seconds = chunk_seconds
        self.progress = progress
        self.count = 0
        self._waiting: list[_NewPage] = []
        self._chunk = 50
        self._ended = 0.0
        self._slugs: dict[int, set[str]] = {}
        self._locales: dict[int, Locale] = {}
        self._to_index: dict[type[PortalPage], list[int]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()

    def add(
        self,
        page: PortalPage,
        parent: Page,
        *,
        tags: Sequence[str] = (),
        publish: bool = True,
    ) -> None:
        """Validate `page` and let it wait for the next chunk; it has a primary key once written.

        `page` is new, of its specific type; concepts and children are set on it. An empty slug is
        made from the title; `translation_key`, `first_published_at` and `owner` are kept when
        given; the locale is the parent's (a front page brings its own). `tags` is cheaper than
        `page.tags.add`. With `publish=False` it becomes a draft. Raises ValidationError when
        Wagtail would refuse it (the gate included), ValueError when it can't stand under `parent`.
        """
        if page.pk is not None:
            raise ValueError(f"“{page}” is in the database already.")
        if type(page) not in parent.specific_class.allowed_subpage_models():
            raise ValueError(f"{type(page).__name__} can't stand under {parent.url_path}")
        page.locale = self._locale_for(page, parent)
        page.owner = page.owner or self.user
        slug_was_given = bool(page.slug)
        taken = self._slugs_under(parent)
        page.slug = page.slug or self._free_slug(page, taken)
        if not self.validated:
            self._validate(page, publish)
            page.check_parent(parent)
        page.draft_title = page.title
        if slug_was_given and is_reserved(page.slug, parent):
            raise ValidationError({"slug": reserved_error(page.slug)})
        if slug_was_given and page.slug in taken:
            raise self._slug_taken(page, parent)
        taken.add(page.slug)
        page.live = False
        self._waiting.append(_NewPage(page, parent.pk, tags, publish, slug_was_given))
        if len(self._waiting) >= self._chunk:
            self.flush()

    def add_all(self, pages: Iterable[tuple[PortalPage, Page]]) -> None:
        """Add published pages, each with its parent; `pages` may be a generator."""
        for page, parent in pages:
            self.add(page, parent)

    def flush(self) -> None:
        """Write what waits, in one transaction a chunk."""
        while self._waiting:
            chunk = self._waiting[: self._chunk]
            let_others_write(self._ended)
            begun = time.monotonic()
            with transaction.atomic():
                self._write(chunk)
            self._ended = time.monotonic()
            del self._waiting[: len(chunk)]
            self.count += len(chunk)
            self._adapt(len(chunk), self._ended - begun)
            if self.progress:
                self.progress(self.count)

    def finish(self) -> None:
        """Write what waits and refresh Wagtail's indexes (a batch does that after `show`)."""
        self.flush()
        refresh_indexes(self._to_index)
        self._to_index.clear()

    # Preparing, outside any transaction ------------------------------------------------------

    def _validate(self, page: PortalPage, publish: bool) -> None:
        page.live = publish
        if publish:
            page.full_clean(exclude=OWN_FIELDS)
        else:
            page.minimal_clean()
            page._meta.get_field("slug").clean(page.slug, page)

    def _locale_for(self, page: PortalPage, parent: Page) -> Locale:
        """Return the parent's locale; under the root of the tree, the page's own goes first."""
        wanted = parent.locale_id
        if page.locale_id is not None and page.locale_id != wanted:
            if parent.depth > 1:
                raise ValueError(f"“{page}” is of another language than {parent.url_path}")
            wanted = page.locale_id
        if wanted not in self._locales:
            self._locales[wanted] = Locale.objects.get(pk=wanted)
        return self._locales[wanted]

    def _slugs_under(self, parent: Page) -> set[str]:
        if parent.pk not in self._slugs:
            children = rows.children_of(parent)
            taken = set(children.values_list("slug", flat=True).iterator())
            if parent.depth == HOME_DEPTH:
                taken |= reserved_slugs()
            self._slugs[parent.pk] = taken
        return self._slugs[parent.pk]

    def _free_slug(self, page: PortalPage, taken: set[str]) -> str:
        base = slugify(page.title, allow_unicode=True)[:SLUG_LENGTH]
        base = base or f"{page._meta.model_name}-{page.translation_key.hex[:8]}"
        slug, number = base, 1
        while slug in taken:
            number += 1
            suffix = f"-{number}"
            slug = base[: SLUG_LENGTH - len(suffix)] + suffix
        return slug

    def _slug_taken(self, page: PortalPage, parent: Page) -> ValidationError:
        message = _("The slug “%(slug)s” is taken under %(parent)s.") % {
            "slug": page.slug,
            "parent": parent.url_path,
        }
        return ValidationError({"slug": message})

    # Writing, inside a transaction -----------------------------------------------------------

    def _write(self, chunk: list[_NewPage]) -> None:
        now = timezone.now()
        pages = [new.page for new in chunk]
        parents = rows.lock_parents(new.parent_id for new in chunk)
        self._refuse_second_translations(pages)
        self._place(chunk, parents)
        rows.set_tags((new.page, new.tags) for new in chunk if new.tags)
        rows.insert_pages(pages)
        rows.insert_children(pages)
        rows.insert_revisions(pages, self.user, now)
        rows.insert_log_entries(pages, "wagtail.create", self.user, now)
        published = [new.page for new in chunk if new.publish]
        drafts = [new.page for new in chunk if not new.publish]
        live = self.batch is None
        rows.point_at_revisions(published, now, live=live, published=True)
        rows.point_at_revisions(drafts, now, live=False, published=False)
        rows.mark_published(published, now)
        for page in drafts:
            page.has_unpublished_changes = True
        if self.batch is None:
            rows.insert_log_entries(published, "wagtail.publish", self.user, now)
        else:
            WriteBatchPage.objects.bulk_create(
                WriteBatchPage(batch=self.batch, page_id=new.page.pk, is_published=new.publish)
                for new in chunk
            )
        rows.raise_numchild(Counter(new.parent_id for new in chunk))
        pages_written.send(sender=BulkPageWriter, pages=pages, batch=self.batch)
        for page in pages:
            page.__dict__.pop("_cluster_related_objects", None)  # read from the database from now
            if self.batch is None:
                self._to_index[type(page)].append(page.pk)

    def _place(self, chunk: list[_NewPage], parents: dict[int, Page]) -> None:
        steps = {parent_id: rows.last_step(parent) for parent_id, parent in parents.items()}
        for parent_id, parent in parents.items():
            mine = [new for new in chunk if new.parent_id == parent_id]
            slugs = [new.page.slug for new in mine]
            added = set(
                rows.children_of(parent).filter(slug__in=slugs).values_list("slug", flat=True)
            )
            for new in mine:  # somebody else has taken it since it was chosen
                if new.page.slug in added:
                    if new.slug_was_given:
                        raise self._slug_taken(new.page, parent)
                    new.page.slug = self._free_slug(new.page, self._slugs[parent_id] | added)
                    self._slugs[parent_id].add(new.page.slug)
        for new in chunk:
            steps[new.parent_id] += 1
            rows.place(new.page, parents[new.parent_id], steps[new.parent_id])

    def _refuse_second_translations(self, pages: list[PortalPage]) -> None:
        wanted = {(page.translation_key, page.locale_id): page for page in pages}
        found = Page.objects.filter(translation_key__in=[key for key, _locale in wanted])
        there = set(found.values_list("translation_key", "locale_id")) & wanted.keys()
        if there or len(wanted) < len(pages):
            again = [str(wanted[pair]) for pair in there] or [_("a page of this chunk")]
            raise ValidationError(
                _("“%(title)s” is there already in this language.") % {"title": again[0]}
            )

    def _adapt(self, written: int, seconds: float) -> None:
        aim = int(written * self.chunk_seconds / max(seconds, 0.001))
        bounded = min(max(aim, SMALLEST_CHUNK), LARGEST_CHUNK, self._chunk * 2)
        self._chunk = max(bounded, SMALLEST_CHUNK)
