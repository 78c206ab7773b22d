"""What the library's facets of practices are called."""

from __future__ import annotations

from portal.library import Facet, choice_labels, facet_labels
from stories.enums import PracticeOutcome

facet_labels[Facet.OUTCOME] = choice_labels(PracticeOutcome)
