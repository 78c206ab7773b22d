"""Writes the demonstration's profiles of communities, and takes them away."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from partnerships.models import Community, CommunityPage

#: What a profile consists of; a community that tells any of it keeps its own.
OWN = ("school_year", "budget_band", "staff_hours", "security", "climate")
SHOWN = ("spoken_languages", "size_band")


def _dealt(slug: str, name: str, values: Sequence[Any]) -> Any:
    """Return one of `values`, the same for a slug on every machine."""
    return values[zlib.crc32(f"{name}:{slug}".encode()) % len(values)] if values else ""


@transaction.atomic
def write_profiles(profiles: Mapping[str, Any], communities: Mapping[str, Community]) -> int:
    """Give invented profiles to communities that tell none; return to how many.

    Languages and sizes show on a community's page: they are given only where that page is marked
    as a demonstration already.
    """
    marked = set(
        CommunityPage.objects.filter(text_is_demo=True).values_list("community_id", flat=True)
    )
    countries = profiles.get("countries", {})
    changed = []
    for slug, community in sorted(communities.items()):
        country = countries.get(community.country_code)
        if country is None or any(
            getattr(community, name) not in ("", None) for name in (*OWN, *SHOWN)
        ):
            continue
        single = profiles.get("communities", {}).get(slug, {})
        place = "IL" if community.is_in_israel else "abroad"
        community.school_year = country["school_year"]
        community.climate = single.get("climate") or country["climate"]
        community.budget_band = _dealt(slug, "money", profiles.get("budget_bands", ()))
        community.staff_hours = _dealt(slug, "hours", profiles.get("staff_hours", ())) or None
        community.security = single.get("security") or _dealt(
            slug, "security", profiles.get("security", {}).get(place, ())
        )
        if community.pk in marked:
            community.spoken_languages = country["languages"]
            community.size_band = _dealt(slug, "size", profiles.get("sizes", {}).get(place, ()))
        community.profile_is_demo = True
        changed.append(community)
    Community.objects.bulk_update(changed, [*OWN, *SHOWN, "profile_is_demo"], batch_size=100)
    return len(changed)


def remove_profiles() -> int:
    """Take the invented profiles away; return how many."""
    return Community.objects.filter(profile_is_demo=True).update(
        school_year="",
        budget_band="",
        staff_hours=None,
        security="",
        climate="",
        spoken_languages="",
        size_band="",
        profile_is_demo=False,
    )
