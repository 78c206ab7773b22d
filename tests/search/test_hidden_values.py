"""Values of filters that a reader may not see: to them they are as if they did not exist."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from partnerships.models import Community, Partnership
from portal.library import Facet, LibraryType
from portal.visibility import NETWORK, PUBLIC, Viewer
from search.parameters import read
from search.query import LibraryQuery
from search.services.library import find, hits_of
from tests.factories import (
    CommunityFactory,
    CommunityPageFactory,
    LibraryIndexPageFactory,
    MembershipFactory,
    PartnershipFactory,
    StoryPageFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden() -> dict[str, list[str]]:
    """Slugs of Partnerships and communities by facet; the names of all are "Secretplace"."""
    LibraryIndexPageFactory()
    LibraryIndexPageFactory(language="he")
    StoryPageFactory(parent=page_of(PartnershipFactory(slug="home")), title="A race at dawn")
    name = {"en": "Secretplace", "he": "סודי"}
    PartnershipFactory(slug="unwritten", name=name)
    for page in page_of(PartnershipFactory(slug="draft", name=name)).partnership.pages.all():
        page.unpublish()
    private = page_of(PartnershipFactory(slug="private", name=name))
    StoryPageFactory(parent=private)
    CommunityFactory(slug="alone", name=name)
    CommunityPageFactory(community=CommunityFactory(slug="drafted", name=name), live=False)
    member = CommunityFactory(slug="member", name=name)
    MembershipFactory(partnership=private.partnership, community=member)
    closed = CommunityPageFactory(community=CommunityFactory(slug="closed", name=name))
    for page in (*private.partnership.pages.all(), *closed.community.pages.all()):
        PageViewRestriction.objects.create(
            page=Page.objects.get(pk=page.pk), restriction_type="login"
        )
    return {
        Facet.PARTNERSHIP: ["unwritten", "draft", "private"],
        Facet.COMMUNITY: ["alone", "drafted", "member", "closed"],
    }


def test_what_a_reader_may_not_see_is_as_if_it_did_not_exist(
    client: Client, hidden: dict[str, list[str]]
) -> None:
    def told(address: str, slug: str) -> str:
        text = client.get(f"{address}{slug}").content.decode()
        assert "ecretplace" not in text
        assert "סודי" not in text
        return re.sub(r'"took_ms": ?[0-9.]+', "", text.replace(slug, "SLUG"))

    for facet, slugs in hidden.items():
        for address in ("/en/library/", "/he/library/", "/api/v1/search", "/api/v1/suggest"):
            question = f"{address}?q=dawn&{facet}="
            never = told(question, "neverwas")
            for slug in slugs:
                assert told(question, slug) == never, f"{question}{slug}"
        assert client.get(f"/api/v1/search?{facet}={slugs[0]}").status_code == 400


def test_who_may_see_it_finds_by_it(client: Client, hidden: dict[str, list[str]]) -> None:
    def known(viewer: Viewer) -> list[str]:
        asked = QueryDict(mutable=True)
        for facet, slugs in hidden.items():
            asked.setlist(facet, slugs)
        query = read(asked, viewer=viewer).query
        return [*query.partnerships, *query.communities]

    assert known(PUBLIC) == []
    assert known(NETWORK) == ["private", "member", "closed"]
    # A Partnership's page names its communities, whether or not theirs are written yet.
    home = Partnership.objects.get(slug="home")
    MembershipFactory(partnership=home, community=Community.objects.get(slug="drafted"))
    assert known(PUBLIC) == ["drafted"]
    assert client.get("/api/v1/search?community=drafted").status_code == 200


def test_a_row_does_not_name_what_its_reader_may_not_see(
    client: Client, hidden: dict[str, list[str]]
) -> None:
    """A community with a page of its own is a partner of Partnerships that nobody may see yet."""
    open_one = CommunityFactory(slug="open", name={"en": "Openplace", "he": "גלוי"})
    for slug in ("home", "draft", "private"):
        partnership = Partnership.objects.get(slug=slug)
        MembershipFactory(partnership=partnership, community=open_one)
    CommunityPageFactory(community=open_one, title="Openplace")
    for address in ("/en/library/", "/he/library/", "/api/v1/search"):
        text = client.get(f"{address}?q=openplace").content.decode()
        assert "Openplace" in text or "גלוי" in text
        assert "ecretplace" not in text
        assert "סודי" not in text
    answer = client.get("/api/v1/search?q=openplace").json()
    assert {tuple(hit["partnerships"]) for hit in answer["results"]} == {("home",)}
    assert [value["value"] for value in answer["facets"]["partnership"]] == ["home"]
    assert [value["value"] for value in answer["facets"]["community"]] == ["open"]
    known = find(LibraryQuery(text="openplace", viewer=NETWORK))
    assert sorted(value.value for value in known.facets["partnership"]) == ["home", "private"]
    [town] = [hit for hit in known.hits if hit.type == LibraryType.COMMUNITY]
    assert sorted(town.partnerships) == ["home", "private"]
    [card] = hits_of([town.thing_key], LibraryQuery(viewer=PUBLIC))
    assert card.partnerships == ("home",)


def test_chosen_values_cost_the_same_however_many(client: Client) -> None:
    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    slugs = []
    for number in range(22):
        member = MembershipFactory(partnership=page_of(PartnershipFactory()).partnership)
        slugs.append((member.partnership.slug, member.community.slug))
        if number == 1:
            two = count(address_of(slugs))
    assert count(address_of(slugs)) == two


def address_of(slugs: list[tuple[str, str]]) -> str:
    values = [f"partnership={one}&community={other}" for one, other in slugs]
    return "/api/v1/search?" + "&".join(values)
