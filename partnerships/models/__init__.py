"""Models of the Partnerships: facts first, pages that point at them last."""

from .closures import FormsClosure
from .committees import Committee, CommitteeDecision, CommitteeSeat
from .communities import Community, CommunityVariant
from .events import Event
from .figures import BudgetShare, Figure, ParticipationRow
from .pages import (
    CommunityIndexPage,
    CommunityPage,
    EventPage,
    PartnershipIndexPage,
    PartnershipPage,
    ProgramIndexPage,
    ProgramPage,
)
from .partnerships import Membership, Partnership, PartnershipKind, PartnershipVariant
from .programs import Program, WayToTakePart
from .roles import PartnershipGroup, RoleAssignment
from .schools import SchoolTwin

__all__ = [
    "BudgetShare",
    "Committee",
    "CommitteeDecision",
    "CommitteeSeat",
    "Community",
    "CommunityIndexPage",
    "CommunityPage",
    "CommunityVariant",
    "Event",
    "EventPage",
    "Figure",
    "FormsClosure",
    "Membership",
    "ParticipationRow",
    "Partnership",
    "PartnershipGroup",
    "PartnershipIndexPage",
    "PartnershipKind",
    "PartnershipPage",
    "PartnershipVariant",
    "Program",
    "ProgramIndexPage",
    "ProgramPage",
    "RoleAssignment",
    "SchoolTwin",
    "WayToTakePart",
]
