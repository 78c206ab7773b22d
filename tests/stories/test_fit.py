"""“Would it fit us?”: pure rules, calendars of both sides, and the public page."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from wagtail.models import PageViewRestriction

from stories.fit.rules import fit_rows
from stories.fit.table import Need, PracticeNeeds, Profile
from stories.matching import Verdict
from stories.models import Adoption, AdoptionSource, LineageEntry
from tests.factories import (
    CommunityFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    page_of,
)

TODAY = datetime.date(2026, 11, 28)


def verdict(need: Need, needs: PracticeNeeds, profile: Profile) -> Verdict:
    rows = {row.need: row for row in fit_rows(needs, profile, TODAY, "en")}
    assert set(rows) == set(Need)
    return rows[need].verdict


def en(*codes: str) -> frozenset[str]:
    return frozenset(codes)


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
            (Need.HOURS, {"direction": "online"}, {"zones": ("Europe/London",)}, "ok"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("Australia/Melbourne",)}, "stretch"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("Pacific/Honolulu",)}, "block"),
            (Need.HOURS, {"direction": "to_israel"}, {"zones": ("Pacific/Honolulu",)}, "ok"),
            (Need.HOURS, {"direction": "online"}, {"zones": ("No/Where",)}, "untold"),
            (Need.HOLIDAYS, {"season": "spring"}, {"countries": ("US", "IL")}, "stretch"),
            (Need.HOLIDAYS, {"season": "all_year"}, {"countries": ("US", "IL")}, "ok"),
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
            countries=("GB", "IL"),
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
        draft = self.practice(title="Not public")
        draft.unpublish()
        parent = LineageEntry.objects.create(translation_key=page.translation_key)
        for taken in (child, draft):
            entry, _new = LineageEntry.objects.get_or_create(translation_key=taken.translation_key)
            adoption = Adoption.objects.create(practice=entry, partnership=taken.partnership)
            AdoptionSource.objects.create(
                adoption=adoption, parent=parent, language="en", title="x"
            )
        html = client.get(f"{page.url}fit/?for=melbourne").content.decode()
        assert "We moved it to December." in html
        assert "Not public" not in html

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
