"""Wagtail's own indexes (admin search, references) for pages that were written in bulk.

Bulk inserts send no `post_save`, which is what feeds both. The library's index is no concern of
this module: it follows `portal.library.pages_written`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from modelcluster.models import get_all_child_relations
from wagtail.models import Page, ReferenceIndex
from wagtail.search.backends import get_search_backends
from wagtail.search.index import class_is_indexed

from portal.models import PortalPage

CHUNK = 200
#: Seconds without a transaction after one: SQLite's waiting writers look every tenth of a second.
PAUSE = 0.12


def let_others_write(since: float) -> None:
    """Wait until `PAUSE` seconds have passed since `since` (time.monotonic), on SQLite only."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(max(0.0, since + PAUSE - time.monotonic()))


def chunks(ids: Sequence[int], size: int = CHUNK) -> Iterator[Sequence[int]]:
    """Cut `ids` in pieces of at most `size`."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def refresh_indexes(ids_by_type: Mapping[type[PortalPage], Sequence[int]]) -> None:
    """Write the search and reference rows of these pages, in short transactions."""
    for model, ids in ids_by_type.items():
        for piece in chunks(ids):
            rows = IndexRows.of(model, piece)
            with transaction.atomic():
                rows.write()
            let_others_write(time.monotonic())


@dataclass(frozen=True, slots=True)
class IndexRows:
    """What both indexes hold of some pages of one type; read outside a transaction."""

    model: type[PortalPage]
    pages: list[PortalPage]
    references: list[ReferenceIndex]

    @classmethod
    def of(cls, model: type[PortalPage], ids: Sequence[int]) -> IndexRows:
        """Read the pages and find their references, in a fixed number of queries."""
        pages = pages_with_children(model, ids)
        return cls(model, pages, list(_references(model, pages)))

    def write(self) -> None:
        """Replace the rows; call inside a transaction."""
        index_pages(self.model, self.pages)
        base_type = ContentType.objects.get_for_model(Page, for_concrete_model=False)
        ReferenceIndex.objects.filter(
            base_content_type=base_type, object_id__in=[str(page.pk) for page in self.pages]
        ).delete()
        ReferenceIndex.objects.bulk_create(self.references, ignore_conflicts=True)


def pages_with_children(model: type[PortalPage], ids: Sequence[int]) -> list[PortalPage]:
    """Return the pages with their child objects, in a fixed number of queries."""
    relations = [relation.get_accessor_name() for relation in get_all_child_relations(model)]
    return list(model.objects.filter(pk__in=ids).prefetch_related(*relations))


def index_pages(model: type[PortalPage], pages: Sequence[PortalPage]) -> None:
    """Add the pages to each search backend that updates itself."""
    if class_is_indexed(model):
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(model, pages)


def _references(model: type[PortalPage], pages: Sequence[PortalPage]) -> Iterator[ReferenceIndex]:
    """Yield the rows that `ReferenceIndex.create_or_update_for_object` would make for new pages."""
    if not ReferenceIndex.is_indexed(model):
        return
    content_type = ContentType.objects.get_for_model(model, for_concrete_model=False)
    base_type = ContentType.objects.get_for_model(Page, for_concrete_model=False)
    for page in pages:
        for to_type, to_id, model_path, content_path in set(
            ReferenceIndex._extract_references_from_object(page)
        ):
            yield ReferenceIndex(
                content_type=content_type,
                base_content_type=base_type,
                object_id=str(page.pk),
                to_content_type_id=to_type,
                to_object_id=to_id,
                model_path=model_path,
                content_path=content_path,
                content_path_hash=ReferenceIndex._get_content_path_hash(content_path),
            )
