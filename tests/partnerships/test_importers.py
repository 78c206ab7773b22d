"""Facts from a table: communities, Partnerships with members, programs with ways to take part."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from wagtail.models import ModelLogEntry, Page

from partnerships.importers import CommunityImporter, PartnershipImporter, ProgramImporter
from partnerships.models import (
    Community,
    CommunityPage,
    CommunityVariant,
    Partnership,
    PartnershipPage,
    Program,
    ProgramPage,
)
from partnerships.public import PublicScope
from portal.importing.importer import Importer, run_import
from portal.importing.report import Report
from portal.models import WriteBatch
from portal.services.language_tree import language_tree_problems
from tests import factories

pytestmark = pytest.mark.django_db

IMPORTERS: dict[str, type[Importer]] = {
    "communities": CommunityImporter,
    "partnerships": PartnershipImporter,
    "programs": ProgramImporter,
}
AKKO = {
    "reference": "akko",
    "name_en": "Akko",
    "name_he": "עכו",
    "variants": "Acre; Acco;עכו",
    "country": "ישראל",
    "lat": "32.93",
    "lon": "35.08",
    "sources": "https://example.org/a; a letter of 1995",
}
DALLAS = {
    "reference": "dallas",
    "name_en": "Dallas",
    "country_code": "us",
    "time_zone": "America/Chicago",
    "federation_en": "Jewish Federation of Greater Dallas",
}
TIE = {
    "reference": "akko-dallas",
    "name_en": "Akko – Dallas",
    "name_he": "עכו – דאלאס",
    "kind": "City to city",
    "since": "1997",
    "israel_places": "עכו",
    "diaspora_communities": "dallas",
    "status": "active",
    "variants": "Acre - Dallas",
}
KEFIADA = {
    "reference": "kefiada",
    "partnership": "Acre / Dallas",
    "name_en": "Kefiada",
    "name_he": "כפיידה",
    "summary_en": "English camp in the summer.",
    "type": "Summer camps",
    "direction": "to_israel",
    "age_from": "18",
    "age_to": "25",
    "participant_cost": "450",
    "currency": "USD",
    "ways": "travel | diaspora | Be a counsellor | להדריך | 18 | 25 | 2025-11-01 | 2026-02-01\n"
    "host | israel | Host a counsellor",
}


@pytest.fixture
def load(tmp_path: Path) -> Any:
    """Return a function that imports rows of a kind into a site with both languages."""
    factories.home_page("en")
    factories.home_page("he")
    for index in (factories.PartnershipIndexPageFactory, factories.CommunityIndexPageFactory):
        index()
    factories.PartnershipKindFactory()

    def run(kind: str, *rows: dict[str, str], publish: bool = True, **options: Any) -> Report:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / f"{kind}.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return run_import(IMPORTERS[kind](publish=publish), path, **options)

    return run


@pytest.fixture
def network(load: Any) -> Any:
    """Import two communities, their Partnership and a program; return the import function."""
    factories.ConceptFactory(
        key="summer_camp", kind="program_type", label={"en": "Summer camps", "he": "מחנות קיץ"}
    )
    for kind, rows in (
        ("communities", (AKKO, DALLAS)),
        ("partnerships", (TIE,)),
        ("programs", (KEFIADA,)),
    ):
        counts(load(kind, *rows))
    return load


def counts(report: Report) -> tuple[str, int, int, int]:
    assert report.errors == [], report.errors
    return report.status, report.created, report.updated, report.unchanged


def refusals(report: Report) -> list[tuple[int | None, str | None, str]]:
    assert report.status == "refused"
    return [(problem.row, problem.column, problem.reason) for problem in report.errors]


def test_communities_come_with_a_page_in_every_language(load: Any) -> None:
    assert counts(load("communities", AKKO, DALLAS)) == ("done", 2, 0, 0)
    akko = Community.objects.get(reference="akko")
    assert akko.name == {"en": "Akko", "he": "עכו"}
    assert (akko.country_code, akko.latitude, akko.time_zone) == ("IL", 32.93, "Asia/Jerusalem")
    assert akko.source_list == ["https://example.org/a", "a letter of 1995"]
    assert set(akko.variants.values_list("text", "language")) == {
        ("Acre", "en"),
        ("Acco", "en"),
        ("עכו", "he"),
    }
    pages = CommunityPage.objects.filter(community=akko).order_by("locale__language_code")
    assert [(page.language, page.title, page.live) for page in pages] == [
        ("en", "Akko", True),
        ("he", "עכו", True),
    ]
    assert len({page.translation_key for page in pages}) == 1
    assert Community.objects.get(reference="dallas").time_zone == "America/Chicago"
    assert language_tree_problems() == []
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_partnership_comes_with_members_on_both_sides(network: Any) -> None:
    tie = Partnership.objects.get(reference="akko-dallas")
    assert (tie.slug, tie.founded_year, tie.kind.key) == ("akko-dallas", 1997, "city_to_city")
    assert set(tie.memberships.values_list("side", "community__slug")) == {
        ("israel", "akko"),
        ("diaspora", "dallas"),
    }
    assert tie.collection is not None
    assert PartnershipPage.objects.filter(partnership=tie).live().count() == 2
    assert list(PublicScope.of().partnerships()) == [tie]


def test_a_program_comes_with_its_ways_and_pages(network: Any) -> None:
    program = Program.objects.get(reference="kefiada")
    assert program.partnership.slug == "akko-dallas"
    assert program.type and program.type.key == "summer_camp"
    assert (program.slug, str(program.participant_cost)) == ("kefiada", "450.00")
    travel, host = program.ways.all()
    assert travel.title == {"en": "Be a counsellor", "he": "להדריך"}
    assert travel.deadline == datetime.date(2026, 2, 1)
    assert (host.kind, host.side, host.age_from) == ("host", "israel", None)
    assert ProgramPage.objects.filter(program=program).live().count() == 2


@pytest.mark.parametrize(
    ("kind", "row"),
    [("communities", AKKO), ("partnerships", TIE), ("programs", KEFIADA)],
)
def test_the_same_file_again_changes_nothing(kind: str, row: dict[str, str], network: Any) -> None:
    before = ModelLogEntry.objects.count()
    assert counts(network(kind, row)) == ("done", 0, 0, 1)
    assert ModelLogEntry.objects.count() == before


def test_a_second_import_changes_what_the_file_changed(network: Any) -> None:
    assert counts(network("communities", {**AKKO, "name_en": "Acre", "lat": "32.9"}, DALLAS)) == (
        "done",
        0,
        1,
        1,
    )
    akko = Community.objects.get(reference="akko")
    assert (akko.name["en"], akko.name["he"], akko.latitude) == ("Acre", "עכו", 32.9)
    titles = CommunityPage.objects.filter(community=akko).values_list("title", flat=True)
    assert set(titles) == {"Acre", "עכו"}
    entry = ModelLogEntry.objects.filter(object_id=str(akko.pk), action="portal.import").first()
    assert entry is not None
    assert (entry.data["row"], entry.data["reference"]) == (2, "akko")
    assert "state" not in entry.data


def test_what_people_changed_stays_unless_the_file_changed_it_too(network: Any) -> None:
    dallas = Community.objects.get(reference="dallas")
    dallas.federation = {"en": "The people's own words"}
    dallas.save()
    CommunityVariant.objects.create(community=dallas, text="Big D")
    assert counts(network("communities", DALLAS)) == ("done", 0, 0, 1)
    report = network("communities", {**DALLAS, "federation_en": "Third", "variants": "Dalas"})
    assert counts(report) == ("done", 0, 1, 0)
    assert [warning.column for warning in report.warnings] == ["federation_en"]
    dallas = Community.objects.get(reference="dallas")
    assert dallas.federation["en"] == "Third"
    assert set(dallas.variants.values_list("text", flat=True)) == {"Big D", "Dalas"}


def test_a_file_that_met_its_facts_remembers_what_it_said(network: Any) -> None:
    Community.objects.filter(reference="akko").update(website="https://example.org/akko")
    row = {"reference": "akko", "website": "https://example.org/akko"}
    assert counts(network("communities", row)) == ("done", 0, 0, 1)
    Community.objects.filter(reference="akko").update(website="https://example.org/new")
    assert counts(network("communities", row)) == ("done", 0, 0, 1)
    assert Community.objects.get(reference="akko").website == "https://example.org/new"


def test_members_are_added_and_never_taken_away(network: Any) -> None:
    houston = {**DALLAS, "reference": "houston", "name_en": "Houston"}
    network("communities", houston)
    report = network("partnerships", {**TIE, "diaspora_communities": "Houston"})
    assert counts(report) == ("done", 0, 1, 0)
    assert [warning.column for warning in report.warnings] == ["diaspora_communities"]
    tie = Partnership.objects.get(reference="akko-dallas")
    slugs = set(tie.memberships.current().values_list("community__slug", flat=True))
    assert slugs == {"akko", "dallas", "houston"}


def test_ways_are_known_by_kind_and_title(network: Any) -> None:
    first = Program.objects.get(reference="kefiada").ways.get(kind="travel")
    ways = "travel | diaspora | be a  COUNSELLOR | להדריך | 18 | 30\nteach || Teach online"
    assert counts(network("programs", {**KEFIADA, "ways": ways})) == ("done", 0, 1, 0)
    found = {way.kind: way for way in Program.objects.get(reference="kefiada").ways.all()}
    assert set(found) == {"travel", "host", "teach"}
    assert (found["travel"].pk, found["travel"].age_to) == (first.pk, 30)


def test_without_publish_new_facts_are_unseen_and_shown_ones_are_not_changed(network: Any) -> None:
    houston = {**DALLAS, "reference": "houston", "name_en": "Houston"}
    assert counts(network("communities", houston, publish=False)) == ("done", 1, 0, 0)
    made = Community.objects.get(reference="houston")
    assert made not in PublicScope.of().communities()
    assert counts(network("communities", {**houston, "name_en": "Houston, TX"}, publish=False)) == (
        "done",
        0,
        1,
        0,
    )
    found = refusals(network("communities", {**AKKO, "name_en": "Acre"}, publish=False))
    assert "facts have no drafts" in found[0][2]


def test_a_dry_run_writes_nothing(network: Any) -> None:
    houston = {**DALLAS, "reference": "houston", "name_en": "Houston"}
    report = network("communities", houston, {**AKKO, "name_en": "Acre"}, DALLAS, dry_run=True)
    assert counts(report) == ("dry-run", 1, 1, 1)
    assert not Community.objects.filter(reference="houston").exists()
    assert Community.objects.get(reference="akko").name["en"] == "Akko"


WRONG: dict[str, list[tuple[dict[str, str], str, str]]] = {
    "communities": [
        ({**DALLAS, "country_code": ""}, "country", "needs its country"),
        ({**DALLAS, "name_en": ""}, "name_en", "needs a name"),
        ({**DALLAS, "time_zone": ""}, "time_zone", "needs its time zone"),
        ({**DALLAS, "time_zone": "Dallas"}, "time_zone", "is not a time zone"),
        ({**AKKO, "lat": "132"}, "lat", "132 is too large; at most 90."),
        ({**AKKO, "country": "Narnia"}, "country", "is not a country"),
        ({**AKKO, "name_he": "ע" * 161}, "name_he", "At most 160 characters"),
    ],
    "partnerships": [
        ({**TIE, "kind": "friends"}, "kind", "“friends” is not known"),
        ({**TIE, "since": "1066"}, "since", "at least 1948"),
        ({**TIE, "israel_places": "Dallas"}, "israel_places", "is not known"),
        ({**TIE, "ended_on": "2020-01-01"}, "status", "its status is “ended”"),
        ({**TIE, "contact_email": "nobody"}, "contact_email", "“nobody”:"),
        ({**TIE, "status": "fine"}, "status", "none of: active, ended, unknown"),
    ],
    "programs": [
        ({**KEFIADA, "partnership": "Paris"}, "partnership", "“Paris” is not known"),
        ({**KEFIADA, "currency": ""}, "currency", "Say in which currency"),
        ({**KEFIADA, "age_to": "3"}, "age_to", "below “age from”"),
        ({**KEFIADA, "type": "Winter"}, "type", "“Winter” is not known"),
        ({**KEFIADA, "ways": "dance||x"}, "ways", "Line 1: kind: “dance”"),
        ({**KEFIADA, "ways": "host||"}, "ways", "Line 1: "),
    ],
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_rows_are_refused_by_row_and_column(kind: str, network: Any) -> None:
    good = {"communities": AKKO, "partnerships": TIE, "programs": KEFIADA}[kind]
    rows = [{**row, "reference": f"new-{n}"} for n, (row, _c, _r) in enumerate(WRONG[kind])]
    before = Page.objects.count()
    found = refusals(network(kind, good, *rows))
    assert [(row, column) for row, column, _reason in found] == [
        (number, column) for number, (_row, column, _reason) in enumerate(WRONG[kind], start=3)
    ]
    for (_row, _column, reason), (_wrong, _name, expected) in zip(found, WRONG[kind], strict=True):
        assert expected in reason
    assert Page.objects.count() == before


def test_an_exception_while_writing_leaves_nothing(
    network: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise OSError("The disk is full.")

    before = (Page.objects.count(), ModelLogEntry.objects.count())
    monkeypatch.setattr("portal.importing.batches.show", broken)
    houston = {**DALLAS, "reference": "houston", "name_en": "Houston"}
    with pytest.raises(OSError, match="disk"):
        network("communities", houston, {**AKKO, "name_en": "Acre"})
    assert (Page.objects.count(), ModelLogEntry.objects.count()) == before
    assert not Community.objects.filter(reference="houston").exists()
    assert Community.objects.get(reference="akko").name["en"] == "Akko"
    assert not WriteBatch.objects.exclude(state="done").exists()


def test_equal_names_get_addresses_of_their_own(load: Any) -> None:
    rows = [{**DALLAS, "reference": f"d{number}"} for number in range(3)]
    assert counts(load("communities", *rows)) == ("done", 3, 0, 0)
    assert set(Community.objects.values_list("slug", flat=True)) == {
        "dallas",
        "dallas-2",
        "dallas-3",
    }
