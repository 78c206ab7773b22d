"""Models of the leaf: what every app may build on."""

from .concepts import Concept, ConceptKind, ConceptSynonym, SynonymGrade
from .documents import PortalDocument
from .images import ConsentScope, ConsentState, PeopleShown, PortalImage, PortalRendition
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
    "LibraryPage",
    "PageTag",
    "PeopleShown",
    "PortalDocument",
    "PortalImage",
    "PortalPage",
    "PortalRendition",
    "Provenance",
    "SynonymGrade",
    "User",
    "VariantKind",
]
