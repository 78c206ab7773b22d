"""The library hears of what changed in facts, and only of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from partnerships.models import CommunityVariant, Partnership, PartnershipVariant
from portal.library import Facet, library_changed
from tests.factories import (
    CommunityFactory,
    ConceptFactory,
    MembershipFactory,
    PartnershipFactory,
    ProgramFactory,
    WayToTakePartFactory,
)

pytestmark = pytest.mark.django_db

Heard = list[tuple[str, tuple[str, ...]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the library was told, in order; cleared by the test after its preparations."""
    told: Heard = []

    def listen(sender: Any, facet: str, keys: Any, **kwargs: Any) -> None:
        told.append((facet, tuple(keys)))

    library_changed.connect(listen)
    yield told
    library_changed.disconnect(listen)


def test_a_renamed_partnership_is_told(heard):
    partnership = PartnershipFactory(slug="arad")
    heard.clear()

    partnership.name = {"en": "Arad and Delaware"}
    partnership.save()

    assert heard == [(Facet.PARTNERSHIP, ("arad",))]


def test_a_new_slug_tells_of_rows_under_both(heard):
    partnership = PartnershipFactory(slug="old")
    heard.clear()

    partnership.slug = "new"
    partnership.save()

    assert heard == [(Facet.PARTNERSHIP, ("new", "old"))]


def test_saving_a_partnership_with_its_rows_unchanged_tells_nothing(heard):
    made = PartnershipFactory(with_members=True)
    PartnershipVariant.objects.create(partnership=made, text="Tie")
    partnership = Partnership.objects.get(pk=made.pk)
    partnership.memberships = list(partnership.memberships.all())
    partnership.variants = list(partnership.variants.all())
    heard.clear()

    partnership.notes = "Called in May."
    partnership.save()

    assert heard == []


def test_a_renamed_community_is_told(heard):
    community = CommunityFactory(slug="safed")
    heard.clear()

    community.name = {"en": "Tzfat"}
    community.save()

    assert heard == [(Facet.COMMUNITY, ("safed",))]


def test_another_name_is_told_when_it_comes_changes_and_goes(heard):
    community = CommunityFactory(slug="safed")
    heard.clear()

    variant = CommunityVariant.objects.create(community=community, text="Zefat")
    variant.text = "Tzefat"
    variant.save()
    variant.save()
    variant.delete()

    assert heard == [(Facet.COMMUNITY, ("safed",))] * 3


def test_a_member_that_joins_and_leaves_is_told_on_both_ends(heard):
    partnership, community = PartnershipFactory(slug="arad"), CommunityFactory(slug="delaware")
    heard.clear()

    membership = MembershipFactory(partnership=partnership, community=community)
    membership.left_on = "2020-01-01"
    membership.save()
    membership.delete()

    assert heard == [(Facet.PARTNERSHIP, ("arad",)), (Facet.COMMUNITY, ("delaware",))] * 3


@pytest.mark.parametrize("field", ["name", "summary"])
def test_a_program_that_changes_is_told_by_its_partnership(heard, field):
    program = ProgramFactory(partnership=PartnershipFactory(slug="arad"))
    heard.clear()

    setattr(program, field, {"en": "Same Moon"})
    program.save()
    program.capacity = 12
    program.save()

    assert heard == [(Facet.PARTNERSHIP, ("arad",))]


def test_a_way_to_take_part_is_told_by_its_partnership(heard):
    program = ProgramFactory(partnership=PartnershipFactory(slug="arad"))
    heard.clear()

    WayToTakePartFactory(program=program).delete()

    assert heard == [(Facet.PARTNERSHIP, ("arad",))] * 2


def test_concepts_taken_up_are_told(heard):
    partnership = PartnershipFactory(slug="arad")
    program = ProgramFactory(partnership=PartnershipFactory(slug="haifa"))
    concept = ConceptFactory()
    heard.clear()

    partnership.themes.add(concept)
    partnership.save()
    program.concepts.add(concept)
    program.save()

    assert heard == [(Facet.PARTNERSHIP, ("arad",)), (Facet.PARTNERSHIP, ("haifa",))]


def test_a_renamed_concept_is_told_by_its_kind(heard):
    concept = ConceptFactory(key="food", kind="topic")
    heard.clear()

    concept.label = {"en": "Kitchen"}
    concept.save()

    assert heard == [("topic", ("food",))]
