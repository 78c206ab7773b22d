"""Models of the library."""

from .index import LibraryClock, LibraryEntry, LibraryFacet, LibraryNumber, LibraryText
from .pages import LibraryIndexPage
from .rates import ExchangeRate

__all__ = [
    "ExchangeRate",
    "LibraryClock",
    "LibraryEntry",
    "LibraryFacet",
    "LibraryIndexPage",
    "LibraryNumber",
    "LibraryText",
]
