"""Import of what Partnerships tell."""

from .stories import StoryImporter

__all__ = ["StoryImporter"]
