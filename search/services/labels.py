"""Labels of facet values: rows hold keys, names are joined here in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext, override

from portal.library import (
    Facet,
    LibraryType,
    choice_labels,
    facet_labels,
    facet_orders,
    hidden_values,
)
from portal.text import language_name
from portal.visibility import outside
from search.lexicon import Lexicon, lexicon
from search.query import CONCEPT, CONCEPT_FACETS, FACET_NAMES, LANGUAGE, TYPE, FacetCount

_Labels = dict[tuple[str, str], dict[str, str]]


def labels_of(name: str, keys: Iterable[str], language: str) -> Mapping[str, str]:
    """Return the labels of those `keys` of a facet that exist."""
    if name == TYPE:
        return choice_labels(LibraryType)(keys, language)
    if name == LANGUAGE:
        known = dict(settings.LANGUAGES)
        with override(language):
            return {key: language_name(key) for key in keys if key in known}
    if name == Facet.YEAR:
        return {key: key for key in keys if key.isascii() and key.isdigit() and len(key) == 4}
    source = facet_labels.get(name)
    return source(keys, language) if source else {key: key for key in keys}


def hidden_from(closed: list[str], *names: str) -> dict[str, frozenset[str]]:
    """Return the values that are not to be named to whom the tree paths `closed` are hidden.

    By facet, of all that hide any unless `names` are given; one query each.
    """
    allowed = outside(closed)
    return {
        name: frozenset(source(allowed))
        for name, source in hidden_values.items()
        if not names or name in names
    }


#: Labels by facet, language and key, and the lexicon that was in force when they were read.
_held: tuple[Lexicon, _Labels] | None = None


def _known_labels() -> _Labels:
    """Return the labels that this process has read since a name was last changed (one query).

    Some 600 are shown with each answer. Within a transaction, which may take a name back, all are
    read each time.
    """
    global _held
    if connection.in_atomic_block:
        return {}
    known = lexicon()
    held = _held
    if held is None or held[0] is not known:
        held = _held = (known, {})
    return held[1]


def _names_of(known: _Labels, name: str, keys: Collection[str], language: str) -> Mapping[str, str]:
    labels = known.setdefault((name, language), {})
    if missing := [key for key in keys if key not in labels]:
        labels.update(labels_of(name, missing, language))
    return labels


def label_counts(
    counts: Mapping[str, Mapping[str, int]], language: str
) -> dict[str, tuple[FacetCount, ...]]:
    """Return the counts with labels, the largest first; what has a natural order keeps it."""
    concepts = {key for name in (*CONCEPT_FACETS, CONCEPT) for key in counts.get(name, {})}
    known = _known_labels()
    concept_labels = _names_of(known, CONCEPT, concepts, language)
    labelled: dict[str, tuple[FacetCount, ...]] = {}
    for name in FACET_NAMES:
        values = counts.get(name, {})
        if name in (*CONCEPT_FACETS, CONCEPT):
            labels = concept_labels
        else:
            labels = _names_of(known, name, values, language) if values else {}
        found = [FacetCount(key, labels.get(key, key), count) for key, count in values.items()]
        if name in facet_orders:
            found.sort(key=_place_in(facet_orders[name]))
        elif name == Facet.YEAR:
            found.sort(key=lambda value: value.value, reverse=True)
        else:
            found.sort(key=lambda value: (-value.count, value.label.casefold(), value.value))
        labelled[name] = tuple(found)
    return labelled


def _place_in(order: Sequence[str]) -> Callable[[FacetCount], int]:
    places = {value: place for place, value in enumerate(order)}
    return lambda count: places.get(count.value, len(places))


def facet_titles(language: str) -> dict[str, str]:
    """Return what the facets are called."""
    with override(language):
        return {
            TYPE: gettext("Kind"),
            CONCEPT: gettext("Concept"),
            Facet.PROGRAM_TYPE: gettext("Program type"),
            Facet.TOPIC: gettext("Topic"),
            Facet.AUDIENCE: gettext("For whom"),
            Facet.RESOURCE: gettext("Resource"),
            Facet.PARTNERSHIP: gettext("Partnership"),
            Facet.COMMUNITY: gettext("Community"),
            Facet.COUNTRY: gettext("Country"),
            Facet.SIDE: gettext("Told by"),
            Facet.DIRECTION: gettext("Direction of travel"),
            Facet.YEAR: gettext("Year"),
            Facet.OUTCOME: gettext("How it went"),
            Facet.AGE: gettext("Age"),
            Facet.SEASON: gettext("Season"),
            Facet.DURATION: gettext("Length of a run"),
            Facet.LEAD_TIME: gettext("Lead time"),
            Facet.COST: gettext("Cost to both sides"),
            Facet.EVIDENCE: gettext("How well tested"),
            Facet.OPEN: gettext("Open now"),
            Facet.OFFER: gettext("What they offer and look for"),
            Facet.STATUS: gettext("Where a challenge stands"),
            LANGUAGE: gettext("Language"),
        }
