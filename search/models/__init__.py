"""Models of the library."""

from .documents import ClosedDocument, DocumentState, DocumentText
from .feed import EngineCount, EngineIndex, LibraryDeletion
from .index import LibraryClock, LibraryEntry, LibraryFacet, LibraryNumber, LibraryText
from .pages import LibraryIndexPage
from .promotions import PromotedPage, PromotedResult, PromotionPhrase
from .rates import ExchangeRate
from .searches import SearchCount, SearchSighting
from .vectors import LibraryVector

__all__ = [
    "ClosedDocument",
    "DocumentState",
    "DocumentText",
    "EngineCount",
    "EngineIndex",
    "ExchangeRate",
    "LibraryClock",
    "LibraryDeletion",
    "LibraryEntry",
    "LibraryFacet",
    "LibraryIndexPage",
    "LibraryNumber",
    "LibraryText",
    "LibraryVector",
    "PromotedPage",
    "PromotedResult",
    "PromotionPhrase",
    "SearchCount",
    "SearchSighting",
]
