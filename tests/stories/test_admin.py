"""The admin's lists of practices, stories, challenges and resources."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import GroupPagePermission

from tests.factories import (
    ChallengePageFactory,
    PartnershipPageFactory,
    PracticePageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    UserFactory,
    page_of,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db

LISTS = {
    "practices": PracticePageFactory,
    "stories": StoryPageFactory,
    "challenges": ChallengePageFactory,
    "resources": ResourcePageFactory,
}


def titles(client: Client, name: str, **filters: Any) -> set[str]:
    response = client.get(reverse(f"{name}:index"), filters)
    assert response.status_code == 200
    return {page.title for page in response.context["object_list"]}


@pytest.fixture
def editor_of() -> Any:
    """Return a function that makes an editor of one Partnership's page and signs in."""

    def make(page: Any) -> Client:
        group = Group.objects.create(name=f"Editors of {page.title}")
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        for kind in ("add", "change"):
            permission = Permission.objects.get(
                codename=f"{kind}_page", content_type__app_label="wagtailcore"
            )
            GroupPagePermission.objects.create(group=group, page=page, permission=permission)
        user = UserFactory()
        user.groups.add(group)
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.mark.parametrize("name", LISTS)
def test_each_type_has_its_list_with_partnership_language_date_and_status(
    name: str, admin_client: Client
) -> None:
    parent = PartnershipPageFactory(title="Akko – Cleveland")
    page = LISTS[name](parent=parent, title="Ours")
    response = admin_client.get(reverse(f"{name}:index"))
    columns = [column.name for column in response.context["table"].columns.values()]
    assert columns == [
        "bulk_actions",
        "title",
        "parent",
        "locale",
        "latest_revision_created_at",
        "status",
    ]
    html = response.content.decode()
    assert page.title in html
    assert parent.title in html
    assert "English" in html


def test_the_menu_leads_to_all_four(admin_client: Client) -> None:
    html = admin_client.get(reverse("wagtailadmin_home")).content.decode()
    for name in LISTS:
        assert reverse(f"{name}:index") in html


def test_an_editor_sees_only_what_may_be_edited(editor_of: Any) -> None:
    mine, other = PartnershipPageFactory(), PartnershipPageFactory()
    for number, parent in enumerate((mine, other)):
        PracticePageFactory(parent=parent, title=f"Live {number}")
        PracticePageFactory(parent=parent, title=f"Draft {number}", live=False)
    assert titles(editor_of(mine), "practices") == {"Live 0", "Draft 0"}


def test_somebody_without_rights_is_kept_out(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get(reverse("practices:index")).status_code == 302


def test_the_list_is_filtered_by_partnership_in_every_language(admin_client: Client) -> None:
    mine = PartnershipPageFactory()
    StoryPageFactory(parent=mine, title="In English")
    StoryPageFactory(parent=page_of(mine.partnership, "he"), language="he", title="בעברית")
    StoryPageFactory(title="Of others")
    assert titles(admin_client, "stories", partnership=mine.partnership.pk) == {
        "In English",
        "בעברית",
    }


def test_the_list_is_filtered_by_language_and_state(admin_client: Client) -> None:
    english = StoryPageFactory(title="Live")
    StoryPageFactory(title="Draft", live=False)
    StoryPageFactory(title="עברית", language="he")
    changed = StoryPageFactory(title="Changed")
    changed.save_revision()
    assert titles(admin_client, "stories", language=english.locale_id, state="live") == {
        "Live",
        "Changed",
    }
    assert titles(admin_client, "stories", state="draft") == {"Draft"}
    assert titles(admin_client, "stories", state="changed") == {"Changed"}
    assert len(titles(admin_client, "stories", state="nonsense")) == 4


def test_practices_are_filtered_by_how_it_went(admin_client: Client) -> None:
    PracticePageFactory(title="Worked")
    PracticePageFactory(title="Failed", outcome="failed")
    assert titles(admin_client, "practices", outcome="failed") == {"Failed"}


@pytest.mark.wagtail_indexes
def test_the_list_is_searched(admin_client: Client) -> None:
    StoryPageFactory(title="Twelve pots of soup")
    StoryPageFactory(title="Another")
    assert titles(admin_client, "stories", q="soup") == {"Twelve pots of soup"}


def test_a_long_list_takes_as_many_queries_as_a_short_one(admin_client: Client) -> None:
    parent = PartnershipPageFactory()
    url = reverse("stories:index")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(url)
        return len(captured)

    for _ in range(2):
        StoryPageFactory(parent=parent)
    queries()
    few = queries()
    for _ in range(12):
        StoryPageFactory(parent=parent)
    assert queries() == few


def test_the_chooser_explains_each_type_in_a_line(admin_client: Client) -> None:
    parent = PartnershipPageFactory()
    url = reverse("wagtailadmin_pages:add_subpage", args=[parent.pk])
    html = admin_client.get(url).content.decode()
    for line in ("People can join it.", "The recipe others can use.", "What happened."):
        assert line in html


def test_a_practice_is_previewed_before_it_is_first_saved(admin_client: Client) -> None:
    parent = PartnershipPageFactory()
    draft = PracticePageFactory.build(bare=True, title="Only a title", slug="only", summary="")
    missing = {"costs": [], "steps": [], "roles": [], "results": [], "difficulties": []}
    url = reverse("wagtailadmin_pages:preview_on_add", args=["stories", "practicepage", parent.pk])
    posted = admin_client.post(url, practice_form(draft, **missing, resources=[]))
    assert posted.json() == {"is_valid": True, "is_available": True}
    shown = admin_client.get(url)
    assert shown.status_code == 200
    html = shown.content.decode()
    assert '<body class="template-practice-page">' in html
    assert "Only a title" in html
    assert str(parent.partnership.name) in html
