"""What values of a facet are called besides: in the other languages, and as some people spell it.

The box that finds a value in a long facet looks through these names too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from search.lexicon import Lexicon, lexicon
from search.near import folded
from search.page_parts import FacetGroup
from search.query import CONCEPT, CONCEPT_FACETS

#: So many other names of a value are told to the page, and so many characters of them together.
MAX_NAMES = 8
MAX_LENGTH = 160


@dataclass(frozen=True, slots=True)
class _Known:
    """The names of all concepts and places, and the lines that were made of them."""

    lexicon: Lexicon
    names: dict[tuple[str, str], tuple[str, ...]]
    lines: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def line(self, facet: str, key: str, label: str) -> str:
        made = self.lines.get((facet, key, label))
        if made is None:
            made = _line(label, self.names.get((facet, key), ()))
            self.lines[facet, key, label] = made
        return made


_held: _Known | None = None


def with_other_names(group: FacetGroup) -> FacetGroup:
    """Return a facet with what each value is called besides its label; one small query."""
    global _held
    known, held = lexicon(), _held
    if held is None or held.lexicon is not known:
        held = _held = _Known(known, known.names())
    facet = CONCEPT if group.name in CONCEPT_FACETS else group.name
    named = [
        replace(option, names=held.line(facet, option.value, option.label))
        for option in group.options
    ]
    return replace(group, options=named)


def _line(label: str, names: Iterable[str]) -> str:
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
