"""Models of the library."""

from .index import LibraryClock, LibraryEntry, LibraryFacet, LibraryText
from .pages import LibraryIndexPage

__all__ = ["LibraryClock", "LibraryEntry", "LibraryFacet", "LibraryIndexPage", "LibraryText"]
