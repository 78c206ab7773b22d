"""What the library's facets are called: Partnerships, communities, countries, directions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from partnerships.countries import COUNTRY_NAMES
from partnerships.enums import Direction, Season, Side, WayKind
from partnerships.models import Community, Partnership
from partnerships.presentation.public import PublicScope
from portal.library import Facet, choice_labels, facet_labels, facet_orders, hidden_values


def partnership_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of Partnerships by slug."""
    found = Partnership.objects.filter(slug__in=list(keys)).values_list("slug", "name")
    return {slug: name.in_language(language) or slug for slug, name in found}


def community_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of communities by slug."""
    found = Community.objects.filter(slug__in=list(keys)).values_list("slug", "name")
    return {slug: name.in_language(language) or slug for slug, name in found}


def hidden_partnerships(allowed: Q) -> list[str]:
    """Return the slugs of Partnerships that do not show; see `portal.library.hidden_values`."""
    return _slugs(PublicScope(allowed).hidden_partnerships())


def hidden_communities(allowed: Q) -> list[str]:
    """Return the slugs of communities that neither show nor are named on a Partnership's page."""
    return _slugs(PublicScope(allowed).unnamed_communities())


def _slugs(rows: QuerySet) -> list[str]:
    return list(rows.order_by().values_list("slug", flat=True))


def country_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the names of countries by their two letters; the code itself where we have none."""
    with override(language):
        return {
            key: str(COUNTRY_NAMES.get(key, key))
            for key in keys
            if len(key) == 2 and key.isascii() and key.isupper()
        }


def season_labels(keys: Iterable[str], language: str) -> dict[str, str]:
    """Return the seasons by their months, with what they are on both halves of the globe."""
    with override(language):
        labels = {
            Season.ALL_YEAR: _("all year"),
            Season.WINTER: _(
                "December to February (winter in the north; summer holidays in the south)"
            ),
            Season.SPRING: _("March to May (spring in the north; autumn in the south)"),
            Season.SUMMER: _("June to August (summer holidays in the north; winter in the south)"),
            Season.AUTUMN: _("September to November (the school year begins in the north)"),
        }
    return {key: labels[Season(key)] for key in keys if key in Season.values}


facet_labels[Facet.PARTNERSHIP] = partnership_labels
facet_labels[Facet.COMMUNITY] = community_labels
hidden_values[Facet.PARTNERSHIP] = hidden_partnerships
hidden_values[Facet.COMMUNITY] = hidden_communities
facet_labels[Facet.COUNTRY] = country_labels
facet_labels[Facet.SIDE] = choice_labels(Side)
facet_labels[Facet.DIRECTION] = choice_labels(Direction)
facet_labels[Facet.SEASON] = season_labels
facet_labels[Facet.OPEN] = choice_labels(WayKind)
facet_orders[Facet.SEASON] = tuple(Season.values)
