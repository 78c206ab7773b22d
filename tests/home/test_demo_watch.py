"""A demonstration that was left in a portal in use is told of: by `/readyz`, and to staff."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from home.demo_watch import demonstration_waits
from partnerships.enums import Role
from portal.waiting import what_waits
from tests import factories as make
from tests.site_tree import build_site

pytestmark = pytest.mark.django_db


def state(client: Client) -> dict[str, Any]:
    """Return what `/readyz` says of the demonstration."""
    found: dict[str, Any] = client.get("/readyz").json()["components"]["demonstration"]
    return found


def test_without_invented_rows_there_is_nothing_to_say(client: Client) -> None:
    assert state(client) == {"state": "ok", "detail": "none"}


@pytest.mark.parametrize("what", ["program", "committee", "story", "text"])
def test_left_in_use_it_degrades_readyz_and_is_named_with_the_remedy(
    client: Client, settings: Any, what: str
) -> None:
    build_site()
    page = make.page_of(make.PartnershipFactory())
    if what == "program":
        make.ProgramFactory(is_demo=True)
    elif what == "committee":
        make.CommitteeFactory(is_demo=True)
    elif what == "story":
        make.StoryPageFactory(parent=page, is_demo=True)
    else:
        page.text_is_demo = True
        page.save_revision().publish()
    settings.DEMO = True
    assert state(client) == {"state": "ok", "detail": "loaded"}
    settings.DEMO = False
    assert state(client)["state"] == "degraded"
    assert "remove_demo" in state(client)["detail"]


def test_staff_see_it_first_thing_and_others_do_not(settings: Any) -> None:
    build_site()
    make.ProgramFactory(is_demo=True)
    staff = make.UserFactory()
    make.RoleAssignmentFactory(user=staff, role=Role.NETWORK_STAFF, partnership=None)
    coordinator = make.RoleAssignmentFactory(role=Role.COORDINATOR).user
    settings.DEMO = False
    assert "demonstration" in [group.key for group in what_waits(staff)]
    assert "demonstration" not in [group.key for group in what_waits(coordinator)]
    settings.DEMO = True
    assert list(demonstration_waits(staff, make.datetime.date.today())) == []
