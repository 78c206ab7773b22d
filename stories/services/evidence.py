"""Keeps the library's word on how well tested practices are.

Its rows hold the level as a facet; they are built anew when something that decides it changes, and
by a daily job when time alone lets it fall.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from portal.library import Facet
from search.models import LibraryEntry, LibraryFacet
from search.services.versions import raise_versions
from search.tasks import refresh_soon
from stories.evidence import Evidence, EvidenceInputs, evidence_of
from stories.evidence_reading import elsewhere, for_everybody, inputs_of_facts
from stories.models import PracticeFacts, PracticePage

CHUNK = 500


def evidence_by_key(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Evidence]:
    """Return how well tested each practice is that was public once (four queries)."""
    template = EvidenceInputs(today=timezone.localdate())
    others = elsewhere(keys)
    return {
        facts.pk: for_everybody(
            evidence_of(inputs_of_facts(facts, others[facts.pk], template)), facts.network_parts
        )
        for facts in PracticeFacts.objects.filter(pk__in=keys).select_related("partnership")
    }


def evidence_changed(keys: Iterable[uuid.UUID]) -> None:
    """Let the library build these practices anew; call it in the transaction of the change."""
    rows = LibraryEntry.objects.filter(thing_key__in=list(keys))
    if raise_versions(rows):
        refresh_soon()


def levels_in_library() -> dict[uuid.UUID, set[str]]:
    """Return the levels that the library's rows hold, by practice (one query)."""
    levels: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = LibraryFacet.objects.filter(name=Facet.EVIDENCE)
    for key, level in rows.values_list("entry__thing_key", "value"):
        levels[key].add(level)
    return levels


def follow_evidence() -> Mapping[str, int]:
    """Let the library build those practices anew whose level is not what is recorded now.

    Returns how many practices there are by level, and under "changed" how many waited.
    """
    held = levels_in_library()
    counts: dict[str, int] = defaultdict(int)
    changed: list[uuid.UUID] = []
    keys = list(
        PracticePage.objects.live()
        .filter(alias_of=None)
        .order_by("translation_key")
        .values_list("translation_key", flat=True)
        .distinct()
    )
    for start in range(0, len(keys), CHUNK):
        for key, evidence in evidence_by_key(keys[start : start + CHUNK]).items():
            counts[evidence.level.value] += 1
            if held.get(key) != {evidence.level.value}:
                changed.append(key)
    for start in range(0, len(changed), CHUNK):
        evidence_changed(changed[start : start + CHUNK])
    return {**counts, "changed": len(changed)}
