"""What holds of every public page: it answers, keeps no state with the visitor, writes nothing."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories as make
from tests.site_tree import LANGUAGES, build_site, every_page, tell_everything

pytestmark = pytest.mark.django_db

#: Public addresses beside the pages: doors, what is missing, files, the API, health.
OTHER_ADDRESSES = (
    "/",
    "/library/",
    "/library",
    "/not-here/",
    "/en/contact/support/",
    "/he/contact/support/sent/",
    "/en/contact/reply/none/",
    "/en/not-here/",
    "/he/not-here/",
    "/en/partnerships/?page=99999&q=x&kind=nonsense",
    "/en/library",
    "/en/library/?q=tea&type=nonsense&page=0",
    "/media/images/none.jpg",
    "/media/documents/none.pdf",
    "/documents/1/none/",
    "/static/none.css",
    "/api/v1/search?q=tea",
    "/api/v1/search?type=nonsense",
    "/api/v1/suggest?q=tea",
    "/api/v1/openapi.json",
    "/api/v1/none",
    "/healthz",
    "/readyz",
)


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """Make a site with every type of page in both languages; addresses by type and language."""
    build_site()
    told = tell_everything()
    for language in LANGUAGES:
        parent = make.page_of(told.partnership, language)
        for factory in (
            make.StoryPageFactory,
            make.PracticePageFactory,
            make.ChallengePageFactory,
            make.ResourcePageFactory,
        ):
            factory(language=language, parent=parent)
    found = {
        f"{page.locale.language_code} {type(page).__name__}": page.url for page in every_page()
    }
    assert len(found) == 28, sorted(found)
    return found


def test_every_page_type_answers_in_both_languages(addresses: dict[str, str]) -> None:
    client = Client()
    for name, url in addresses.items():
        response = client.get(url)
        assert response.status_code == 200, name
        html = response.content.decode()
        language, _space, model = name.partition(" ")
        direction = "rtl" if language == "he" else "ltr"
        assert f'<html lang="{language}" dir="{direction}">' in html, name
        kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", model).lower()
        assert re.search(rf'<body class="[^"]*template-{kebab}\b', html), name


def test_no_page_sets_a_cookie_or_varies_by_one(addresses: dict[str, str]) -> None:
    client = Client()
    for name, url in {**addresses, **{other: other for other in OTHER_ADDRESSES}}.items():
        response = client.get(url)
        assert not response.cookies, name
        assert "Set-Cookie" not in response.headers, name
        assert "cookie" not in response.headers.get("Vary", "").lower(), name


@pytest.mark.parametrize("header", ["he,en;q=0.5", "en"])
def test_an_address_without_language_leads_on_by_what_the_browser_asks(
    addresses: dict[str, str], client: Client, header: str
) -> None:
    client.cookies["django_language"] = "fr"
    response = client.get("/library/?q=tea", headers={"accept-language": header})
    assert response.status_code == 302
    assert response["Location"] == f"/{header[:2]}/library/?q=tea"
    assert response["Vary"] == "Accept-Language"


@pytest.mark.parametrize(
    "url", ["/media/images/none.jpg", "/documents/1/none/", "/accounts/email/", "/api/v1/none"]
)
def test_what_is_no_page_is_not_looked_for_among_the_pages(
    client: Client, db: None, url: str
) -> None:
    response = client.get(url, headers={"accept-language": "he"})
    assert response.status_code == 404


def test_the_api_says_in_its_own_way_that_an_address_is_none(client: Client, db: None) -> None:
    response = client.get("/api/v1/none")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404


def test_reading_a_page_opens_no_transaction_and_writes_nothing(
    addresses: dict[str, str],
) -> None:
    client = Client()
    for name, url in addresses.items():
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        # PostgreSQL's unions begin with a bracket.
        statements = [query["sql"].lstrip("( ").split(None, 1)[0].upper() for query in captured]
        assert set(statements) <= {"SELECT", "WITH"}, (name, set(statements))


@pytest.mark.parametrize(
    ("query", "is_kept_out"),
    [
        ("", False),
        ("?page=2", False),
        ("?q=akko", True),
        ("?nosuch=1", True),
        ("?page=1&q=a", True),
    ],
)
@pytest.mark.parametrize("index", ["partnerships", "communities", "programs"])
def test_filtered_lists_are_kept_from_search_engines(
    client: Client, index: str, query: str, is_kept_out: bool
) -> None:
    build_site()
    html = client.get(f"/en/{index}/{query}").content.decode()
    assert ('<meta name="robots" content="noindex">' in html) is is_kept_out


def test_readiness_names_the_cache_that_answers(client: Client, db: None) -> None:
    assert client.get("/readyz").json()["components"]["cache"]["detail"] in (
        "LocMemCache",
        "RedisCache",
    )
