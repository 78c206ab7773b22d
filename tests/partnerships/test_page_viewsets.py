"""The admin's lists of the pages of Partnerships, programs, events and communities."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.menu import admin_menu
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from partnerships.models import Partnership
from tests import factories as make

pytestmark = pytest.mark.django_db


def program_page(partnership: Partnership, language: str = "en", **values: Any) -> Any:
    parent = make.page_of(partnership, language)
    program = values.pop("program", None) or make.ProgramFactory(partnership=partnership)
    return make.ProgramPageFactory(parent=parent, language=language, program=program, **values)


def event_page(partnership: Partnership, language: str = "en", **values: Any) -> Any:
    parent = make.page_of(partnership, language)
    event = values.pop("event", None) or make.EventFactory(partnership=partnership)
    return make.EventPageFactory(parent=parent, language=language, event=event, **values)


def community_page(partnership: Partnership, language: str = "en", **values: Any) -> Any:
    community = make.MembershipFactory(partnership=partnership).community
    return make.CommunityPageFactory(community=community, language=language, **values)


def own_page(partnership: Partnership, language: str = "en", **values: Any) -> Any:
    if "title" in values:  # the page came by itself, under the Partnership's name
        values["draft_title"] = values["title"]
    return make.PartnershipPageFactory(partnership=partnership, language=language, **values)


#: List: what makes a page of a Partnership that stands in it.
LISTS = {
    "partnership_pages": own_page,
    "program_pages": program_page,
    "event_pages": event_page,
    "community_pages": community_page,
}
BELOW = {"program_pages": program_page, "event_pages": event_page}
every_list = pytest.mark.parametrize("name", LISTS)
below_a_partnership = pytest.mark.parametrize("name", BELOW)


def signed_in(role: Role, partnership: Partnership | None = None) -> Client:
    """Return a client signed in as somebody who acts in that role."""
    user = make.UserFactory()
    make.RoleAssignmentFactory(user=user, role=role, partnership=partnership)
    client = Client()
    client.force_login(user)
    client.user = user  # type: ignore[attr-defined]
    return client


def listed(client: Client, name: str, **filters: Any) -> list[Any]:
    response = client.get(reverse(f"{name}:index"), filters)
    assert response.status_code == 200
    return list(response.context["object_list"])


def titles(client: Client, name: str, **filters: Any) -> set[str]:
    return {page.title for page in listed(client, name, **filters)}


@every_list
def test_each_list_has_partnership_language_date_and_status(name: str) -> None:
    partnership = make.PartnershipFactory(name={"en": "Akko - Omaha", "he": "עכו - אומהה"})
    make.page_of(partnership)
    page = LISTS[name](partnership, title="Ours")

    response = signed_in(Role.NETWORK_STAFF).get(reverse(f"{name}:index"))

    columns = {column.name for column in response.context["table"].columns.values()}
    assert columns >= {"title", "locale", "latest_revision_created_at", "status"}
    html = response.content.decode()
    assert page.title in html
    if name != "partnership_pages":  # there the title is the Partnership
        assert columns & {"parent", "partnerships"}
        shown = "Akko - Omaha" if name == "community_pages" else make.page_of(partnership).title
        assert shown in html


@below_a_partnership
def test_who_acts_for_a_partnership_sees_its_pages_only(name: str) -> None:
    mine, other = make.PartnershipFactory(), make.PartnershipFactory()
    for partnership, word in ((mine, "Mine"), (other, "Other")):
        BELOW[name](partnership, title=f"{word} live")
        BELOW[name](partnership, title=f"{word} draft", live=False)
        private = BELOW[name](partnership, title=f"{word} private")
        PageViewRestriction.objects.create(page=private, restriction_type="login")
    own = {"Mine live", "Mine draft", "Mine private"}

    assert titles(signed_in(Role.COORDINATOR, mine), name) == own
    assert titles(signed_in(Role.EDITOR, mine), name) == own
    assert titles(signed_in(Role.NETWORK_STAFF), name) == own | {
        "Other live",
        "Other draft",
        "Other private",
    }


@every_list
def test_who_acts_for_nobody_is_kept_out(name: str) -> None:
    client = Client()
    client.force_login(make.UserFactory())
    assert client.get(reverse(f"{name}:index")).status_code == 302


def test_a_coordinator_sees_the_own_partnerships_page_in_each_language() -> None:
    mine, other = make.PartnershipFactory(), make.PartnershipFactory()
    for partnership in (mine, other):
        for language in ("en", "he"):
            make.page_of(partnership, language)
    found = listed(signed_in(Role.COORDINATOR, mine), "partnership_pages")
    assert {(page.partnership, page.locale.language_code) for page in found} == {
        (mine, "en"),
        (mine, "he"),
    }


@every_list
def test_a_list_is_filtered_by_partnership_language_and_status(name: str) -> None:
    mine, other = make.PartnershipFactory(), make.PartnershipFactory()
    for partnership in (mine, other):
        for language in ("en", "he"):
            make.page_of(partnership, language)
    english = LISTS[name](mine, title="In English")
    LISTS[name](mine, "he", title="בעברית")
    LISTS[name](other, title="Of others", live=False)
    client = signed_in(Role.NETWORK_STAFF)

    assert {"In English", "בעברית"} <= titles(client, name, partnership=mine.pk)
    assert "Of others" not in titles(client, name, partnership=mine.pk)
    in_english = titles(client, name, language=english.locale_id, partnership=mine.pk)
    assert "In English" in in_english
    assert "בעברית" not in in_english
    drafts = titles(client, name, state="draft")
    assert "Of others" in drafts
    assert not drafts & {"In English", "בעברית"}


def test_a_community_is_listed_with_the_partnerships_it_belongs_to_today() -> None:
    now, former = (
        make.PartnershipFactory(name={"en": name}) for name in ("Now - Here", "Then - There")
    )
    page = community_page(now)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    make.MembershipFactory(partnership=former, community=page.community, left_on=yesterday)
    client = signed_in(Role.NETWORK_STAFF)

    table = client.get(reverse("community_pages:index")).context["table"]
    shown = str(table.columns["partnerships"].get_value(next(iter(table.data))))
    assert "Now - Here" in shown
    assert "Then - There" not in shown
    assert listed(client, "community_pages", partnership=former.pk) == []


def test_a_list_offers_only_the_partnerships_one_acts_for() -> None:
    mine, other = make.PartnershipFactory(), make.PartnershipFactory()
    program_page(mine, title="Mine")
    program_page(other, title="Other")
    client = signed_in(Role.COORDINATOR, mine)

    response = client.get(reverse("program_pages:index"), {"partnership": other.pk})

    assert response.status_code == 200
    assert list(response.context["filters"].form.fields["partnership"].queryset) == [mine]
    assert "Other" not in {page.title for page in response.context["object_list"]}


@every_list
def test_a_list_runs_the_same_number_of_queries_with_2_and_20_rows(name: str) -> None:
    client = signed_in(Role.NETWORK_STAFF)

    def add(count: int) -> None:
        for _ in range(count):
            partnership = make.PartnershipFactory()
            make.page_of(partnership)
            LISTS[name](partnership)

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            assert len(listed(client, name)) >= 2
        return len(context)

    add(2)
    queries()  # warm: content types, site
    few = queries()
    add(18)

    assert queries() == few


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (Role.NETWORK_STAFF, set()),
        (Role.COORDINATOR, {"community_pages"}),
        (Role.EDITOR, {"community_pages"}),
    ],
)
def test_the_menu_leads_to_what_one_may_write(role: Role, hidden: set[str]) -> None:
    mine = None if role == Role.NETWORK_STAFF else make.PartnershipFactory()
    client = signed_in(role, mine)
    request = client.get(reverse("wagtailadmin_home")).wsgi_request

    (group,) = [
        item for item in admin_menu.menu_items_for_request(request) if item.name == "pages-by-type"
    ]
    shown = {item.url for item in group.menu.menu_items_for_request(request)}

    assert shown == {reverse(f"{name}:index") for name in LISTS if name not in hidden}


@pytest.mark.parametrize("language", ["en", "he"])
def test_what_is_told_most_stands_first_in_the_choice_of_a_page_type(language: str) -> None:
    mine = make.PartnershipFactory()
    client = signed_in(Role.COORDINATOR, mine)
    client.user.preferred_language = language  # type: ignore[attr-defined]
    client.user.save()  # type: ignore[attr-defined]
    parent = make.page_of(mine, language)

    response = client.get(reverse("wagtailadmin_pages:add_subpage", args=[parent.pk]))

    offered = [(model, line) for _name, _app, model, line in response.context["page_types"]]
    assert [model for model, _line in offered] == [
        "storypage",
        "practicepage",
        "programpage",
        "eventpage",
        "challengepage",
        "resourcepage",
    ]
    assert all(line for _model, line in offered)
