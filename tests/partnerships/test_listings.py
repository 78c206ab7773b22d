"""The lists of Partnerships, communities and programs, as a visitor filters them by address."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from partnerships.enums import PartnershipStatus, Side, Verification
from partnerships.listings.names import NameBook
from partnerships.models import (
    Community,
    CommunityPage,
    CommunityVariant,
    Membership,
    Partnership,
    PartnershipPage,
    PartnershipVariant,
    Program,
    ProgramPage,
    WayToTakePart,
)
from partnerships.signal_handlers import give_rights_on_written_pages
from portal.library import pages_written
from portal.services.bulk_pages import BulkPageWriter
from tests import factories as make
from tests.site_tree import build_site, queries_of

TODAY = timezone.localdate  # asked for when a test runs


@pytest.fixture
def without_rights() -> Iterator[None]:
    """Write pages without the groups of their Partnerships: that is what takes long."""
    pages_written.disconnect(give_rights_on_written_pages)
    yield
    pages_written.connect(give_rights_on_written_pages)


@pytest.fixture
def site(db: None) -> dict[str, Any]:
    """Make both trees with their index pages."""
    return build_site()


def listing(client: Client, path: str) -> Any:
    """Return what a list shows at an address."""
    response = client.get(path)
    assert response.status_code == 200
    return response.context["listing"]


def slugs(found: Any) -> list[str]:
    """Return the slugs of the Partnerships shown."""
    return [row.partnership.slug for row in found.rows]


def tie(slug: str, israel: str, abroad: str, country: str = "US", **fields: Any) -> Partnership:
    """Make a Partnership with a page, one place in Israel and one community abroad."""
    fields.setdefault("name", {"en": f"{israel} - {abroad}", "he": f"שותפות {slug}"})
    partnership = make.PartnershipFactory(slug=slug, **fields)
    for name, code in ((israel, "IL"), (abroad, country)):
        make.MembershipFactory(
            partnership=partnership,
            community=make.CommunityFactory(
                slug=name.lower(), name={"en": name}, country_code=code
            ),
        )
    make.PartnershipPageFactory(partnership=partnership)
    return partnership


def hide(page: Page) -> None:
    """Let only accounts see the page, in all languages."""
    for one in page.get_translations(inclusive=True):
        PageViewRestriction.objects.create(
            page=one.page_ptr, restriction_type=PageViewRestriction.LOGIN
        )


# Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("tzfat", {1}),
        ("SAFED", {1}),
        ("צפת", {1}),
        ("Be'er Sheva", {2}),
        ("beersheva", {2}),
        ("sheva", {2}),
        ("palm beach", {1}),
        ("tzfat beach", {1}),
        ("tzfat sheva", set()),
        ("", {1, 2}),
    ],
)
def test_a_name_is_found_in_any_spelling_and_script(asked: str, found: set[int]) -> None:
    book = NameBook(
        {1: ["Safed - Palm Beach County", "צפת", "Tzfat"], 2: ["Be’er-Sheva", "באר שבע"]}
    )
    assert book.find(asked).keys == found


def test_a_slip_of_the_pen_finds_what_is_nearly_called_so() -> None:
    book = NameBook({1: ["Indianapolis"], 2: ["Minneapolis"], 3: ["Haifa"]})
    matches = book.find("indianopolis")
    assert matches.keys == {1}
    assert not matches.is_exact


def test_nearest_names_are_never_none() -> None:
    book = NameBook({1: ["Indianapolis"], 2: ["Haifa"]})
    assert book.nearest("hayfa")[0] == 2
    assert set(book.nearest("qqqq")) == {1, 2}


# The directory -------------------------------------------------------------------------------


def test_directory_is_a_to_z_in_the_readers_language(client: Client, site: Any) -> None:
    tie("one", "Zichron", "Boston", name={"en": "Zichron - Boston", "he": "אחת"})
    tie("two", "Arad", "Delaware", name={"en": "Arad - Delaware", "he": "בית"})
    assert slugs(listing(client, "/en/partnerships/")) == ["two", "one"]
    assert slugs(listing(client, "/he/partnerships/")) == ["one", "two"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=akko", ["west"]),
        ("q=עכו", ["west"]),
        ("q=acre", ["west"]),
        ("q=carmel", ["west"]),
        ("kind=consortium", ["west"]),
        ("country=PL", ["karmiel"]),
        ("region=akko", ["west"]),
        ("community=warsaw", ["karmiel"]),
        ("status=ended", ["karmiel"]),
        ("letter=K", ["karmiel"]),
        ("country=US&q=akko", ["west"]),
        ("country=PL&q=akko", []),
    ],
)
def test_directory_filters(client: Client, site: Any, query: str, expected: list[str]) -> None:
    kind = make.PartnershipKindFactory(key="consortium", label={"en": "Consortium"})
    west = tie("west", "Akko", "Indianapolis", kind=kind)
    PartnershipVariant.objects.create(partnership=west, text="Acre")
    akko = Community.objects.get(slug="akko")
    CommunityVariant.objects.create(community=akko, text="עכו")
    CommunityVariant.objects.create(
        community=Community.objects.get(slug="indianapolis"), text="Carmel, Indiana"
    )
    tie("karmiel", "Karmiel", "Warsaw", "PL", status=PartnershipStatus.ENDED)
    assert slugs(listing(client, f"/en/partnerships/?{query}")) == expected


def test_each_value_says_how_many_it_leaves_beside_the_other_filters(
    client: Client, site: Any
) -> None:
    tie("west", "Akko", "Indianapolis")
    tie("karmiel", "Karmiel", "Warsaw", "PL")
    filters = listing(client, "/en/partnerships/?country=PL").filters
    assert {c.value: c.count for c in filters["country"].choices} == {"US": 1, "PL": 1}
    assert {c.value: c.count for c in filters["region"].choices} == {"akko": 0, "karmiel": 1}


def test_unknown_filter_values_are_left_out_and_said(client: Client, site: Any) -> None:
    tie("west", "Akko", "Indianapolis")
    found = listing(client, "/en/partnerships/?country=XX&kind=%00&status=<b>&colour=red")
    assert slugs(found) == ["west"]
    assert len(found.notes) == 2
    assert "XX" in found.notes[0]
    html = client.get("/en/partnerships/?status=<b>x</b>").content.decode()
    assert "&lt;b&gt;x" in html
    assert "<b>x" not in html


@pytest.mark.parametrize("page", ["0", "99", "-1", "two", "²", "1e3", "9" * 40])
def test_a_page_that_is_not_there_shows_the_nearest_and_says_so(
    client: Client, site: Any, page: str
) -> None:
    tie("west", "Akko", "Indianapolis")
    found = listing(client, f"/en/partnerships/?page={page}")
    assert slugs(found) == ["west"]
    assert len(found.notes) == 1


def test_nothing_found_offers_the_nearest_names_and_what_to_leave_out(
    client: Client, site: Any
) -> None:
    tie("west", "Akko", "Indianapolis")
    tie("karmiel", "Karmiel", "Warsaw", "PL")
    by_name = listing(client, "/en/partnerships/?q=zzzakkko")
    assert not by_name.rows
    assert by_name.nearest[0].partnership.slug == "west"
    assert by_name.nearest[0].page.url.endswith("/west/")
    by_both = listing(client, "/en/partnerships/?q=akko&country=PL")
    assert {way.query: way.count for way in by_both.ways_out} == {"country=PL": 1, "q=akko": 1}


def test_drafts_and_private_partnerships_are_in_no_list(client: Client, site: Any) -> None:
    tie("west", "Akko", "Indianapolis")
    draft = make.PartnershipFactory(slug="draft")
    make.PartnershipPageFactory(partnership=draft, live=False)
    private = tie("private", "Haifa", "Boston")
    hide(PartnershipPage.objects.filter(partnership=private).first())
    make.ProgramFactory(partnership=private, name={"en": "Secret program"})
    make.ProgramFactory(partnership=draft, name={"en": "Draft program"})
    assert slugs(listing(client, "/en/partnerships/")) == ["west"]
    assert slugs(listing(client, "/en/partnerships/?q=haifa")) == []
    assert "haifa" not in {
        choice.value for choice in listing(client, "/en/partnerships/").filters["region"].choices
    }
    names = {str(row.community.name) for row in listing(client, "/en/communities/").rows}
    assert names == {"Akko", "Indianapolis"}
    assert listing(client, "/en/programs/").rows == []


def test_uncertain_and_ended_partnerships_stay_and_are_marked(client: Client, site: Any) -> None:
    tie("one", "Haifa", "Boston", verification=Verification.UNCERTAIN)
    tie("two", "Ramla", "Washington", status=PartnershipStatus.ENDED)
    html = client.get("/en/partnerships/").content.decode()
    assert "uncertain" in html
    assert ">ended<" in html


def test_a_partnership_told_only_in_the_other_language_is_listed_once_and_leads_there(
    client: Client, site: Any
) -> None:
    west = tie("west", "Akko", "Indianapolis")
    PartnershipPage.objects.get(partnership=west, locale__language_code="he").delete()
    found = listing(client, "/he/partnerships/")
    assert slugs(found) == ["west"]
    assert found.rows[0].page.url == "/en/partnerships/west/"
    assert found.rows[0].page.is_foreign


def test_former_communities_are_no_value_of_a_filter(client: Client, site: Any) -> None:
    west = tie("west", "Akko", "Indianapolis")
    make.MembershipFactory(
        partnership=west,
        community=make.CommunityFactory(slug="madison"),
        left_on=TODAY() - datetime.timedelta(days=1),
    )
    choices = listing(client, "/en/partnerships/").filters["community"].choices
    assert [choice.value for choice in choices] == ["indianapolis"]


# Communities ---------------------------------------------------------------------------------


def test_communities_stand_by_country_israel_first(client: Client, site: Any) -> None:
    tie("west", "Akko", "Indianapolis")
    tie("karmiel", "Karmiel", "Warsaw", "PL")
    groups = listing(client, "/en/communities/").groups
    assert [country for country, _rows in groups] == ["Israel", "Poland", "United States"]


def test_a_suburb_finds_its_community(client: Client, site: Any) -> None:
    tie("west", "Akko", "Indianapolis")
    CommunityVariant.objects.create(
        community=Community.objects.get(slug="indianapolis"), text="Fishers"
    )
    found = listing(client, "/en/communities/?q=fishers")
    assert [row.community.slug for row in found.rows] == ["indianapolis"]
    assert listing(client, "/en/communities/?q=nowhere").nearest


def test_a_community_whose_page_is_private_is_not_listed(client: Client, site: Any) -> None:
    tie("west", "Akko", "Indianapolis")
    page = make.CommunityPageFactory(community=Community.objects.get(slug="akko"))
    shown = [row.community.slug for row in listing(client, "/en/communities/").rows]
    assert shown == ["akko", "indianapolis"]
    hide(page)
    shown = [row.community.slug for row in listing(client, "/en/communities/").rows]
    assert shown == ["indianapolis"]


# Programs ------------------------------------------------------------------------------------


@pytest.fixture
def host_call(site: Any) -> Program:
    """Make a program for teens aged 15 to 17, with a host call and a place to travel."""
    partnership = tie("west", "Akko", "Indianapolis")
    program = make.ProgramFactory(
        partnership=partnership,
        name={"en": "Teens at home"},
        age_from=15,
        age_to=17,
        direction="both",
        type=make.ConceptFactory(key="hospitality", kind="program_type"),
    )
    make.WayToTakePartFactory(program=program, kind="host", side=Side.DIASPORA)
    make.WayToTakePartFactory(program=program, kind="travel", side=Side.ISRAEL)
    return program


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("age=44", True),  # as a host: nobody measures her by the teens' age
        ("age=44&take=host", True),
        ("age=44&take=travel", False),
        ("age=16&take=travel", True),
        ("take=host&side=diaspora", True),
        ("take=host&side=israel", False),
        ("take=give", False),
        ("open=1", True),
        ("direction=to_israel", True),
        ("direction=online", False),
        ("type=hospitality", True),
        ("partnership=west", True),
        ("age=old", True),
        ("age=²", True),
        ("partnership=nobody", True),
    ],
)
def test_program_filters_measure_the_way_to_take_part(
    client: Client, host_call: Program, query: str, is_found: bool
) -> None:
    found = listing(client, f"/en/programs/?{query}")
    assert bool(found.rows) is is_found


def test_one_way_must_fit_all_that_a_visitor_says(client: Client, host_call: Program) -> None:
    host_call.ways.filter(kind="host").update(age_from=30)
    assert not listing(client, "/en/programs/?age=20").rows
    assert listing(client, "/en/programs/?age=30").rows


def test_a_host_with_an_age_of_its_own_is_measured_by_that(
    client: Client, host_call: Program
) -> None:
    host_call.ways.filter(kind="host").update(age_from=25, age_to=70)
    assert not listing(client, "/en/programs/?take=host&age=24").rows
    assert listing(client, "/en/programs/?take=host&age=70").rows


def test_programs_with_something_open_come_first_and_closed_ones_say_when_they_open(
    client: Client, host_call: Program
) -> None:
    closed = make.ProgramFactory(partnership=host_call.partnership, name={"en": "A closed program"})
    make.WayToTakePartFactory(
        program=closed,
        kind="travel",
        deadline=TODAY() - datetime.timedelta(days=1),
        usually_opens={"en": "every November"},
    )
    soon = make.ProgramFactory(partnership=host_call.partnership, name={"en": "Zion soon"})
    make.WayToTakePartFactory(program=soon, deadline=TODAY() + datetime.timedelta(days=2))
    found = listing(client, "/en/programs/")
    assert [str(row.program.name) for row in found.rows] == [
        "Zion soon",
        "Teens at home",
        "A closed program",
    ]
    assert found.open_count == 2
    assert "every November" in client.get("/en/programs/").content.decode()


def test_open_kinds_are_counted_by_program(client: Client, host_call: Program) -> None:
    make.WayToTakePartFactory(program=host_call, kind="host")
    make.WayToTakePartFactory(program=host_call, kind="teach", is_closed=True)
    kinds = {
        choice.value: choice.count for choice, _query in listing(client, "/en/programs/").kinds
    }
    assert kinds == {"travel": 1, "host": 1, "volunteer": 0, "teach": 0, "online": 0, "give": 0}


def test_a_program_whose_page_is_a_draft_is_not_listed(client: Client, host_call: Program) -> None:
    make.ProgramPageFactory(program=host_call, live=False)
    assert not listing(client, "/en/programs/").rows
    ProgramPage.objects.update(live=True)
    assert listing(client, "/en/programs/").rows


def test_a_program_with_two_pages_is_listed_once(client: Client, host_call: Program) -> None:
    english = make.ProgramPageFactory(program=host_call)
    make.ProgramPageFactory(
        program=host_call, language="he", translation_key=english.translation_key, title="בבית"
    )
    found = listing(client, "/he/programs/")
    assert len(found.rows) == found.total == 1
    assert found.rows[0].page.url.startswith("/he/")


# Growth --------------------------------------------------------------------------------------


def many_partnerships(index: Page, first: int, count: int) -> None:
    """Write Partnerships with two communities, a program with two ways, and their pages."""
    numbers = range(first, first + count)
    kind = make.PartnershipKindFactory()
    ties = Partnership.objects.bulk_create(
        Partnership(slug=f"p-{n}", name={"en": f"Partnership {n}"}, kind=kind) for n in numbers
    )
    places = Community.objects.bulk_create(
        Community(
            slug=f"{code}-{n}".lower(), name={"en": f"Community {code} {n}"}, country_code=code
        )
        for n in numbers
        for code in ("IL", "US")
    )
    CommunityVariant.objects.bulk_create(
        CommunityVariant(
            community=place, text=f"Suburb {place.pk}", normalized=f"suburb {place.pk}"
        )
        for place in places
    )
    Membership.objects.bulk_create(
        Membership(
            partnership=ties[at // 2],
            community=place,
            side=Side.ISRAEL if place.is_in_israel else Side.DIASPORA,
        )
        for at, place in enumerate(places)
    )
    programs = Program.objects.bulk_create(
        Program(slug="program", name={"en": f"Program {one.slug}"}, partnership=one) for one in ties
    )
    WayToTakePart.objects.bulk_create(
        WayToTakePart(program=program, kind=kind, title={"en": kind})
        for program in programs
        for kind in ("host", "travel")
    )
    communities = index.get_siblings(inclusive=False).get(slug="communities").specific
    with BulkPageWriter(validated=True) as writer:
        for one in ties:
            page = PartnershipPage(title=one.slug, slug=one.slug, partnership=one)
            writer.add(page, index)
        for place in places[::4]:
            page = CommunityPage(title=place.slug, slug=place.slug, community=place)
            writer.add(page, communities)


PATHS = [
    "/en/",
    "/en/partnerships/",
    "/he/partnerships/?q=suburb",
    "/en/partnerships/?q=partnership&country=US&letter=P",
    "/en/communities/",
    "/he/communities/?q=suburb",
    "/en/programs/",
    "/he/programs/?take=host&age=40&open=1",
]


def test_lists_run_the_same_queries_with_2_and_with_200_rows(
    client: Client, site: Any, without_rights: None
) -> None:
    many_partnerships(site["partnerships"], 0, 2)
    few = {path: queries_of(client, path) for path in PATHS}
    many_partnerships(site["partnerships"], 2, 198)
    many = {path: queries_of(client, path) for path in PATHS}
    assert listing(client, "/en/partnerships/").total == 200
    assert {path: len(sql) for path, sql in many.items()} == {
        path: len(sql) for path, sql in few.items()
    }
    assert max(len(sql) for sql in many.values()) < 40
