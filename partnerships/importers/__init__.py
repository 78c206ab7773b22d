"""Import of the facts: communities, Partnerships, programs."""

from .communities import CommunityImporter
from .partnerships import PartnershipImporter
from .programs import ProgramImporter

__all__ = ["CommunityImporter", "PartnershipImporter", "ProgramImporter"]
