"""The engines that search the library: one interface, the same answers."""

from .base import LibraryEngine
from .database import DatabaseEngine
from .selection import get_engine

__all__ = ["DatabaseEngine", "LibraryEngine", "get_engine"]
