"""Stories from a table: what a row becomes, what a second import changes, what is refused."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from wagtail.models import Page, PageLogEntry

from partnerships.models import CommunityVariant, Partnership, PartnershipPage, PartnershipVariant
from portal.importing.importer import run_import
from portal.importing.report import Report
from portal.models import WriteBatch
from stories.importers import StoryImporter
from stories.models import ChallengePage, PracticeFacts, PracticePage, StoryPage
from tests import factories

pytestmark = pytest.mark.django_db

ROW = {
    "reference": "s1",
    "partnership": "karmiel-pittsburgh",
    "type": "success",
    "language": "en",
    "title": "The soup",
    "summary": "Two kitchens, one recipe.",
    "body": "We cooked.\n\nThen we ate.",
}
#: The twelve fields, in the flat form of docs/import.md.
TWELVE = {
    "problem": "The classes met once and forgot each other.",
    "audience": "sixth classes",
    "age_from": "11",
    "age_to": "12",
    "steps": "T-8 | both | Choose a recipe | Each class sends three.\nT | israel | Cook",
    "roles": "israel | teacher | 1 | 20 | no | can cook\ndiaspora | parent | 3 | 4 | yes",
    "costs": "materials | vegetables | israel | 120 | ILS | 2024\n"
    "travel || diaspora | 2400.50 | usd | 2024 | no | yes",
    "lead_time_weeks": "8",
    "duration_days": "1",
    "results": "pupils who still write | 2 of 30 | 17 of 30 | counted by the teachers | 30 | 2024",
    "difficulties": "Time zones | One class came early.",
    "must_keep": "Both cook at the same hour.",
    "may_change": "The recipe.",
    "safeguarding": "Parents agree in writing.",
    "resources": "Letter to parents | https://example.org/letter | en\nRecipe | from the contact",
    "contact_role": "coordinator of school twinning",
}


@pytest.fixture
def partnership() -> Partnership:
    """A Partnership with a page in both languages, a community on each side and variants."""
    made = factories.PartnershipFactory(
        slug="karmiel-pittsburgh",
        reference="karmiel-pittsburgh",
        name={"en": "Karmiel-Misgav – Pittsburgh", "he": "כרמיאל-משגב – פיטסבורג"},
    )
    PartnershipVariant.objects.create(partnership=made, text="Carmiel Pittsburgh")
    karmiel = factories.CommunityFactory(
        country_code="IL", slug="karmiel", name={"en": "Karmiel", "he": "כרמיאל"}
    )
    pittsburgh = factories.CommunityFactory(
        country_code="US", slug="pittsburgh", name={"en": "Pittsburgh", "he": "פיטסבורג"}
    )
    CommunityVariant.objects.create(community=karmiel, text="Carmiel")
    factories.MembershipFactory(partnership=made, community=karmiel)
    factories.MembershipFactory(partnership=made, community=pittsburgh)
    factories.page_of(made, "en")
    factories.page_of(made, "he")
    return made


@pytest.fixture
def load(tmp_path: Path, partnership: Partnership) -> Any:
    """Return a function that imports rows; each is `ROW` with changes."""

    def run(*changes: dict[str, str], publish: bool = True, **options: Any) -> Report:
        rows = [{**ROW, **change} for change in changes]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / "stories.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return run_import(StoryImporter(publish=publish), path, **options)

    return run


def counts(report: Report) -> tuple[str, int, int, int]:
    assert report.errors == [], report.errors
    return report.status, report.created, report.updated, report.unchanged


def refusals(report: Report) -> list[tuple[int | None, str | None, str]]:
    assert report.status == "refused"
    assert (report.created, report.updated, report.unchanged) == (0, 0, 0)
    return [(problem.row, problem.column, problem.reason) for problem in report.errors]


# What a row becomes --------------------------------------------------------------------------


def test_seven_columns_make_a_published_story_under_its_partnership(
    load: Any, partnership: Partnership
) -> None:
    assert counts(load({})) == ("done", 1, 0, 0)
    page = StoryPage.objects.get(reference="s1")
    assert page.live
    assert not page.has_unpublished_changes
    assert page.partnership == partnership
    assert page.slug == "the-soup"
    assert page.original_language == "en"
    assert [(block.block_type, str(block.value)) for block in page.body] == [
        ("paragraph", "<p>We cooked.</p><p>Then we ate.</p>")
    ]
    assert Page.find_problems() == ([], [], [], [], [])


def test_without_publish_it_is_a_draft(load: Any) -> None:
    assert counts(load({}, publish=False)) == ("done", 1, 0, 0)
    page = StoryPage.objects.get(reference="s1")
    assert not page.live
    assert page.first_published_at is None
    assert page.get_latest_revision_as_object().title == "The soup"


def test_a_dry_run_counts_and_writes_nothing(load: Any) -> None:
    before = Page.objects.count()
    assert counts(load({}, {"reference": "s2"}, dry_run=True)) == ("dry-run", 2, 0, 0)
    assert Page.objects.count() == before
    assert not PageLogEntry.objects.filter(action="portal.import").exists()


def test_hebrew_rows_stand_in_the_hebrew_tree(load: Any) -> None:
    row = {"language": "עברית", "title": "המרק", "summary": "שני מטבחים.", "body": "בישלנו."}
    assert counts(load(row)) == ("done", 1, 0, 0)
    page = StoryPage.objects.get(reference="s1")
    assert page.language == "he"
    assert page.original_language == "he"
    assert page.slug == "המרק"


def test_all_columns_of_a_story_are_kept(load: Any, partnership: Partnership) -> None:
    topic = factories.ConceptFactory(key="cooking", label={"en": "Cooking together", "he": "בישול"})
    audience = factories.ConceptFactory(key="teens", kind="audience")
    program = factories.ProgramFactory(partnership=partnership, reference="kefiada")
    row = {
        "concepts": "בישול; teens;Cooking together",
        "tags": "soup; winter",
        "date": "2023-12-24",
        "told_by": "diaspora",
        "program": "Kefiada",
        "provenance_note": "newsletter of 2023",
    }
    assert counts(load(row)) == ("done", 1, 0, 0)
    page = StoryPage.objects.get(reference="s1")
    assert set(page.concepts.all()) == {topic, audience}
    assert set(page.tags.names()) == {"soup", "winter"}
    assert str(page.happened_on) == "2023-12-24"
    assert (page.told_by, page.program) == ("diaspora", program)
    assert page.provenance_note == "newsletter of 2023"


def test_a_practice_with_its_twelve_fields_is_one(load: Any, partnership: Partnership) -> None:
    report = load({"type": "practice", **TWELVE})
    assert counts(report) == ("done", 1, 0, 0)
    assert report.warnings == []
    page = PracticePage.objects.get(reference="s1")
    assert page.live
    assert page.own_publication_problems() == []
    first, second = (step.value for step in page.steps)
    assert (first["weeks_before"], first["side"], first["title"]) == (8, "both", "Choose a recipe")
    assert str(first["text"]) == "<p>Each class sends three.</p>"
    assert (second["weeks_before"], second["side"]) == (0, "israel")
    assert [role.value["is_volunteer"] for role in page.roles] == [False, True]
    assert [line.value["is_each_run"] for line in page.costs] == [True, False]
    assert [line.value["is_in_kind"] for line in page.costs] == [False, True]
    link, note = (resource.value for resource in page.resources)
    assert (link["address"], note["note"]) == ("https://example.org/letter", "from the contact")
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert facts.partnership == partnership
    assert (facts.age_from, facts.lead_time_weeks, facts.accepted_at) == (11, 8, None)
    assert [str(cost.amount) for cost in facts.costs.all()] == ["120.00", "2400.50"]


def test_a_practice_without_them_comes_in_as_a_story_with_a_warning(load: Any) -> None:
    row = {"type": "practice", **TWELVE, "costs": "", "may_change": ""}
    report = load(row)
    assert counts(report) == ("done", 1, 0, 0)
    [warning] = report.warnings
    assert (warning.row, warning.column) == (2, "type")
    assert "Columns: costs, must_keep." in warning.reason
    page = StoryPage.objects.get(reference="s1")
    assert page.live
    words = page.library_text()
    for kept in ("The problem", "forgot each other", "Choose a recipe", "One class came early"):
        assert kept in words
    assert not PracticePage.objects.exists()


def test_strict_refuses_what_would_be_a_warning(load: Any) -> None:
    [(row, column, reason)] = refusals(load({"type": "practice"}, strict=True))
    assert (row, column) == (2, "type")
    assert "what it costs" in reason
    assert not StoryPage.objects.exists()


def test_a_challenge_takes_its_problem_from_the_text(load: Any) -> None:
    row = {"type": "challenge", "budget_amount": "500", "budget_currency": "eur"}
    assert counts(load(row)) == ("done", 1, 0, 0)
    page = ChallengePage.objects.get(reference="s1")
    assert page.problem == "<p>We cooked.</p><p>Then we ate.</p>"
    assert (str(page.budget_amount), page.budget_currency) == ("500.00", "EUR")
    assert len(page.body) == 0


def test_html_is_shown_as_written_never_trusted(load: Any) -> None:
    report = load({"body": "<script>alert(1)</script>", "title": "Tom & <b>Jerry</b>"})
    assert {warning.column for warning in report.warnings} == {"body", "title"}
    page = StoryPage.objects.get(reference="s1")
    assert page.title == "Tom & <b>Jerry</b>"
    assert str(page.body[0].value) == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


@pytest.mark.parametrize(
    "name",
    [
        "karmiel-pittsburgh",
        "Karmiel-Misgav – Pittsburgh",
        "KARMIEL MISGAV / PITTSBURGH",
        "כרמיאל-משגב - פיטסבורג",
        "Carmiel Pittsburgh",
        "Carmiel – פיטסבורג",
        "Pittsburgh",
        "P2G Karmiel and Pittsburgh",
    ],
)
def test_a_partnership_is_found_in_any_spelling(
    name: str, load: Any, partnership: Partnership
) -> None:
    factories.page_of(factories.PartnershipFactory(with_members=True))
    assert counts(load({"partnership": name})) == ("done", 1, 0, 0)
    assert StoryPage.objects.get(reference="s1").partnership == partnership


def test_the_library_holds_what_was_published(load: Any) -> None:
    from search.models import LibraryEntry

    load({}, {"reference": "s2", "title": "Unheard"})
    rows = LibraryEntry.objects.filter(reference__in=["s1", "s2"])
    assert set(rows.values_list("reference", "type", "language", "page__live")) == {
        ("s1", "success", "en", True),
        ("s2", "success", "en", True),
    }


def test_a_workbook_is_imported_like_a_csv(partnership: Partnership, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*ROW, "Date", "Tags"])
    sheet.append([*ROW.values(), datetime.date(2023, 12, 24), "חורף"])
    book.save(tmp_path / "stories.xlsx")
    report = run_import(StoryImporter(publish=True), tmp_path / "stories.xlsx")
    assert counts(report) == ("done", 1, 0, 0)
    page = StoryPage.objects.get(reference="s1")
    assert page.happened_on == datetime.date(2023, 12, 24)
    assert list(page.tags.names()) == ["חורף"]


def test_an_import_without_a_change_leaves_no_batch(load: Any) -> None:
    load({})
    batches = WriteBatch.objects.count()
    assert counts(load({})) == ("done", 0, 0, 1)
    assert WriteBatch.objects.count() == batches


# Translations --------------------------------------------------------------------------------


def test_translations_are_one_thing_in_either_order(load: Any) -> None:
    hebrew = {"reference": "s1-he", "language": "he", "title": "המרק", "translation_of": "s1"}
    assert counts(load(hebrew, {})) == ("done", 2, 0, 0)
    original = StoryPage.objects.get(reference="s1")
    translated = StoryPage.objects.get(reference="s1-he")
    assert translated.translation_key == original.translation_key
    assert (original.is_translation, translated.is_translation) == (False, True)


def test_a_page_of_an_earlier_import_can_be_translated(load: Any) -> None:
    load({})
    hebrew = {"reference": "s1-he", "language": "he", "title": "המרק", "translation_of": "s1"}
    assert counts(load(hebrew)) == ("done", 1, 0, 0)
    keys = set(StoryPage.objects.values_list("translation_key", flat=True))
    assert len(keys) == 1
    assert counts(load({}, hebrew)) == ("done", 0, 0, 2)


def test_a_translated_practice_needs_no_neutral_field(load: Any) -> None:
    neutral = ("costs", "lead_time_weeks", "duration_days", "age_from", "age_to")
    texts = {name: value for name, value in TWELVE.items() if name not in neutral}
    report = load(
        {"type": "practice", **TWELVE},
        {
            "type": "practice",
            **texts,
            "reference": "p-he",
            "language": "he",
            "translation_of": "s1",
        },
    )
    assert report.warnings == []
    assert counts(report) == ("done", 2, 0, 0)
    translated = PracticePage.objects.get(reference="p-he")
    assert translated.neutral.lead_time_weeks == 8
    translated.full_clean()


def test_practices_that_both_lack_fields_stay_translations_as_stories(load: Any) -> None:
    report = load(
        {"type": "practice"},
        {"type": "practice", "reference": "p-he", "language": "he", "translation_of": "s1"},
    )
    assert counts(report) == ("done", 2, 0, 0)
    assert len(set(StoryPage.objects.values_list("translation_key", flat=True))) == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"translation_of": "nowhere"}], "neither in this file nor in the portal"),
        ([{"translation_of": "s1", "language": "he"}], "in a ring"),
        ([{}, {"reference": "b", "translation_of": "s1"}], "in the same language"),
        (
            [{}, {"reference": "b", "translation_of": "s1", "language": "he", "type": "challenge"}],
            "of another type",
        ),
        (
            [
                {},
                {"reference": "b", "translation_of": "s1", "language": "he"},
                {"reference": "c", "translation_of": "s1", "language": "he"},
            ],
            "Row 3 translates it into this language",
        ),
    ],
)
def test_wrong_translations_are_refused(rows: list[Any], reason: str, load: Any) -> None:
    found = refusals(load(*rows))
    assert found[0][1] == "translation_of"
    assert reason in found[0][2]


# A second import -----------------------------------------------------------------------------


def test_a_second_import_changes_only_rows_that_changed(load: Any) -> None:
    rows = [{"reference": f"s{n}", "title": f"Story {n}"} for n in range(5)]
    assert counts(load(*rows)) == ("done", 5, 0, 0)
    assert counts(load(*rows)) == ("done", 0, 0, 5)
    revisions = StoryPage.objects.get(reference="s1").revisions.count()
    rows[2] |= {"title": "Changed", "summary": "New words."}
    assert counts(load(*rows, dry_run=True)) == ("dry-run", 0, 1, 4)
    assert counts(load(*rows)) == ("done", 0, 1, 4)
    page = StoryPage.objects.get(reference="s2")
    assert (page.title, page.draft_title, page.summary) == ("Changed", "Changed", "New words.")
    assert page.slug == "story-2"
    assert page.live
    assert not page.has_unpublished_changes
    assert page.live_revision == page.latest_revision
    assert page.latest_revision.content["title"] == "Changed"
    assert page.revisions.count() == 2
    assert StoryPage.objects.get(reference="s1").revisions.count() == revisions
    assert not WriteBatch.objects.exclude(state="done").exists()


def test_a_changed_row_is_found_by_its_new_words(load: Any) -> None:
    from search.models import LibraryEntry

    load({})
    load({"title": "Kreplach"})
    entry = LibraryEntry.objects.get(reference="s1")
    assert entry.title == "Kreplach"
    assert entry.version == entry.built_version


def test_concepts_tags_and_facts_follow_a_second_import(load: Any) -> None:
    first, second = (factories.ConceptFactory(key=key) for key in ("first", "second"))
    row = {"type": "practice", **TWELVE, "concepts": "first", "tags": "a;b"}
    load(row)
    changed = {**row, "concepts": "second", "tags": "B; c", "lead_time_weeks": "9"}
    assert counts(load(changed)) == ("done", 0, 1, 0)
    page = PracticePage.objects.get(reference="s1")
    assert set(page.concepts.all()) == {second}
    assert set(page.tags.names()) == {"b", "c"}
    assert page.lead_time_weeks == 9
    assert PracticeFacts.objects.get(pk=page.translation_key).lead_time_weeks == 9
    assert page.get_latest_revision_as_object().lead_time_weeks == 9
    assert set(page.get_latest_revision_as_object().tags.names()) == {"b", "c"}
    assert counts(load(changed)) == ("done", 0, 0, 1)
    assert first not in page.concepts.all()


def test_columns_that_the_file_lacks_keep_what_the_page_has(load: Any) -> None:
    load({"date": "2023-12-24", "tags": "soup"})
    assert counts(load({"title": "Other"})) == ("done", 0, 1, 0)
    page = StoryPage.objects.get(reference="s1")
    assert str(page.happened_on) == "2023-12-24"
    assert set(page.tags.names()) == {"soup"}
    assert counts(load({"title": "Other", "date": "", "tags": ""})) == ("done", 0, 1, 0)
    page.refresh_from_db()
    assert page.happened_on is None


def test_an_editors_words_stay_when_the_file_did_not_change_them(load: Any) -> None:
    load({})
    page = StoryPage.objects.get(reference="s1")
    page.title = "The editor's title"
    page.save_revision().publish()
    assert counts(load({})) == ("done", 0, 0, 1)
    report = load({"summary": "New summary."})
    assert counts(report) == ("done", 0, 1, 0)
    assert report.warnings == []
    page.refresh_from_db()
    assert (page.title, page.summary) == ("The editor's title", "New summary.")


def test_both_changed_the_same_field_the_file_wins_and_says_so(load: Any) -> None:
    load({})
    page = StoryPage.objects.get(reference="s1")
    page.title = "The editor's title"
    page.save_revision().publish()
    row = {"title": "The file's new title"}
    assert refusals(load(row, strict=True))[0][1] == "title"
    report = load(row)
    assert counts(report) == ("done", 0, 1, 0)
    assert [(warning.row, warning.column) for warning in report.warnings] == [(2, "title")]
    page.refresh_from_db()
    assert page.title == "The file's new title"


def test_a_waiting_draft_is_never_published_by_an_import(load: Any) -> None:
    load({})
    page = StoryPage.objects.get(reference="s1")
    page.summary = "Half a sent"
    page.save_revision()
    report = load({"title": "Changed"})
    assert counts(report) == ("done", 0, 1, 0)
    assert "not published" in report.warnings[0].reason
    page.refresh_from_db()
    assert (page.live, page.title, page.summary) == (True, "The soup", ROW["summary"])
    draft = page.get_latest_revision_as_object()
    assert (draft.title, draft.summary) == ("Changed", "Half a sent")
    assert page.has_unpublished_changes


def test_without_publish_changes_of_a_live_page_wait_in_its_draft(load: Any) -> None:
    load({})
    assert counts(load({"title": "Changed"}, publish=False)) == ("done", 0, 1, 0)
    page = StoryPage.objects.get(reference="s1")
    assert (page.title, page.draft_title) == ("The soup", "Changed")
    assert page.live
    assert page.has_unpublished_changes


def test_drafts_of_an_import_are_published_by_the_same_file_with_publish(load: Any) -> None:
    load({"concepts": "", "tags": "a"}, publish=False)
    load({"concepts": "", "tags": "b", "title": "Better"}, publish=False)
    assert counts(load({"concepts": "", "tags": "b", "title": "Better"})) == ("done", 0, 1, 0)
    page = StoryPage.objects.get(reference="s1")
    assert page.live
    assert page.title == "Better"
    assert page.first_published_at
    assert set(page.tags.names()) == {"b"}


def test_a_page_that_was_taken_down_stays_down(load: Any) -> None:
    load({})
    StoryPage.objects.get(reference="s1").unpublish()
    report = load({"title": "Changed"})
    assert counts(report) == ("done", 0, 1, 0)
    assert "taken down" in report.warnings[0].reason
    assert not StoryPage.objects.get(reference="s1").live


def test_each_page_is_logged_as_imported_by_network_staff(load: Any) -> None:
    load({})
    report = load({"title": "Changed"})
    page = StoryPage.objects.get(reference="s1")
    entries = PageLogEntry.objects.filter(page=page.pk, action="portal.import").order_by("pk")
    assert [entry.revision_id for entry in entries] == list(
        page.revisions.order_by("pk").values_list("pk", flat=True)
    )
    data = {"batch": report.batch}
    assert entries[1].data == data | {
        "file": "stories.csv",
        "kind": "stories",
        "as": "network_staff",
        "row": 2,
        "reference": "s1",
    }
    assert entries[1].message == "Imported from “stories.csv”, row 2, as network staff"


# What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"partnership": "Carmel - Pitsburg"}, "partnership", "Did you mean: Carmiel Pittsburgh"),
        ({"partnership": "Atlantis"}, "partnership", "“Atlantis” is not known."),
        ({"partnership": "Twice"}, "partnership", "can be several: "),
        ({"type": "poem"}, "type", "none of: practice, challenge, success"),
        ({"language": "fr"}, "language", "no language of the portal: en, he"),
        ({"title": ""}, "title", "The cell is empty."),
        ({"title": "x" * 256}, "title", "At most 255 characters"),
        ({"summary": "x" * 201}, "summary", "these are 201"),
        ({"body": ""}, "body", "The cell is empty."),
        ({"concepts": "cooking; Sooth"}, "concepts", "“Sooth” is not known. Did you mean: soothe"),
        ({"program": "Nothing like it"}, "program", "is not known"),
        ({"date": "yesterday"}, "date", "not a date"),
        ({"type": "practice", **TWELVE, "title": "x" * 101}, "title", "at most 100 characters"),
        ({"type": "practice", **TWELVE, "age_to": "5"}, "age_to", "below “age from”"),
        ({"type": "practice", **TWELVE, "steps": "soon | both | x"}, "steps", "Line 1: when:"),
        (
            {"type": "practice", **TWELVE, "costs": "gold||x|1|ILS|2024"},
            "costs",
            "category: “gold”",
        ),
        (
            {"type": "practice", **TWELVE, "costs": "food||israel|1|XXX|2024"},
            "costs",
            "currency: “XXX” is none of",
        ),
    ],
)
def test_wrong_cells_are_refused_with_reason(
    change: dict[str, str], column: str, reason: str, load: Any
) -> None:
    factories.ConceptFactory(key="cooking")
    factories.ConceptFactory(key="soothe")
    for name in ("Twice here", "Twice there"):
        factories.page_of(
            factories.PartnershipFactory(name={"en": name}, region_name={"en": "Twice"})
        )
    found = refusals(load({"reference": "good"}, change))
    assert [(row, name) for row, name, _reason in found] == [(3, column)]
    assert reason in found[0][2]
    assert not StoryPage.objects.exists()


def test_a_partnership_without_a_page_in_the_language_is_told(load: Any) -> None:
    made = factories.page_of(factories.PartnershipFactory(name={"en": "Only English"}), "en")
    PartnershipPage.objects.filter(partnership=made.partnership).exclude(pk=made.pk).delete()
    found = refusals(load({"partnership": "Only English", "language": "he"}))
    assert found[0][1] == "language"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"language": "he"}, "reference"),
        ({"partnership": "elsewhere"}, "partnership"),
        ({"type": "challenge"}, "type"),
    ],
)
def test_a_page_keeps_its_language_partnership_and_type(
    change: dict[str, str], column: str, load: Any
) -> None:
    factories.page_of(factories.PartnershipFactory(slug="elsewhere"))
    load({})
    assert [found[1] for found in refusals(load(change))] == [column]


def test_a_locked_page_is_not_touched(load: Any) -> None:
    load({})
    StoryPage.objects.filter(reference="s1").update(locked=True)
    assert "locked" in refusals(load({"title": "Changed"}))[0][2]


def test_an_exception_while_writing_leaves_nothing(
    load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    load({"reference": "there"})
    before = (Page.objects.count(), PageLogEntry.objects.count())

    def broken(*args: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr("portal.importing.batches.finish", broken)
    monkeypatch.setattr("portal.importing.batches.show", broken)
    with pytest.raises(OSError, match="disk"):
        load({"reference": "there", "title": "Changed"}, {"reference": "new"})
    assert (Page.objects.count(), PageLogEntry.objects.count()) == before
    assert StoryPage.objects.get(reference="there").title == "The soup"
    assert not WriteBatch.objects.exclude(state="done").exists()


def test_a_wide_file_of_good_and_bad_rows_writes_nothing(load: Any) -> None:
    rows = [{"reference": f"r{n}"} for n in range(450)]
    rows[440] |= {"summary": ""}
    assert [found[:2] for found in refusals(load(*rows))] == [(442, "summary")]
    assert not StoryPage.objects.exists()


def test_the_report_is_json(load: Any) -> None:
    report = load({"type": "practice"}, {"reference": "s2"})
    told = json.loads(json.dumps(report.as_json()))
    assert (told["status"], told["created"], told["rows"]) == ("done", 2, 2)
    assert told["warnings"][0]["row"] == 2
    assert told["warnings"][0]["column"] == "type"
    assert told["errors"] == []
    assert told["seconds"] >= 0
