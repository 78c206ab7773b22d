"""The names of Partnerships and places, by which what is typed in the library is understood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from partnerships.models import Community, Membership, Partnership
from partnerships.models.partnerships import NETWORK_NAMES, PARTNERSHIP_CALLED
from portal.library import NETWORK, NETWORK_CALLED, Facet, PlaceNames, place_names

NETWORK_KEY = "partnership2gether"


def partnership_names() -> Iterator[PlaceNames]:
    """Yield the names of each Partnership; the region's own name among them."""
    for partnership in Partnership.objects.prefetch_related("variants"):
        names = [*partnership.name.values(), *partnership.region_name.values()]
        names += [variant.text for variant in partnership.variants.all()]
        yield PlaceNames(Facet.PARTNERSHIP, partnership.slug, _distinct(names))


def community_names() -> Iterator[PlaceNames]:
    """Yield the names of each community or place, and the Partnerships that it belongs to."""
    within: dict[int, list[str]] = defaultdict(list)
    current = Membership.objects.current().order_by("pk")
    for community_id, slug in current.values_list("community_id", "partnership__slug"):
        within[community_id].append(slug)
    for community in Community.objects.prefetch_related("variants"):
        names = [*community.name.values(), *(v.text for v in community.variants.all())]
        belongs = tuple(dict.fromkeys(within[community.pk]))
        yield PlaceNames(Facet.COMMUNITY, community.slug, _distinct(names), belongs)


def network_names() -> Iterator[PlaceNames]:
    """Yield what the network and a Partnership in it are called."""
    yield PlaceNames(NETWORK, NETWORK_KEY, NETWORK_NAMES)
    yield PlaceNames(NETWORK_CALLED, NETWORK_KEY, PARTNERSHIP_CALLED)


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


place_names.extend([partnership_names, community_names, network_names])
