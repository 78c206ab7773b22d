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
from .matches import ChallengeMatch, PracticeAnnouncement
from .practices import PracticePage
from .shares import (
    DeclineReason,
    MailRhythm,
    NoticeKind,
    Share,
    ShareNotice,
    ShareState,
    SharingPreference,
)
from .stories import ResourcePage, StoryPage

__all__ = [
    "Adoption",
    "AdoptionChange",
    "AdoptionSource",
    "ChallengeFacts",
    "ChallengeMatch",
    "ChallengePage",
    "DeclineReason",
    "EarlierRun",
    "LineageEntry",
    "LineageLock",
    "MailRhythm",
    "MaterialEdit",
    "NoticeKind",
    "Outcome",
    "OutcomeAnswer",
    "PartnershipLibraryPage",
    "PracticeAnnouncement",
    "PracticeCost",
    "PracticeFacts",
    "PracticePage",
    "ResourcePage",
    "Share",
    "ShareNotice",
    "ShareState",
    "SharingPreference",
    "StopAgreement",
    "StoryPage",
]
