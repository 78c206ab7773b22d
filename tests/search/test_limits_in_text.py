"""An amount that a text sets as a limit: what is read as one, and what the page and API do then."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from search.limits_in_text import limit_in
from search.models import ExchangeRate, SearchSighting
from search.searches import search_log
from tests.factories import (
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)
from tests.search.test_library_filters import cost, results_of

CURRENCIES = ("USD", "ILS", "EUR", "CAD")


def read(text: str) -> tuple[str, ...] | None:
    """Return the text that is left, the amount, and what is told of it; None without a limit."""
    found = limit_in(text, CURRENCIES)
    if found is None:
        return None
    told = (found.currency, found.payer if found.payer != "whole" else "", found.travel)
    return (found.rest, str(found.amount), *filter(None, told))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "teen program no travel war zoom under 8000",
            ("teen program no travel war zoom", "8000"),
        ),
        ("under 8000", ("", "8000")),
        ("camp below $8,000", ("camp", "8000", "USD")),
        ("camp at most 8k", ("camp", "8000")),
        ("camp < 8000", ("camp", "8000")),
        ("camp <$8,000.50", ("camp", "8000.50", "USD")),
        ("up to 8 thousand dollars camp", ("camp", "8000", "USD")),
        ("no more than 30,000 shekels for teens", ("for teens", "30000", "ILS")),
        ("not more than NIS 500", ("", "500", "ILS")),
        ("max. 500 ₪", ("", "500", "ILS")),
        ("within 8000 EUR", ("", "8000", "EUR")),
        ("€500 or less, teens", ("teens", "500", "EUR")),
        ("teens, under 8000, online", ("teens online", "8000")),
        ("under US$ 90", ("", "90", "USD")),
        ("less than C$ 90", ("", "90", "CAD")),
        ("up to 2000 dollars", ("", "2000", "USD")),
        ("up to 2,000", ("", "2000")),
        ("camp costing less than 90", ("camp", "90")),
        ("under $8000 teen program", ("teen program", "8000", "USD")),
        ("kefiada under 500 per person", ("kefiada", "500", "participant")),
        ("under 500 dollars per participant", ("", "500", "USD", "participant")),
        ("under 8000 without flights", ("", "8000", "without")),
        ("camp with no travel under 8000", ("camp with", "8000", "without")),
        ("under 8000 including travel for teens", ("for teens", "8000", "with")),
        ("under 500 each person, excluding flights", ("", "500", "participant", "without")),
        ("קייטנה עד 8000", ("קייטנה", "8000")),
        ("קייטנה עד 8,000 ש״ח לנוער", ("קייטנה לנוער", "8000", "ILS")),
        ('עד 500 ש"ח למשתתף', ("", "500", "ILS", "participant")),
        ("עד 8 אלף", ("", "8000")),
        ("עד 8 אלף שקל לאדם", ("", "8000", "ILS", "participant")),
        ("פחות מ-8000", ("", "8000")),
        ("פחות מ־90 דולרים", ("", "90", "USD")),
        ("מתחת ל 8,000 בלי טיסות", ("", "8000", "without")),
        ("לא יותר מ 500 שקלים", ("", "500", "ILS")),
        ("ללא נסיעה עד 2000 ₪", ("", "2000", "ILS", "without")),
        ("500 שקל לכל היותר", ("", "500", "ILS")),
        ("מחנה בעלות של עד 90", ("מחנה", "90")),
        # of sizes it is money where a currency, a word of cost or a person says so
        ("teens in a city far away under 8000", ("teens in a city far away", "8000")),
        ("community under $5,000", ("community", "5000", "USD")),
        ("budget of up to 8000 for a community", ("for a community", "8000")),
        ("group for under 500 per person", ("group for", "500", "participant")),
        ("קהילה עד 5,000 ש״ח", ("קהילה", "5000", "ILS")),
        ("camp under 8000 in total", ("camp", "8000")),
        ("under 8000 altogether, teens", ("teens", "8000")),
        ("under 8000 for the community", ("for the community", "8000")),
        ("programs for teens under 8000", ("programs for teens", "8000")),
        ("trips to Poland under 500", ("trips to Poland", "500")),
        ("camp in Poland under 8000", ("camp in Poland", "8000")),
        ("group trips in Poland under 500", ("group trips in Poland", "500")),
        ("schools in Poland for teens under 8000", ("schools in Poland for teens", "8000")),
        ("place to stay in Haifa under 500", ("place to stay in Haifa", "500")),
        ("cities in Poland under 8000 USD", ("cities in Poland", "8000", "USD")),
        (
            "cities in Poland under 500 per person",
            ("cities in Poland", "500", "participant"),
        ),
        ("טיולים לפולין עד 500", ("טיולים לפולין", "500")),
        ("מחנה בפולין עד 8000", ("מחנה בפולין", "8000")),
        ("קבוצת נוער בפולין עד 8000", ("קבוצת נוער בפולין", "8000")),
        ("קהילה בפולין לנוער עד 8000", ("קהילה בפולין לנוער", "8000")),
        ("ערים בפולין עד 8,000 ש״ח", ("ערים בפולין", "8000", "ILS")),
    ],
)
def test_amounts_are_read_as_limits(text: str, expected: tuple[str, ...]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # ages, people, weeks, distances
        "under 18",
        "teens under 18",
        "up to age 12",
        "ages 15-17",
        "עד גיל 18",
        "נוער עד 18",
        "עד 120",
        "up to 40 participants",
        "up to 400 participants",
        "up to 1500 members",
        "under 150 students in a school",
        "under 6 weeks",
        "up to 10 families",
        "within 100 miles",
        "under 100-year-old",
        "up to 500km",
        "עד 150 משתתפים",
        "עד 300 בני נוער",
        "עד 8 אלף תושבים",
        # sizes of places and groups
        "communities under 5000",
        "Jewish population under 10,000",
        "population: under 10,000",
        "cities (up to 50,000)",
        "cities under 50,000 in Israel",
        "communities abroad with under 5000",
        "town of up to 30,000 in the Galilee",
        "hall for up to 400 at a time",
        "hall with up to 400 without travel",
        "up to 400 at a time",
        "up to 400 in the hall",
        "no more than 100 for each community",
        "for 400 or less",
        "up to 500 or more",
        "קהילה של עד 200 בישראל",
        "בקהילות קטנות עד 5,000",
        "לעיר עם עד 30,000 בישראל",
        "קבוצות בנות עד 150",
        "אולם ל-400 לכל היותר",
        "עד 500 או יותר",
        "up to 250 total participants",
        "groups of up to 150 in total",
        "groups, up to 150 in total",
        "עד 400 בסך הכל",
        # where they are stands between
        "cities in Poland under 50,000",
        "towns in the Galilee under 30,000",
        "small communities in North America with up to 2,000",
        "cities in Israel and abroad under 50000",
        "town near Haifa (under 20,000)",
        "cities in Poland 50,000 or less",
        "places under 50,000",
        "kibbutzim in the north under 500",
        "audience in Haifa up to 400",
        "ערים בפולין עד 50,000",
        "ערים בפולין מתחת ל-50,000",
        "קהילות קטנות בצפון אמריקה עד 5000",
        "קהילה בפולין עם עד 5000",
        "ערים ליד חיפה עד 50,000",
        "קיבוצים בצפון עד 500",
        # years, days, times
        "before 2000",
        "until 2024",
        "up to 2024",
        "within 2025",
        "עד 2024",
        "עד שנת 2000",
        "from 2000 to 2024",
        "עד 12/2024",
        "until 31.12.2024",
        "under 10:30",
        # names, and numbers that nothing limits
        "Partnership 2000",
        "שותפות 2000",
        "P2K",
        "8000",
        "$8,000",
        "budget 8000",
        "תקציב 8000",
        # the other way round
        "more than 500 dollars",
        "no less than 500",
        "not less than $8,000",
        "not under 8000",
        "לא פחות מ-500",
        # not the whole
        "under $500 per week",
        "under 500/month",
        "עד 500 שקל לשבוע",
        "under 500 dollars a family",
        # no amount that can be compared
        "under 500 INR",
        "under 50%",
        "under 8.000",
        "up to 100-120",
        "under 1234567890123",
        "under 999999999k",
        # what operators say
        '"under 8000"',
        'camp "up to $500"',
        "camp -under 8000",
        "camp OR under 8000",
        "camp | $500 or less",
    ],
)
def test_what_is_no_amount_stays_words(text: str) -> None:
    assert read(text) is None


_PIECES = st.sampled_from(
    """
    under; up to; at most; <; 8000; 8k; $; ₪; €; dollars; per person; without travel; no; 12; 2000;
    or less; עד; פחות מ-; אלף; שקל; ש״ח; בלי טיסות; לאדם; לא; -; OR; ,; .; camp; נוער
    """.replace("\n", " ").split("; ")
)


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(_PIECES, max_size=9).map(" ".join),
        st.lists(st.one_of(_PIECES, st.text(max_size=4)), max_size=9).map("".join),
    )
)
@settings(max_examples=400, deadline=None)
def test_no_text_raises_or_loses_a_word(text: str) -> None:
    found = limit_in(text, CURRENCIES)
    if found is None:
        return
    words = re.compile(r"[^\W_]+")
    kept = Counter(words.findall(found.rest)) + Counter(words.findall(found.words))
    assert kept == Counter(words.findall(text))
    assert found.words in text
    assert limit_in(f"{text} " + "x" * 400, CURRENCIES) is None


# The page and the API ----------------------------------------------------------------------------


@pytest.fixture
def camps(db: None) -> None:
    """One euro is 2 dollars and 8 shekels; camps for 7,000 and 9,000 dollars, and rupees."""
    ExchangeRate.objects.all().delete()
    for currency, per_euro in (("USD", "2"), ("ILS", "8")):
        ExchangeRate.objects.create(
            currency=currency,
            per_euro=Decimal(per_euro),
            as_of=datetime.date(2026, 1, 31),
            source="A bank",
        )
    LibraryIndexPageFactory()
    LibraryIndexPageFactory(title="ספרייה", language="he")
    home = page_of(PartnershipFactory(slug="home"))
    away = page_of(PartnershipFactory(slug="away"))
    costs = [cost("israel", "4000", "USD"), cost("diaspora", "1000", "USD")]
    donors = [cost("other", "2000", "USD", category="travel"), cost("participant", "300", "USD")]
    PracticePageFactory(parent=home, title="Camp of seven", costs=[*costs, *donors])
    PracticePageFactory(parent=away, title="Camp of nine", costs=[cost("israel", "36000")])
    PracticePageFactory(parent=home, title="Camp of none", costs=[cost("israel", "5", "INR")])
    PracticePageFactory(parent=home, title="Draft camp", costs=costs, live=False)
    StoryPageFactory(parent=home, title="A camp under 8000 stars")


def found_in(soup: BeautifulSoup) -> list[str]:
    hits = soup.select(".library__results > .hits .hit__title")
    return sorted(title.get_text().strip() for title in hits)


def chips_of(soup: BeautifulSoup) -> dict[str, str]:
    return {chip["data-chip"]: chip["href"] for chip in soup.select("[data-chip]")}


def way_on(soup: BeautifulSoup) -> tuple[str, str, str]:
    """Return what is said of the amount, what the link says, and where it leads."""
    told = soup.select_one(".listing__read")
    link = told.a.extract()
    return " ".join(told.get_text().split()), link.get_text(), link["href"].lstrip("?")


@pytest.mark.usefixtures("camps")
def test_limit_is_a_chip_that_can_be_taken_away_or_searched_as_words(client: Client) -> None:
    soup = results_of(client, "q=camp+under+8000&type=practice")
    assert found_in(soup) == ["Camp of seven"]
    assert soup.select_one("input[name=q]")["value"] == "camp"
    assert soup.select_one("input[name=cost_max]")["value"] == "8000"
    chip = "at most 8,000 USD for both sides and donors together, with travel"
    assert chips_of(soup)[chip] == "?q=camp&type=practice"
    assert soup.select_one(".listing__untold a").get_text() == "Cost not told: 1"
    said, label, literal = way_on(soup)
    assert said == "“under 8000” was read as a limit of cost."
    assert label == "Search for these words instead"
    assert literal == "q=camp+under+8000&type=practice&read_limit=0"
    # Each link of the page says the same by a filter.
    facet = "q=camp&type=practice&cost_max=8000&cost_for=whole"
    assert soup.select_one(".listing__untold a")["href"].startswith(
        "?q=camp&type=practice&cost_for="
    )
    assert found_in(results_of(client, facet)) == ["Camp of seven"]

    soup = results_of(client, "q=camp+under+8000&read_limit=0")
    assert "A camp under 8000 stars" in found_in(soup)
    assert not chips_of(soup)
    assert soup.select_one("input[name=q]")["value"] == "camp under 8000"
    assert soup.select_one("input[type=hidden][name=read_limit]")["value"] == "0"
    said, label, back = way_on(soup)
    assert said == "“under 8000” is looked for as words."
    assert back == "q=camp+under+8000"
    assert results_of(client, "q=camp+under+8000&exact=1").select_one(".listing__read") is None


@pytest.mark.usefixtures("camps")
def test_amount_typed_beside_a_filter_takes_its_place(client: Client) -> None:
    # The box of a page holds no limit: who types one there does so after the filter was set.
    for sent in ("cost_max=10000&cost_for=whole", "cost_max=8000&cost_for=whole", "untold=cost"):
        soup = results_of(client, f"q=camp+under+8000&{sent}")
        assert found_in(soup) == ["Camp of seven"]
        assert list(chips_of(soup)) == [
            "at most 8,000 USD for both sides and donors together, with travel"
        ]
        assert soup.select_one("input[name=cost_max]")["value"] == "8000"
        said, _label, instead = way_on(soup)
        assert said == "“under 8000” was read as a limit of cost."
        assert instead == "q=camp+under+8000&read_limit=0"
    soup = results_of(client, "q=camp+under+299+USD+per+person&cost_max=8000&cost_for=whole")
    assert list(chips_of(soup)) == ["at most 299 USD for each participant, with travel"]
    # A form without JavaScript sends its other fields along, empty or as they stand.
    sent = "q=camp+under+8000&cost_max=&cost_currency=ILS&cost_for=participant"
    soup = results_of(client, sent)
    assert list(chips_of(soup)) == [
        "at most 8,000 ILS for both sides and donors together, with travel"
    ]
    assert found_in(soup) == []
    soup = results_of(client, "q=camp+under+8000&cost_for=israel")
    assert found_in(soup) == ["Camp of seven"]
    assert "for the region in Israel" in next(iter(chips_of(soup)))


@pytest.mark.usefixtures("camps")
def test_hebrew_currency_travel_and_participants_are_read(client: Client) -> None:
    answer = client.get("/he/library/", {"q": "camp עד 20,000 ש״ח בלי טיסות"})
    soup = BeautifulSoup(answer.content, "html.parser")
    assert found_in(soup) == ["Camp of seven"]  # 5,000 of its 7,000 dollars are no travel
    assert soup.select_one("input[name=cost_travel]").has_attr("checked")
    assert found_in(results_of(client, "q=camp+under+20,000+NIS")) == []
    soup = results_of(client, "q=camp+under+299+dollars+per+person")
    assert found_in(soup) == ["Camp of nine"]


@pytest.mark.usefixtures("camps")
def test_limit_without_other_words_finds_all_that_costs_no_more(client: Client) -> None:
    assert found_in(results_of(client, "q=under+8000")) == ["Camp of seven"]
    soup = results_of(client, "q=zebra+under+8000")
    assert found_in(soup) == []
    assert soup.select_one("#near-things")
    assert soup.select_one(".listing__read")


@pytest.mark.usefixtures("camps")
def test_api_reads_limits_and_tells_them(client: Client) -> None:
    answer = client.get("/api/v1/search", {"q": "camp under $8,000"}).json()
    assert [hit["title"] for hit in answer["results"]] == ["Camp of seven"]
    assert answer["text_limit"] == {
        "words": "under $8,000",
        "cost_max": 8000,
        "cost_currency": "USD",
        "cost_for": "whole",
        "cost_travel": "with",
    }
    literal = client.get("/api/v1/search", {"q": "camp under 8000", "read_limit": "0"}).json()
    assert literal["text_limit"] is None
    assert "A camp under 8000 stars" in [hit["title"] for hit in literal["results"]]
    told = client.get("/api/v1/search", {"q": "camp under $8,000", "cost_max": "9000"}).json()
    assert told["text_limit"] is None
    assert (answer["total"], told["total"]) == (1, 2)
    same = {"q": "camp under $8,000", "cost_max": "8000", "cost_for": "whole"}
    assert client.get("/api/v1/search", same).json()["text_limit"] == answer["text_limit"]
    assert client.get("/api/v1/search", {"q": "a", "limit": "10"}).status_code == 200
    assert client.get("/api/v1/search", {"q": "a", "read_limit": "no"}).status_code == 400


@pytest.mark.usefixtures("camps")
def test_suggestions_take_what_is_typed_as_it_stands(client: Client) -> None:
    answer = client.get("/api/v1/suggest", {"q": "a camp under 8000"}).json()
    assert [one["text"] for one in answer["suggestions"]] == ["A camp under 8000 stars"]


@pytest.mark.usefixtures("camps")
def test_report_counts_the_text_as_it_was_typed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(django_settings, "SEARCH_REPORT_DAYS", 90)
    noted: list[tuple[str, int]] = []
    monkeypatch.setattr(search_log, "note", lambda text, _lang, found: noted.append((text, found)))
    results_of(client, "q=camp+under+8000")
    client.get("/api/v1/search", {"q": "camp under 8000", "read_limit": "0"})
    results_of(client, "q=camp+under+8000&type=practice")
    results_of(client, "q=camp&cost_max=8000")
    client.get("/api/v1/search", {"q": "camp under 8000", "cost_max": "9000"})
    assert [text for text, _found in noted] == ["camp under 8000"] * 2
    assert noted[0][1] == 1
    assert SearchSighting.objects.count() == 0


@pytest.mark.usefixtures("camps")
def test_limit_takes_no_query_more_than_the_filter(client: Client) -> None:
    def count(query: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            results_of(client, query)
        return len(queries)

    count("q=camp&cost_max=8000&cost_for=whole")  # what is held by a process is read
    assert count("q=camp+under+8000") == count("q=camp&cost_max=8000&cost_for=whole")
