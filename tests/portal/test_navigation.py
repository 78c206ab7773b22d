"""Navigation, languages and the front door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, PageViewRestriction

from portal.navigation import pages_right_below
from tests import factories as make
from tests.site_tree import build_site, queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db: None) -> dict[str, Any]:
    """Make both trees with their index pages."""
    return build_site()


def navigation(client: Client, url: str) -> list[str]:
    """Return the addresses of the main navigation at `url`."""
    html = client.get(url).content.decode()
    return re.findall(r'class="site-nav__link" href="([^"]+)"', html)


def switch(client: Client, url: str) -> str:
    """Return where the language switch of `url` leads."""
    html = client.get(url).content.decode()
    found = re.search(r'class="language-switch__link" href="([^"]+)"', html)
    assert found
    return found[1].replace("&amp;", "&")


def test_navigation_holds_the_live_index_pages_of_the_readers_language(
    client: Client, site: Any
) -> None:
    names = ["partnerships", "communities", "programs", "library"]
    assert navigation(client, "/en/") == [f"/en/{name}/" for name in names]
    assert navigation(client, "/he/") == [f"/he/{name}/" for name in names]
    site["communities"].unpublish()
    PageViewRestriction.objects.create(
        page=site["programs"].page_ptr, restriction_type=PageViewRestriction.LOGIN
    )
    assert navigation(client, "/en/") == ["/en/partnerships/", "/en/library/"]


def test_the_pages_right_below_are_the_children_whatever_was_moved_or_deleted(site: Any) -> None:
    home = Page.objects.get(pk=site["home"].pk)
    first, second, third, fourth = (make.StandardPageFactory(slug=f"page-{n}") for n in range(4))
    make.StandardPageFactory(slug="below", parent=fourth)
    first.delete()
    third.move(second, pos="first-child")
    for page in (third, fourth):
        page.refresh_from_db()
    expected = list(Page.objects.child_of(home).order_by("path"))
    assert list(pages_right_below(home).order_by("path")) == expected
    assert {second.pk, fourth.pk} < {page.pk for page in expected}
    fourth.delete()  # the last one of all
    assert fourth.pk not in {page.pk for page in pages_right_below(home)}
    assert not pages_right_below(third)


def test_the_current_section_is_said_to_be_current(client: Client, site: Any) -> None:
    page = make.PartnershipPageFactory(slug="west")
    html = client.get(page.url).content.decode()
    assert re.search(r'href="/en/partnerships/" aria-current="true"', html)
    html = client.get("/en/partnerships/").content.decode()
    assert re.search(r'href="/en/partnerships/" aria-current="page"', html)


def test_the_language_switch_leads_to_the_same_page_else_home(client: Client, site: Any) -> None:
    make.PartnershipPageFactory(slug="west")
    assert switch(client, "/en/partnerships/west/") == "/he/partnerships/west/"
    assert switch(client, "/he/partnerships/west/") == "/en/partnerships/west/"
    make.StandardPageFactory(slug="only-english")
    assert switch(client, "/en/only-english/") == "/he/"
    draft = make.StandardPageFactory(slug="later")
    make.StandardPageFactory(
        language="he", slug="later", live=False, translation_key=draft.translation_key
    )
    assert switch(client, "/en/later/") == "/he/"


def test_the_language_switch_keeps_the_filters_but_not_letter_and_page(
    client: Client, site: Any
) -> None:
    make.PartnershipPageFactory()
    url = "/en/partnerships/?country=US&kind=city_to_city&letter=P&page=1"
    make.MembershipFactory(
        partnership=make.PartnershipPageFactory().partnership,
        community=make.CommunityFactory(country_code="US"),
    )
    assert switch(client, url) == "/he/partnerships/?kind=city_to_city&country=US"


def test_alternate_languages_are_told_only_where_the_page_is_there(
    client: Client, site: Any
) -> None:
    html = client.get("/en/partnerships/").content.decode()
    assert '<link rel="alternate" hreflang="he" href="http://testserver/he/partnerships/">' in html
    make.StandardPageFactory(slug="only-english")
    assert 'rel="alternate"' not in client.get("/en/only-english/").content.decode()


def test_the_way_up_leaves_out_a_page_that_was_taken_down(client: Client, site: Any) -> None:
    parent = make.StandardPageFactory(slug="above", title="Taken down")
    child = make.StandardPageFactory(parent=parent, slug="below")
    assert "Taken down" in client.get(child.url).content.decode()
    parent.unpublish()
    assert "Taken down" not in client.get(child.url).content.decode()


def test_the_frame_costs_the_same_with_many_pages(client: Client, site: Any) -> None:
    few = len(queries_of(client, "/en/history/"))
    for number in range(12):
        make.StandardPageFactory(slug=f"more-{number}")
    assert len(queries_of(client, "/en/history/")) == few
    assert few < 18


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("he-IL,he;q=0.9,en;q=0.8", "/he/"),
        ("en-GB,en;q=0.9", "/en/"),
        ("fr,he;q=0.5,en;q=0.4", "/he/"),
        ("fr", "/en/"),
        ("*", "/en/"),
        ("iw", "/en/"),
        ("", "/en/"),
        (";;;q=,,", "/en/"),
    ],
)
def test_the_front_door_sends_on_by_language_without_cookies(
    client: Client, header: str, address: str
) -> None:
    client.cookies["django_language"] = "he" if address == "/en/" else "en"
    response = client.get("/?from=card", headers={"accept-language": header})
    assert response.status_code == 302
    assert response["Location"] == f"{address}?from=card"
    assert response["Vary"] == "Accept-Language"
    assert not response.cookies


def test_no_public_page_has_inline_style_or_script(client: Client, site: Any) -> None:
    make.PartnershipPageFactory(slug="west")
    for url in ("/en/", "/he/partnerships/", "/en/partnerships/west/", "/en/nothing/"):
        html = client.get(url).content.decode()
        assert not re.search(r"<style|\sstyle=|<script(?![^>]+src=)|\son[a-z]+=", html), url
        policy = client.get(url)["Content-Security-Policy"]
        assert "unsafe" not in policy
