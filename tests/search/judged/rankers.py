"""The library, and plain Wagtail search, as rankers of the loaded demonstration."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import QueryDict
from wagtail.models import Page, get_page_models

from search.engines.selection import uses_elasticsearch
from search.models import LibraryEntry
from search.parameters import read
from search.services.library import find
from search.services.writer import can_be_described

PREFIX = "demo-"


def _reference(reference: str) -> str:
    return reference.removeprefix(PREFIX)


def kinds() -> dict[str, str]:
    """Return the kind of each thing by reference."""
    rows = LibraryEntry.objects.values_list("reference", "type")
    return {_reference(reference): kind for reference, kind in rows}


def library(text: str, language: str) -> Sequence[str]:
    """Return what the library finds for what is typed; RuntimeError where another engine helped."""
    data = QueryDict(mutable=True)
    data["q"] = text
    found = find(read(data, lang=language, page_size=20, with_facets=False).query)
    asked = "elasticsearch" if uses_elasticsearch() else "database"
    if found.engine != asked:
        raise RuntimeError(f"{found.engine} answered in place of {asked}")
    return [_reference(hit.reference) for hit in found.hits]


class PlainWagtail:
    """`Page.search()` as Wagtail has it, over the same pages; translations count once."""

    def __init__(self, operator: str | None = None) -> None:
        self.operator = operator
        rows = LibraryEntry.objects.filter(part="").values_list("page_id", "reference")
        self.references = {page_id: _reference(reference) for page_id, reference in rows}
        self.models = [model for model in get_page_models() if can_be_described(model)]

    def __call__(self, text: str, language: str) -> Sequence[str]:
        """Return what is found; nothing where the search raises (a quote within a word)."""
        pages = Page.objects.live().type(*self.models)
        more = {"operator": self.operator} if self.operator else {}
        try:
            found = list(pages.search(text, **more)[:60])
        except Exception:
            return []
        references = (self.references.get(page.pk) for page in found)
        return list(dict.fromkeys(filter(None, references)))
