"""Models of the library."""

from .index import LibraryClock, LibraryEntry, LibraryFacet
from .pages import LibraryIndexPage

__all__ = ["LibraryClock", "LibraryEntry", "LibraryFacet", "LibraryIndexPage"]
