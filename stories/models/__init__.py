"""Models of the stories: language-neutral facts, and pages that tell them."""

from .base import PartnershipLibraryPage
from .challenges import ChallengePage
from .facts import ChallengeFacts, PracticeCost, PracticeFacts
from .practices import PracticePage
from .stories import ResourcePage, StoryPage

__all__ = [
    "ChallengeFacts",
    "ChallengePage",
    "PartnershipLibraryPage",
    "PracticeCost",
    "PracticeFacts",
    "PracticePage",
    "ResourcePage",
    "StoryPage",
]
