"""A load that starts from nothing, killed in the middle; and the accounts to try the portal."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from home.services import accounts, network
from home.services.accounts import NotAllowedHere, make_demo_accounts
from partnerships.enums import Role
from partnerships.models import Membership, Partnership, PartnershipPage, RoleAssignment
from portal.models import User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_partnerships(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the files hold two Partnerships only, for speed."""
    rows = network.network_rows.read_network()
    kept = {"ashkelon-baltimore", "nahariya-northern-new-jersey"}
    rows.partnerships = {key: row for key, row in rows.partnerships.items() if key in kept}
    rows.memberships = {
        key: row for key, row in rows.memberships.items() if row["partnership"] in kept
    }
    members = {row["community"] for row in rows.memberships.values()}
    rows.communities = {key: row for key, row in rows.communities.items() if key in members}
    monkeypatch.setattr(network.network_rows, "read_network", lambda: rows)


@pytest.mark.usefixtures("two_partnerships")
def test_killed_in_the_middle_the_next_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(rows: Any, say: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(network, "load_network_facts", killed)
        with pytest.raises(KeyboardInterrupt):
            network.load_network()
    assert not Partnership.objects.exists()
    assert network.load_network()
    assert Partnership.objects.count() == 2
    assert Membership.objects.count() == 4
    assert PartnershipPage.objects.live().count() == 4
    assert not network.load_network()


@pytest.fixture
def partnership(settings: Any, tmp_path: Path) -> Partnership:
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    return factories.PartnershipFactory(slug="beit-shean-valley-of-springs-cleveland")


def test_each_role_gets_an_account_that_can_sign_in(partnership: Partnership) -> None:
    made = make_demo_accounts()
    assert {account.role for account in made} == set(Role.values)
    assert len(made) == 2 + 5
    for account in made:
        assert account.login.endswith("@example.org")
        user = User.objects.get(email=account.login)
        assert user.check_password(account.password)
        assignment = RoleAssignment.objects.get(user=user)
        assert assignment.role == account.role
        assert assignment.side == account.side
        assert (assignment.partnership == partnership) is bool(account.partnership)
    editor = next(account for account in made if account.role == Role.EDITOR)
    client = Client()
    client.force_login(User.objects.get(email=editor.login))
    assert client.get("/admin/").status_code == 200


def test_file_can_be_read_by_its_owner_only(partnership: Partnership) -> None:
    make_demo_accounts()
    path = accounts.accounts_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = json.loads(path.read_text())
    assert set(rows[0]) == {"role", "partnership", "side", "login", "password"}
    assert len({row["password"] for row in rows}) == len(rows)


def test_second_run_keeps_the_passwords(partnership: Partnership) -> None:
    first = make_demo_accounts()
    assert make_demo_accounts() == first
    assert User.objects.count() == len(first)
    accounts.accounts_file().unlink()
    again = make_demo_accounts()
    assert [account.login for account in again] == [account.login for account in first]
    assert User.objects.get(email=again[0].login).check_password(again[0].password)
    assert User.objects.count() == len(first)
    assert RoleAssignment.objects.count() == len(first)


def test_file_of_another_database_is_not_believed(partnership: Partnership) -> None:
    first = make_demo_accounts()
    User.objects.all().delete()
    again = make_demo_accounts()
    assert again[0].password != first[0].password
    assert User.objects.get(email=again[0].login).check_password(again[0].password)


def test_refused_in_production(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = False
    settings.VAR_DIR = tmp_path
    with pytest.raises(NotAllowedHere):
        make_demo_accounts()
    for option in ("--demo", "--demo-accounts"):
        with pytest.raises(CommandError, match="never in production"):
            call_command("load_network", option)
    assert not User.objects.exists()
    assert not Partnership.objects.exists()
    assert list(tmp_path.iterdir()) == []
