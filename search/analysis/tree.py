"""What a reader's text asks for, as a tree that every engine compiles to its own language.

A `TextQuery` is a conjunction of groups, a `Group` a disjunction of alternatives, an `Alternative`
one or more terms. Terms are letters and digits only (`search.analysis.tokens`), in the form in
which the columns of `LibraryText` hold them: no engine's query language sees what was typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

#: Where an alternative comes from; concepts and places add their key: "concept:teens".
TYPED = "typed"
KEY = "key"
GLOSS = "gloss"
CONCEPT_SOURCE = "concept:"
PLACE_SOURCE = "place:"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a group is satisfied.

    `terms` stand next to one another in this order in one column (`is_phrase`), or anywhere in the
    thing. Every column is searched, the columns of key forms too. `weight` is its part in the
    score: 1.0 as typed, less for other forms and other words.
    """

    terms: tuple[str, ...]
    weight: float = 1.0
    source: str = TYPED
    is_phrase: bool = True

    @property
    def is_added(self) -> bool:
        """Whether this was not typed in any form: another name, or a word of another language."""
        return self.source == GLOSS or self.source.startswith((CONCEPT_SOURCE, PLACE_SOURCE))


@dataclass(frozen=True, slots=True)
class Group:
    """One wanted word or phrase and what stands for it: any of the alternatives will do.

    The first alternative is what was typed. `is_required` (a quoted phrase) is demanded even where
    things with only some of the words are given. `times` is how often it was typed: in a long
    question, what comes again and again is what it is about.
    """

    alternatives: tuple[Alternative, ...]
    is_required: bool = False
    times: int = 1

    @property
    def typed(self) -> Alternative:
        """The alternative that was typed."""
        return self.alternatives[0]


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A Partnership or place whose name the query is: its page comes first.

    `facet` and `key` as in the library's facet rows (Facet.PARTNERSHIP or Facet.COMMUNITY, slug).
    """

    facet: str
    key: str


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What is looked up for a reader's text.

    `groups` are wanted: all of them, or where too few things have all, the required ones and as
    many of the others as possible (`search.ranking.enough`). `excluded` alternatives must not
    occur in the row. `boosts` only raise the score of what matches anyway: words that were typed
    next to one another. `names` are pinned: rows of the named kind with such a facet value come
    first.
    """

    groups: tuple[Group, ...] = ()
    excluded: tuple[Alternative, ...] = ()
    boosts: tuple[Alternative, ...] = ()
    names: tuple[NamedThing, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def alternatives(self) -> Iterator[Alternative]:
        """All alternatives of all groups."""
        return (alternative for group in self.groups for alternative in group.alternatives)

    @property
    def terms(self) -> tuple[str, ...]:
        """Every term that makes a thing match, each once: for marks and reasons."""
        found = (term for alternative in self.alternatives for term in alternative.terms)
        return tuple(dict.fromkeys(found))

    @property
    def required(self) -> tuple[Group, ...]:
        """The groups that are demanded of every hit."""
        return tuple(group for group in self.groups if group.is_required)

    def without_added(self) -> TextQuery:
        """Return the query without concepts' and places' other names."""
        groups = tuple(
            replace(group, alternatives=tuple(a for a in group.alternatives if not a.is_added))
            for group in self.groups
        )
        return replace(self, groups=groups)
