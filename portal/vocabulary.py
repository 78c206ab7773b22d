"""What the concepts are called in each language, for the library's facets."""

from __future__ import annotations

from collections.abc import Iterable

from portal.library import LabelSource, facet_labels
from portal.models import Concept, ConceptKind


def _labels_of_kind(kind: str | None = None) -> LabelSource:
    def labels(keys: Iterable[str], language: str) -> dict[str, str]:
        concepts = Concept.objects.filter(key__in=list(keys))
        if kind:
            concepts = concepts.filter(kind=kind)
        return {
            key: label.in_language(language) or key
            for key, label in concepts.values_list("key", "label")
        }

    return labels


facet_labels["concept"] = concept_labels = _labels_of_kind()
for _kind in ConceptKind.values:
    facet_labels[_kind] = _labels_of_kind(_kind)
