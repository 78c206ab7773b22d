"""Raises versions of the library's rows: they wait to be built anew, or to be sent as they are.

A version is drawn and written in one transaction: versions have to become visible in their order,
or an index outside the database would pass a row over (search.engines.elasticsearch.feed).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, QuerySet, When
from wagtail.models import Page

from search.models import LibraryClock, LibraryEntry, LibraryFacet, LibraryNumber


def hide_page(page: Page) -> None:
    """Note that a page is not live any more; its row stays, and the join with the page hides it.

    The version is raised, so that an engine outside the database hears of it.
    """
    rows = LibraryEntry.objects.filter(page_id=page.pk)
    if page.alias_of_id:
        rows.delete()
    elif rows.exists():
        touch_pages([page.pk])


def touch_pages(page_ids: Iterable[int]) -> int:
    """Raise the versions of the rows of these pages, whose texts stay right; return the count.

    For what is joined when searching, not copied: whether a page is live.
    """
    with transaction.atomic():
        version = LibraryClock.draw()
        fresh = When(built_version=F("version"), then=version)
        built = Case(fresh, default=F("built_version"), output_field=BigIntegerField())
        return sum(
            rows.update(version=version, built_version=built) for rows in _rows_of_pages(page_ids)
        )


def raise_pages(page_ids: Iterable[int]) -> int:
    """Raise the versions of the rows of these pages, so that they are built anew."""
    with transaction.atomic():
        version = LibraryClock.draw()
        return sum(rows.update(version=version) for rows in _rows_of_pages(page_ids))


def _rows_of_pages(page_ids: Iterable[int]) -> Iterator[QuerySet[LibraryEntry]]:
    """Yield the rows of these pages; a long list in parts that a statement can carry."""
    if isinstance(page_ids, QuerySet):
        yield LibraryEntry.objects.filter(page__in=page_ids)
        return
    wanted = list(page_ids)
    for start in range(0, len(wanted), 5000):
        yield LibraryEntry.objects.filter(page__in=wanted[start : start + 5000])


def raise_below(page: Page) -> int:
    """Raise the versions of all rows under `page`: their addresses have changed; return the count.

    The texts are refreshed by the worker.
    """
    return raise_versions(
        LibraryEntry.objects.filter(page__path__startswith=page.path).exclude(page_id=page.pk)
    )


def raise_facet(facet: str, keys: Iterable[str]) -> int:
    """Raise the versions of all rows that have one of `keys` in `facet`; return the count."""
    having = LibraryFacet.objects.filter(name=facet, value__in=list(keys))
    return raise_versions(LibraryEntry.objects.filter(pk__in=having.values("entry_id")))


def raise_numbers(names: Iterable[str]) -> int:
    """Raise the versions of all rows that have, or lack, one of these numbers; return the count."""
    having = LibraryNumber.objects.filter(name__in=list(names))
    return raise_versions(LibraryEntry.objects.filter(pk__in=having.values("entry_id")))


def raise_versions(rows: QuerySet[LibraryEntry]) -> int:
    """Raise the versions of `rows` in one UPDATE, so that they are built anew; return the count."""
    with transaction.atomic():
        return rows.update(version=LibraryClock.draw())
