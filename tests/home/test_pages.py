"""The front page, standard pages and the error pages."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.models import Figure
from stories.models import StoryPage
from tests import factories as make
from tests.site_tree import build_site, queries_of

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate  # asked for when a test runs


@pytest.fixture
def site(db: None) -> dict[str, Any]:
    """Make both trees with their index pages."""
    return build_site()


def headline(**fields: Any) -> Figure:
    """Make a quoted figure of the whole network."""
    return make.FigureFactory(**{"partnership": None, "is_headline": True, **fields})


def test_the_networks_number_is_quoted_with_date_and_source_never_counted(
    client: Client, site: Any
) -> None:
    make.PartnershipPageFactory()
    assert "figure__value" not in client.get("/en/").content.decode()
    headline(
        key="partnerships",
        value="46",
        label={"en": "Partnerships", "he": "שותפויות"},
        as_of=datetime.date(2014, 1, 1),
        as_of_is_approximate=True,
        sources="History and overview",
    )
    headline(key="people", value="400000", is_at_least=True, label={"en": "participants"})
    make.FigureFactory(key="own", value="777")
    html = client.get("/en/").content.decode()
    assert re.findall(r'figure__value">([^<]+)<', html) == ["46", "400,000"]
    assert "about 2014" in html
    assert "History and overview" in html
    assert html.count("more than") == 1
    assert 'figure__value">46<' in client.get("/he/").content.decode()


def test_what_is_open_now_comes_first_and_closed_is_left_out(client: Client, site: Any) -> None:
    partnership = make.PartnershipFactory()
    make.page_of(partnership)
    for name, days in (("Later", 40), ("Sooner", 3), ("Over", -1)):
        program = make.ProgramFactory(partnership=partnership, name={"en": name})
        make.WayToTakePartFactory(program=program, deadline=TODAY() + datetime.timedelta(days=days))
    front = client.get("/en/").context["front"]
    assert [str(row.program.name) for row in front.open_programs] == ["Sooner", "Later"]
    assert {choice.value: choice.count for choice in front.kinds}["host"] == 2


def test_new_stories_show_once_in_the_readers_language(client: Client, site: Any) -> None:
    partnership = make.PartnershipFactory()
    page = make.page_of(partnership)
    story = make.StoryPageFactory(parent=page, title="Soup at four")
    make.StoryPageFactory(
        parent=make.page_of(partnership, "he"),
        language="he",
        title="מרק בארבע",
        translation_key=story.translation_key,
    )
    make.StoryPageFactory(parent=page, title="A draft", live=False)
    for language, title in (("en", "Soup at four"), ("he", "מרק בארבע")):
        newest = client.get(f"/{language}/").context["front"].newest
        assert [hit.title for hit in newest] == [title]
    StoryPage.objects.get(pk=story.pk).unpublish()
    html = client.get("/en/").content.decode()
    assert "Soup at four" not in html


def test_many_pictures_on_cards_cost_as_many_queries_as_one(client: Client, site: Any) -> None:
    parent = make.page_of(make.PartnershipFactory())

    def tell(count: int) -> None:
        for _number in range(count):
            image = make.ImageFactory()
            image.get_rendition("format-webp|fill-640x360")
            make.StoryPageFactory(parent=parent, hero_image=image)

    tell(1)
    few = queries_of(client, "/en/")
    tell(4)
    assert len(queries_of(client, "/en/")) == len(few)
    assert client.get("/en/").content.decode().count("card__image") == 5


def test_the_search_box_of_the_front_page_asks_the_directory(client: Client, site: Any) -> None:
    html = client.get("/en/").content.decode()
    assert re.search(r'<form[^>]+method="get" action="/en/partnerships/"', html)


def test_a_standard_page_lists_the_live_pages_under_it(client: Client, site: Any) -> None:
    make.StandardPageFactory(parent=site["history"], title="The first years", slug="first")
    make.StandardPageFactory(parent=site["history"], title="Unseen", slug="unseen", live=False)
    html = client.get("/en/history/").content.decode()
    assert "The first years" in html
    assert "Unseen" not in html


def test_drafts_and_private_pages_are_in_no_list_of_pages(client: Client, site: Any) -> None:
    for parent in (site["home"], site["history"]):
        make.StandardPageFactory(parent=parent, title=f"Open under {parent.slug}")
        make.StandardPageFactory(parent=parent, title="Secret draft", live=False)
        private = make.StandardPageFactory(parent=parent, title="Secret to members")
        PageViewRestriction.objects.create(
            page=private.page_ptr, restriction_type=PageViewRestriction.LOGIN
        )
    for parent in (site["home"], site["history"]):
        html = client.get(parent.url).content.decode()
        assert f"Open under {parent.slug}" in html
        assert "Secret" not in html
    about = client.get("/en/").context["front"].about
    assert [link.title for link in about] == ["History and vision", "Open under en"]


def test_a_missing_page_helps_on_in_the_language_of_its_address(client: Client, site: Any) -> None:
    response = client.get("/he/not-here/")
    assert response.status_code == 404
    html = response.content.decode()
    assert '<html lang="he" dir="rtl">' in html
    assert 'action="/he/partnerships/"' in html
    assert 'href="/he/programs/"' in html
    assert 'name="robots" content="noindex"' in html


def test_an_error_page_needs_neither_database_nor_request(
    client: Client, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("home.models.pages.build_front", broken)
    client.raise_request_exception = False
    response = client.get("/en/")
    assert response.status_code == 500
    assert "template-500" in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize(
    ("language", "words"), [("en", "A moment, please"), ("he", "עוד רגע, בבקשה")]
)
def test_while_the_database_cannot_be_asked_readers_are_told_to_come_back(
    client: Client, site: Any, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    def broken(*args: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("home.models.pages.build_front", broken)
    client.raise_request_exception = False
    response = client.get(f"/{language}/")
    assert response.status_code == 503
    assert response["Retry-After"] == "120"
    assert response["Cache-Control"] == "no-store"
    assert words in response.content.decode()
    assert not response.cookies


def test_invented_content_is_marked_and_kept_from_search_engines(client: Client, site: Any) -> None:
    partnership = make.PartnershipFactory()
    make.page_of(partnership)
    program = make.ProgramFactory(partnership=partnership, is_demo=True)
    make.WayToTakePartFactory(program=program)
    page = make.ProgramPageFactory(program=program)
    html = client.get(page.url).content.decode()
    assert 'name="robots" content="noindex"' in html
    assert "demo-notice" in html
    for listing in ("/en/", "/en/programs/", make.page_of(partnership).url):
        html = client.get(listing).content.decode()
        assert "label--demo" in html
        assert "demo-notice" not in html
