"""Loads many pages with what their descriptions ask for, in few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from modelcluster.models import get_all_child_m2m_relations
from wagtail.models import Locale, Page


def specific_pages(page_ids: Sequence[int]) -> list[Page]:
    """Return these pages as their own types; those that are gone are left out.

    Locales, parents and many-to-many relations are put on the instances: they are for describing,
    not for saving.
    """
    pages = list(Page.objects.filter(pk__in=page_ids).specific())
    _share_locales(pages)
    _share_parents(pages)
    _share_relations(pages)
    return pages


def _share_locales(pages: Sequence[Page]) -> None:
    locales = {locale.pk: locale for locale in Locale.objects.all()}
    for page in pages:
        page.locale = locales[page.locale_id]


def _share_parents(pages: Sequence[Page]) -> None:
    """Give siblings one instance of their parent, so that what it knows is asked for once."""
    paths = {page.path[: -page.steplen] for page in pages}
    parents = {parent.path: parent for parent in Page.objects.filter(path__in=paths).specific()}
    for page in pages:
        page._cached_parent_obj = parents.get(page.path[: -page.steplen])


def _share_relations(pages: Sequence[Page]) -> None:
    """Put what each page points at in its many-to-many relations on the instance."""
    by_type: dict[type[Page], list[Page]] = defaultdict(list)
    for page in pages:
        by_type[type(page)].append(page)
    for group in by_type.values():
        for field in get_all_child_m2m_relations(group[0]):
            _share_relation(group, field)


def _share_relation(pages: Sequence[Page], field: Any) -> None:
    own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    pairs = list(
        field.remote_field.through._default_manager.filter(
            **{f"{own}__in": [page.pk for page in pages]}
        ).values_list(own, other)
    )
    targets = field.remote_field.model._default_manager.in_bulk({target for _own, target in pairs})
    held: dict[int, list[Any]] = defaultdict(list)
    for page_id, target in pairs:
        held[page_id].append(targets[target])
    for page in pages:
        relations = page.__dict__.setdefault("_cluster_related_objects", {})
        relations[field.name] = held[page.pk]
