"""What the pages of Partnerships, communities, programs and events show, and what they hide."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from partnerships.enums import SeatRole, Side
from partnerships.models import (
    Committee,
    CommitteeDecision,
    CommitteeSeat,
    EventPage,
    Partnership,
    PartnershipPage,
)
from stories.models import StoryPage
from tests import factories as make
from tests.site_tree import Told, build_site, kept_for_module, queries_of, tell_everything

NOW = timezone.now  # asked for when a test runs
TODAY = timezone.localdate  # asked for when a test runs
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Told]:
    """Make both trees, and a Partnership whose page has one of everything."""
    with kept_for_module(django_db_blocker):
        build_site()
        yield tell_everything(slug="west", name={"en": "Akko - Omaha", "he": "עכו - אומהה"})


@pytest.fixture
def told(built: Told, db: None) -> Told:
    """Read those rows anew, so that no test sees what another did to them."""
    return Told(
        **{
            field.name: type(row := getattr(built, field.name)).objects.get(pk=row.pk)
            for field in dataclasses.fields(Told)
        }
    )


def html_of(client: Client, url: str) -> str:
    """Return the page at `url`."""
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


# Both sides ----------------------------------------------------------------------------------


def test_each_side_stands_where_its_script_begins(client: Client, told: Told) -> None:
    for language, order in (("en", ["abroad", "israel"]), ("he", ["israel", "abroad"])):
        page = make.page_of(told.partnership, language)
        portrait = client.get(page.url).context["portrait"]
        assert [pane.key for pane in portrait.panes] == order
        html = html_of(client, page.url)
        assert html.index(f"side--{order[0]}") < html.index(f"side--{order[1]}")


def test_names_stand_in_both_scripts(client: Client, told: Told) -> None:
    html = html_of(client, told.page.url)
    community = told.community_page.community
    assert community.name["en"] in html
    assert f'<bdi lang="he" dir="rtl">{community.name["he"]}</bdi>' in html
    assert '<bdi lang="he" dir="rtl">עכו - אומהה</bdi>' in html


@pytest.mark.parametrize(("israel", "abroad"), [(1, 1), (1, 2), (2, 12), (2, 17)])
def test_every_member_is_told_however_many(
    client: Client, told: Told, israel: int, abroad: int
) -> None:
    tie = make.PartnershipFactory()
    for number in range(israel):
        make.MembershipFactory(
            partnership=tie, community=make.CommunityFactory(country_code="IL"), sort_order=number
        )
    for number in range(abroad):
        code = "HU" if number == 3 else "US"
        make.MembershipFactory(
            partnership=tie, community=make.CommunityFactory(country_code=code), sort_order=number
        )
    page = make.page_of(tie)
    portrait = client.get(page.url).context["portrait"]
    assert (portrait.count_israel, portrait.count_abroad) == (israel, abroad)
    groups = portrait.first.groups
    assert sum(len(members) for _country, members in groups) == abroad
    assert [str(country) for country, _members in groups] == (
        ["United States", "Hungary"] if abroad > 5 else [""]
    )


def test_members_say_since_when_and_former_ones_until_when(client: Client, told: Told) -> None:
    make.MembershipFactory(
        partnership=told.partnership,
        community=make.CommunityFactory(name={"en": "Madison"}),
        joined_on=datetime.date(1997, 1, 1),
        left_on=datetime.date(2013, 6, 1),
        left_precision="month",
    )
    make.MembershipFactory(
        partnership=told.partnership,
        community=make.CommunityFactory(name={"en": "Tomorrowville"}),
        joined_on=TODAY() + datetime.timedelta(days=7),  # midnight may pass meanwhile
    )
    html = html_of(client, told.page.url)
    assert "since 1996" in html
    assert "1997–June 2013" in html
    assert "Tomorrowville" not in html


# What is never shown -------------------------------------------------------------------------


def test_no_persons_name_or_address_is_on_any_page(client: Client, told: Told) -> None:
    holder = make.UserFactory(email="chair@example.org", first_name="Noa", last_name="Secretname")
    committee = Committee.objects.first()
    assert committee is not None
    CommitteeSeat.objects.create(
        committee=committee, side=Side.ISRAEL, role=SeatRole.CHAIR, holder=holder
    )
    Partnership.objects.update(contact_email="office@example.org")
    told.partnership.memberships.update(contact_email="federation@example.org")
    for url in (told.page.url, told.program_page.url, told.community_page.url):
        html = html_of(client, url)
        assert "Secretname" not in html
        assert "@example.org" not in html


def test_committees_show_roles_by_side_nested_with_public_decisions(
    client: Client, told: Told
) -> None:
    committee = Committee.objects.get(parent=None)
    for _number in range(3):
        CommitteeSeat.objects.create(committee=committee, side=Side.ISRAEL, role=SeatRole.MEMBER)
    CommitteeSeat.objects.create(
        committee=committee,
        side=Side.ISRAEL,
        role=SeatRole.ADVISER,
        term_to=TODAY() - datetime.timedelta(days=1),
    )
    CommitteeDecision.objects.create(
        committee=committee,
        decided_on=TODAY(),
        summary={"en": "Kept to ourselves"},
        is_public=False,
    )
    (view,) = client.get(told.page.url).context["portrait"].committees
    israel = view.sides[1]
    assert [(str(seat.label), seat.count, seat.is_chair) for seat in israel.seats] == [
        ("co-chair", 1, True),
        ("committee member", 3, False),
    ]
    assert [str(decision.summary) for decision in view.decisions] == ["Decision 0"]
    assert [part.committee.kind for part in view.parts] == ["subcommittee"]


def test_schools_are_named_only_when_they_asked_for_it(client: Client, told: Told) -> None:
    twin = told.partnership.school_twins.get()
    assert "in Israel</bdi>" not in html_of(client, told.page.url)
    twin.names_are_public = True
    twin.save()
    html = html_of(client, told.page.url)
    assert str(twin.israel_school) in html
    assert str(twin.diaspora_school) in html


def test_a_held_event_tells_month_and_region_only(client: Client, told: Told) -> None:
    tie = told.partnership
    tie.region_name = {"en": "Western Galilee"}
    tie.save()
    town = make.CommunityFactory(country_code="IL", name={"en": "Hiddentown"})
    event = make.EventFactory(
        partnership=tie,
        name={"en": "Teens’ week"},
        summary={"en": "We meet at Hiddentown’s pool"},
        community=town,
        place={"en": "12 Secret Street"},
        online_url="https://secret.example.org/",
        starts_at=NOW() + datetime.timedelta(days=40),
        reveal_after=NOW() + datetime.timedelta(days=30),
    )
    page = make.EventPageFactory(
        event=event, body=[{"type": "paragraph", "value": "<p>Meet at the secretgate.</p>"}]
    )
    starts = event.starts_at
    for url in (told.page.url, page.url):
        html = html_of(client, url)
        assert "Western Galilee" in html
        assert f'datetime="{starts:%Y-%m}"' in html
        for secret in ("Hiddentown", "Secret Street", "secret.example", f"{starts:%Y-%m-%d}"):
            assert secret not in html
        assert "secretgate" not in html
    event.reveal_after = NOW() - datetime.timedelta(minutes=1)
    event.save()
    html = html_of(client, page.url)
    assert "12 Secret Street, Hiddentown" in html
    assert "We meet at Hiddentown’s pool" in html
    assert "secretgate" in html


def test_an_event_shows_the_hour_on_both_sides(client: Client, told: Told) -> None:
    event = told.event_page.event
    event.starts_at = datetime.datetime(2099, 1, 10, 17, 0, tzinfo=datetime.UTC)
    event.save()
    clocks = client.get(told.event_page.url).context["event"].clocks
    assert [clock.time.hour for clock in clocks] == [11, 19]


def test_an_event_that_is_over_says_so_and_invites_nobody(client: Client, told: Told) -> None:
    event = told.event_page.event
    event.online_url = "https://join.example.org/"
    event.save()
    coming = html_of(client, told.event_page.url)
    assert "https://join.example.org/" in coming
    assert "This event is over." not in coming
    event.starts_at = NOW() - datetime.timedelta(days=2)
    event.save()
    over = html_of(client, told.event_page.url)
    assert "This event is over." in over
    assert "join.example.org" not in over
    assert "At the same moment" not in over
    event.starts_at, event.ends_at = NOW() - datetime.timedelta(hours=1), NOW() + HOUR
    event.save()
    assert "This event is over." not in html_of(client, told.event_page.url)


def test_past_events_are_not_announced(client: Client, told: Told) -> None:
    event = told.event_page.event
    event.starts_at = NOW() - datetime.timedelta(days=2)
    event.save()
    assert client.get(told.page.url).context["portrait"].events == []


# The other language --------------------------------------------------------------------------


def test_an_unwritten_page_says_so_and_shows_the_facts(client: Client, told: Told) -> None:
    PartnershipPage.objects.filter(pk=told.page.pk).update(summary="Written in English.")
    hebrew = make.page_of(told.partnership, "he")
    html = html_of(client, hebrew.url)
    assert f'href="{told.page.url}" hreflang="en"' in html
    assert told.community_page.community.name["he"] in html
    assert "Written in English." not in html
    assert "notice" not in html_of(client, told.page.url)


def test_a_story_and_its_translation_are_one_thing(client: Client, told: Told) -> None:
    for language, expected in (("en", "en"), ("he", "he")):
        page = make.page_of(told.partnership, language)
        groups = {group.type: group for group in client.get(page.url).context["portrait"].told}
        assert groups["success"].total == 1
        assert groups["success"].hits[0].language == expected
        assert groups["practice"].hits[0].language == "en"
    html = html_of(client, make.page_of(told.partnership, "he").url)
    title = groups["practice"].hits[0].title
    assert re.search(rf'<h\d class="card__title" lang="en" dir="ltr">.*{title}', html)


def test_stories_of_others_drafts_and_private_ones_are_not_shown(
    client: Client, told: Told
) -> None:
    other = make.PartnershipPageFactory()
    make.StoryPageFactory(parent=other, title="Told elsewhere")
    make.StoryPageFactory(parent=told.page, title="Only a draft", live=False)
    html = html_of(client, told.page.url)
    assert "Told elsewhere" not in html
    assert "Only a draft" not in html
    StoryPage.objects.filter(title__startswith="Story").first().unpublish()  # type: ignore[union-attr]
    StoryPage.objects.filter(title__startswith="Story", live=True).first().unpublish()  # type: ignore[union-attr]
    groups = client.get(told.page.url).context["portrait"].told
    assert "success" not in {group.type for group in groups}


# Numbers -------------------------------------------------------------------------------------


def test_figures_come_with_date_and_source(client: Client, told: Told) -> None:
    make.FigureFactory(
        partnership=told.partnership,
        key="hosts",
        value="1200",
        is_at_least=True,
        as_of=datetime.date(2019, 1, 1),
        as_of_is_approximate=True,
        sources="https://example.org/report",
    )
    make.FigureFactory(
        partnership=told.partnership, key="hosts", value="900", as_of=datetime.date(2010, 1, 1)
    )
    html = html_of(client, told.page.url)
    assert "1,200" in html
    assert "more than" in html
    assert "about 2019" in html
    assert 'href="https://example.org/report"' in html
    assert ">900<" not in html  # the newest of a key


# Programs ------------------------------------------------------------------------------------


def test_a_program_page_puts_open_ways_first_and_says_what_follows(
    client: Client, told: Told
) -> None:
    program = told.program_page.program
    program.ways.filter(kind="host").update(
        is_closed=True, usually_opens={"en": "every November"}, asks={"en": "A bedroom"}
    )
    program.ways.filter(kind="travel").update(next_steps={"en": "The Federation calls you"})
    html = html_of(client, told.program_page.url)
    assert html.index("The Federation calls you") < html.index("A bedroom")
    assert "every November" in html
    assert "Israel &amp; Overseas associate" in html
    assert "usually answers within 3 days" in html


# Growth --------------------------------------------------------------------------------------


def test_pages_run_the_same_queries_with_1_and_with_5_of_everything(
    client: Client, told: Told
) -> None:
    few, many = told, tell_everything(5)
    for name in ("page", "community_page", "program_page", "event_page"):
        first, second = getattr(few, name), getattr(many, name)
        less, more = queries_of(client, first.url), queries_of(client, second.url)
        assert len(less) == len(more), name
        assert len(more) < 75, name
    assert EventPage.objects.count() > 5
