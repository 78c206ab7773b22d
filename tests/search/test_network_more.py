"""How much more the network would find: counted for the public, never named, told to its people."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from partnerships.enums import Role
from portal.library import Audience, Facet
from portal.visibility import NETWORK
from search.models import LibraryEntry, LibraryFacet
from search.query import LibraryQuery
from search.services.library import find
from search.services.network import network_more
from search.services.writer import AUDIENCE_KIND
from tests.factories import (
    ConceptFactory,
    DocumentFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    ResourcePageFactory,
    RoleAssignmentFactory,
    StoryPageFactory,
    UserFactory,
    page_of,
)

pytestmark = pytest.mark.django_db

BANDS = (Facet.AGE, Facet.COST, Facet.DURATION, Facet.LEAD_TIME)


def close(page: Any, kind: str = "login") -> PageViewRestriction:
    """Let only signed-in people (or those of a group) open a page."""
    return PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type=kind
    )


def more(**query: Any) -> int:
    return network_more(find(LibraryQuery(**query)))


@pytest.fixture
def home(db: None) -> Any:
    """A Partnership with a public story, and one for each way of not being public."""
    LibraryIndexPageFactory(title="Library")
    LibraryIndexPageFactory(title="ספרייה", language="he")
    home = page_of(PartnershipFactory(slug="home", name={"en": "Homeside", "he": "ביתצד"}))
    arts = ConceptFactory(key="arts", kind="topic", label={"en": "Arts", "he": "אמנות"})
    StoryPageFactory(parent=home, title="Open kettle", concepts=[arts])
    body = [{"type": "paragraph", "value": "<p>Quincewort grew behind the hall.</p>"}]
    closed = StoryPageFactory(
        parent=home, title="Closed kettle", summary="Told inside.", body=body, concepts=[arts]
    )
    close(closed)
    StoryPageFactory(parent=home, title="Draft kettle", live=False)
    close(StoryPageFactory(parent=home, title="Grouped kettle"), "groups").groups.add(
        Group.objects.create(name="Some")
    )
    close(StoryPageFactory(parent=home, title="Secret kettle"), "password")
    return home


def test_things_for_the_network_are_counted_and_others_are_not(home: Any) -> None:
    result = find(LibraryQuery(text="kettle"))
    assert [hit.title for hit in result.hits] == ["Open kettle"]
    assert network_more(result) == 1
    assert more() == 1
    assert find(LibraryQuery(text="kettle", viewer=NETWORK)).total == 2
    assert network_more(find(LibraryQuery(text="kettle", viewer=NETWORK))) == 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"text": "closed"}, 1),
        ({"text": "told inside"}, 1),
        ({"text": "arts"}, 1),
        ({"text": "אמנות"}, 1),
        ({"text": "kettle", "concepts": ["arts"]}, 1),
        ({"text": "kettle", "concepts": ["none"]}, 0),
        ({"types": ["success"]}, 1),
        ({"types": ["practice"]}, 0),
        ({"partnerships": ["home"]}, 1),
        ({"languages": ["he"]}, 0),
        ({"at_most": {"lead_time": 4}}, 0),
        ({"text": "nothinglikeit"}, 0),
        ({"text": "!!!"}, 0),
    ],
)
def test_the_count_follows_words_and_filters(
    home: Any, query: dict[str, Any], expected: int
) -> None:
    assert more(**query) == expected


def test_what_the_text_and_its_files_say_can_not_be_guessed_at(home: Any) -> None:
    file = DocumentFactory(title="Handout", content=b"Saffronium was paid for by a friend.")
    close(ResourcePageFactory(parent=home, title="Kettle papers", document=file))
    assert more(text="kettle papers") >= 1
    for guess in ("quincewort", "saffronium", "handout", "closed quincewort"):
        assert more(text=guess) in (0, more(text=guess.replace("quincewort", "zzyzx"))), guess
    # Leaving a word out must not tell either that the text has it.
    assert more(text="closed -quincewort") == more(text="closed -zzyzx") == 1


def test_no_number_of_a_closed_practice_can_be_come_near_to_by_halving(
    home: Any, client: Client
) -> None:
    closed = PracticePageFactory(
        parent=home,
        title="Closed teapot",
        age_from=13,
        age_to=17,
        duration_days=5,
        lead_time_weeks=7,
        costs=[
            {
                "type": "cost",
                "value": {
                    "category": "materials",
                    "item": "clay",
                    "payer": "israel",
                    "amount": "4321",
                    "currency": "USD",
                    "year": 2025,
                    "is_each_run": True,
                    "is_in_kind": False,
                },
            }
        ],
    )
    StoryPageFactory(parent=home, title="Open teapot")
    close(closed)
    entry = LibraryEntry.objects.get(page=closed)
    own = [(f.name, f.value) for f in entry.facets.filter(name__in=BANDS)]
    assert {name for name, _value in own} == set(BANDS)
    guesses = [f"{name}={value}" for name, value in own]
    guesses += ["cost_for=israel&cost_max=4321", "cost_for=israel&cost_max=999999"]
    guesses += ["lead_time_max=520", "duration_max=3650", "for_age=15", "start_by=2099-01-01"]
    guesses += [f"untold={name}" for name in ("age", "cost", "duration", "lead_time")]
    assert client.get("/api/v1/search?q=teapot").json()["network_more"] == 1
    for guess in guesses:
        told = client.get(f"/api/v1/search?q=teapot&{guess}").json()
        assert told["network_more"] == 0, guess
        assert (
            "listing__network" not in client.get(f"/en/library/?q=teapot&{guess}").content.decode()
        )
        # What is counted beside has no more in it than what is found.
        for counts in told["facets"].values():
            assert all(value["count"] <= 1 for value in counts), guess
    # Without the rule each of these would count: the limits do find it for the network.
    found = find(LibraryQuery(text="teapot", viewer=NETWORK, at_most={"cost_israel": 999_999}))
    assert "Closed teapot" in [hit.title for hit in found.hits]


def test_a_thing_that_is_public_in_one_language_is_no_more_of_the_network(home: Any) -> None:
    story = StoryPageFactory(parent=home, title="Twofold lamp")
    hebrew = StoryPageFactory(
        parent=page_of(home.partnership, "he"),
        language="he",
        title="מנורה כפולה",
        translation_key=story.translation_key,
        original_language="en",
    )
    restriction = close(hebrew)
    assert more(text="מנורה") == 0
    close(story)
    assert more(text="מנורה") == more(text="lamp") == 1
    restriction.delete()
    assert more(text="lamp") == 0


def test_rows_marked_for_the_network_count_and_those_of_some_partnerships_do_not(
    home: Any,
) -> None:
    for title, audience in (("Lantern one", "network"), ("Lantern two", "partnerships")):
        entry = LibraryEntry.objects.get(page=StoryPageFactory(parent=home, title=title))
        LibraryEntry.objects.filter(pk=entry.pk).update(audience=audience)
        LibraryFacet.objects.create(entry=entry, name=AUDIENCE_KIND, value=audience)
    assert more(text="lantern") == 1
    PageViewRestriction.objects.all().delete()
    assert more(text="lantern") == 1


def test_a_row_for_the_network_is_told_apart_by_the_writer(
    home: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from stories.models import StoryPage

    told = StoryPage.describe_for_library
    monkeypatch.setattr(
        StoryPage,
        "describe_for_library",
        lambda page: replace(told(page), audience=Audience.NETWORK),
    )
    StoryPageFactory(parent=home, title="Lantern by itself")
    assert find(LibraryQuery(text="lantern")).total == 0
    assert more(text="lantern") == 1


def test_the_api_and_suggestions_count_without_naming(home: Any, client: Client) -> None:
    answer = client.get("/api/v1/search", {"q": "kettle"})
    told = answer.json()
    assert (told["total"], told["network_more"]) == (1, 1)
    for address in ("/api/v1/search?q=kettle", "/api/v1/suggest?q=clos", "/api/v1/search?q=closed"):
        text = client.get(address).content.decode()
        assert "Closed" not in text, address
        assert "Told inside" not in text, address


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_library_says_how_many_more_and_how_one_belongs(
    home: Any, client: Client, language: str
) -> None:
    answer = client.get(f"/{language}/library/?q=kettle")
    assert "Cookie" not in answer.get("Vary", "")
    soup = BeautifulSoup(answer.content, "html.parser")
    note = soup.select_one(".listing__network")
    wanted = {"en": "1 more for the network", "he": "עוד דבר אחד לרשת"}[language]
    assert note.a.get_text() == wanted
    assert note.a["href"] == "network/?q=kettle"
    assert "Closed" not in answer.content.decode()
    nothing = BeautifulSoup(client.get(f"/{language}/library/?q=closed").content, "html.parser")
    assert nothing.select_one(".listing__network a").get_text() == wanted
    none = client.get(f"/{language}/library/?q=nothinglikeit").content.decode()
    assert "listing__network" not in none


def test_the_network_finds_it_at_an_address_that_no_cache_keeps(home: Any, client: Client) -> None:
    address = "/en/library/network/?q=kettle"
    door = client.get(address)
    assert door.status_code == 302
    assert door["Location"].startswith("/accounts/login/?language=en&next=%2Fen%2Flibrary%2Fnetw")
    assert "no-store" in door["Cache-Control"]

    client.force_login(UserFactory())
    refused = client.get(address)
    assert refused.status_code == 403
    assert "Closed" not in refused.content.decode()

    client.force_login(RoleAssignmentFactory(role=Role.PROFESSIONAL).user)
    found = client.get(address)
    assert found.status_code == 200
    for order in ("no-store", "private"):
        assert order in found["Cache-Control"]
    soup = BeautifulSoup(found.content, "html.parser")
    titles = {one.get_text().strip() for one in soup.select(".hit__title")}
    assert titles == {"Open kettle", "Closed kettle"}
    assert not soup.select(".listing__network")
    assert soup.select('meta[name="robots"][content="noindex"]')
    assert soup.select_one(".network-notice")


def test_the_number_of_queries_does_not_grow(home: Any) -> None:
    def queries() -> int:
        result = find(LibraryQuery(text="kettle"))
        with CaptureQueriesContext(connection) as captured:
            network_more(result)
        return len(captured)

    before = queries()
    for number in range(20):
        close(StoryPageFactory(parent=home, title=f"Kettle {number}"))
    assert more(text="kettle") == 21
    assert queries() == before
    PageViewRestriction.objects.all().delete()
    assert queries() <= 2
