"""Pages that belong to no Partnership."""

from .pages import HomePage, StandardPage

__all__ = ["HomePage", "StandardPage"]
