"""What the library's facets are called: Partnerships, communities, countries, directions."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override

from partnerships.countries import COUNTRY_NAMES
from partnerships.enums import Direction, Side
from partnerships.models import Community, Partnership
from portal.library import Facet, choice_labels, facet_labels


def partnership_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of Partnerships by slug."""
    found = Partnership.objects.filter(slug__in=list(keys)).values_list("slug", "name")
    return {slug: name.in_language(language) or slug for slug, name in found}


def community_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of communities by slug."""
    found = Community.objects.filter(slug__in=list(keys)).values_list("slug", "name")
    return {slug: name.in_language(language) or slug for slug, name in found}


def country_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of countries by their two letters; the code itself where we have none."""
    with override(language):
        return {
            key: str(COUNTRY_NAMES.get(key, key))
            for key in keys
            if len(key) == 2 and key.isascii() and key.isupper()
        }


facet_labels[Facet.PARTNERSHIP] = partnership_labels
facet_labels[Facet.COMMUNITY] = community_labels
facet_labels[Facet.COUNTRY] = country_labels
facet_labels[Facet.SIDE] = choice_labels(Side)
facet_labels[Facet.DIRECTION] = choice_labels(Direction)
