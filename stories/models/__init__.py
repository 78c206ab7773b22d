"""Models of the stories: language-neutral facts, and pages that tell them."""

from .adoptions import (
    Adoption,
    AdoptionChange,
    EarlierRun,
    Outcome,
    OutcomeAnswer,
    StopAgreement,
)
from .base import PartnershipLibraryPage
from .challenges import ChallengePage
from .facts import ChallengeFacts, PracticeCost, PracticeFacts
from .lineage import AdoptionSource, LineageEntry, LineageLock, MaterialEdit
from .practices import PracticePage
from .stories import ResourcePage, StoryPage

__all__ = [
    "Adoption",
    "AdoptionChange",
    "AdoptionSource",
    "ChallengeFacts",
    "ChallengePage",
    "EarlierRun",
    "LineageEntry",
    "LineageLock",
    "MaterialEdit",
    "Outcome",
    "OutcomeAnswer",
    "PartnershipLibraryPage",
    "PracticeCost",
    "PracticeFacts",
    "PracticePage",
    "ResourcePage",
    "StopAgreement",
    "StoryPage",
]
