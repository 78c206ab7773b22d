"""How often one address may search: who asks too often is told when to go on."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client, RequestFactory

from portal.throttle import visitor_address
from search import throttling
from tests.factories import LibraryIndexPageFactory, StoryPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three searches and five suggestions, within a time that no test outlasts."""
    settings.RATE_LIMITS = True
    monkeypatch.setattr(throttling, "MINUTE", 10**9)
    monkeypatch.setitem(throttling._MOST, throttling.SEARCH, 3)
    monkeypatch.setitem(throttling._MOST, throttling.SUGGEST, 5)


def test_people_do_not_meet_the_limits() -> None:
    assert throttling.SEARCHES >= 100
    assert throttling.SUGGESTIONS >= 200


@pytest.mark.parametrize(("path", "most"), [("search", 3), ("suggest", 5)])
def test_the_api_answers_with_a_problem(client: Client, path: str, most: int) -> None:
    answers = [client.get(f"/api/v1/{path}?q=a") for _number in range(most + 2)]
    assert [answer.status_code for answer in answers] == [200] * most + [429] * 2
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["status"] == 429
    assert int(refused["Retry-After"]) >= 1
    assert not refused.cookies
    # Each address has its own, and each kind of question.
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(f"/api/v1/{path}?q=a").status_code == 200
    other = {"search": "suggest", "suggest": "search"}[path]
    assert client.get(f"/api/v1/{other}?q=a").status_code == 200


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_page_says_when_to_go_on_and_is_itself_never_refused(
    client: Client, language: str
) -> None:
    StoryPageFactory(title="Soup")
    for code in ("en", "he"):
        LibraryIndexPageFactory(language=code)
    asked = f"/{language}/library/?q=soup"
    codes = [client.get(asked).status_code for _number in range(4)]
    assert codes == [200, 200, 200, 429]
    refused = client.get(asked)
    assert int(refused["Retry-After"]) >= 1
    assert refused["Cache-Control"] == "no-store"
    assert not refused.cookies
    assert "Cookie" not in refused.get("Vary", "")
    soup = BeautifulSoup(refused.content, "html.parser")
    title = {"en": "Too many searches at once", "he": "יותר מדי חיפושים בבת אחת"}[language]
    assert soup.h1.get_text() == title
    assert soup.html["lang"] == language
    assert soup.select('meta[name="robots"][content="noindex"]')
    # Page and API are one count; the library without a question is open to all.
    assert client.get("/api/v1/search?q=soup").status_code == 429
    assert client.get(f"/{language}/library/").status_code == 200


def test_a_proxy_tells_the_address_and_others_can_not_pretend(client: Client) -> None:
    def code(own: str, told: str) -> int:
        answer = client.get("/api/v1/search?q=a", REMOTE_ADDR=own, HTTP_X_FORWARDED_FOR=told)
        return answer.status_code

    assert [code("10.0.0.2", f"192.0.2.{number}") for number in range(5)] == [200] * 5
    pretending = [code("8.8.4.4", f"192.0.2.{number}") for number in range(5)]
    assert pretending == [200] * 3 + [429] * 2


@pytest.mark.parametrize(
    ("peer", "told", "visitor"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),  # for documentation: no network of ours
        ("198.18.0.1", "192.0.2.1", "198.18.0.1"),
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("172.20.0.3", "10.1.1.1, 192.0.2.1", "192.0.2.1"),
        ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("fd00::1", "192.0.2.1:51234", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::/64"),
        ("10.0.0.1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "", "2001:db8:1:2::/64"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4.5", "10.0.0.1"),
        ("", "192.0.2.1", "192.0.2.1"),
        ("", "", ""),
        ("@", "", "@"),
    ],
)
def test_a_visitor_is_an_address_or_the_line_that_has_many(
    rf: RequestFactory, peer: str, told: str, visitor: str
) -> None:
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told)
    assert visitor_address(request) == visitor


def test_a_cache_that_is_away_stops_no_search(client: Client, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert client.get("/api/v1/search?q=a").status_code == 200


def test_without_limits_nothing_is_refused(client: Client, settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {client.get("/api/v1/search?q=a").status_code for _number in range(9)} == {200}
