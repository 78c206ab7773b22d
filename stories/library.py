"""What the library's facets of practices are called."""

from __future__ import annotations

from portal.library import Facet, choice_labels, facet_labels, facet_orders
from stories.enums import ChallengeStatus, EvidenceLevel, LiveOffer, PracticeOutcome

facet_labels[Facet.OUTCOME] = choice_labels(PracticeOutcome)
facet_labels[Facet.STATUS] = choice_labels(ChallengeStatus)
facet_labels[Facet.EVIDENCE] = choice_labels(EvidenceLevel)
facet_labels[Facet.OFFER] = choice_labels(LiveOffer)
facet_orders[Facet.OFFER] = tuple(LiveOffer.values)
facet_orders[Facet.STATUS] = tuple(ChallengeStatus.values)
facet_orders[Facet.OUTCOME] = tuple(PracticeOutcome.values)
#: The best tested first: a filter that leaves little goes on with the next (search.presentation).
facet_orders[Facet.EVIDENCE] = tuple(reversed(EvidenceLevel.values))
