"""Models of the library."""

from .documents import DocumentState, DocumentText
from .feed import EngineIndex, LibraryDeletion
from .index import LibraryClock, LibraryEntry, LibraryFacet, LibraryNumber, LibraryText
from .pages import LibraryIndexPage
from .rates import ExchangeRate

__all__ = [
    "DocumentState",
    "DocumentText",
    "EngineIndex",
    "ExchangeRate",
    "LibraryClock",
    "LibraryDeletion",
    "LibraryEntry",
    "LibraryFacet",
    "LibraryIndexPage",
    "LibraryNumber",
    "LibraryText",
]
