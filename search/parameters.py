"""Reads a library query from the parameters of an address.

Pages and API read alike; what is wrong with the values is told beside. The API refuses such a
request, a page ignores such values (DESIGN, contracts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.fields import default_language
from portal.library import Facet, LibraryType
from search.query import (
    CONCEPT,
    FACET_NAMES,
    LANGUAGE,
    MAX_DEPTH,
    MAX_PAGE_SIZE,
    MAX_TEXT,
    TYPE,
    LibraryQuery,
    Sort,
)
from search.services.labels import labels_of

#: So many values of one filter are read.
MAX_VALUES = 100
MAX_VALUE = 120


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that can't be used, and why."""

    parameter: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The query that the good values make, and the others."""

    query: LibraryQuery
    refusals: tuple[Refusal, ...]


class _Reader:
    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.refusals: list[Refusal] = []

    def refuse(self, parameter: str, value: str, reason: str) -> None:
        self.refusals.append(Refusal(parameter, value[:MAX_VALUE], reason))

    def one(self, name: str) -> str:
        """Return the last value of a parameter; an empty one counts as absent."""
        return str(self.data.get(name) or "").strip()

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.one(name)
        if not value or value in allowed:
            return value or default
        self.refuse(name, value, _("One of: %(values)s.") % {"values": ", ".join(allowed)})
        return default

    def number(self, name: str, default: int, limit: int) -> int:
        value = self.one(name)
        if not value:
            return default
        if value.isascii() and value.isdigit() and len(value) < 9 and 1 <= int(value) <= limit:
            return int(value)
        self.refuse(name, value, _("A whole number from 1 to %(limit)d.") % {"limit": limit})
        return default

    def values(self, name: str, language: str) -> tuple[str, ...]:
        """Return the values of a filter that exist."""
        given = [value for value in dict.fromkeys(self.data.getlist(name)) if value.strip()]
        for value in given[MAX_VALUES:]:
            self.refuse(name, value, _("At most %(limit)d values.") % {"limit": MAX_VALUES})
        given = given[:MAX_VALUES]
        sound = [value for value in given if len(value) <= MAX_VALUE and value.isprintable()]
        known = labels_of(name, sound, language) if sound else {}
        for value in given:
            if value not in known:
                self.refuse(name, value, _("There is no such value."))
        return tuple(value for value in given if value in known)


def read(
    data: QueryDict,
    *,
    lang: str | None = None,
    page_size: int | None = None,
    **more: Any,
) -> Reading:
    """Return the query that `data` asks for, and what of it can't be used.

    `lang` and `page_size` are taken from `data` unless given. Unknown parameters are ignored. One
    query for each filter whose values are in the database.
    """
    reader = _Reader(data)
    languages = [code for code, _name in settings.LANGUAGES]
    lang = lang or reader.choice("lang", languages, default_language())
    filters = {name: reader.values(name, lang) for name in FACET_NAMES}
    sort = reader.choice("sort", Sort.values, Sort.RELEVANCE)
    page_size = page_size or reader.number("page_size", 20, MAX_PAGE_SIZE)
    query = LibraryQuery(
        text=str(data.get("q") or "")[:MAX_TEXT],
        types=filters.pop(TYPE),
        concepts=filters.pop(CONCEPT),
        partnerships=filters.pop(Facet.PARTNERSHIP),
        communities=filters.pop(Facet.COMMUNITY),
        languages=filters.pop(LANGUAGE),
        facets={name: values for name, values in filters.items() if values},
        lang=lang,
        sort=sort,
        page=reader.number("page", 1, MAX_DEPTH // page_size),
        page_size=page_size,
        **more,
    )
    return Reading(query, tuple(reader.refusals))


def documented() -> list[dict[str, Any]]:
    """Return the parameters as OpenAPI tells them."""

    def many(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {
            "in": "query",
            "name": name,
            "description": f"{description} Repeated: any of them.",
            "schema": {"type": "array", "items": {"type": "string", **schema}},
            "style": "form",
            "explode": True,
        }

    def one(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"in": "query", "name": name, "description": description, "schema": schema}

    languages = [code for code, _name in settings.LANGUAGES]
    described: dict[str, tuple[str, dict[str, Any]]] = {
        TYPE: ("Kind of thing.", {"enum": LibraryType.values}),
        CONCEPT: ("Key of a concept, of whichever facet.", {}),
        Facet.PROGRAM_TYPE: ("Key of a concept: program type.", {}),
        Facet.TOPIC: ("Key of a concept: topic.", {}),
        Facet.AUDIENCE: ("Key of a concept: for whom.", {}),
        Facet.RESOURCE: ("Key of a concept: kind of resource.", {}),
        Facet.PARTNERSHIP: ("Slug of a Partnership.", {}),
        Facet.COMMUNITY: ("Slug of a community, on either side.", {}),
        Facet.COUNTRY: ("Country abroad, two letters.", {"pattern": "^[A-Z]{2}$"}),
        Facet.SIDE: ("Side that tells it.", {}),
        Facet.DIRECTION: ("Which way people travel.", {}),
        Facet.YEAR: ("Year in which it happened or was published.", {"pattern": "^[0-9]{4}$"}),
        Facet.OUTCOME: ("How it went.", {}),
        LANGUAGE: ("Language in which it is told.", {"enum": languages}),
    }
    return [
        one("q", "What to look for; empty: everything, newest first.", type="string"),
        *[many(name, text, **schema) for name, (text, schema) in described.items()],
        one(
            "lang",
            "The reader's language: of labels, and first of a thing's translations.",
            type="string",
            enum=languages,
            default=default_language(),
        ),
        one("sort", "Order.", type="string", enum=Sort.values, default=Sort.RELEVANCE.value),
        one(
            "page",
            f"Page, from 1; page × page_size is at most {MAX_DEPTH}.",
            type="integer",
            minimum=1,
            default=1,
        ),
        one(
            "page_size",
            "Things on a page.",
            type="integer",
            minimum=1,
            maximum=MAX_PAGE_SIZE,
            default=20,
        ),
    ]
