"""Loads the vocabulary of concepts from `portal/data/concepts.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from portal.library import library_changed
from portal.models import Concept, ConceptSynonym, SynonymGrade
from portal.services.loading import LoadReport, RowLoader
from portal.text import normalize_name

CONCEPTS_FILE = Path(__file__).resolve().parent.parent / "data" / "concepts.json"
#: Keys of the file that hold synonyms, with what they mean.
SYNONYM_KEYS = {
    f"{grade.value}_{language}": (language, grade)
    for grade in SynonymGrade
    for language in ("en", "he")
}


def load_concepts(path: Path = CONCEPTS_FILE) -> LoadReport:
    """Load concepts with their labels and synonyms; see `portal.services.loading`.

    A row: `key`, `kind`, `en`, `he`, `broader` (a key or null), `exact_en`, `loose_en`, `exact_he`,
    `loose_he` (lists), `unsure` (true when a native reader has yet to confirm it).
    """
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    loader = RowLoader("concept")
    with transaction.atomic():
        concepts = {
            concept.key: concept for concept in Concept.objects.prefetch_related("synonyms")
        }
        changed: dict[str, list[str]] = {}
        broader: dict[str, str | None] = {}
        for row in rows:
            key = row["key"]
            concept = concepts.get(key)
            changes = loader.changes(key, _wanted(row), _current(concept, concepts))
            if changes is None:
                continue
            if concept is None:
                concept = concepts[key] = Concept(key=key)
            _write(concept, changes)
            if "broader" in changes:
                broader[key] = changes["broader"]
            changed.setdefault(concept.kind, []).append(key)
        for key, above in broader.items():
            Concept.objects.filter(key=key).update(broader=concepts.get(above or ""))
        loader.save()
        for kind, keys in changed.items():
            library_changed.send(Concept, facet=kind, keys=keys)
    return loader.report


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "label": {"en": row["en"], "he": row["he"]},
        "broader": row.get("broader"),
        "is_unsure": bool(row.get("unsure")),
        **{name: list(dict.fromkeys(row.get(name, []))) for name in SYNONYM_KEYS},
    }


def _current(concept: Concept | None, concepts: dict[str, Concept]) -> dict[str, Any] | None:
    if concept is None:
        return None
    keys = {other.pk: key for key, other in concepts.items()}
    synonyms = list(concept.synonyms.all())
    return {
        "kind": concept.kind,
        "label": dict(concept.label),
        "broader": keys.get(concept.broader_id),
        "is_unsure": concept.is_unsure,
        **{
            name: [item.text for item in synonyms if (item.language, item.grade) == place]
            for name, place in SYNONYM_KEYS.items()
        },
    }


def _write(concept: Concept, changes: dict[str, Any]) -> None:
    for name in ("kind", "label", "is_unsure"):
        if name in changes:
            setattr(concept, name, changes[name])
    concept.full_clean()
    concept.save()
    graded = [(of, changes[name]) for name, of in SYNONYM_KEYS.items() if name in changes]
    for (language, grade), texts in graded:  # before any is made: a text may change its grade
        own = ConceptSynonym.objects.filter(concept=concept, language=language, grade=grade)
        own.exclude(text__in=texts).delete()
    ConceptSynonym.objects.bulk_create(
        (
            ConceptSynonym(
                concept=concept,
                language=language,
                grade=grade,
                text=text,
                normalized=normalize_name(text),
            )
            for (language, grade), texts in graded
            for text in texts
        ),
        ignore_conflicts=True,  # what is there stays, in the grade that an editor gave it
    )
