"""Writes the library's rows from pages, one or many by the same few queries.

Every function runs inside the caller's transaction: the row and the page it tells of are committed
together or not at all. The version is drawn before a page is described: the clock's row is locked
until the end of the transaction, so a rename that is committed meanwhile is either seen here or
raises the row's version afterwards, and none is lost.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import override
from wagtail.models import Page

from portal.attachments import documents_in, network_documents_in
from portal.library import Audience, LibraryDescription, LibraryType
from portal.models import Concept, SynonymGrade
from search.analysis import index_forms, index_words
from search.models import LibraryClock, LibraryEntry, LibraryFacet, LibraryNumber, LibraryText
from search.models.index import AUDIENCE_KEYS, AUDIENCE_KIND
from search.query import CONCEPT_FACETS, KEY_FACETS, NUMBER_NAMES
from search.services.documents import (
    DOCUMENT_KEYS,
    DOCUMENT_TEXT_KEYS,
    NETWORK_DOCUMENT_KEYS,
    AttachedTerms,
    attached_terms,
)
from search.services.held_rows import FacetKeys, Numbers, RowKey, facets_before, numbers_before

ENTRY_FIELDS = (
    "thing_key",
    "language",
    "type",
    "title",
    "summary",
    "image_id",
    "audience",
    "date",
    "reference",
    "is_demo",
)
TEXT_FIELDS = (
    "names",
    "body",
    "title_terms",
    "names_terms",
    "concept_terms",
    "summary_terms",
    "body_terms",
    "title_keys",
    "names_keys",
    "text_keys",
    "documents_terms",
    "words",
)

#: Things whose names are their own; what a place tells is not suggested for the place's name.
NAMED = frozenset({LibraryType.PARTNERSHIP, LibraryType.COMMUNITY, LibraryType.PROGRAM})

#: PostgreSQL takes a megabyte of vector; nobody reads further (characters).
MAX_BODY_TERMS = 300_000
MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """What the tables hold of a page, or of a part of it: entry, text, facet keys, numbers."""

    page_id: int
    part: str
    entry: Mapping[str, Any]
    text: Mapping[str, str]
    facets: FacetKeys
    numbers: Numbers

    @property
    def key(self) -> RowKey:
        """What it is of."""
        return (self.page_id, self.part)


def can_be_described(model: type[Page] | None) -> bool:
    """Whether pages of this type are things of the library."""
    return hasattr(model, "describe_for_library")


def is_indexed(page: Page) -> bool:
    """Whether this page has a row once it is live: an alias never has one."""
    return can_be_described(type(page)) and not page.alias_of_id


def rows_of(pages: Sequence[Page]) -> list[LibraryRow]:
    """Return what the library has to hold of `pages` (specific, indexed ones), from themselves."""
    _prepare(pages)
    described = [
        (page.pk, description, _keys(description))
        for page in pages
        for description in _descriptions(page)
    ]
    concepts = {key for *_, keys in described for name, key in keys if name in CONCEPT_FACETS}
    names = _concept_names(concepts)
    rows = [_row(page_id, description, keys, names) for page_id, description, keys in described]
    closed = {page.pk: network_documents_in(page) for page in pages}
    return _with_documents(rows, {page.pk: documents_in(page) for page in pages}, closed)


def _with_documents(
    rows: Sequence[LibraryRow],
    attached: Mapping[int, Sequence[int]],
    closed: Mapping[int, Sequence[int]],
) -> list[LibraryRow]:
    """Return the rows with what their pages' documents say, and which documents these are.

    Of those that are for the network alone (`closed`) nothing but the key is kept.
    """
    terms = attached_terms(attached)
    complete = []
    for row in rows:
        if row.part:  # what a page attaches is told by the page itself
            complete.append(replace(row, text={**row.text, "documents_terms": ""}))
            continue
        added = terms.get(row.page_id, AttachedTerms())
        keys = {(DOCUMENT_KEYS, str(document)) for document in attached[row.page_id]}
        keys |= {(DOCUMENT_TEXT_KEYS, str(document)) for document in added.told}
        keys |= {(NETWORK_DOCUMENT_KEYS, str(document)) for document in closed[row.page_id]}
        text = {**row.text, "documents_terms": added.terms}
        complete.append(replace(row, text=text, facets=row.facets | keys))
    return complete


def _prepare(pages: Iterable[Page]) -> None:
    """Let each type of page read at once what the descriptions of many ask for."""
    by_type: dict[type[Page], list[Page]] = defaultdict(list)
    for page in pages:
        by_type[type(page)].append(page)
    for model, group in by_type.items():
        if prepare := getattr(model, "prepare_for_library", None):
            prepare(group)


def _descriptions(page: Any) -> list[LibraryDescription]:
    """Return what the page tells of itself and beside itself, in its language, whoever saves it."""
    with override(page.language):
        parts = getattr(page, "describe_parts_for_library", None)
        return [page.describe_for_library(), *(parts() if parts else ())]


def _keys(description: LibraryDescription) -> FacetKeys:
    told = {name: keys for name, keys in description.facets.items() if name in KEY_FACETS}
    told[AUDIENCE_KEYS] = description.audience_partnerships
    told[AUDIENCE_KIND] = [] if description.audience == Audience.PUBLIC else [description.audience]
    return frozenset((name, key) for name, keys in told.items() for key in keys if key)


def _numbers(description: LibraryDescription) -> Numbers:
    """Return the known numbers; to the cent, so that every engine compares the same."""
    return frozenset(
        (name, None if value is None else round(float(value), 2))
        for name, value in description.numbers.items()
        if name in NUMBER_NAMES
    )


def _concept_names(keys: Collection[str]) -> dict[str, str]:
    """Return, by key, each concept's labels and exact synonyms in all languages, one a line."""
    concepts = Concept.objects.filter(key__in=list(keys)).prefetch_related("synonyms")
    return {
        concept.key: "\n".join(
            [
                *concept.label.values(),
                *(s.text for s in concept.synonyms.all() if s.grade == SynonymGrade.EXACT),
            ]
        )
        for concept in (concepts if keys else [])
    }


def _clean(text: str) -> str:
    return str(text or "").replace("\x00", "")


def _row(
    page_id: int,
    description: LibraryDescription,
    facets: FacetKeys,
    concept_names: Mapping[str, str],
) -> LibraryRow:
    title, summary, body = map(_clean, (description.title, description.summary, description.body))
    told = dict.fromkeys(_clean(name) for name in description.names if name)
    names = "\n".join(name for name in told if name != title)  # once is enough: it is the title
    concepts = sorted({key for name, key in facets if name in CONCEPT_FACETS})
    named = [concept_names[key] for key in concepts if key in concept_names]
    names_terms, names_keys = index_forms(names)
    concept_terms, concept_keys = index_forms("\n".join(named))
    title_terms, title_keys = index_forms(title)
    summary_terms, summary_keys = index_forms(summary)
    body_terms, body_keys = index_forms(body)
    return LibraryRow(
        page_id=page_id,
        part=description.part,
        entry={
            "thing_key": description.thing_key,
            "language": description.language,
            "type": str(description.type),
            "title": title[:255],
            "summary": summary,
            "image_id": description.image_id,
            "audience": str(description.audience),
            "date": description.date,
            "reference": description.reference,
            "is_demo": description.is_demo,
        },
        text={
            "names": names,
            "body": body,
            "title_terms": title_terms,
            "names_terms": names_terms,
            "concept_terms": concept_terms,
            "summary_terms": summary_terms,
            "body_terms": body_terms[:MAX_BODY_TERMS],
            "title_keys": title_keys,
            "names_keys": _each_once(names_keys, concept_keys),
            "text_keys": _each_once(summary_keys, body_keys)[:MAX_KEYS],
            "words": index_words(f"{title}\n{names}" if description.type in NAMED else title),
        },
        facets=facets,
        numbers=_numbers(description),
    )


def _each_once(*keys: str) -> str:
    return " ".join(dict.fromkeys(" ".join(keys).split()))


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and how many others now wait for the worker because of it."""

    rows: int = 0
    stale: int = 0


def write_pages(pages: Iterable[Page]) -> Written:
    """Write the rows of these pages (specific instances).

    Pages that are no things of the library, and aliases, are left out; pages that are not live
    are not (see `portal.library.pages_written`).
    """
    wanted = [page for page in pages if is_indexed(page)]
    if not wanted:
        return Written()
    version = LibraryClock.draw()
    return write_rows(rows_of(wanted), version)


def write_rows(rows: Sequence[LibraryRow], version: int) -> Written:
    """Put `rows` into the tables in place of what they held of these pages.

    `rows` are all rows of each of the pages: parts that a page does not tell any more are deleted.
    """
    if not rows:
        return Written()
    page_ids = list({row.page_id for row in rows})
    before, counted = facets_before(page_ids), numbers_before(page_ids)
    for page_id, part in before.keys() - {row.key for row in rows}:
        LibraryEntry.objects.filter(page=page_id, part=part).delete()  # one by one: they are few
    entries = LibraryEntry.objects.bulk_create(
        [
            LibraryEntry(
                page_id=row.page_id,
                part=row.part,
                version=version,
                built_version=version,
                **row.entry,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["page", "part"],
        update_fields=[*_columns(ENTRY_FIELDS), "version", "built_version"],
    )
    ids = {row.key: entry.pk for row, entry in zip(rows, entries, strict=True)}
    LibraryText.objects.bulk_create(
        [LibraryText(entry_id=ids[row.key], **row.text) for row in rows],
        update_conflicts=True,
        unique_fields=["entry"],
        update_fields=TEXT_FIELDS,
    )
    changed = [row for row in rows if row.facets != before.get(row.key, frozenset())]
    if outdated := [ids[row.key] for row in changed if row.key in before]:
        LibraryFacet.objects.filter(entry__in=outdated).delete()
    LibraryFacet.objects.bulk_create(
        LibraryFacet(entry_id=ids[row.key], name=name, value=value)
        for row in changed
        for name, value in sorted(row.facets)
    )
    recounted = [row for row in rows if row.numbers != counted.get(row.key, frozenset())]
    if outdated := [ids[row.key] for row in recounted if row.key in counted]:
        LibraryNumber.objects.filter(entry__in=outdated).delete()
    LibraryNumber.objects.bulk_create(
        LibraryNumber(entry_id=ids[row.key], name=name, value=value)
        for row in recounted
        for name, value in row.numbers
    )
    told_anew = {row.key: row for row in (*changed, *recounted) if row.key in before}
    stale = _raise_translations(list(told_anew.values()), version)
    return Written(len(rows), stale)


def _columns(names: Iterable[str]) -> list[str]:
    return [name.removesuffix("_id") for name in names]


def _raise_translations(rows: Sequence[LibraryRow], version: int) -> int:
    """Let the other languages of a thing be built anew: facts that facets tell have changed."""
    keys: list[uuid.UUID] = [row.entry["thing_key"] for row in rows]
    if not keys:
        return 0
    others = LibraryEntry.objects.filter(thing_key__in=keys, version__lt=version)
    return others.update(version=version)
