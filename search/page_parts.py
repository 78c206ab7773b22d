"""The parts of which the library's page is made: facets, chips, hits, ways on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.fields import text_direction
from portal.library import Facet
from search.query import TYPE, LibraryHit

#: The facets in the order in which they stand on the page; those that are open without a choice.
SHOWN_FACETS = (
    TYPE,
    Facet.PROGRAM_TYPE,
    Facet.TOPIC,
    Facet.AUDIENCE,
    Facet.PARTNERSHIP,
    Facet.COUNTRY,
    Facet.COMMUNITY,
    Facet.EVIDENCE,
    Facet.OUTCOME,
    Facet.AGE,
    Facet.COST,
    Facet.OPEN,
    Facet.OFFER,
    Facet.STATUS,
    Facet.DIRECTION,
    Facet.SEASON,
    Facet.LEAD_TIME,
    Facet.DURATION,
    Facet.SIDE,
    Facet.RESOURCE,
    Facet.YEAR,
)
OPEN_FACETS = frozenset({TYPE, Facet.TOPIC, Facet.AUDIENCE})
#: A facet with more values gets a box to find one of them.
LONG_FACET = 12


@dataclass(frozen=True, slots=True)
class FacetOption:
    """One value of a facet as a checkbox; `names` are what it is called besides."""

    value: str
    label: str
    count: int
    is_chosen: bool
    names: str = ""


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet as a group of checkboxes."""

    name: str
    title: str
    options: Sequence[FacetOption]
    is_open: bool

    @property
    def is_long(self) -> bool:
        """Whether a box to find a value helps."""
        return len(self.options) > LONG_FACET

    @property
    def chosen_count(self) -> int:
        """How many values are chosen."""
        return sum(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A value in force, and the address without it."""

    facet: str
    title: str
    value: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class LimitInText:
    """An amount that the text sets as a limit, and the way to the other reading of it.

    It `is_read` as a limit or looked up as words.
    """

    words: str
    query: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class WayOn:
    """A link that leads on: words, and the end of the address; perhaps how many it leads to."""

    label: str
    query: str
    count: int | None = None


#: So many names of what was searched as well stand in its chip.
SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class AlsoSearched:
    """A concept that was searched as well: by which names, and the address without it."""

    names: Sequence[str]
    query: str

    @property
    def shown(self) -> Sequence[str]:
        """The names that everybody sees."""
        return self.names[:SHOWN_NAMES]

    @property
    def rest(self) -> Sequence[str]:
        """The names that are shown when they are asked for."""
        return self.names[SHOWN_NAMES:]


#: With more chips than these of what was searched as well, the first `FEW_CHIPS` show.
MOST_CHIPS, FEW_CHIPS = 3, 2


@dataclass(frozen=True, slots=True)
class AlsoSearchedAll:
    """What was searched as well: the chips that show, and those that open when asked for."""

    shown: Sequence[AlsoSearched]
    folded: Sequence[AlsoSearched] = ()

    @classmethod
    def of(cls, chips: Sequence[AlsoSearched]) -> AlsoSearchedAll:
        """Return the chips, many of them folded."""
        if len(chips) <= MOST_CHIPS:
            return cls(chips)
        return cls(chips[:FEW_CHIPS], chips[FEW_CHIPS:])


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """One position of the switch between languages of texts; an empty value: all of them."""

    value: str
    label: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class NextLevel:
    """Things of the next lower level of evidence, under a heading of their own."""

    label: str
    rows: Sequence[HitRow]
    total: int
    query: str


@dataclass(frozen=True, slots=True)
class HitRow:
    """A hit, the Partnerships that tell it by name, and the hit above it that is of its model."""

    hit: LibraryHit
    partnerships: Sequence[str]
    is_foreign: bool
    leader: LibraryHit | None = None

    @property
    def direction(self) -> str:
        """Writing direction of the hit's language."""
        return text_direction(self.hit.language)


#: So many words are told on a chip.
_TOLD = 8


def some_of(words: Sequence[str]) -> str:
    """Return words as a list, cut where there are many."""
    return ", ".join(words[:_TOLD]) + (" …" if len(words) > _TOLD else "")
