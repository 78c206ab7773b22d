"""Numbers, bands and evidence: what they find, how they are counted, what the page says of them."""

from __future__ import annotations

import datetime
import importlib
import random
from collections import defaultdict
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from portal.library import Facet
from search.engines import DatabaseEngine
from search.models import ExchangeRate, LibraryEntry
from search.parameters import read
from search.query import CONCEPT, CONCEPT_FACETS, FACET_NAMES, LANGUAGE, TYPE, LibraryQuery
from search.services.library import find
from search.services.rates import current_rates
from search.services.refresh import refresh_stale
from tests.factories import (
    ConceptFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    ProgramFactory,
    ProgramPageFactory,
    StoryPageFactory,
    WayToTakePartFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rates() -> None:
    """One euro is 2 dollars and 8 shekels since a day; a rate of before does not count."""
    ExchangeRate.objects.all().delete()
    day = datetime.date(2026, 1, 31)
    for currency, per_euro, as_of in (
        ("USD", "2", day),
        ("ILS", "8", day),
        ("ILS", "1", day - datetime.timedelta(days=90)),
    ):
        ExchangeRate.objects.create(
            currency=currency, per_euro=Decimal(per_euro), as_of=as_of, source="A bank"
        )


def cost(payer: str, amount: str, currency: str = "ILS", **more: Any) -> dict[str, Any]:
    value = {"category": "materials", "payer": payer, "amount": amount, "currency": currency}
    value |= {"item": "paper", "year": 2025, "is_each_run": True, "is_in_kind": False}
    return {"type": "cost", "value": {**value, **more}}


def results_of(client: Client, query: str) -> BeautifulSoup:
    answer = client.get(f"/en/library/?{query}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def found_in(soup: BeautifulSoup) -> list[str]:
    hits = soup.select(".library__results > .hits .hit__title")
    return sorted(title.get_text(strip=True) for title in hits)


def test_rates_that_came_with_the_portal_say_that_they_are_examples(client: Client) -> None:
    LibraryIndexPageFactory()
    migration = importlib.import_module("search.migrations.0009_rate_is_example")
    seeded = ExchangeRate.objects.create(
        currency="GBP", per_euro=1, as_of=migration.AS_OF, source=migration.CLAIMED
    )
    migration.tell_examples(apps, SimpleNamespace(connection=connection))
    seeded.refresh_from_db()
    assert seeded.is_example
    assert "European Central Bank" not in seeded.source
    note = results_of(client, "").select_one("#limit-rates").get_text()
    assert "example rates dated Feb. 28, 2025, which nobody has checked" in note
    ExchangeRate.objects.filter(pk=seeded.pk).update(is_example=False)
    assert "example" not in results_of(client, "").select_one("#limit-rates").get_text()


def test_costs_are_compared_across_currencies_by_payer_and_travel(client: Client) -> None:
    LibraryIndexPageFactory()
    home = page_of(PartnershipFactory(slug="home"))
    PracticePageFactory(
        parent=home,
        title="Shekels",
        costs=[cost("israel", "400"), cost("israel", "800", category="travel")],
    )
    PracticePageFactory(
        parent=home,
        title="Dollars",
        costs=[cost("diaspora", "900", "USD"), cost("israel", "50", "USD", is_in_kind=True)],
    )
    PracticePageFactory(parent=home, title="Rupees", costs=[cost("israel", "5", "INR")])
    program = ProgramFactory(partnership=home.partnership, participant_cost=120, currency="USD")
    ProgramPageFactory(parent=home, program=program, title="A trip")

    soup = results_of(client, "cost_for=israel&cost_max=100")
    assert found_in(soup) == ["Dollars"]  # 1,200 ILS are 300 USD; what is given in kind is none
    untold = soup.select_one(".listing__untold a")
    assert untold.get_text() == "Cost not told: 1"
    assert found_in(results_of(client, untold["href"].lstrip("?"))) == ["Rupees"]
    chip = soup.select_one("[data-chip]")
    assert chip["data-chip"] == "at most 100 USD for the region in Israel, with travel"
    assert chip["href"] == "?"
    assert "rates of Jan. 31, 2026 (A bank)" in soup.select_one("#limit-rates").get_text()

    query = "cost_for=israel&cost_max=400&cost_currency=ILS&cost_travel=without"
    assert found_in(results_of(client, query)) == ["Dollars", "Shekels"]
    query = "cost_for=israel&cost_max=399.96&cost_currency=ILS&cost_travel=without"
    assert found_in(results_of(client, query)) == ["Dollars"]
    assert found_in(results_of(client, "cost_max=120")) == ["A trip", "Dollars", "Shekels"]
    assert found_in(results_of(client, "cost=1000")) == ["Dollars", "Shekels"]
    assert found_in(results_of(client, "cost=untold")) == ["Rupees"]


def test_changed_rate_lets_rows_be_built_anew() -> None:
    PracticePageFactory(costs=[cost("israel", "800")])
    limited = LibraryQuery(at_most={"cost_israel": 100})
    assert find(limited).total == 0
    rate = ExchangeRate.objects.create(
        currency="ILS", per_euro=Decimal(16), as_of=datetime.date(2026, 2, 28), source="A bank"
    )
    assert LibraryEntry.objects.stale().count() == 1
    refresh_stale()
    assert find(limited).total == 1
    assert current_rates().as_of == datetime.date(2026, 1, 31)  # the oldest in force
    rate.delete()
    refresh_stale()
    assert find(limited).total == 0


def test_open_ways_are_a_facet_that_follows_the_day() -> None:
    today = timezone.localdate()
    program = ProgramFactory()
    page = ProgramPageFactory(parent=page_of(program.partnership), program=program)
    way = WayToTakePartFactory(program=program, kind="host", deadline=today, age_from=25)
    refresh_stale()
    hosts = LibraryQuery(facets={Facet.OPEN: ["host"]})
    found = {hit.type: hit.page_id for hit in find(hosts).hits}
    assert found == {"program": page.pk, "opportunity": page.pk}
    assert find(LibraryQuery(facets={Facet.AGE: ["65-"]}, types=["program"])).total == 1
    way.deadline = today - datetime.timedelta(days=1)
    way.save()
    refresh_stale()
    assert find(hosts).total == 0


def test_little_evidence_goes_on_with_the_next_level(client: Client) -> None:
    LibraryIndexPageFactory()
    home = page_of(PartnershipFactory(slug="home"))
    PracticePageFactory(parent=home, title="Counted")
    for number in range(2):
        StoryPageFactory(parent=home, title=f"Told {number}")
    soup = results_of(client, "evidence=counted")
    assert found_in(soup) == ["Counted"]
    assert not soup.select(".next-level")  # nothing is one level lower
    soup = results_of(client, "evidence=described")
    assert found_in(soup) == []
    lower = soup.select_one(".next-level")
    assert lower.h2.get_text(" ", strip=True) == "Next: told as a story 2"
    assert len(lower.select(".hit__title")) == 2
    both = lower.select_one("p > a")["href"].lstrip("?")
    assert found_in(results_of(client, both)) == ["Told 0", "Told 1"]


@pytest.mark.parametrize(
    "query",
    [
        "for_age=-1",
        "for_age=121",
        "for_age=x",
        "lead_time_max=1.5",
        "start_by=2020-01-01",
        "start_by=2026-02-30",
        "start_by=soon",
        "duration_max=99999",
        "cost_max=-5",
        "cost_max=1e3",
        "cost_max=NaN",
        "cost_max=5&cost_currency=usd",
        "cost_max=5&cost_currency=XYZ",
        "cost_max=5&cost_for=me",
        "cost_max=5&cost_travel=no",
        "untold=money",
        "age=15",
        "season=monsoon",
        "evidence=5",
        "without=nonsense",
        "exact=yes",
    ],
)
def test_bad_limits_are_refused_by_the_api_and_left_out_by_the_page(
    client: Client, query: str
) -> None:
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == query.split("&")[-1].split("=")[0]
    assert error["reason"]


# Counts against a plain count over the rows ------------------------------------------------------


def counted_by_hand(query: LibraryQuery) -> tuple[int, dict[str, dict[str, int]]]:
    """Return total and counts of things, row by row in Python."""
    rows = []
    for entry in LibraryEntry.objects.select_related("page").prefetch_related("facets", "numbers"):
        assert entry.page is not None
        if not entry.page.live:
            continue
        keys: dict[str, set[str]] = defaultdict(set)
        for facet in entry.facets.all():
            keys[facet.name].add(facet.value)
        keys[TYPE], keys[LANGUAGE] = {entry.type}, {entry.language}
        keys[CONCEPT] = {key for name in CONCEPT_FACETS for key in keys[name]}
        numbers = {number.name: number.value for number in entry.numbers.all()}
        low = [(numbers.get(n), limit) for n, limit in query.at_most.items()]
        high = [(numbers.get(n), limit) for n, limit in query.at_least.items()]
        if all(v is not None and v <= limit for v, limit in low) and all(
            v is not None and v >= limit for v, limit in high
        ):
            rows.append((entry.thing_key, keys))

    def things(skipped: set[str]) -> list[tuple[Any, dict[str, set[str]]]]:
        wanted = {n: set(v) for n, v in query.filters.items() if n not in skipped}
        return [(key, own) for key, own in rows if all(own[n] & v for n, v in wanted.items())]

    counts: dict[str, dict[str, int]] = {}
    for name in FACET_NAMES:
        own = {name, CONCEPT} if name in CONCEPT_FACETS else {name}
        having: dict[str, set[Any]] = defaultdict(set)
        for key, keys in things(own):
            for value in keys[name]:
                having[value].add(key)
        counts[name] = {value: len(found) for value, found in having.items()}
    return len({key for key, _keys in things(set())}), counts


def test_rates_are_read_only_where_money_is_asked_about(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert read(QueryDict("q=bread&for_age=15")).query.at_least
    for asked in ("cost_max=800", "cost_currency=USD", "q=bread under 800 USD"):
        with django_assert_num_queries(1):
            read(QueryDict(asked))


def test_counts_are_those_of_a_plain_count(django_assert_max_num_queries: Any) -> None:
    generator = random.Random(5)
    topics = [ConceptFactory(key=f"topic_{n}", kind="topic") for n in range(3)]
    teens = ConceptFactory(key="teens", kind="audience")
    homes = [page_of(PartnershipFactory(slug=f"home-{n}")) for n in range(2)]
    for number in range(10):
        parent = generator.choice(homes)
        told: dict[str, Any] = {
            "parent": parent,
            "concepts": generator.sample([*topics, teens], generator.randint(0, 2)),
            "live": number != 4,
        }
        if number % 2:
            page: Any = PracticePageFactory(
                outcome=generator.choice(["worked", "failed"]),
                age_from=generator.choice([None, 8, 15]),
                lead_time_weeks=generator.choice([4, 30]),
                season=generator.choice(["", "summer"]),
                **told,
            )
        else:
            page = StoryPageFactory(**told)
        if number % 3 == 0:
            type(page).objects.get(pk=page.pk)
            factory: Any = PracticePageFactory if number % 2 else StoryPageFactory
            factory(
                parent=page_of(parent.partnership, "he"),
                language="he",
                translation_key=page.translation_key,
                original_language="en",
                concepts=generator.sample(topics, 1),
            )
    values: dict[str, list[str]] = {
        "topic": [topic.key for topic in topics],
        "audience": ["teens"],
        "outcome": ["worked", "failed"],
        "season": ["summer"],
        "age": ["6-9", "14-17", "65-"],
        "evidence": ["told", "counted"],
        "lead_time": ["4", "52"],
    }
    for _round in range(40):
        chosen = {
            name: generator.sample(values[name], generator.randint(1, len(values[name])))
            for name in generator.sample(sorted(values), generator.randint(0, 3))
        }
        query = LibraryQuery(
            facets=chosen,
            types=generator.choice([[], ["practice"], ["practice", "success"]]),
            concepts=generator.choice([[], [], ["teens", "topic_1"]]),
            partnerships=generator.choice([[], ["home-1"]]),
            languages=generator.choice([[], [], ["he"]]),
            at_most=generator.choice([{}, {"lead_time": 10}, {"age_from": 15}]),
            at_least=generator.choice([{}, {"age_to": 15}]),
        )
        with django_assert_max_num_queries(25):
            answer = DatabaseEngine().search(query)
        total, counts = counted_by_hand(query)
        assert answer.total == total, query
        assert {name: dict(found) for name, found in answer.facets.items()} == counts, query
