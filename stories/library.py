"""What the library's facets of practices are called, and which practices are of one model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Q

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
    """Return which practice each of some was taken over from, if from any (one query).

    Of several the first that is one of them, else the first. A model that the public never saw is
    one only if it is among them: nobody learns of it else.
    """
    sources = AdoptionSource.objects.filter(
        Q(parent__in=things) | Q(parent__was_public=True), adoption__in=things
    )
    pairs = sources.order_by("-sort_order", "-pk").values_list("adoption_id", "parent_id")
    among = set(things)
    return dict(sorted(pairs, key=lambda pair: pair[1] in among))


same_model.append(models_among)
