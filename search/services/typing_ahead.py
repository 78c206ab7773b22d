"""What is offered while somebody types: titles, Partnerships, places, concepts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.utils.translation import gettext, override

from search.models import LibraryIndexPage
from search.near import begun_concepts
from search.query import CONCEPT, LibraryQuery, Suggestion
from search.services.library import suggest

#: At most so many of the suggestions are concepts.
CONCEPTS = 3


def suggest_all(query: LibraryQuery) -> list[Suggestion]:
    """Return things whose title or names begin as typed, then concepts; at most `page_size`."""
    concepts = _concepts(query)
    things = suggest(query.with_page_size(max(1, query.page_size - len(concepts))))
    return [*things, *concepts][: query.page_size]


def _concepts(query: LibraryQuery) -> list[Suggestion]:
    """Return the concepts that begin as typed and that something visible is about."""
    limit = min(CONCEPTS, query.page_size // 2)
    begun = begun_concepts(query.text, query.lang, limit, query.viewer) if limit else []
    if not begun:
        return []
    page = LibraryIndexPage.objects.live().filter(locale__language_code=query.lang).first()
    address = page.url if page else None
    return [
        Suggestion(
            concept.label, CONCEPT, query.lang, f"{address}?{urlencode({CONCEPT: concept.key})}"
        )
        for concept in begun
        if address
    ]


def type_label(suggestion: Suggestion, labels: dict[str, str], language: str) -> str:
    """Return what kind of thing a suggestion is, in the reader's language."""
    if suggestion.type == CONCEPT:
        with override(language):
            return gettext("Concept")
    return labels.get(suggestion.type, suggestion.type)
