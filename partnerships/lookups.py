"""Finds Partnerships, communities and concepts by what people call them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from partnerships.models import Community, Membership, Partnership
from partnerships.querysets import CommunityQuerySet
from portal.importing.names import NameIndex
from portal.importing.problems import CellRefused
from portal.models import Concept, SynonymGrade


def partnership_names() -> NameIndex[int]:
    """Return an index of all Partnerships.

    By reference and slug, then by their own names and variants, then by region, then by the names
    of their communities of today, then of those that left; names of several of these together
    ("Safed - Palm Beach") count too.
    """
    index: NameIndex[int] = NameIndex(tiers=5)
    for partnership in Partnership.objects.prefetch_related("variants"):
        key = partnership.pk
        index.add(key, [partnership.reference, partnership.slug], 0)
        index.add(key, partnership.name.values(), 1)
        index.add(key, [variant.text for variant in partnership.variants.all()], 1)
        index.add(key, partnership.region_name.values(), 2)
    current = set(Membership.objects.current().values_list("pk", flat=True))
    members = Membership.objects.select_related("community")
    for membership in members.prefetch_related("community__variants"):
        community = membership.community
        names = [*community.name.values(), community.reference, community.slug]
        names += [variant.text for variant in community.variants.all()]
        index.add(membership.partnership_id, names, 3 if membership.pk in current else 4)
    return index


def community_names(communities: CommunityQuerySet | None = None) -> NameIndex[int]:
    """Return an index of communities (all without): reference and slug, then names, variants."""
    index: NameIndex[int] = NameIndex(tiers=3)
    found = Community.objects.all() if communities is None else communities
    for community in found.prefetch_related("variants"):
        index.add(community.pk, [community.reference, community.slug], 0)
        index.add(community.pk, community.name.values(), 1)
        index.add(community.pk, [variant.text for variant in community.variants.all()], 2)
    return index


def concept_names(kinds: Iterable[str] = ()) -> NameIndex[int]:
    """Return an index of the concepts of these kinds (all without): key, label, exact synonym."""
    index: NameIndex[int] = NameIndex(tiers=3)
    concepts = Concept.objects.prefetch_related("synonyms")
    wanted = set(kinds)
    for concept in concepts.filter(kind__in=wanted) if wanted else concepts:
        index.add(concept.pk, [concept.key, concept.key.replace("_", " ")], 0)
        index.add(concept.pk, concept.label.values(), 1)
        exact = [s.text for s in concept.synonyms.all() if s.grade == SynonymGrade.EXACT]
        index.add(concept.pk, exact, 2)
    return index


def the_one(found: Iterable[int], name: str, names: NameIndex[int], labels: dict[int, str]) -> int:
    """Return the only thing found.

    Raises CellRefused naming the candidates when there are several, the nearest names when none.
    """
    keys = sorted(found)
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise CellRefused(
            _("“%(name)s” can be several: %(names)s. Write one of these, or its reference.")
            % {"name": name, "names": "; ".join(labels.get(key, str(key)) for key in keys)}
        )
    near = names.nearest(name)
    if near:
        raise CellRefused(
            _("“%(name)s” is not known. Did you mean: %(names)s?")
            % {"name": name, "names": "; ".join(near)}
        )
    raise CellRefused(_("“%(name)s” is not known.") % {"name": name})
