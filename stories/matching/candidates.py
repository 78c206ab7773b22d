"""Reads the practices that may answer a problem, in a fixed number of queries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Count

from portal.library import Facet, LibraryType, Number
from portal.visibility import Viewer, hidden_prefixes
from search.models import LibraryEntry, LibraryFacet, LibraryNumber
from search.query import CONCEPT_FACETS, LibraryQuery
from search.services.library import find_things
from stories.enums import EvidenceLevel, NetworkPart
from stories.models.facts import PracticeFacts

from .limits import Needs, language_codes
from .scoring import Candidate, Text
from .wanted import KnownConcept, Wanted, broader_of

#: So many practices are looked at: those that share most concepts, and the best by words.
BY_CONCEPTS, BY_WORDS = 200, 100
_FACETS = (*CONCEPT_FACETS, Facet.PARTNERSHIP, Facet.EVIDENCE, Facet.OUTCOME)
_NUMBERS = (Number.AGE_FROM, Number.AGE_TO, Number.COST_ISRAEL, Number.COST_DIASPORA)
_EVIDENCE = {level: place for place, level in enumerate(EvidenceLevel.values)}


@dataclass(frozen=True, slots=True)
class Read:
    """The candidates, and of each the facts that cards show."""

    candidates: tuple[Candidate, ...]
    outcomes: Mapping[uuid.UUID, str]
    partnerships: Mapping[uuid.UUID, tuple[str, ...]]


def read_candidates(
    wanted: Wanted,
    known: Mapping[str, KnownConcept],
    viewer: Viewer,
    language: str,
    without: Iterable[str] = (),
    near: Iterable[uuid.UUID] = (),
) -> Read:
    """Return what `viewer` may see and may answer, but what Partnerships of `without` tell.

    `near` are looked at as well: things near in meaning, where that is asked.
    """
    keys = {*_by_concepts(wanted, known, viewer), *near}
    if wanted.words:
        query = LibraryQuery(
            text=wanted.text,
            types=[LibraryType.PRACTICE],
            lang=language,
            viewer=viewer,
            page_size=BY_WORDS,
            with_facets=False,
        )
        keys.update(find_things(query))
    return candidates_of(keys, viewer, without)


def candidates_of(keys: Iterable[uuid.UUID], viewer: Viewer, without: Iterable[str] = ()) -> Read:
    """Return these practices as candidates, those that `viewer` may see (five queries)."""
    left_out = set(without)
    rows = (
        LibraryEntry.objects.visible(viewer, hidden_prefixes(viewer))
        .filter(type=LibraryType.PRACTICE, thing_key__in=list(keys))
        .select_related("text")
        .only(
            "thing_key",
            *(f"text__{name}_terms" for name in ("title", "summary", "body", "concept")),
            "text__title_keys",
            "text__text_keys",
        )
    )
    entries: dict[uuid.UUID, list[LibraryEntry]] = defaultdict(list)
    for entry in rows:
        entries[entry.thing_key].append(entry)
    facets = _facets([entry for each in entries.values() for entry in each])
    numbers = _numbers([entry for each in entries.values() for entry in each])
    facts = PracticeFacts.objects.in_bulk(list(entries))
    candidates = []
    for key in sorted(entries):
        told, own = facets[key], facts.get(key)
        if left_out & told[Facet.PARTNERSHIP]:
            continue
        amounts = numbers[key]
        costs = [amounts.get(name) for name in (Number.COST_ISRAEL, Number.COST_DIASPORA)]
        candidates.append(
            Candidate(
                key=key,
                concepts=frozenset(
                    value
                    for name in CONCEPT_FACETS
                    if name != Facet.AUDIENCE
                    for value in told[name]
                ),
                audiences=frozenset(told[Facet.AUDIENCE]),
                texts=tuple(_text(entry) for entry in entries[key]),
                needs=Needs(
                    direction=own.direction if own else "",
                    ages=(amounts.get(Number.AGE_FROM), amounts.get(Number.AGE_TO)),
                    cost=None if None in costs else sum(filter(None, costs)),
                    languages=language_codes(own.activity_languages if own else ""),
                    season=own.season if own else "",
                ),
                mentor_offer=own.mentor_offer if own else "",
                evidence=max(
                    (_EVIDENCE.get(value, 0) for value in told[Facet.EVIDENCE]), default=0
                ),
            )
        )
    return Read(
        candidates=tuple(candidates),
        outcomes={key: next(iter(facets[key][Facet.OUTCOME]), "") for key in entries},
        partnerships={key: tuple(sorted(facets[key][Facet.PARTNERSHIP])) for key in entries},
    )


def _by_concepts(
    wanted: Wanted, known: Mapping[str, KnownConcept], viewer: Viewer
) -> list[uuid.UUID]:
    """Return the practices that share most concepts with the problem (two queries)."""
    keys = {*wanted.concepts, *wanted.audiences}
    keys |= {above for key in keys for above in broader_of(key, known)}
    if not keys:
        return []
    rows = (
        LibraryEntry.objects.visible(viewer, hidden_prefixes(viewer))
        .filter(type=LibraryType.PRACTICE, facets__name__in=CONCEPT_FACETS, facets__value__in=keys)
        .values("thing_key")
        .annotate(shared=Count("facets__value", distinct=True))
        .order_by("-shared", "thing_key")
    )
    return [row["thing_key"] for row in rows[:BY_CONCEPTS]]


def _facets(entries: Sequence[LibraryEntry]) -> dict[uuid.UUID, dict[str, set[str]]]:
    things = {entry.pk: entry.thing_key for entry in entries}
    found: dict[uuid.UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows = LibraryFacet.objects.filter(entry__in=list(things), name__in=_FACETS)
    for entry, name, value in rows.values_list("entry_id", "name", "value"):
        found[things[entry]][name].add(value)
    return found


def _numbers(entries: Sequence[LibraryEntry]) -> dict[uuid.UUID, dict[str, float | None]]:
    things = {entry.pk: entry.thing_key for entry in entries}
    found: dict[uuid.UUID, dict[str, float | None]] = defaultdict(dict)
    rows = LibraryNumber.objects.filter(entry__in=list(things), name__in=_NUMBERS)
    for entry, name, value in rows.values_list("entry_id", "name", "value"):
        found[things[entry]][name] = value
    return found


def _text(entry: LibraryEntry) -> Text:
    text = entry.text
    return Text(
        head=frozenset(f"{text.title_terms} {text.summary_terms}".split()),
        body=frozenset(f"{text.body_terms} {text.concept_terms}".split()),
        keys=frozenset(f"{text.title_keys} {text.text_keys}".split()),
    )


def contact_roles(page_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return who answers for practices, by the page on which it is told (two queries).

    A contact that a Partnership keeps for the network is left out, in every language.
    """
    pages = apps.get_model("stories", "PracticePage")._default_manager
    told = pages.filter(pk__in=list(page_ids))
    rows = list(told.values_list("pk", "translation_key", "network_parts", "contact_role"))
    facts = PracticeFacts.objects.filter(pk__in={key for _pk, key, _own, _role in rows})
    closed = dict(facts.values_list("pk", "network_parts"))
    return {
        pk: role for pk, key, own, role in rows if NetworkPart.CONTACT not in closed.get(key, own)
    }
