"""`GET /api/v1/search` and `/suggest`, as the contract says."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.query import FACET_NAMES
from stories.enums import ChallengeStatus
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    PracticePageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    page_of,
)

pytestmark = pytest.mark.django_db

#: What no reader means, and every engine stumbles over.
HOSTILE = [
    'צה"ל',
    "רשב״י",
    '"',
    '"""',
    "'",
    "''",
    "a\x00b",
    "\x00",
    "%",
    "%s %(x)s %%",
    "_",
    "foo:bar",
    "title:foo",
    "*",
    "a*",
    "*a",
    "(",
    ")",
    "((a) OR",
    "AND",
    "OR",
    "NOT",
    "NOT a",
    "a AND",
    "NEAR(a b, 3)",
    "a NEAR b",
    "^a",
    "-a",
    "+a",
    "a - b",
    "{a b} : c",
    "a & b | !c",
    "a <-> b",
    "a:*",
    "\\",
    "\\'",
    "';DROP TABLE search_libraryentry;--",
    "' OR 1=1 --",
    "/*",
    "--",
    "\u202egnirts",
    "\u200f\u200e",
    "\ufeff",
    "\u05b0\u05b1",
    "שָׁלוֹם",
    "🙂",
    "𐤀𐤁",
    "\U000e0041",
    "\U0010ffff",
    "½",
    "ﷺ",
    "a" * 10_000,
    "a " * 5_000,
    " ".join(f"word{n}" for n in range(300)),
    '"' * 10_000,
    "(" * 5_000,
    "!?.,;",
    "\t\n\r",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
]


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """Ask the API; the answer must be 200 and set no cookie."""

    def ask(query: dict[str, Any] | None = None, **parameters: Any) -> Any:
        answer = client.get("/api/v1/search", {**(query or {}), **parameters})
        assert answer.status_code == 200, answer.content
        assert not answer.cookies
        return answer.json()

    return ask


@pytest.fixture
def network() -> dict[str, Any]:
    """Two Partnerships that tell practices, stories and a resource."""
    home = PartnershipFactory(slug="home", name={"en": "Home", "he": "בית"}, with_members=True)
    away = PartnershipFactory(slug="away", name={"en": "Away", "he": "חוץ"}, with_members=True)
    teens = ConceptFactory(key="teens", kind="audience", label={"en": "Teens", "he": "בני נוער"})
    arts = ConceptFactory(key="arts", kind="topic", label={"en": "Arts", "he": "אמנות"})
    practice = PracticePageFactory(
        parent=page_of(home),
        title="Cooking by radio",
        reference="import-7",
        concepts=[teens, arts],
        first_published_at=timezone.now(),
    )
    story = StoryPageFactory(parent=page_of(home), title="Painting a wall", concepts=[arts])
    PracticePageFactory(parent=page_of(away), title="Letters of teens", concepts=[teens])
    ResourcePageFactory(parent=page_of(away), title="Checklist for hosts", is_demo=True)
    translation = StoryPageFactory(
        parent=page_of(home, "he"),
        language="he",
        title="ציור על קיר",
        translation_key=story.translation_key,
        original_language="en",
        concepts=[arts],
    )
    return {"practice": practice, "story": story, "translation": translation}


def test_answer_has_the_fields_of_the_contract(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    answer = ask(q="radio")
    assert answer["total"] == 1
    assert answer["engine"] == "database"
    assert answer["took_ms"] >= 0
    assert answer["suggestion"] is None
    [hit] = answer["results"]
    practice = network["practice"]
    assert hit["id"] == str(practice.translation_key)
    assert hit["reference"] == "import-7"
    assert hit["type"] == "practice"
    assert hit["title"] == "Cooking by radio"
    assert hit["url"] == practice.url
    assert (hit["language"], hit["dir"]) == ("en", "ltr")
    assert hit["concepts"] == ["arts", "teens"]
    assert hit["partnerships"] == ["home"]
    assert hit["reasons"] == ["title"]
    assert hit["demo"] is False
    assert datetime.datetime.fromisoformat(hit["date"])
    assert {"value": "home", "label": "Home", "count": 1} in answer["facets"]["partnership"]
    assert answer["facets"]["type"] == [{"value": "practice", "label": "Practice", "count": 1}]


def test_nothing_asked_gives_everything_newest_first(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    answer = ask()
    assert answer["total"] == 6  # with the two Partnerships; the story and its translation are one
    dates = [hit["date"] or "" for hit in answer["results"]]
    assert dates == sorted(dates, reverse=True)
    assert any(dates)
    assert ask(q="")["total"] == ask(q="   ")["total"] == 6


def test_unimported_things_have_no_reference(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    assert ask(q="painting")["results"][0]["reference"] is None


def test_demonstration_is_told(ask: Callable[..., Any], network: dict[str, Any]) -> None:
    assert ask(q="checklist")["results"][0]["demo"] is True


def test_repeated_parameter_means_any_of_them(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    assert ask(type="practice")["total"] == 2
    assert ask(type=["practice", "resource"])["total"] == 3
    assert ask(concept=["teens", "arts"])["total"] == 3
    assert ask(concept="teens", type="practice", partnership="away")["total"] == 1
    assert ask(concept="teens", partnership=["home", "away"])["total"] == 2


def test_counts_of_a_facet_ignore_its_own_filter(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    facets = ask(type="resource")["facets"]
    assert {v["value"]: v["count"] for v in facets["type"]} == {
        "partnership": 2,
        "practice": 2,
        "resource": 1,
        "success": 1,
    }
    assert [v["value"] for v in facets["partnership"]] == ["away"]
    facets = ask(concept="teens")["facets"]
    assert {v["value"]: v["count"] for v in facets["concept"]} == {"teens": 2, "arts": 2}
    assert {v["value"]: v["count"] for v in facets["topic"]} == {"arts": 2}
    assert {v["value"]: v["count"] for v in facets["type"]} == {"practice": 2}


def test_language_filters_and_lang_prefers(
    ask: Callable[..., Any], network: dict[str, Any]
) -> None:
    assert ask(type="success")["results"][0]["language"] == "en"
    [hit] = ask(type="success", lang="he")["results"]
    assert (hit["language"], hit["dir"], hit["title"]) == ("he", "rtl", "ציור על קיר")
    assert ask(type="success", language="he", lang="en")["results"][0]["language"] == "he"
    answer = ask(lang="he")
    labels = {value["value"]: value["label"] for value in answer["facets"]["partnership"]}
    assert labels == {"home": "בית", "away": "חוץ"}
    assert {v["value"]: v["label"] for v in answer["facets"]["topic"]} == {"arts": "אמנות"}
    assert ask(language="he", type="practice")["total"] == 0


def test_pages_follow_one_another(ask: Callable[..., Any], network: dict[str, Any]) -> None:
    seen = []
    for page in range(1, 5):
        answer = ask(page=page, page_size=2, sort="title")
        assert (answer["total"], answer["page"], answer["page_size"]) == (6, page, 2)
        seen += [hit["title"] for hit in answer["results"]]
    assert seen == [
        "Away",
        "Checklist for hosts",
        "Cooking by radio",
        "Home",
        "Letters of teens",
        "Painting a wall",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "type=nonsense",
        "type=Practice",
        "type=practice&type=nonsense",
        "language=xx",
        "lang=xx",
        "sort=random",
        "page=0",
        "page=-1",
        "page=x",
        "page=1.5",
        "page=%C2%B2",
        "page=99999999999999999999",
        "page_size=0",
        "page_size=101",
        "page_size=x",
        "page=501&page_size=20",
        "page=101&page_size=100",
        "concept=nonsense",
        "topic=teens",
        "partnership=nonsense",
        "partnership=%00",
        "partnership=home%27%20OR%201=1",
        "community=nonsense",
        "country=U",
        "country=us",
        "side=middle",
        "direction=up",
        "outcome=fine",
        "year=9",
        "year=%D9%A1%D9%A2%D9%A3%D9%A4",
    ],
)
def test_bad_value_is_refused_with_a_problem(
    client: Client, network: dict[str, Any], query: str
) -> None:
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["title"]
    names = {part.split("=")[0] for part in query.split("&")}
    assert {error["parameter"] for error in problem["errors"]} <= names
    assert problem["errors"]


@pytest.mark.parametrize(
    "query", ["page=500&page_size=20", "page=100&page_size=100", "foo=bar", "type=", "page="]
)
def test_what_is_allowed_is_answered(client: Client, network: dict[str, Any], query: str) -> None:
    assert client.get(f"/api/v1/search?{query}").status_code == 200


def test_no_content_of_q_is_an_error(client: Client, network: dict[str, Any]) -> None:
    refused = [
        ascii(text)[:60]
        for text in HOSTILE
        for query in (text, f"cooking {text}")
        if client.get("/api/v1/search", {"q": query}).status_code != 200
        or client.get("/api/v1/suggest", {"q": query}).status_code != 200
    ]
    assert refused == []


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    text=st.text(
        alphabet=st.one_of(
            st.characters(codec="utf-8"),
            st.sampled_from("\"'%:*()^-+&|!~\\/\x00{}[]<>=?.,;_ \u05f4\u05f3\u202e"),
        ),
        max_size=60,
    )
)
def test_any_text_is_answered(client: Client, text: str) -> None:
    for path in ("search", "suggest"):
        answer = client.get(f"/api/v1/{path}", {"q": text})
        assert answer.status_code == 200


def test_mark_up_of_a_text_is_shown_as_text(ask: Callable[..., Any]) -> None:
    StoryPageFactory(title="x", summary="<script>alert('marker')</script> & more")
    [hit] = ask(q="marker")["results"]
    assert hit["snippet"] == (
        "&lt;script&gt;alert(&#x27;<mark>marker</mark>&#x27;)&lt;/script&gt; &amp; more"
    )


def test_number_of_queries_does_not_grow(client: Client) -> None:
    page = page_of(PartnershipFactory(with_members=True))
    teens = ConceptFactory(key="teens", kind="audience")

    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        assert not [q for q in queries.captured_queries if "BEGIN" in q["sql"]]
        return len(queries)

    paths = [
        "/api/v1/search?page_size=100",
        "/api/v1/search?q=story&type=success&concept=teens&page_size=100",
        "/api/v1/suggest?q=st",
    ]
    for number in range(2):
        StoryPageFactory(parent=page, title=f"Story {number}", concepts=[teens])
    before = [count(path) for path in paths]
    for number in range(20):
        StoryPageFactory(parent=page, title=f"Story {number}", concepts=[teens])
    assert [count(path) for path in paths] == before
    assert max(before) <= 20


def test_suggestions_begin_as_typed(client: Client, network: dict[str, Any]) -> None:
    def texts(query: str) -> list[str]:
        answer = client.get(f"/api/v1/suggest?{query}")
        assert answer.status_code == 200
        assert not answer.cookies
        return [one["text"] for one in answer.json()["suggestions"]]

    assert texts("q=cook") == ["Cooking by radio"]
    assert texts("q=cooking+by+ra") == ["Cooking by radio"]
    assert texts("q=ציו&lang=he") == ["ציור על קיר"]
    assert texts("q=ציו&lang=en") == ["Painting a wall"]
    assert "Home" in texts("q=hom")
    assert texts("q=") == []
    assert texts("q=zzz") == []


def test_document_tells_the_closed_lists(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/search"]["get"]
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert parameters["type"]["schema"]["items"]["enum"] == [
        "partnership",
        "community",
        "program",
        "opportunity",
        "practice",
        "challenge",
        "success",
        "resource",
    ]
    assert parameters["page_size"]["schema"]["maximum"] == 100
    assert {"q", "partnership", "concept", "language", "lang", "sort", "page"} <= set(parameters)
    # Every filter that works is told, with the same names.
    assert set(FACET_NAMES) <= set(parameters)
    assert parameters["status"]["schema"]["items"]["enum"] == ChallengeStatus.values
    assert set(operation["responses"]) == {"200", "400", "429"}
