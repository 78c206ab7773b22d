"""What values of a facet are called besides: in the other languages, and as some people spell it.

The box that finds a value in a long facet looks through these names too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from search.lexicon import lexicon
from search.near import folded
from search.page_parts import FacetGroup
from search.query import CONCEPT, CONCEPT_FACETS

#: So many other names of a value are told to the page, and so many characters of them together.
MAX_NAMES = 8
MAX_LENGTH = 160


def with_other_names(groups: Iterable[FacetGroup]) -> list[FacetGroup]:
    """Return facets, the long ones with what each value is called besides; one small query."""
    found = list(groups)
    if not any(group.is_long for group in found):
        return found
    names = lexicon().names
    return [_named(group, names) if group.is_long else group for group in found]


def _named(group: FacetGroup, names: Mapping[tuple[str, str], tuple[str, ...]]) -> FacetGroup:
    facet = CONCEPT if group.name in CONCEPT_FACETS else group.name
    options = [
        replace(option, names=_line(option.label, names.get((facet, option.value), ())))
        for option in group.options
    ]
    return replace(group, options=options)


@lru_cache(maxsize=10_000)
def _line(label: str, names: tuple[str, ...]) -> str:
    """Return the names that add something to the label in one line, the first if too many."""
    told = [folded(label)]
    kept: list[str] = []
    length = 0
    for name in names:
        word = folded(name)
        if not word or any(word in one for one in told):
            continue
        length += len(name) + 1
        if len(kept) >= MAX_NAMES or length > MAX_LENGTH:
            break
        told.append(word)
        kept.append(name)
    return "|".join(kept)
