"""What is invented, and how long a page that shows it is kept from search engines.

The rule in one sentence (docs/demonstration.md): a page carries noindex, and stays out of the
sitemap, while anything on it is invented: the page, its fact, its text, or a thing it lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class MayBeDemo(Protocol):
    """Something that a page shows and that may be invented."""

    @property
    def is_demo(self) -> bool:
        """Whether it is invented."""


def any_demo(*groups: Iterable[MayBeDemo]) -> bool:
    """Whether something in `groups` is invented; what a page shows is asked, not the database."""
    return any(thing.is_demo for group in groups for thing in group)
