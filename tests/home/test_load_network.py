"""The network's first load, on the real data files; and what a second load leaves alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page, Site

from home.models import HomePage, StandardPage
from home.services import network
from home.services.network import load_network
from partnerships.enums import DatePrecision, PartnershipStatus, Side, Verification
from partnerships.models import (
    Community,
    CommunityPage,
    Figure,
    Membership,
    Partnership,
    PartnershipKind,
    PartnershipPage,
)
from portal.models import Concept, VariantKind
from portal.services.language_tree import language_tree_problems
from tests.databases import SuiteDatabase

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "he")
INDEXES = ("", "partnerships/", "communities/", "programs/", "library/")
STANDARD = ("about/", "history/", "vision/", "support/", "privacy/", "accessibility/")


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup: SuiteDatabase, django_db_blocker: Any) -> Iterator[list[str]]:
    """Load the network once for the module; each test is rolled back to it."""
    said: list[str] = []
    with django_db_blocker.unblock():
        assert load_network(said.append)
        yield said
        django_db_setup.restore()


def partnership(slug: str) -> Partnership:
    return Partnership.objects.get(slug=slug)


def membership(slug: str, community: str) -> Membership:
    return Membership.objects.get(partnership__slug=slug, community__slug=community)


def address(page: Page) -> str:
    return page.get_url().removeprefix("http://testserver")


# What is there --------------------------------------------------------------------------------


def test_the_whole_network_is_there() -> None:
    assert Partnership.objects.count() == 42
    assert Community.objects.in_israel().count() == 71  # 73 places, two of them twice
    assert Community.objects.abroad().count() == 101  # 100, and one that left
    assert Membership.objects.count() == 174
    assert Concept.objects.count() == 80
    assert {kind.key for kind in PartnershipKind.objects.all()} == {
        "city-to-city",
        "region-to-region",
        "consortium",
        "town-to-community",
    }


def test_progress_is_shown_step_by_step(loaded: list[str]) -> None:
    assert any(line.startswith("communities: 172 new") for line in loaded)
    assert len(loaded) > 6


def test_place_in_several_partnerships_is_one_community() -> None:
    place = Community.objects.get(slug="kiryat-shmona")
    slugs = {row.partnership.slug for row in place.memberships.all()}
    assert slugs == {"galilee-panhandle-coast-to-coast", "upper-galilee-san-francisco"}
    assert place.variants.filter(text="Qiryat Shemona").count() == 1
    assert len(place.source_list) == 4


def test_everything_loaded_is_valid() -> None:
    for model in (Community, Partnership, Membership, Concept, Figure, PartnershipKind):
        for row in model.objects.all():
            row.full_clean()
    for page in Page.objects.filter(depth__gt=1).specific():
        page.full_clean()
    assert Page.find_problems() == ([], [], [], [], [])
    assert language_tree_problems() == []


def test_facts_have_names_in_both_languages_and_sources() -> None:
    for row in [*Partnership.objects.all(), *Community.objects.all()]:
        assert row.name["en"]
        assert row.name["he"]
        assert row.source_list
    arad = partnership("arad-tamar-new-jersey-delaware")
    assert arad.region_name == {"en": "Arad-Tamar", "he": "ערד-תמר"}
    assert partnership("netanya-cincinnati").region_name == {}
    assert partnership("netanya-cincinnati").collection.name == "Netanya - Cincinnati"


def test_uncertain_partnerships_say_so() -> None:
    uncertain = Partnership.objects.filter(verification=Verification.UNCERTAIN)
    assert uncertain.count() == 6
    assert set(uncertain.values_list("status", flat=True)) == {PartnershipStatus.UNKNOWN}
    assert partnership("kiryat-motzkin-orlando").status == PartnershipStatus.UNKNOWN
    assert partnership("ashkelon-baltimore").status == PartnershipStatus.ACTIVE


def test_northern_galilee_and_great_britain_are_tied_with_their_source() -> None:
    tie = partnership("northern-galilee-great-britain")
    assert tie.status == PartnershipStatus.UNKNOWN
    assert any("northern-galil-great-britain" in source for source in tie.source_list)
    countries = tie.memberships.values_list("community__country_code", flat=True)
    assert set(countries) == {"IL", "GB"}


def test_members_that_joined_or_left_have_their_dates() -> None:
    washington = membership("beit-shemesh-mateh-yehuda-south-africa", "greater-washington")
    assert washington.left_on == datetime.date(2015, 6, 30)
    assert washington.left_precision == DatePrecision.DAY
    assert washington.side == Side.DIASPORA
    warsaw = membership("karmiel-misgav-pittsburgh-warsaw", "warsaw")
    assert warsaw.joined_on == datetime.date(2018, 12, 1)
    assert warsaw.joined_precision == DatePrecision.MONTH
    assert "FEATURES study" in warsaw.sources
    rows = washington.partnership.memberships
    assert washington in rows.current(datetime.date(2015, 1, 1))
    assert washington not in rows.current()


def test_date_of_the_tie_is_a_members_own_only_where_its_side_has_one_member() -> None:
    alone = membership("nahariya-northern-new-jersey", "nahariya")
    assert alone.joined_on == datetime.date(2003, 1, 1)
    assert alone.joined_precision == DatePrecision.YEAR
    assert partnership("sovev-kinneret").founded_year == 1994
    assert membership("sovev-kinneret", "milwaukee").joined_on is None


def test_former_names_are_kept_as_such() -> None:
    former = Community.objects.get(slug="nof-hagalil").variants.filter(kind=VariantKind.FORMER)
    assert "Nazareth Illit" in set(former.values_list("text", flat=True))
    snec = partnership("afula-gilboa-snec").variants.get(text="SNEC")
    assert snec.kind == VariantKind.ABBREVIATION


def test_concepts_have_labels_synonyms_and_places_in_the_hierarchy() -> None:
    concept = Concept.objects.get(key="mifgash")
    assert concept.broader.key == "living_bridge"
    assert concept.label == {"en": "Encounter (mifgash)", "he": "מפגש"}
    exact = concept.synonyms.filter(grade="exact", language="he")
    assert [synonym.text for synonym in exact] == ["מפגשים"]
    assert exact.get().normalized == "מפגשים"
    assert Concept.objects.filter(is_unsure=True).count() == 4


def test_numbers_of_the_network_are_quoted_never_counted() -> None:
    figure = Figure.objects.get(key="partnerships")
    assert figure.value == 46
    assert figure.as_of_is_approximate
    assert figure.sources == "Partnership2Gether History & Overview"
    assert figure.definition["he"]
    headline = Figure.objects.filter(is_headline=True).order_by("sort_order")
    assert [(row.key, row.is_at_least) for row in headline] == [
        ("start-year", False),
        ("partnerships", False),
        ("communities", False),
        ("participants", True),
    ]


def test_history_is_told_in_both_languages_in_the_agencys_words() -> None:
    for language, words in (("en", "28 Partnerships were created"), ("he", "נוצרו 28 שותפויות")):
        page = StandardPage.objects.get(slug="history", locale__language_code=language)
        assert words in str(page.body.get_prep_value())
    keys = StandardPage.objects.filter(slug="history").values_list("translation_key", flat=True)
    assert len(set(keys)) == 1


# Where it is -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_addresses_are_those_of_the_contract(client: Client, language: str) -> None:
    for path in (*INDEXES, *STANDARD):
        response = client.get(f"/{language}/{path}")
        assert response.status_code == 200, path
    for slug in ("partnerships/ashkelon-baltimore/", "communities/ashkelon/"):
        assert client.get(f"/{language}/{slug}").status_code == 200


def test_each_fact_has_one_live_page_a_language() -> None:
    for model, facts in ((PartnershipPage, Partnership), (CommunityPage, Community)):
        for fact in facts.objects.prefetch_related("pages__locale"):
            pages = {page.language: page for page in fact.pages.all()}
            assert set(pages) == set(LANGUAGES)
            assert {page.title for page in pages.values()} == set(fact.name.values())
            assert len({page.translation_key for page in pages.values()}) == 1
            assert all(page.live and page.live_revision_id for page in pages.values())
        assert not model.objects.filter(alias_of__isnull=False).exists()


def test_site_stands_at_base_url_and_wagtails_welcome_is_gone() -> None:
    site = Site.objects.get()
    assert (site.hostname, site.port) == ("testserver", 80)
    assert site.root_page.specific == HomePage.objects.get(locale=Locale.get_default())
    assert set(Page.objects.filter(depth=2).values_list("slug", flat=True)) == set(LANGUAGES)


def test_library_is_in_step_with_what_was_loaded() -> None:
    call_command("check_library")


def walk(pages: Any) -> None:
    """Get each page as a visitor without a cookie jar would."""
    for page in pages:
        response = Client().get(address(page))
        assert response.status_code == 200, page.url_path
        assert not response.cookies, page.url_path
        assert "Cookie" not in response.headers.get("Vary", ""), page.url_path


def test_a_page_of_each_type_answers_in_both_languages_without_a_cookie() -> None:
    seen: dict[tuple[str, str], Page] = {}
    for page in Page.objects.live().filter(depth__gt=1).select_related("locale"):
        seen.setdefault((page.specific_class.__name__, page.locale.language_code), page)
    assert len(seen) == 2 * 8
    walk(seen.values())


@pytest.mark.drills
def test_every_page_answers_in_both_languages_without_a_cookie() -> None:
    pages = Page.objects.live().filter(depth__gt=1)
    assert pages.count() == 2 * (1 + 4 + 6 + 42 + 172)
    walk(pages)


# The second time -------------------------------------------------------------------------------


def test_second_run_has_nothing_to_do() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not load_network()
    assert len(queries) <= 2


def counts() -> dict[str, int]:
    models = (Page, Community, Partnership, Membership, Concept, Figure, Site, Locale)
    return {model.__name__: model._default_manager.count() for model in models}


def test_loading_again_adds_and_changes_nothing() -> None:
    before = counts()
    said: list[str] = []
    assert load_network(said.append, again=True)
    assert counts() == before
    assert all(": 0 new, 0 changed" in line for line in said), said


def test_loading_again_keeps_what_people_changed() -> None:
    community = Community.objects.get(slug="akko")
    community.name = {"en": "Acre", "he": "עכו"}
    community.save()
    community.variants.filter(text="Akka").delete()
    community.variants.create(text="Ptolemais")
    history = StandardPage.objects.get(slug="history", locale__language_code="en")
    history.introduction = "In our own words."
    history.save_revision().publish()
    StandardPage.objects.get(slug="privacy", locale__language_code="en").delete()
    CommunityPage.objects.get(community__slug="tulsa", locale__language_code="he").delete()
    CommunityPage.objects.get(community__slug="tulsa", locale__language_code="en").delete()
    membership("sovev-kinneret", "tulsa").delete()
    Figure.objects.filter(key="communities").update(value=451)

    load_network(again=True)

    community.refresh_from_db()
    assert community.name["en"] == "Acre"
    names = set(community.variants.values_list("text", flat=True))
    assert "Ptolemais" in names
    assert "Akka" not in names
    assert "Acre" in names
    history.refresh_from_db()
    assert history.introduction == "In our own words."
    assert not StandardPage.objects.filter(slug="privacy", locale__language_code="en").exists()
    assert not CommunityPage.objects.filter(community__slug="tulsa").exists()
    assert not Membership.objects.filter(community__slug="tulsa").exists()
    assert Figure.objects.get(key="communities").value == 451


def test_partnership_deleted_by_staff_does_not_come_back() -> None:
    gone = partnership("jerusalem-new-york")
    PartnershipPage.objects.filter(partnership=gone).delete()
    gone.delete()
    load_network(again=True)
    assert not Partnership.objects.filter(slug="jerusalem-new-york").exists()
    assert not PartnershipPage.objects.filter(slug="jerusalem-new-york").exists()


def test_what_nobody_changed_follows_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = network.network_rows.read_network()
    rows.communities["akko"]["latitude"] = 32.9
    rows.communities["akko"]["variants"] = [{"text": "Accho", "kind": "spelling"}]
    rows.partnerships["netanya-cincinnati"]["name"] = {"en": "Netanya & Cincinnati", "he": "נתניה"}
    monkeypatch.setattr(network.network_rows, "read_network", lambda: rows)
    entries = network.read_pages()
    for entry in entries:
        if entry.reference == "en/history":
            entry.text["introduction"] = "Corrected."
    monkeypatch.setattr(network, "read_pages", lambda: entries)

    load_network(again=True)

    community = Community.objects.get(slug="akko")
    assert community.latitude == 32.9
    assert [variant.text for variant in community.variants.all()] == ["Accho"]
    page = StandardPage.objects.get(slug="history", locale__language_code="en")
    assert page.introduction == "Corrected."
    assert page.live_revision_id == page.latest_revision_id
    titles = PartnershipPage.objects.filter(partnership__slug="netanya-cincinnati")
    assert set(titles.values_list("title", flat=True)) == {"Netanya & Cincinnati", "נתניה"}
