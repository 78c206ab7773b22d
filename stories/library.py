"""What the library's facets of practices are called, and which practices are of one model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from portal.library import Facet, choice_labels, facet_labels, facet_orders, same_model
from stories.enums import ChallengeStatus, EvidenceLevel, LiveOffer, PracticeOutcome
from stories.models import AdoptionSource

facet_labels[Facet.OUTCOME] = choice_labels(PracticeOutcome)
facet_labels[Facet.STATUS] = choice_labels(ChallengeStatus)
facet_labels[Facet.EVIDENCE] = choice_labels(EvidenceLevel)
facet_labels[Facet.OFFER] = choice_labels(LiveOffer)
facet_orders[Facet.OFFER] = tuple(LiveOffer.values)
facet_orders[Facet.STATUS] = tuple(ChallengeStatus.values)
facet_orders[Facet.OUTCOME] = tuple(PracticeOutcome.values)
#: The best tested first: a filter that leaves little goes on with the next (search.presentation).
facet_orders[Facet.EVIDENCE] = tuple(reversed(EvidenceLevel.values))


def models_among(things: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return which of some practices was taken over from which other one of them (one query)."""
    sources = AdoptionSource.objects.filter(adoption__in=things, parent__in=things)
    pairs = sources.order_by("-sort_order", "-pk").values_list("adoption_id", "parent_id")
    return dict(pairs)


same_model.append(models_among)
