"""The library's own page: every state is an address, and works without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction

from partnerships.models import PartnershipVariant
from portal.models import ConceptSynonym
from search.lexicon import forget_lexicon
from search.page_parts import LONG_FACET
from search.services.other_names import MAX_LENGTH
from tests.factories import (
    ConceptFactory,
    ImageFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)
from tests.search.test_api import HOSTILE

pytestmark = pytest.mark.django_db


@pytest.fixture
def library() -> dict[str, Any]:
    """The library in both languages, with some things told in them."""
    LibraryIndexPageFactory(title="Library")
    LibraryIndexPageFactory(title="ספרייה", language="he")
    home = page_of(PartnershipFactory(slug="home", name={"en": "Homeside", "he": "ביתצד"}))
    arts = ConceptFactory(key="arts", kind="topic", label={"en": "Arts", "he": "אמנות"})
    sport = ConceptFactory(key="sport", kind="topic", label={"en": "Sport", "he": "ספורט"})
    story = StoryPageFactory(parent=home, title="Painting a wall", concepts=[arts])
    StoryPageFactory(
        parent=page_of(home.partnership, "he"),
        language="he",
        title="ציור על קיר",
        translation_key=story.translation_key,
        original_language="en",
        concepts=[arts],
    )
    StoryPageFactory(parent=home, title="A race at dawn", concepts=[sport])
    PracticePageFactory(parent=home, title="Cooking by radio", concepts=[arts])
    return {"home": home, "story": story}


def get(client: Client, address: str) -> BeautifulSoup:
    """Fetch a page; it must answer 200 and touch no cookie."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    return BeautifulSoup(answer.content, "html.parser")


def titles(soup: BeautifulSoup) -> list[str]:
    return [heading.get_text().strip() for heading in soup.select(".hit__title")]


def words(soup: BeautifulSoup, selector: str) -> str:
    return " ".join(soup.select_one(selector).get_text(" ", strip=True).split())


def test_without_a_question_all_is_shown_and_may_be_indexed(
    client: Client, library: dict[str, Any]
) -> None:
    soup = get(client, "/en/library/")
    assert set(titles(soup)) == {
        "Homeside",
        "Painting a wall",
        "A race at dawn",
        "Cooking by radio",
    }
    assert soup.body["class"] == ["template-library-index-page"]
    assert not soup.select("meta[name=robots]")


def test_words_are_found_marked_and_kept_in_the_form(
    client: Client, library: dict[str, Any]
) -> None:
    soup = get(client, "/en/library/?q=painting")
    assert titles(soup) == ["Painting a wall"]
    assert soup.select_one(".hit__title mark").get_text() == "Painting"
    assert soup.select_one("input[name=q]")["value"] == "painting"
    assert soup.select_one("meta[name=robots]")["content"] == "noindex"
    assert words(soup, ".listing__count") == "1 result"


def test_facets_are_checkboxes_with_counts_and_chips_take_them_away(
    client: Client, library: dict[str, Any]
) -> None:
    soup = get(client, "/en/library/?type=success&type=practice&topic=arts&q=a")
    boxes = {
        (box["name"], box["value"]): box.parent.get_text(" ", strip=True)
        for box in soup.select("input[type=checkbox]")
    }
    assert boxes["type", "success"] == "Story 1"
    assert boxes["type", "practice"] == "Practice 1"
    assert boxes["topic", "sport"] == "Sport 1"
    checked = {(b["name"], b["value"]) for b in soup.select("input[type=checkbox][checked]")}
    assert checked == {("type", "success"), ("type", "practice"), ("topic", "arts")}
    chips = {chip.bdi.get_text(): chip["href"] for chip in soup.select("a.chip") if chip.bdi}
    assert chips["Story"] == "?q=a&type=practice&topic=arts"
    assert chips["Arts"] == "?q=a&type=success&type=practice"


def test_concept_of_an_address_is_kept_by_the_form(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, "/en/library/?concept=arts")
    assert sorted(titles(soup)) == ["Cooking by radio", "Painting a wall"]
    assert soup.select_one("input[type=hidden][name=concept]")["value"] == "arts"


def test_hebrew_page_speaks_hebrew_and_marks_what_is_not(
    client: Client, library: dict[str, Any]
) -> None:
    soup = get(client, "/he/library/?type=success")
    assert soup.html["dir"] == "rtl"
    by_title = {h.get_text(strip=True): h for h in soup.select(".hit__title")}
    assert set(by_title) == {"ציור על קיר", "A race at dawn"}
    assert by_title["A race at dawn"]["lang"] == "en"
    assert by_title["A race at dawn"]["dir"] == "ltr"
    assert "lang" not in by_title["ציור על קיר"].attrs
    labels = [box.parent.get_text(" ", strip=True) for box in soup.select("input[name=topic]")]
    assert any("אמנות" in label for label in labels)
    other = soup.select_one("a[hreflang=en]")["href"]
    assert other == "/en/library/?type=success"


@pytest.mark.parametrize(
    "query",
    [
        "type=nonsense",
        "topic=nonsense",
        "partnership=%00",
        "partnership=nonsense",
        "country=xx",
        "language=xx",
        "year=x",
        "sort=random",
        "foo=bar",
        "page=x",
        "page=0",
        "page=-1",
        "page=" + "9" * 50,
    ],
)
def test_unknown_values_are_left_out(client: Client, library: dict[str, Any], query: str) -> None:
    soup = get(client, f"/en/library/?{query}")
    assert len(titles(soup)) == 4
    known = query.startswith(("foo", "page"))
    assert bool(soup.select(".notice")) or known


@pytest.mark.parametrize("page", ["2", "500", "501", "9999999"])
def test_page_out_of_range_shows_the_last_one_and_says_so(
    client: Client, library: dict[str, Any], page: str
) -> None:
    soup = get(client, f"/en/library/?page={page}")
    assert len(titles(soup)) == 4
    assert f"There is no page “{page}”; this is page 1 of 1." in words(soup, ".notice")


def test_pages_follow_one_another(client: Client, library: dict[str, Any]) -> None:
    for number in range(25):
        StoryPageFactory(parent=library["home"], title=f"Race {number}")
    first = get(client, "/en/library/?q=race&type=success&sort=title")
    assert len(titles(first)) == 20
    following = first.select_one("a[rel=next]")["href"]
    second = get(client, f"/en/library/{following}")
    assert len(titles(second)) == 6
    assert not set(titles(first)) & set(titles(second))


def test_nothing_found_helps_on(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, "/en/library/?q=xylophone&topic=arts")
    assert not soup.select(".library__results > .hits")
    near = soup.select_one("[aria-labelledby=near-things]")
    assert sorted(titles(near)) == ["Cooking by radio", "Painting a wall"]
    assert "Nothing fits all of this" in words(soup, ".empty")
    assert soup.select_one(".empty a")["href"] == "?"
    assert "Arts" in [chip.bdi.get_text() for chip in soup.select("a.chip") if chip.bdi]


def test_misspelt_concept_is_offered(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, "/en/library/?q=spotr")
    concepts = {a.get_text(strip=True): a["href"] for a in soup.select("#near-concepts + ul a")}
    assert concepts == {"Sport": "?concept=sport"}


def test_switch_leaves_texts_of_one_language(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, "/en/library/?language=he")
    assert sorted(titles(soup)) == ["ביתצד", "ציור על קיר"]
    switch = {r["value"]: r.has_attr("checked") for r in soup.select("input[name=language]")}
    assert switch == {"": False, "en": False, "he": True}
    assert "only Hebrew 2" in words(soup, ".switch")


def test_empty_library_says_so(client: Client) -> None:
    LibraryIndexPageFactory()
    assert "Nothing is told here yet" in words(get(client, "/en/library/"), ".empty")


def test_widened_answer_says_so(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, "/en/library/?q=painting+xylophone")
    assert titles(soup) == ["Painting a wall"]
    assert "Nothing has all of these words" in words(soup, ".notice")


def test_phrase_that_was_read_as_words_is_told(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, '/en/library/?q=who+is+"wall+painting"+here')
    assert titles(soup) == ["Painting a wall"]
    told = "Nothing has the words in quotes just as they stand; what follows has "
    assert words(soup, ".notice") == told + "them in other places or forms."
    soup = get(client, '/en/library/?q=who+is+"wall+xylophone"+dawn+here')
    assert sorted(titles(soup)) == ["A race at dawn", "Painting a wall"]
    assert words(soup, ".notice") == told + "some of the words."


@pytest.mark.parametrize("language", ["en", "he"])
def test_what_was_searched_as_well_stands_in_a_short_chip(
    client: Client, library: dict[str, Any], language: str
) -> None:
    choir = ConceptFactory(key="choir", kind="topic", label={"en": "Choir", "he": "מקהלה"})
    for number in range(9):
        ConceptSynonym.objects.create(
            concept=choir, language="en", text=f"singing group {chr(97 + number)}", grade="exact"
        )
    soup = get(client, f"/{language}/library/?q=choir")
    chip = soup.select_one("a.chip--quiet")
    assert len(chip.select("bdi")) == 3
    more = chip.find_next_sibling("details")  # opens without JavaScript
    rest = [one.get_text() for one in more.select("p bdi")]
    told = {"en": f"and {len(rest)} more", "he": f"ועוד {len(rest)} שמות"}[language]
    assert more.summary.get_text() == told
    names = [one.get_text() for one in chip.select("bdi")] + rest
    assert len(names) == len(set(names))
    assert {f"singing group {letter}" for letter in "abcdefghi"} <= set(names)
    assert "without=choir" in chip["href"]
    # With three names there is nothing to open.
    ConceptSynonym.objects.filter(concept=choir, text__gt="singing group a").delete()
    forget_lexicon()
    short = get(client, f"/{language}/library/?q=choir")
    assert short.select_one("a.chip--quiet")
    assert not short.select("details.more-names")


def test_many_things_searched_as_well_are_folded_but_for_the_first(
    client: Client, library: dict[str, Any]
) -> None:
    def chips(many: int) -> tuple[list[str], list[str], BeautifulSoup]:
        soup = get(client, "/en/library/?q=" + "+".join(named[:many]))
        everything = soup.select_one("ul[aria-label='Also searched']")
        folded = everything.select_one("details[data-stays]")
        inside = [chip["href"] for chip in folded.select("a.chip")] if folded else []
        all_of_them = [chip["href"] for chip in everything.select("a.chip")]
        return [chip for chip in all_of_them if chip not in inside], inside, folded

    named = ["choir", "garden", "theatre", "cooking", "chess"]
    for word in named:
        ConceptFactory(key=word, kind="topic", label={"en": word, "he": f"דבר {word}"})
    shown, inside, folded = chips(2)  # and the words of the other language
    assert (len(shown), inside, folded) == (3, [], None)
    shown, inside, folded = chips(5)
    assert (len(shown), len(inside)) == (2, 4)
    assert not folded.has_attr("open")
    assert folded.summary.get_text() == "and 4 others"
    without = [*(f"without={word}" for word in named), "translate=0"]
    assert [query.rpartition("&")[2] for query in (*shown, *inside)] == without


def test_long_facets_tell_what_their_values_are_called_besides(
    client: Client, library: dict[str, Any]
) -> None:
    def boxes(address: str) -> dict[str, str]:
        labels = get(client, address).select("[data-facet=partnership] .facet__value")
        return {label.input["value"]: label.get("data-names", "") for label in labels}

    safed = PartnershipFactory(slug="safed", name={"en": "Safed – Palm", "he": "צפת – פאלם"})
    PartnershipVariant.objects.create(partnership=safed, language="en", text="Tzfat")
    StoryPageFactory(parent=page_of(safed))
    assert set(boxes("/en/library/").values()) == {""}  # a short list has no box to find in
    for number in range(LONG_FACET):
        StoryPageFactory(parent=page_of(PartnershipFactory(slug=f"more-{number}")))
    assert set(boxes("/en/library/")["safed"].split("|")) >= {"צפת – פאלם", "Tzfat"}
    assert "Safed – Palm" in boxes("/he/library/")["safed"].split("|")
    assert "צפת – פאלם" not in boxes("/he/library/")["safed"]
    for number in range(40):
        PartnershipVariant.objects.create(partnership=safed, text=f"Another spelling {number}")
    forget_lexicon()
    assert 0 < len(boxes("/en/library/")["safed"]) <= MAX_LENGTH


def test_hostile_text_is_shown_as_text(client: Client, library: dict[str, Any]) -> None:
    soup = get(client, '/en/library/?q="><script>alert(1)</script>')
    assert not [tag for tag in soup.find_all("script") if "alert" in tag.get_text()]
    assert soup.select_one("input[name=q]")["value"] == '"><script>alert(1)</script>'
    for text in HOSTILE:
        assert client.get("/en/library/", {"q": text}).status_code == 200, ascii(text)[:60]


def test_number_of_queries_does_not_grow(client: Client, library: dict[str, Any]) -> None:
    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert not [q for q in queries.captured_queries if "BEGIN" in q["sql"]]
        return len(queries)

    addresses = ["/en/library/", "/en/library/?q=race&type=success&topic=sport"]
    sport = ConceptFactory(key="sport")

    def tell(number: int) -> None:
        StoryPageFactory(
            parent=library["home"],
            title=f"Race {number}",
            concepts=[sport],
            hero_image=ImageFactory(),
        )

    tell(0)
    before = [count(address) for address in addresses]
    for number in range(1, 16):
        tell(number)
    assert [count(address) for address in addresses] == before


def test_drafts_private_and_unpublished_pages_appear_nowhere(
    client: Client, library: dict[str, Any]
) -> None:
    """No listing, search, suggestion, facet or API answer tells of them."""
    home = library["home"]
    secret = ConceptFactory(key="secretconcept", kind="topic", label={"en": "Secretconcept"})
    closed = page_of(PartnershipFactory(slug="closed", name={"en": "Closedside"}))
    fields: dict[str, Any] = {"concepts": [secret], "summary": "Secretsummary"}
    StoryPageFactory(parent=home, title="Secret draft", live=False, **fields)
    StoryPageFactory(parent=home, title="Secret withdrawn", **fields).unpublish()
    private = StoryPageFactory(parent=home, title="Secret private", **fields)
    grouped = StoryPageFactory(parent=home, title="Secret grouped", **fields)
    StoryPageFactory(parent=closed, title="Secret below", **fields)
    changed = StoryPageFactory(parent=home, title="Open story")
    changed.title = "Secret change"
    changed.save_revision()
    restricted = [(private, "login"), (grouped, "groups")]
    restricted += [(page, "password") for page in closed.partnership.pages.all()]
    for page, kind in restricted:
        PageViewRestriction.objects.create(
            page=Page.objects.get(pk=page.pk), restriction_type=kind
        ).groups.set(Group.objects.all()[:1])
    for address in (
        "/en/library/",
        "/en/library/?q=open",
        "/he/library/",
        "/api/v1/search?page_size=100",
        "/api/v1/search?sort=title&lang=he",
        "/api/v1/suggest?q=open",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "ecret" not in text, address
        assert "losed" not in text, address
    for query in ("q=secret", "q=secretsummary", "q=closedside", "q=secret+change"):
        assert client.get(f"/api/v1/search?{query}").json()["total"] == 0
        assert client.get(f"/api/v1/suggest?{query}").json()["suggestions"] == []
    answer = client.get("/api/v1/search?topic=secretconcept").json()
    assert answer["total"] == 0
    assert "secretconcept" not in {value["value"] for value in answer["facets"]["topic"]}


def test_search_box_stands_in_the_header_of_every_page_but_the_library(client: Client) -> None:
    library = LibraryIndexPageFactory()
    home = page_of(PartnershipFactory(slug="home"))
    for address in (home.url, home.get_parent().url, "/en/", "/en/nothing-here/"):
        soup = BeautifulSoup(client.get(address).content, "html.parser")
        form = soup.select_one("header form[role=search]")
        assert form["action"] == library.url, address
        assert form["method"] == "get"
        field = form.select_one("input[name=q]")
        assert form.select_one(f"label[for={field['id']}]").get_text(strip=True)
        assert form.select_one("button[type=submit]")
        assert not form.select("input[type=hidden]")
    soup = BeautifulSoup(client.get(library.url).content, "html.parser")
    assert not soup.select("header form")
    assert len(soup.select("form[role=search]")) == 1


def test_no_search_box_where_there_is_no_library(client: Client) -> None:
    home = page_of(PartnershipFactory(slug="home"))
    soup = BeautifulSoup(client.get(home.url).content, "html.parser")
    assert not soup.select("header form, script[src*=suggest]")
