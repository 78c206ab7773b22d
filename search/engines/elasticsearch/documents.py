"""Documents of the index, built from the rows of the table: many things by a few queries."""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from wagtail.models import Page

from portal.library import Audience
from portal.visibility import hidden_prefixes
from search.engines.fulltext import WORDS
from search.models import LibraryEntry, LibraryFacet, LibraryNumber, LibraryText
from search.models.index import AUDIENCE_KEYS
from search.query import CONCEPT, CONCEPT_FACETS, KEY_FACETS, NUMBER_NAMES
from search.ranking import WEIGHTS

from .mapping import BEGINNING, MAX_BEGINNING, ROWS

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Row(NamedTuple):
    entry: int
    thing_key: uuid.UUID
    version: int
    language: str
    type: str
    title: str
    audience: str
    date: datetime.datetime | None
    live: bool | None
    path: str | None


_COLUMNS = (
    *("pk", "thing_key", "version", "language", "type", "title", "audience", "date"),
    *("page__live", "page__path"),
)


def microseconds(date: datetime.datetime) -> int:
    """Return a date as the index holds it: as exact as the databases compare it."""
    return (date - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Document:
    """What an index holds of one thing: its text is JSON, empty if the thing has no row any more.

    `rows` gives version and checksum by row.
    """

    thing_key: uuid.UUID
    version: int
    text: str
    rows: dict[int, tuple[int, str]]


def documents(thing_keys: Collection[uuid.UUID]) -> list[Document]:
    """Return the documents of those things that have rows, in the order of their keys.

    Versions are read before what they are versions of: a change in between is sent once more, and
    is never missed.
    """
    found = LibraryEntry.objects.filter(thing_key__in=thing_keys).order_by("thing_key", "pk")
    rows = [_Row._make(values) for values in found.values_list(*_COLUMNS)]
    if not rows:
        return []
    told = _Told([row.entry for row in rows], [row.path for row in rows if row.path])
    by_thing: dict[uuid.UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        by_thing[row.thing_key].append(row)
    return [_document(key, group, told) for key, group in by_thing.items()]


class _Told:
    """What other tables tell of some rows."""

    def __init__(self, entries: Sequence[int], paths: Iterable[str]) -> None:
        texts = LibraryText.objects.filter(entry__in=entries)
        self.texts = {
            entry: dict(zip((*WEIGHTS, WORDS), terms, strict=True))
            for entry, *terms in texts.values_list("entry_id", *WEIGHTS, WORDS)
        }
        self.facets: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        facets = LibraryFacet.objects.filter(entry__in=entries).order_by("name", "value")
        for entry, name, value in facets.values_list("entry_id", "name", "value"):
            self.facets[entry][name].append(value)
        self.numbers: dict[int, dict[str, float | None]] = defaultdict(dict)
        numbers = LibraryNumber.objects.filter(entry__in=entries).order_by("name")
        for entry, name, number in numbers.values_list("entry_id", "name", "value"):
            self.numbers[entry][name] = number
        self.hidden = hidden_prefixes()
        wanted = {prefix for path in paths for prefix in _lines(path)}
        self.pages = dict(Page.objects.filter(path__in=wanted).values_list("path", "pk"))

    def is_seen(self, row: _Row) -> bool:
        """Whether the public may see the row now."""
        path = row.path or ""
        is_open = bool(row.live) and row.audience == Audience.PUBLIC and bool(path)
        return is_open and not any(path.startswith(hidden) for hidden in self.hidden)

    def row(self, row: _Row) -> dict[str, Any]:
        """Return a row as the index holds it; always in the same order, for its checksum."""
        facets = self.facets.get(row.entry, {})
        keys = {name: values for name, values in facets.items() if name in KEY_FACETS}
        concepts = sorted({v for name in CONCEPT_FACETS for v in keys.get(name, ())})
        numbers = self.numbers.get(row.entry, {})
        texts = self.texts.get(row.entry, {})
        return {
            "entry": row.entry,
            "live": bool(row.live),
            "audience": row.audience,
            "audience_partnerships": facets.get(AUDIENCE_KEYS, []),
            "pages": [self.pages[path] for path in _lines(row.path or "") if path in self.pages],
            "type": row.type,
            "language": row.language,
            **({"date": microseconds(row.date)} if row.date else {}),
            "title_length": len(row.title),
            BEGINNING: texts.get(WORDS, "")[:MAX_BEGINNING],
            "facets": {**keys, CONCEPT: concepts},
            "numbers": {
                name: value
                for name, value in numbers.items()
                if value is not None and name in NUMBER_NAMES
            },
            "untold": [name for name, value in numbers.items() if value is None],
            **texts,
        }


def _lines(path: str) -> list[str]:
    """Return the paths of a page and of all above it, from the top."""
    step = Page.steplen
    return [path[:end] for end in range(step, len(path) + 1, step)]


def _document(key: uuid.UUID, rows: Sequence[_Row], told: _Told) -> Document:
    texts, held = [], {}
    for row in rows:
        text = _dump(told.row(row))
        checksum = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        held[row.entry] = (row.version, checksum)
        texts.append(f'{text[:-1]},"version":{row.version},"checksum":"{checksum}"}}')
    # What orders things is told by the rows that the public sees: others would give away that, and
    # when, something was told which is not for all.
    seen = [row for row in rows if told.is_seen(row)] or [row for row in rows if row.live]
    dates = [microseconds(row.date) for row in seen if row.date]
    head = {
        "thing_key": str(key),
        "titles": _titles(seen),
        **({"date": min(dates)} if dates else {}),
    }
    text = f'{_dump(head)[:-1]},"{ROWS}":[{",".join(texts)}]}}'
    return Document(key, max(row.version for row in rows), text, held)


def _titles(rows: Sequence[_Row]) -> dict[str, str]:
    """Return, by language of the reader, the title by which the thing is ordered."""
    if not rows:
        return {}
    own = {row.language: row.title.lower() for row in rows}
    other = min(own.values())
    return {code: own.get(code, other) for code, _name in settings.LANGUAGES}
