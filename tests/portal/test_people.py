"""The admin's screens of accounts, and the language that an account works in."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from partnerships.enums import Role
from portal.models import User
from tests.admin_forms import posted
from tests.factories import RoleAssignmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    """A member of the network's staff, signed in."""
    user = RoleAssignmentFactory(role=Role.NETWORK_STAFF, partnership=None).user
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def boss(client: Client) -> Client:
    """A superuser, signed in."""
    client.user = UserFactory(is_superuser=True)
    client.force_login(client.user)
    return client


def address(view: str, *users: Any) -> str:
    return reverse(f"wagtailusers_users:{view}", args=[user.pk for user in users])


def form_of(client: Client, where: str) -> Any:
    response = client.get(where)
    assert response.status_code == 200
    return response.context["form"]


def filled(client: Client, where: str, **changes: Any) -> dict[str, Any]:
    names = {"first_name": "Dana", "last_name": "Levi"}
    return posted(form_of(client, where), **{**names, **changes})


# Screens


def test_staff_make_an_account_by_e_mail_language_and_time_zone(staff):
    data = filled(
        staff,
        address("add"),
        email="Dana@Example.org",
        preferred_language="he",
        time_zone="Asia/Jerusalem",
        is_active=True,
        password1="a long and odd phrase",
        password2="a long and odd phrase",
    )

    response = staff.post(address("add"), data)

    user = User.objects.get(email="dana@example.org")
    assert response.status_code == 302
    assert (user.preferred_language, user.time_zone) == ("he", "Asia/Jerusalem")
    assert user.check_password("a long and odd phrase")
    assert not user.is_superuser


def test_an_account_without_password_waits_for_its_person(staff):
    data = filled(staff, address("add"), email="dana@example.org", is_active=True)

    staff.post(address("add"), data)

    assert not User.objects.get(email="dana@example.org").has_usable_password()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "taken@example.org"),
        ("email", "TAKEN@example.org"),
        ("time_zone", "Mars/Olympus"),
        ("preferred_language", "tlh"),
        ("password2", "another one"),
    ],
)
def test_an_invalid_account_is_refused_at_its_field(staff, field, value):
    UserFactory(email="taken@example.org")
    valid = {"email": "dana@example.org", "password1": "a long and odd phrase"}
    valid["password2"] = valid["password1"]
    data = {**filled(staff, address("add"), **valid), field: value}

    response = staff.post(address("add"), data)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not User.objects.filter(last_name="Levi").exists()


def test_a_weak_password_is_refused(staff):
    weak = {"password1": "password", "password2": "password"}
    data = filled(staff, address("add"), email="dana@example.org", **weak)

    assert "password2" in staff.post(address("add"), data).context["form"].errors


def test_staff_change_an_account(staff):
    person = UserFactory()

    staff.post(
        address("edit", person), filled(staff, address("edit", person), preferred_language="he")
    )

    person.refresh_from_db()
    assert (person.first_name, person.preferred_language) == ("Dana", "he")
    assert person.check_password("correct horse battery")


def test_staff_neither_see_nor_make_superusers(staff):
    person = UserFactory()
    assert "is_superuser" not in form_of(staff, address("edit", person)).fields

    data = {**filled(staff, address("edit", person)), "is_superuser": "on"}
    staff.post(address("edit", person), data)

    person.refresh_from_db()
    assert not person.is_superuser


def test_staff_do_not_touch_a_superusers_account(staff):
    boss = UserFactory(is_superuser=True)
    data = filled(staff, address("edit", staff.user), email=boss.email, password1="x" * 20)

    opened = staff.get(address("edit", boss))
    staff.post(address("edit", boss), {**data, "password2": "x" * 20})
    staff.post(address("delete", boss))

    boss.refresh_from_db()
    assert opened.status_code == 302
    assert boss.check_password("correct horse battery")


def test_staff_do_not_deactivate_superusers_in_bulk(staff):
    boss, person = UserFactory(is_superuser=True), UserFactory()
    bulk = reverse("wagtail_bulk_action", args=["portal", "user", "set_active_state"])

    staff.post(f"{bulk}?id={boss.pk}&id={person.pk}", {"mark_as_active": "False"})

    assert set(User.objects.filter(is_active=False)) == {person}


def test_superusers_make_superusers(boss):
    person = UserFactory()

    boss.post(address("edit", person), filled(boss, address("edit", person), is_superuser=True))

    person.refresh_from_db()
    assert person.is_superuser


def test_nobody_takes_away_the_own_rights(boss):
    fields = form_of(boss, address("edit", boss.user)).fields

    assert not {"is_superuser", "is_active"} & set(fields)


def test_groups_are_not_given_by_hand(boss):
    person, group = UserFactory(), Group.objects.create(name="some group")
    bulk = reverse("wagtail_bulk_action", args=["portal", "user", "assign_role"])

    boss.post(f"{bulk}?id={person.pk}", {"role": group.pk})

    assert "groups" not in form_of(boss, address("edit", person)).fields
    assert not person.groups.exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR])
def test_others_reach_no_accounts(client, role):
    client.force_login(RoleAssignmentFactory(role=role).user)
    person = UserFactory()

    for where in (address("index"), address("add"), address("edit", person)):
        assert client.get(where).status_code == 302


def test_the_list_of_accounts_runs_the_same_queries_for_many(staff, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    UserFactory.create_batch(2)
    staff.get(address("index"))
    with CaptureQueriesContext(connection) as few:
        staff.get(address("index"))
    UserFactory.create_batch(15)

    with django_assert_num_queries(len(few)):
        response = staff.get(address("index"))
    assert len(response.context["object_list"]) > 15


def test_an_account_is_found_by_address_or_name(staff):
    dana = UserFactory(email="dana@example.org", last_name="Levi")
    UserFactory(email="noa@example.org")

    for query in ("dana", "levi"):
        response = staff.get(address("index"), {"q": query})
        assert list(response.context["object_list"]) == [dana]


# Language


@pytest.mark.parametrize(
    ("language", "direction", "word"), [("en", "ltr", "Add user"), ("he", "rtl", "הוספת משתמש")]
)
def test_the_admin_comes_in_the_accounts_language(client, language, direction, word):
    user = UserFactory(is_superuser=True, preferred_language=language)
    client.post(
        reverse("account_login"), {"login": user.email, "password": "correct horse battery"}
    )

    content = client.get(address("add")).content.decode()

    assert f'<html lang="{language}" dir="{direction}"' in content
    assert word in content


def test_wagtail_is_told_of_a_changed_language_and_time_zone():
    user = UserFactory()

    user.preferred_language, user.time_zone = "he", "Asia/Jerusalem"
    user.save()

    profile = UserProfile.objects.get(user=user)
    assert (profile.preferred_language, profile.current_time_zone) == ("he", "Asia/Jerusalem")


def test_what_a_person_chooses_in_the_admin_holds_for_mails_too(boss):
    where = reverse("wagtailadmin_account")
    boss.get(where)

    response = boss.post(
        where,
        {
            "name_email-first_name": "Dana",
            "name_email-last_name": "Levi",
            "locale-preferred_language": "he",
            "locale-current_time_zone": "Asia/Jerusalem",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
        },
    )

    boss.user.refresh_from_db()
    assert response.status_code == 302
    assert (boss.user.preferred_language, boss.user.time_zone) == ("he", "Asia/Jerusalem")


def test_signing_in_writes_no_profile(client, django_assert_num_queries):
    user = UserFactory()

    with django_assert_num_queries(1):
        user.save(update_fields=["last_login"])


def test_the_account_screen_offers_no_password_and_no_address(boss):
    content = boss.get(reverse("wagtailadmin_account")).content.decode()

    assert 'type="password"' not in content
    assert 'name="name_email-email"' not in content
