"""What is invented is marked, and kept from search engines, wherever it shows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.models import PartnershipPage
from search.models import LibraryIndexPage
from tests import factories as make
from tests.admin_forms import posted
from tests.site_tree import build_site

pytestmark = pytest.mark.django_db

NOINDEX = '<meta name="robots" content="noindex">'
MARK = "label--demo"
TEXT_NOTICE = "the text of this page was written as an example"


def addresses_in_sitemap(client: Client) -> list[str]:
    """Return the paths that the sitemap names."""
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    assert not response.cookies
    return re.findall(r"<loc>https?://[^/]+([^<]*)</loc>", response.content.decode())


@pytest.fixture
def site() -> dict[str, Any]:
    """Both trees with their index pages."""
    return build_site()


@pytest.fixture
def page(site: dict[str, Any]) -> PartnershipPage:
    """The page of a Partnership with a partner community; nothing about it is invented."""
    membership = make.MembershipFactory(community__country_code="US")
    return make.page_of(membership.partnership)


def demo_text(page: PartnershipPage) -> PartnershipPage:
    """Give the page a text that is only a demonstration."""
    page.summary, page.text_is_demo = "Two towns that cook together.", True
    page.save_revision().publish()
    return page


def test_a_page_that_shows_nothing_invented_may_be_found(
    client: Client, page: PartnershipPage
) -> None:
    html = client.get(page.url).content.decode()
    assert NOINDEX not in html
    assert "demo-notice" not in html
    assert page.url in addresses_in_sitemap(client)


def test_an_invented_text_is_told_apart_from_its_facts(
    client: Client, page: PartnershipPage
) -> None:
    demo_text(page)
    html = client.get(page.url).content.decode()
    assert NOINDEX in html
    assert TEXT_NOTICE in html
    assert "did not happen" not in html
    assert page.url not in addresses_in_sitemap(client)


def test_the_row_of_an_invented_text_is_marked_in_the_api(
    client: Client, page: PartnershipPage
) -> None:
    def row() -> dict[str, Any]:
        query = {"type": "partnership", "partnership": page.partnership.slug}
        [result] = client.get("/api/v1/search", query).json()["results"]
        return result

    assert row()["demo"] is False
    demo_text(page)
    assert row()["demo"] is True


@pytest.mark.parametrize(
    "factory",
    [
        make.BudgetShareFactory,
        make.CommitteeFactory,
        make.EventFactory,
        make.FigureFactory,
        make.ParticipationRowFactory,
        make.ProgramFactory,
        make.SchoolTwinFactory,
    ],
)
def test_a_real_page_that_lists_something_invented_is_kept_out(
    client: Client, page: PartnershipPage, factory: Any
) -> None:
    factory(partnership=page.partnership, is_demo=True)
    html = client.get(page.url).content.decode()
    assert MARK in html
    assert NOINDEX in html
    assert "demo-notice" not in html
    assert page.url not in addresses_in_sitemap(client)


def test_what_an_invented_story_reaches_is_kept_out(
    client: Client, site: dict[str, Any], page: PartnershipPage
) -> None:
    make.StoryPageFactory(parent=page, is_demo=True, title="The dog decided")
    community = page.partnership.memberships.get().community
    community_page = make.CommunityPageFactory(community=community)
    library = LibraryIndexPage.objects.get(locale__language_code="en")
    for shown in (page, community_page, library, site["home"]):
        html = client.get(shown.url).content.decode()
        assert MARK in html, shown
        assert NOINDEX in html, shown
        assert shown.url not in addresses_in_sitemap(client)


def test_an_invented_program_keeps_the_list_of_programs_out(
    client: Client, site: dict[str, Any], page: PartnershipPage
) -> None:
    address = site["programs"].url
    assert address in addresses_in_sitemap(client)
    make.ProgramFactory(partnership=page.partnership, is_demo=True)
    assert NOINDEX in client.get(address).content.decode()
    assert address not in addresses_in_sitemap(client)


def test_drafts_and_private_pages_are_not_in_the_sitemap(
    client: Client, page: PartnershipPage
) -> None:
    twin = make.page_of(page.partnership, "he")
    assert twin.url in addresses_in_sitemap(client)
    twin.unpublish()
    page.view_restrictions.create(restriction_type="login")
    assert not {page.url, twin.url} & set(addresses_in_sitemap(client))


def test_an_editor_takes_the_mark_away_with_the_text(client: Client, page: PartnershipPage) -> None:
    client.force_login(make.UserFactory(is_superuser=True))
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert 'name="text_is_demo"' not in client.get(address).content.decode()
    demo_text(page)
    response = client.get(address)
    assert 'name="text_is_demo"' in response.content.decode()
    data = posted(response.context["form"], summary="Ours.")
    data.pop("text_is_demo")
    data |= {"body-count": "0", "action-publish": "on"}
    client.post(address, data)
    page.refresh_from_db()
    assert (page.summary, page.text_is_demo) == ("Ours.", False)
