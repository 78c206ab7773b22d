"""Compares the library with the pages, and builds it anew from them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page, get_page_models

from search.engines import get_engine
from search.models import LibraryClock, LibraryEntry
from search.services.loading import specific_pages
from search.services.writer import (
    ENTRY_FIELDS,
    TEXT_FIELDS,
    FacetKeys,
    LibraryRow,
    Numbers,
    RowKey,
    can_be_described,
    is_indexed,
    rows_of,
    write_rows,
)

#: Pages in one step of a comparison or in one transaction of a rebuild.
CHUNK = 200
#: A rebuild that was broken off is gone on with for so long; later all is built anew.
RESUMED_FOR = datetime.timedelta(days=1)

#: Told after each step: pages done, pages in all.
Progress = Callable[[int, int], None]


def _quiet(done: int, total: int) -> None:
    pass


@dataclass(slots=True)
class Comparison:
    """How the library differs from the pages; page ids, and what differs of each."""

    checked: int = 0
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    different: dict[int, list[str]] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    stale: int = 0
    engine: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether all agree; rows that wait for the worker are no difference."""
        return not (self.missing or self.extra or self.different or self.failed or self.engine)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {"clean": self.is_clean, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: rows, pages; `before` are the pages of the run that it went on with."""

    written: int
    removed: int
    failed: dict[int, str]
    pages: int = 0
    before: int = 0


def described_pages() -> QuerySet[Page]:
    """Return the pages that are things of the library, live or not, as base pages."""
    models = [model for model in get_page_models() if can_be_described(model)]
    types = ContentType.objects.get_for_models(*models).values()
    return Page.objects.filter(content_type__in=list(types), alias_of=None)


def orphans() -> QuerySet[LibraryEntry]:
    """Return the rows whose page should have none: an alias, or no thing of the library."""
    described = described_pages().filter(pk=OuterRef("page_id"))
    return LibraryEntry.objects.filter(Q(page=None) | ~Exists(described))


def _chunks(pages: QuerySet[Page], size: int, after: int = 0) -> Iterator[list[int]]:
    """Yield the ids of `pages` above `after`, by id, so that pages made meanwhile come too."""
    last = after
    while ids := list(pages.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]):
        yield ids
        last = ids[-1]


def _described(pages: Sequence[Page], failed: dict[int, str]) -> list[LibraryRow]:
    """Return the rows of `pages`; a page that can't be described is noted in `failed`."""
    try:
        with transaction.atomic():
            return rows_of(pages)
    except Exception as error:
        if len(pages) == 1:
            failed[pages[0].pk] = f"{type(error).__name__}: {error}"
            return []
    return [row for page in pages for row in _described([page], failed)]


def compare(progress: Progress = _quiet, thorough: bool = True) -> Comparison:
    """Compare the rows with what each live page says of itself, and verify the engine.

    Rows of pages that are not live are hidden, and are built anew when the page is published.
    `thorough` lets the engine compare its index with the table, too.
    """
    result = Comparison()
    live = described_pages().filter(live=True)
    total = live.count()
    for ids in _chunks(live, CHUNK):
        rows = _described(specific_pages(ids), result.failed)
        held = _held(ids)
        for row in rows:
            if row.key not in held:
                result.missing.append(row.page_id)
            elif differences := _differences(row, *held[row.key]):
                result.different[row.page_id] = differences
        result.extra += _outlived(rows, held)
        result.checked += len(ids)
        progress(result.checked, total)
    result.extra = sorted([*result.extra, *orphans().values_list("page_id", flat=True)])
    result.stale = LibraryEntry.objects.stale().count()
    result.engine = get_engine().verify(thorough=thorough)
    return result


def _held(page_ids: Sequence[int]) -> dict[RowKey, tuple[LibraryEntry, FacetKeys, Numbers]]:
    entries = LibraryEntry.objects.filter(page__in=page_ids).select_related("text")
    return {
        (entry.page_id, entry.part): (
            entry,
            frozenset((facet.name, facet.value) for facet in entry.facets.all()),
            frozenset((number.name, number.value) for number in entry.numbers.all()),
        )
        for entry in entries.prefetch_related("facets", "numbers")
        if entry.page_id is not None
    }


def _outlived(
    rows: Sequence[LibraryRow], held: Mapping[RowKey, tuple[LibraryEntry, Any, Any]]
) -> list[int]:
    """Return the pages with rows of parts that they do not tell any more; stale rows may wait."""
    told, keys = {row.page_id for row in rows}, {row.key for row in rows}
    return sorted(
        {
            key[0]
            for key, (entry, *_rest) in held.items()
            if key not in keys and key[0] in told and entry.version <= entry.built_version
        }
    )


def _differences(
    row: LibraryRow, entry: LibraryEntry, facets: FacetKeys, numbers: Numbers
) -> list[str]:
    """Return the names of what the tables hold otherwise than `row`; none if the row is stale."""
    if entry.version > entry.built_version:
        return []
    text = getattr(entry, "text", None)
    different = [name for name in ENTRY_FIELDS if getattr(entry, name) != row.entry[name]]
    different += [name for name in TEXT_FIELDS if getattr(text, name, None) != row.text[name]]
    different += sorted({name for name, _key in row.facets ^ facets})
    different += sorted({name for name, _value in row.numbers ^ numbers})
    return different


def broken_off() -> LibraryClock | None:
    """Return the clock if it tells of a rebuild that came to no end lately; else None."""
    lately = timezone.now() - RESUMED_FOR
    return LibraryClock.objects.filter(rebuild_version__gt=0, rebuild_at__gt=lately).first()


def rebuild(progress: Progress = _quiet, chunk: int = CHUNK, anew: bool = False) -> Rebuilt:
    """Write the rows of every live page anew, in short transactions, and remove orphans.

    Reading goes on meanwhile; so does writing, between two chunks. Memory does not grow with the
    number of pages. A rebuild that was broken off lately is gone on with after its last page,
    unless everything is to be built `anew`: pages before it have their rows, and those that were
    edited since have newer ones. Two at once do some of it twice, and harm nothing.
    """
    live = described_pages().filter(live=True)
    total, failed = live.count(), dict[int, str]()
    state = (None if anew else broken_off()) or _begun()
    done = before = state.rebuild_pages
    written = 0
    for ids in _chunks(live, chunk, after=state.rebuild_page):
        with transaction.atomic():
            version = LibraryClock.draw()  # before the pages are read: see search.services.writer
            rows = _described(specific_pages(ids), failed)
            written += write_rows(rows, version).rows
            done += len(ids)
            # Not where somebody has begun anew since, nor where another has come further.
            _rebuild_of(state).filter(rebuild_page__lt=ids[-1]).update(
                rebuild_page=ids[-1], rebuild_pages=done, rebuild_at=timezone.now()
            )
        progress(done, max(done, total))
    removed = orphans().delete()[1].get("search.LibraryEntry", 0)
    _rebuild_of(state).update(rebuild_version=0)
    return Rebuilt(written, removed, failed, done - before, before)


def _begun() -> LibraryClock:
    """Note that a rebuild begins at the first page; its version tells it from others."""
    with transaction.atomic():
        version = LibraryClock.draw()
        clock = LibraryClock.objects.get(pk=1)
        clock.rebuild_version, clock.rebuild_page, clock.rebuild_pages = version, 0, 0
        clock.rebuild_at = timezone.now()
        clock.save(update_fields=["rebuild_version", "rebuild_page", "rebuild_pages", "rebuild_at"])
    return clock


def _rebuild_of(state: LibraryClock) -> QuerySet[LibraryClock]:
    return LibraryClock.objects.filter(pk=state.pk, rebuild_version=state.rebuild_version)


def mend() -> int:
    """Write anew the rows that differ from their pages, and remove orphans; return how many."""
    found = compare(thorough=False)
    wrong = [*found.missing, *found.different]
    for start in range(0, len(wrong), CHUNK):
        with transaction.atomic():
            version = LibraryClock.draw()  # before the pages are read: see search.services.writer
            pages = specific_pages(wrong[start : start + CHUNK])
            live = [page for page in pages if page.live and is_indexed(page)]
            write_rows(_described(live, {}), version)
    removed = orphans().delete()[1].get("search.LibraryEntry", 0)
    return len(wrong) + removed
