"""Template tags of the library."""

from __future__ import annotations

from django import template

from search.query import LibraryQuery
from search.services.promotions import Promoted, promoted

register = template.Library()


@register.simple_tag
def recommended(query: LibraryQuery) -> list[Promoted]:
    """Return what editors recommend for a search."""
    return promoted(query)
