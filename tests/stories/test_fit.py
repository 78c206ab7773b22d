"""“Would it fit us?”: pure rules, calendars of both sides, and the public page."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from wagtail.models import PageViewRestriction

from stories.fit.page import paid_hours
from stories.fit.rules import fit_rows
from stories.fit.table import Need, PracticeNeeds, Profile, Report, Row
from stories.matching import Verdict
from stories.models import Adoption, AdoptionSource, LineageEntry, Outcome
from tests.factories import (
    CommunityFactory,
    CommunityPageFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    locale_of,
    page_of,
)

TODAY = datetime.date(2026, 11, 28)


def verdict(need: Need, needs: PracticeNeeds, profile: Profile) -> Verdict:
    rows = {row.need: row for row in fit_rows(needs, profile, TODAY, "en")}
    assert set(rows) == set(Need)
    return rows[need].verdict


def en(*codes: str) -> frozenset[str]:
    return frozenset(codes)


TO_ISRAEL = {"direction": "to_israel"}
NORTH = frozenset({("mediterranean", "north")})
SOUTH = {"climates_abroad": frozenset({("oceanic", "south")})}


class TestRules:
    """A need beside what they have."""

    @pytest.mark.parametrize(
        ("need", "needs", "profile", "expected"),
        [
            (Need.LANGUAGES, {"languages": en("en")}, {"languages": (en("en", "es"),)}, "ok"),
            (Need.LANGUAGES, {"languages": en("en")}, {"languages": (en("es"),)}, "block"),
            (
                Need.LANGUAGES,
                {"languages": en("en"), "has_interpretation": True},
                {"languages": (en("es"),)},
                "stretch",
            ),
            (
                Need.LANGUAGES,
                {"languages": en("en")},
                {"languages": (en("es"), en("en"))},
                "stretch",
            ),
            (Need.BUDGET, {"cost": 4000}, {"budget_bands": ("5000",)}, "ok"),
            (Need.BUDGET, {"cost": 7000}, {"budget_bands": ("5000",)}, "stretch"),
            (Need.BUDGET, {"cost": 9000}, {"budget_bands": ("5000",)}, "block"),
            (Need.BUDGET, {"cost": 9000}, {"budget_bands": ("5000", "5000")}, "ok"),
            (Need.BUDGET, {"cost": 900_000}, {"budget_bands": ("more",)}, "ok"),
            (Need.BUDGET, {"cost": 0}, {}, "ok"),
            (Need.STAFF, {"staff_hours": 40, "weeks": 10}, {"staff_hours": 8}, "ok"),
            (Need.STAFF, {"staff_hours": 80, "weeks": 10}, {"staff_hours": 8}, "stretch"),
            (Need.STAFF, {"staff_hours": 200, "weeks": 10}, {"staff_hours": 8}, "block"),
            (Need.STAFF, {"staff_hours": 0}, {}, "ok"),
            (Need.SIZE, {"group_size": 20}, {"sizes": ("xs",)}, "ok"),
            (Need.SIZE, {"group_size": 100}, {"sizes": ("xs",)}, "stretch"),
            (Need.SIZE, {"group_size": 400}, {"sizes": ("xs",)}, "block"),
            (Need.SEASON, {"season": "summer"}, {"hemispheres": en("north")}, "ok"),
            (Need.SEASON, {"season": "summer"}, {"hemispheres": en("south")}, "stretch"),
            (Need.SEASON, {"season": "all_year"}, {"hemispheres": en("south")}, "ok"),
            (
                Need.SEASON,
                {"season": "summer", "direction": "online"},
                {"hemispheres": en("south")},
                "ok",
            ),
            (
                Need.SCHOOL,
                {"ages": (9, 12), "season": "summer", "direction": "both", "duration_days": 12},
                {"school_years": en("summer")},
                "block",
            ),
            (
                Need.SCHOOL,
                {"ages": (9, 12), "season": "summer", "direction": "both", "duration_days": 12},
                {"school_years": en("autumn")},
                "ok",
            ),
            (
                Need.SCHOOL,
                {"ages": (9, 12), "season": "all_year"},
                {"school_years": en("autumn", "summer")},
                "stretch",
            ),
            (Need.SCHOOL, {"ages": (30, 60)}, {}, "ok"),
            *[
                (Need.WEATHER, {"weather_need": weather, "season": season, **to}, places, expected)
                for weather, season, to, places, expected in (
                    ("any", "", {}, {}, "ok"),
                    ("warm", "summer", TO_ISRAEL, {}, "untold"),
                    ("", "summer", TO_ISRAEL, {"israel_climates": NORTH}, "untold"),
                    ("warm", "summer", TO_ISRAEL, {"israel_climates": NORTH}, "ok"),
                    ("mild", "summer", TO_ISRAEL, {"israel_climates": NORTH}, "block"),
                    ("mild", "all_year", TO_ISRAEL, {"israel_climates": NORTH}, "stretch"),
                    ("snow", "all_year", TO_ISRAEL, {"israel_climates": NORTH}, "block"),
                    ("warm", "summer", {"direction": "from_israel"}, SOUTH, "block"),
                    ("warm", "winter", {"direction": "from_israel"}, SOUTH, "ok"),
                    (
                        "warm",
                        "summer",
                        {"direction": "both"},
                        {"israel_climates": NORTH, **SOUTH},
                        "stretch",
                    ),
                    ("warm", "summer", {"direction": "online"}, SOUTH, "ok"),
                )
            ],
            (Need.HOURS, {"direction": "online"}, {"zones": ("Europe/London",)}, "ok"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("Australia/Melbourne",)}, "stretch"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("Pacific/Honolulu",)}, "block"),
            (Need.HOURS, {"direction": "to_israel"}, {"zones": ("Pacific/Honolulu",)}, "ok"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("No/Where",)}, "untold"),
            (Need.HOLIDAYS, {"season": "spring"}, {"calendars": ("US", "IL")}, "stretch"),
            (Need.HOLIDAYS, {"season": "all_year"}, {"calendars": ("US", "IL")}, "ok"),
            (
                Need.SECURITY,
                {"direction": "to_israel"},
                {"israel_security": en("open", "no_groups")},
                "block",
            ),
            (
                Need.SECURITY,
                {"direction": "to_israel"},
                {"israel_security": en("shelter")},
                "stretch",
            ),
            (Need.SECURITY, {"direction": "from_israel"}, {"security": en("open")}, "ok"),
            (
                Need.SECURITY,
                {"direction": "from_israel"},
                {"israel_security": en("no_groups")},
                "untold",
            ),
            (Need.SECURITY, {"direction": "online"}, {}, "ok"),
            *[
                (Need.SECURITY, {"security_need": need, "direction": way}, states, expected)
                for need, way, states, expected in (
                    ("free", "to_israel", {"israel_security": en("open")}, "ok"),
                    ("free", "to_israel", {"israel_security": en("open", "shelter")}, "block"),
                    ("shelter", "to_israel", {"israel_security": en("shelter")}, "ok"),
                    ("any", "to_israel", {"israel_security": en("no_groups")}, "block"),
                    ("any", "to_israel", {}, "untold"),
                    ("free", "at_home", {"security": en("shelter")}, "block"),
                    ("free", "at_home", {}, "untold"),
                    ("shelter", "at_home", {"security": en("shelter")}, "ok"),
                    ("free", "online", {}, "ok"),
                    ("free", "", {"security": en("open")}, "untold"),
                )
            ],
        ],
    )
    def test_a_need(
        self, need: Need, needs: dict[str, Any], profile: dict[str, Any], expected: str
    ) -> None:
        assert verdict(need, PracticeNeeds(**needs), Profile(**profile)) == expected

    def test_what_nobody_tells_is_never_ok(self) -> None:
        rows = fit_rows(PracticeNeeds(), Profile(), TODAY, "en")
        assert {row.verdict for row in rows} == {Verdict.UNTOLD}
        full = Profile(
            languages=(en("en"),),
            budget_bands=("more",),
            staff_hours=40,
            sizes=("xl",),
            hemispheres=en("north"),
            school_years=en("autumn"),
            zones=("Europe/London",),
            calendars=("GB-ENG", "IL"),
            security=en("open"),
            israel_security=en("open"),
        )
        assert all(r.verdict == "untold" for r in fit_rows(PracticeNeeds(), full, TODAY, "en"))

    def test_every_stretch_and_block_says_why_in_the_reader_s_language(self) -> None:
        needs = PracticeNeeds(
            languages=en("en"), cost=99_999, group_size=900, season="summer", direction="online"
        )
        profile = Profile(
            languages=(en("es"),),
            budget_bands=("1000",),
            sizes=("xs",),
            hemispheres=en("south"),
            zones=("Australia/Melbourne",),
        )
        for language in ("en", "he"):
            with override(language):
                for row in fit_rows(needs, profile, TODAY, language):
                    if row.verdict in (Verdict.STRETCH, Verdict.BLOCK):
                        assert row.why


class TestMoney:
    """What our side's sum is made of."""

    def test_once_each_run_and_what_participants_pay(self) -> None:
        needs = PracticeNeeds(
            cost=1500,
            cost_once=500,
            cost_participant=90,
            reports=(Report("A", reached=20), Report("B", cost=700)),
        )
        rows = {row.need: row for row in fit_rows(needs, Profile(), TODAY, "en")}
        assert rows[Need.BUDGET].notes == (
            "Of your side’s money 500 US dollars are paid once, 1,000 US dollars for each run.",
            "Each participant pays 90 US dollars.",
            "Where it was taken over it cost 700 US dollars in all: \u2068B\u2069",
        )
        assert rows[Need.SIZE].notes == (
            "Where it was taken over it reached 20 people: \u2068A\u2069",
        )


class TestSchoolHolidays:
    """Days that are published, months of a pattern, and what is not known."""

    CAMP = PracticeNeeds(ages=(9, 12), season="summer", direction="to_israel", duration_days=11)

    def row(self, needs: PracticeNeeds, *calendars: str, language: str = "en") -> Row:
        profile = Profile(school_years=en("summer", "autumn"), calendars=calendars)
        with override(language):
            return next(r for r in fit_rows(needs, profile, TODAY, language) if r.need == "school")

    def test_days_free_on_both_sides_are_named(self) -> None:
        row = self.row(self.CAMP, "AU-VIC", "IL")  # Victoria's winter break meets Israel's summer
        assert row.notes[0] == "Both sides are free of school: July 1, 2027 – July 11, 2027."
        assert row.verdict == Verdict.STRETCH  # Israel's summer is known by months only
        assert "Israel (July, August)" in " ".join(row.notes)
        assert [(b.first, b.last, b.country) for b in row.breaks] == [
            (datetime.date(2027, 6, 26), datetime.date(2027, 7, 11), "AU")
        ]

    def test_a_run_that_does_not_fit_between_stays_a_block(self) -> None:
        row = self.row(replace(self.CAMP, duration_days=12), "AU-VIC", "IL")
        assert row.verdict == Verdict.BLOCK

    def test_a_state_that_is_not_told_has_no_days(self) -> None:
        row = self.row(self.CAMP, "AU", "IL")
        assert (row.verdict, row.breaks) == (Verdict.BLOCK, ())
        assert row.notes[0].startswith("No 5 days on end are known")
        assert "Australia (January)" in " ".join(row.notes)

    def test_what_is_not_known_is_said(self) -> None:
        row = self.row(self.CAMP, "MX", "IL")
        assert row.notes[-1] == "School holidays that are not known: Mexico."
        assert not any("Both sides" in note for note in row.notes)

    def test_it_is_told_in_the_reader_s_language(self) -> None:
        spring = replace(self.CAMP, season="spring")
        row = self.row(spring, "GB-ENG", "IL", language="he")
        assert "פסח" in " ".join(each.name for each in row.breaks)

    def test_nobody_of_school_age_needs_no_holidays(self) -> None:
        row = self.row(replace(self.CAMP, ages=(30, 60)), "AU-VIC", "IL")
        assert (row.verdict, row.notes, row.breaks) == (Verdict.OK, (), ())


def test_holidays_say_what_was_counted_and_what_is_not_known() -> None:
    profile = Profile(calendars=("AU-VIC", "US", "XX", "IL"))
    needs = PracticeNeeds(season="autumn")
    row = next(r for r in fit_rows(needs, profile, TODAY, "en") if r.need == Need.HOLIDAYS)
    assert row.notes[1:] == (
        "Holidays of a state or province are not known: United States.",
        "National holidays are not known: XX.",
    )
    assert "Melbourne Cup Day" in {off.name for off in row.days}  # kept in Victoria alone


@pytest.fixture
def place() -> Any:
    """A Partnership of a town in Israel with Melbourne, and a practice of others for pupils."""
    tie = PartnershipFactory(slug="arava-melbourne")
    town = CommunityFactory(slug="arava", country_code="IL", security="no_groups", latitude=30)
    far = CommunityFactory(
        slug="melbourne",
        name={"en": "Melbourne", "he": "מלבורן"},
        country_code="AU",
        time_zone="Australia/Melbourne",
        latitude=-37.8,
        spoken_languages="en",
        school_year="summer",
        budget_band="1000",
        size_band="l",
    )
    MembershipFactory(partnership=tie, community=town, side="israel")
    MembershipFactory(partnership=tie, community=far, side="diaspora")
    page_of(tie)
    return far


def table(client: Client, page: Any, slug: str) -> dict[str, str]:
    response = client.get(f"{page.url}fit/", {"for": slug})
    assert response.status_code == 200
    assert not response.cookies
    return {shown.row.need: shown.row.verdict for shown in response.context["rows"]}


@pytest.mark.django_db
class TestPage:
    """The public page: the choice stands in the address."""

    def practice(self, **values: Any) -> Any:
        page = PracticePageFactory(
            **{
                "season": "summer",
                "direction": "to_israel",
                "age_from": 9,
                "age_to": 12,
                "duration_days": 12,
                "activity_languages": "en, he",
                **values,
            }
        )
        page.save_revision().publish()
        return page

    def test_a_community_is_compared(self, place: Any, client: Client) -> None:
        page = self.practice()
        found = table(client, page, "melbourne")
        assert found[Need.LANGUAGES] == "ok"
        assert found[Need.SEASON] == "stretch"
        assert found[Need.SCHOOL] == "block"
        assert found[Need.SECURITY] == "block"  # it travels to the town beside it
        assert found[Need.STAFF] == "ok"  # its one paid role is on the other side
        assert found[Need.SIZE] == "untold"
        html = client.get(f"{page.url}fit/?for=melbourne").content.decode()
        assert "Would it fit <bdi>Melbourne</bdi>?" in html
        assert "No adaptation is known yet." in html
        assert '<option value="melbourne" selected>' in html
        assert 'name="robots" content="noindex"' in html

    def test_days_are_written_one_way_and_english_names_are_marked_in_hebrew(
        self, place: Any, client: Client
    ) -> None:
        page = self.practice(season="spring")
        html = client.get(f"{page.url}fit/?for=melbourne").content.decode()
        assert "Easter Monday" in html
        assert not re.search(r">\d\d/\d\d/\d{4}<", html)
        hebrew = PracticePageFactory(
            parent=page_of(page.partnership, "he"),
            translation_key=page.translation_key,
            locale=locale_of("he"),
            season="spring",
        )
        hebrew.save_revision().publish()
        html = client.get(f"{hebrew.url}fit/?for=melbourne").content.decode()
        assert '<bdi lang="en" dir="ltr">Easter Monday' in html
        assert "<bdi>פסח" in html

    def test_a_partnership_is_compared_as_a_whole(self, place: Any, client: Client) -> None:
        found = table(client, self.practice(), "arava-melbourne")
        assert found[Need.SECURITY] == "block"
        assert found[Need.HOURS] == "ok"

    def test_a_block_names_how_others_got_round_it(self, place: Any, client: Client) -> None:
        page = self.practice()
        child = self.practice(
            title="In December",
            adaptations=[
                {
                    "type": "adaptation",
                    "value": {"section": "when", "text": "<p>We moved it to December.</p>"},
                }
            ],
        )
        draft = self.practice(title="Not public", adaptations=child.adaptations.raw_data)
        draft.unpublish()
        closed = self.practice(title="Not for all", adaptations=child.adaptations.raw_data)
        PageViewRestriction.objects.create(page=closed, restriction_type="login")
        parent = LineageEntry.objects.create(translation_key=page.translation_key)
        for taken in (child, draft, closed):
            entry, _new = LineageEntry.objects.get_or_create(translation_key=taken.translation_key)
            adoption = Adoption.objects.create(practice=entry, partnership=taken.partnership)
            AdoptionSource.objects.create(
                adoption=adoption, parent=parent, language="en", title="x"
            )
        html = client.get(f"{page.url}fit/?for=melbourne").content.decode()
        assert html.count("We moved it to December.") == 1  # it answers the school year's block
        assert f'href="{child.url}"' in html
        assert "Not public" not in html
        assert "Not for all" not in html

    def test_a_block_without_an_answer_of_its_own_names_what_is_told_for_any_place(
        self, place: Any, client: Client
    ) -> None:
        page = self.practice()
        told = {"section": "transfer", "text": "<p>Ask us how we made it smaller.</p>"}
        child = self.practice(title="Another", adaptations=[{"type": "adaptation", "value": told}])
        parent = LineageEntry.objects.create(translation_key=page.translation_key)
        entry, _new = LineageEntry.objects.get_or_create(translation_key=child.translation_key)
        adoption = Adoption.objects.create(practice=entry, partnership=child.partnership)
        AdoptionSource.objects.create(adoption=adoption, parent=parent, language="en", title="x")
        response = client.get(f"{page.url}fit/?for=melbourne")
        for shown in response.context["rows"]:
            assert bool(shown.adaptations) == (shown.row.verdict == "block")

    def test_hours_are_those_of_the_page_first_told_and_what_is_open_is_not_told(self) -> None:
        def role(side: str, hours: int | None, volunteer: bool = False) -> dict[str, Any]:
            value = {"side": side, "role": "x", "people": 2, "hours": hours}
            return {"type": "role", "value": {**value, "is_volunteer": volunteer}}

        page = self.practice(roles=[role("israel", 10), role("diaspora", None, True)])
        hebrew = page.copy_for_translation(locale_of("he"))
        hebrew.roles = [role("israel", None)]
        assert paid_hours(page, frozenset({"israel"})) == 20
        assert paid_hours(hebrew, frozenset({"israel"})) == 20
        assert paid_hours(page, frozenset({"diaspora"})) == 0
        page.roles = [role("both", None)]
        assert paid_hours(page, frozenset({"israel"})) is None
        page.roles = []
        assert paid_hours(page, frozenset({"israel"})) is None

    def test_what_taking_over_cost_and_reached_is_told_beside(
        self, place: Any, client: Client
    ) -> None:
        page = self.practice()
        child, hidden = self.practice(title="Smaller"), self.practice(title="Unseen")
        hidden.unpublish()
        parent = LineageEntry.objects.create(translation_key=page.translation_key)
        for taken in (child, hidden):
            entry, _new = LineageEntry.objects.get_or_create(translation_key=taken.translation_key)
            adoption = Adoption.objects.create(practice=entry, partnership=taken.partnership)
            AdoptionSource.objects.create(
                adoption=adoption, parent=parent, language="en", title="x"
            )
            for months, reached in ((6, 12), (12, 1340)):
                Outcome.objects.create(
                    adoption=adoption,
                    months=months,
                    reached=reached,
                    against_aim="same",
                    cost_amount=2500,
                    cost_currency="USD",
                )
        html = client.get(f"{page.url}fit/?for=melbourne").content.decode()
        assert "it reached 1,340 people: \u2068Smaller\u2069" in html
        assert "it cost 2,500 US dollars in all: \u2068Smaller\u2069" in html
        assert "Unseen" not in html

    def test_a_community_s_page_leads_to_practices_of_others_with_itself_chosen(
        self, place: Any, client: Client
    ) -> None:
        tie = place.memberships.get().partnership
        home = CommunityPageFactory(community=place)
        own = self.practice(title="Our own", parent=page_of(tie))
        others = self.practice(title="Of others")
        self.practice(title="Not public").unpublish()
        closed = self.practice(title="Not for all")
        PageViewRestriction.objects.create(page=closed, restriction_type="login")
        html = client.get(home.url).content.decode()
        link = f"{others.url}fit/?for=melbourne"
        assert f'href="{link}"' in html
        assert html.count("fit/?for=") == 1
        assert f"{own.url}fit/" not in html
        response = client.get(link)
        assert response.context["asker"].slug == "melbourne"

    def test_a_community_s_page_asks_as_much_for_many_practices(
        self, place: Any, client: Client
    ) -> None:
        home = CommunityPageFactory(community=place)
        parent = page_of(PartnershipFactory())

        def queries(count: int) -> int:
            for _number in range(count):
                self.practice(parent=parent)
            client.get(home.url)
            with CaptureQueriesContext(connection) as captured:
                client.get(home.url)
            return len(captured)

        assert queries(4) == queries(18)

    def test_what_is_unknown_or_hidden_is_told_and_nothing_breaks(
        self, place: Any, client: Client
    ) -> None:
        page = self.practice()
        hidden = page_of(PartnershipFactory(slug="hidden"))
        PageViewRestriction.objects.create(page=hidden, restriction_type="login")
        for slug in ("nowhere", "hidden", "x" * 500, "\x00", "'\"<", "melbourne\n"):
            response = client.get(f"{page.url}fit/", {"for": slug})
            assert response.status_code == 200
        html = client.get(f"{page.url}fit/?for=hidden").content.decode()
        assert "Nothing is known" in html
        assert 'value="hidden"' not in html
        assert "fit__table" not in client.get(f"{page.url}fit/").content.decode()
        assert client.get(f"{page.url}nonsense/").status_code == 404

    def test_a_draft_or_private_practice_has_no_such_page(self, client: Client) -> None:
        page = self.practice()
        PageViewRestriction.objects.create(page=page, restriction_type="login")
        assert client.get(f"{page.url}fit/").status_code in (302, 403)
        page.unpublish()
        assert client.get(f"{page.url}fit/").status_code == 404

    def test_the_practice_leads_to_it_with_the_choice(self, place: Any, client: Client) -> None:
        page = self.practice()
        html = client.get(f"{page.url}?for=melbourne").content.decode()
        assert f'href="{page.url}fit/?for=melbourne"' in html

    def test_as_many_queries_for_many_places(self, place: Any, client: Client) -> None:
        page = self.practice()

        def queries() -> int:
            client.get(f"{page.url}fit/?for=arava-melbourne")
            with CaptureQueriesContext(connection) as captured:
                client.get(f"{page.url}fit/?for=arava-melbourne")
            return len(captured)

        before = queries()
        tie = page_of(PartnershipFactory(slug="more")).partnership
        for number in range(20):
            community = CommunityFactory(country_code="US", slug=f"more-{number}")
            MembershipFactory(partnership=tie, community=community, side="diaspora")
            MembershipFactory(
                partnership=place.memberships.get().partnership,
                community=community,
                side="diaspora",
            )
        assert queries() == before

    def test_as_many_queries_for_many_that_took_it_over(self, place: Any, client: Client) -> None:
        page = self.practice()
        parent = LineageEntry.objects.create(translation_key=page.translation_key)
        told = {"section": "when", "text": "<p>In December.</p>"}
        takers = page_of(PartnershipFactory())

        def queries(count: int) -> int:
            for _number in range(count):
                child = self.practice(
                    parent=takers, adaptations=[{"type": "adaptation", "value": told}]
                )
                entry, _new = LineageEntry.objects.get_or_create(
                    translation_key=child.translation_key
                )
                adoption = Adoption.objects.create(practice=entry, partnership=child.partnership)
                AdoptionSource.objects.create(
                    adoption=adoption, parent=parent, language="en", title="x"
                )
                Outcome.objects.create(adoption=adoption, months=6, reached=9, against_aim="same")
            client.get(f"{page.url}fit/?for=melbourne")
            with CaptureQueriesContext(connection) as captured:
                response = client.get(f"{page.url}fit/?for=melbourne")
            assert any(len(shown.adaptations) >= 2 for shown in response.context["rows"])
            return len(captured)

        assert queries(2) == queries(20)
