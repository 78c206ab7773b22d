"""What the tables hold of pages already, before their rows are written anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from search.models import LibraryEntry, LibraryNumber

FacetKeys = frozenset[tuple[str, str]]
Numbers = frozenset[tuple[str, float | None]]
#: A page and a part of it ("": the page itself).
RowKey = tuple[int, str]


def facets_before(page_ids: Sequence[int]) -> dict[RowKey, FacetKeys]:
    """Return the facet keys that the tables hold, by row; what has no row is left out."""
    known: dict[RowKey, set[tuple[str, str]]] = defaultdict(set)
    found = LibraryEntry.objects.filter(page__in=page_ids).values_list(
        "page_id", "part", "facets__name", "facets__value"
    )
    for page_id, part, name, value in found:
        known[page_id, part].update({(name, value)} if name is not None else set())
    return {key: frozenset(keys) for key, keys in known.items()}


def numbers_before(page_ids: Sequence[int]) -> dict[RowKey, Numbers]:
    """Return the numbers that the tables hold, by row; what has none is left out."""
    known: dict[RowKey, set[tuple[str, float | None]]] = defaultdict(set)
    found = LibraryNumber.objects.filter(entry__page__in=page_ids).values_list(
        "entry__page_id", "entry__part", "name", "value"
    )
    for page_id, part, name, value in found:
        known[page_id, part].add((name, value))
    return {key: frozenset(numbers) for key, numbers in known.items()}
