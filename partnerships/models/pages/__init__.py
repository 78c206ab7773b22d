"""Pages of the Partnerships: texts a language that point at facts."""

from .communities import CommunityIndexPage, CommunityPage
from .partnerships import EventPage, PartnershipIndexPage, PartnershipPage
from .programs import ProgramIndexPage, ProgramPage

__all__ = [
    "CommunityIndexPage",
    "CommunityPage",
    "EventPage",
    "PartnershipIndexPage",
    "PartnershipPage",
    "ProgramIndexPage",
    "ProgramPage",
]
