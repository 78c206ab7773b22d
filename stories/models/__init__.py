"""Models of the stories: language-neutral facts, and pages that tell them."""

from .adoptions import (
    Adoption,
    AdoptionChange,
    EarlierRun,
    FormerReport,
    Outcome,
    OutcomeAnswer,
    StopAgreement,
)
from .base import PartnershipLibraryPage
from .challenges import ChallengePage
from .contacts import ContactMessage, ContactRecipient, ContactRequest
from .facts import ChallengeFacts, PracticeCost, PracticeFacts
from .lineage import AdoptionSource, LineageEntry, LineageLock, MaterialEdit
from .matches import ChallengeMatch, PracticeAnnouncement
from .practices import PracticePage
from .questions import (
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    LinkEnd,
    Question,
    QuestionEvent,
    QuestionState,
    QuestionStep,
    ReplyLink,
)
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
    "Answer",
    "AnswerState",
    "AskedPartnership",
    "AskedState",
    "ChallengeFacts",
    "ChallengeMatch",
    "ChallengePage",
    "ContactMessage",
    "ContactRecipient",
    "ContactRequest",
    "DeclineReason",
    "EarlierRun",
    "FormerReport",
    "LineageEntry",
    "LineageLock",
    "LinkEnd",
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
    "Question",
    "QuestionEvent",
    "QuestionState",
    "QuestionStep",
    "ReplyLink",
    "ResourcePage",
    "Share",
    "ShareNotice",
    "ShareState",
    "SharingPreference",
    "StopAgreement",
    "StoryPage",
]
