"""Models of the leaf: what every app may build on."""

from .background import (
    Heartbeat,
    MailState,
    OutgoingMail,
    ScheduledJob,
    ScheduleRefusal,
)
from .batches import WriteBatch, WriteBatchPage
from .concepts import Concept, ConceptKind, ConceptSynonym, SynonymGrade
from .documents import PortalDocument
from .images import ConsentScope, ConsentState, PeopleShown, PortalImage, PortalRendition
from .loading import LoadedRow
from .names import AbstractNameVariant, VariantKind
from .pages import LibraryPage, PageTag, PortalPage
from .provenance import Provenance
from .users import User

__all__ = [
    "AbstractNameVariant",
    "Concept",
    "ConceptKind",
    "ConceptSynonym",
    "ConsentScope",
    "ConsentState",
    "Heartbeat",
    "LibraryPage",
    "LoadedRow",
    "MailState",
    "OutgoingMail",
    "PageTag",
    "PeopleShown",
    "PortalDocument",
    "PortalImage",
    "PortalPage",
    "PortalRendition",
    "Provenance",
    "ScheduleRefusal",
    "ScheduledJob",
    "SynonymGrade",
    "User",
    "VariantKind",
    "WriteBatch",
    "WriteBatchPage",
]
