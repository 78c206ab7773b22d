"""The demonstration: refused when faulty, marked wherever it shows, gone by one command."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page

from home.services.covers import TOPICS, draw_cover
from home.services.demo.files import NOTE
from home.services.demo.load import DemoReport, load_demo
from home.services.demo.pictures import VARIANTS
from home.services.demo.reading import DemoRefused, read_demo
from home.services.network import load_network
from partnerships.enums import WayKind
from partnerships.models import (
    BudgetShare,
    CommunityPage,
    Figure,
    Partnership,
    PartnershipPage,
    Program,
    SchoolTwin,
    WayToTakePart,
)
from portal.models import PortalDocument, PortalImage, PortalPage
from search.models import DocumentState, DocumentText
from search.query import LibraryQuery
from search.services.documents import read_document
from search.services.library import find
from search.services.refresh import refresh_stale
from stories.models import (
    Adoption,
    ChallengePage,
    EarlierRun,
    LineageEntry,
    Outcome,
    PracticeFacts,
    PracticePage,
    ResourcePage,
    StoryPage,
)
from stories.services.reviews import practices_to_review
from tests.databases import SuiteDatabase

LIBRARY_PAGES = (PracticePage, ChallengePage, StoryPage, ResourcePage)


class TestFiles:
    """What the reader refuses; each fault is named with its file and entry."""

    ENTRY = """
- reference: demo-x
  partnership: {partnership}
  language: {language}
  concepts: [{concept}]
  text: {{en: {{title: "{title}", summary: {summary}}}}}
"""
    GOOD: dict[str, str] = {
        "partnership": "a-b",
        "language": "en",
        "concept": "teens",
        "title": "A title",
        "summary": "Short.",
    }

    def problems(self, folder: Path, text: str) -> list[str]:
        (folder / "stories").mkdir(exist_ok=True)
        (folder / "stories" / "x.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(DemoRefused) as refused:
            read_demo(folder, partnerships={"a-b"}, concepts={"teens"})
        return refused.value.problems

    @pytest.mark.parametrize(
        ("fault", "named"),
        [
            ({"partnership": "nowhere"}, "no Partnership 'nowhere'"),
            ({"concept": "nothing"}, "no concept 'nothing'"),
            ({"language": "he"}, "no text in the language first told"),
            ({"title": "x" * 101}, "title over 100 characters"),
            ({"summary": "x" * 201}, "summary over 200 characters"),
        ],
    )
    def test_a_fault_is_named_with_its_entry(
        self, tmp_path: Path, fault: dict[str, str], named: str
    ) -> None:
        [problem] = self.problems(tmp_path, self.ENTRY.format(**{**self.GOOD, **fault}))
        assert problem.startswith("x.yaml, demo-x")
        assert named in problem

    def test_a_reference_given_twice_is_refused(self, tmp_path: Path) -> None:
        entry = self.ENTRY.format(**self.GOOD)
        assert "given twice" in self.problems(tmp_path, entry + entry)[0]

    def test_what_is_no_yaml_is_refused(self, tmp_path: Path) -> None:
        assert "not readable as YAML" in self.problems(tmp_path, "- [")[0]


def test_a_cover_is_the_same_each_time_it_is_drawn() -> None:
    topic = TOPICS[0]
    assert draw_cover(topic, 1) == draw_cover(topic, 1)
    assert draw_cover(topic, 1) != draw_cover(topic, 2)
    assert len({draw_cover(topic, 1, view) for view in range(VARIANTS)}) == VARIANTS


@pytest.fixture(scope="class")
def loaded(django_db_setup: SuiteDatabase, django_db_blocker: Any) -> Iterator[None]:
    """Load network and demonstration once; each test is rolled back to them."""
    with django_db_blocker.unblock():
        load_network(lambda text: None)
        load_demo()
        yield
        django_db_setup.restore()


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
class TestNetwork:
    """The real files on the real network."""

    def test_it_is_as_large_as_it_should_be(self) -> None:
        told = {
            key for model in LIBRARY_PAGES for key in model.objects.values_list("translation_key")
        }
        assert len(told) >= 60 + 9
        assert ResourcePage.objects.values("translation_key").distinct().count() >= 12
        assert Program.objects.filter(is_demo=True).count() >= 40
        hosts = WayToTakePart.objects.filter(kind=WayKind.HOST)
        assert hosts.count() >= 10
        assert hosts.count() - hosts.open_on().count() >= 3

    def test_neighbours_show_different_pictures(self) -> None:
        def topic(image: Any) -> str:
            return str(image.title.rsplit(" ", 1)[0])

        told = [page for model in (StoryPage, PracticePage) for page in model.objects.all()]
        of_partnership: dict[Any, dict[Any, Any]] = {}
        for page in told:
            if page.hero_image:
                shown = of_partnership.setdefault(page.partnership, {})
                assert shown.setdefault(page.translation_key, page.hero_image) == page.hero_image
        for shown in of_partnership.values():
            assert len({topic(image) for image in shown.values()}) == len(shown)
        newest = StoryPage.objects.filter(locale__language_code="en", hero_image__isnull=False)
        topics = [topic(page.hero_image) for page in newest.order_by("first_published_at")]
        assert len(topics) > 20
        assert sum(one == two for one, two in itertools.pairwise(topics)) == 0

    def test_a_third_is_told_in_hebrew_too_and_some_in_hebrew_first(self) -> None:
        keys: dict[str, set[Any]] = {"en": set(), "he": set()}
        first: dict[Any, str] = {}
        for model in LIBRARY_PAGES:
            for page in model.objects.select_related("locale"):
                keys[page.language].add(page.translation_key)
                first[page.translation_key] = page.original_language
        assert len(keys["he"]) * 3 >= len(keys["en"] | keys["he"])
        assert list(first.values()).count("he") >= 6

    def test_files_of_resources_are_found_by_what_they_say(self) -> None:
        documents = PortalDocument.objects.filter(is_demo=True)
        kinds = {document.filename.rsplit(".", 1)[1] for document in documents}
        assert kinds == {"xlsx", "docx", "pdf"}
        for document in documents:
            assert read_document(document.pk) == DocumentState.READ
            assert NOTE in DocumentText.objects.get(document=document).text
        refresh_stale()
        for text, name in (
            ("kefiada budget", "budget"),
            ("shinshinim host family handbook", "host-family-handbook"),
            ("survey living bridge impact", "living-bridge-survey"),
            ("turmeric for saffron", "recipe-cards"),  # a PDF that a practice holds
            ("אגוזים שומשום כשרות", "recipe-cards"),
        ):
            hits = find(LibraryQuery(text=text, lang="en", page_size=3, with_facets=False)).hits
            found = [one.name for hit in hits for one in hit.documents]
            assert any(each.startswith(name) for each in found), (text, found)

    def test_a_practice_that_others_evaluated_waits_for_the_review(self) -> None:
        facts = practices_to_review().get()
        assert facts.external_evaluator
        pages = PracticePage.objects.filter(translation_key=facts.pk)
        assert {page.language for page in pages} == {"en", "he"}
        for page in pages:
            [evaluation] = page.evidence
            assert evaluation.value["document"].language == page.language

    def test_every_practice_has_passed_the_gate_and_has_its_facts(self) -> None:
        practices = PracticePage.objects.filter(live=True)
        for page in practices:
            page.full_clean()
        keys = {page.translation_key for page in practices}
        assert keys == set(PracticeFacts.objects.values_list("pk", flat=True))
        assert PracticeFacts.objects.filter(outcome="failed").count() >= 2

    def test_each_page_is_marked_and_kept_from_search_engines(self, client: Client) -> None:
        for model in (PracticePage, ChallengePage, StoryPage, ResourcePage):
            page = model.objects.filter(is_demo=True).first()
            assert page is not None
            shown = client.get(page.get_url()).content.decode()
            assert "Demonstration" in shown or "הדגמה" in shown
            assert '<meta name="robots" content="noindex">' in shown

    def test_each_api_row_is_marked(self, client: Client) -> None:
        rows = client.get("/api/v1/search", {"type": "practice"}).json()["results"]
        assert rows
        assert all(row["demo"] is True for row in rows)
        query = {"type": "community", "page_size": "100"}
        rows = client.get("/api/v1/search", query).json()["results"]
        told = set(
            CommunityPage.objects.filter(text_is_demo=True, locale__language_code="en").values_list(
                "community__reference", flat=True
            )
        )
        rows = [row for row in rows if row["language"] == "en"]
        assert told & {row["reference"] for row in rows}
        assert all(row["demo"] is (row["reference"] in told) for row in rows)

    def test_a_second_run_adds_nothing_and_keeps_what_an_editor_changed(self) -> None:
        page = StoryPage.objects.filter(is_demo=True).first()
        assert page is not None
        page.title = "What the editor wrote"
        page.save_revision().publish()
        tie = PartnershipPage.objects.get(slug="modiin-rochester", locale__language_code="en")
        tie.summary, tie.text_is_demo = "What the co-chairs wrote", False
        tie.save_revision().publish()
        before = Page.objects.count()
        report = load_demo()
        assert report == DemoReport()
        assert Page.objects.count() == before
        assert StoryPage.objects.get(pk=page.pk).title == "What the editor wrote"
        tie.refresh_from_db()
        assert (tie.summary, tie.text_is_demo) == ("What the co-chairs wrote", False)

    def test_every_partnership_has_a_text_marked_as_ours(self, client: Client) -> None:
        pages = PartnershipPage.objects.filter(locale__language_code="en")
        assert pages.filter(text_is_demo=True).exclude(summary="").count() == pages.count() == 42
        hebrew = PartnershipPage.objects.filter(locale__language_code="he", text_is_demo=True)
        assert hebrew.count() >= 14
        assert CommunityPage.objects.filter(text_is_demo=True).exclude(body=[]).count() >= 60
        shown = client.get(hebrew[0].get_url()).content.decode()
        assert "demo-notice" in shown
        assert '<meta name="robots" content="noindex">' in shown

    def test_nothing_invented_is_in_the_sitemap(self, client: Client) -> None:
        listed = client.get("/sitemap.xml").content.decode()
        assert "/en/history/" in listed
        for path in ("/en/library/", "/en/programs/", "/modiin-rochester/", "/akko/"):
            assert f"{path}</loc>" not in listed

    def test_practices_travelled_and_evidence_says_so(self, client: Client) -> None:
        assert Adoption.objects.filter(is_demo=True).count() == 7
        assert EarlierRun.objects.filter(is_demo=True, kind="same_model").count() == 6
        merge = Adoption.objects.get(state="running", sources__sort_order=2)
        assert merge.sources.count() == 3
        worse = Outcome.objects.get(against_aim="worse")
        assert worse.answers.count() == 1
        shown = client.get(f"/en/travelled/{merge.pk}/").content.decode()
        assert "Made from several" in shown
        assert '<meta name="robots" content="noindex">' in shown
        while refresh_stale():
            pass
        rows = client.get("/api/v1/search", {"type": "practice", "evidence": "repeated"}).json()
        assert rows["total"] >= 4

    def test_one_command_takes_it_all_away_and_leaves_the_facts(self) -> None:
        partnerships = Partnership.objects.count()
        homes = PartnershipPage.objects.count()
        places = CommunityPage.objects.count()
        figures = Figure.objects.filter(partnership=None).count()
        call_command("remove_demo", verbosity=0)
        assert Partnership.objects.count() == partnerships
        assert PartnershipPage.objects.live().count() == homes
        assert CommunityPage.objects.live().count() == places
        assert all(page.is_unwritten for page in PartnershipPage.objects.all())
        assert Figure.objects.count() == figures
        assert not BudgetShare.objects.exists()
        assert not SchoolTwin.objects.exists()
        assert not Program.objects.filter(is_demo=True).exists()
        assert not PortalImage.objects.filter(is_demo=True).exists()
        assert not PracticeFacts.objects.filter(is_demo=True).exists()
        left = [
            page
            for model in PortalPage.__subclasses__()
            if not model._meta.abstract
            for page in model.objects.filter(is_demo=True)
        ]
        assert left == []
        for model in (Adoption, LineageEntry, EarlierRun, Outcome):
            assert not model.objects.exists()
