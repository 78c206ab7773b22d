"""One door: django-allauth signs in, and nothing else does."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.translation import override
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    GroupCollectionPermission,
    Page,
    PageViewRestriction,
    get_page_models,
)

from portal.models import PortalPage
from tests.factories import StandardPageFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SAMPLES = {"int": "1", "slug": "sample", "str": "sample", "path": "sample", "uuid": "0" * 32}

#: Parts of routes that need more than a made-up word; a new one is named by the first test below.
PARTS = {
    r"((?:[\w\-]+/)*)": "sample/",
    r"(\d+)": "1",
    "(.*)": "sample",
    "(?P<path>images/[^/]+)": "images/sample.jpg",
}


def leaves(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Yield the route of every view under `patterns`, as a route with `<name>` in it."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from leaves(pattern.url_patterns, route)
        else:
            yield route


def address_of(route: str) -> str:
    """Return an address that a route matches, with made-up values."""
    for converter, value in SAMPLES.items():
        route = re.sub(rf"<{converter}:\w+>", value, route)
    for part, value in PARTS.items():
        route = route.replace(part, value)
    address = simplify_regex(route)
    address = re.sub(r"<\w*(id|pk)\w*>", "1", address)
    return re.sub(r"<\w+>", "sample", address)


def all_addresses() -> dict[str, str]:
    """Return an address of every view, under every language prefix, with that language."""
    addresses: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for route in leaves(get_resolver().url_patterns):
                addresses.setdefault(address_of(route), language)
    return addresses


def signs_in(address: str, email: str) -> bool:
    """Whether posting valid credentials in any shape to `address` opens a session."""
    names = ("login", "username", "email", "user", "auth-username")
    secrets = ("password", "password1", "password2", "auth-password", "oldpassword")
    fields = {**dict.fromkeys(names, email), **dict.fromkeys(secrets, PASSWORD)}
    basic = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
    for body in (
        {"data": {**fields, "next": "/admin/", "return_url": "/admin/"}},
        {"data": json.dumps(fields), "content_type": "application/json"},
        {"data": fields, "headers": {"authorization": f"Basic {basic}"}},
    ):
        client = Client(raise_request_exception=False)
        client.post(address, **body)
        if SESSION_KEY in client.session:
            return True
    return False


def test_addresses_of_the_walk_reach_the_views():
    addresses = all_addresses()
    unresolved = []
    for address, language in addresses.items():
        with override(language):
            try:
                resolve(address)
            except Resolver404:
                unresolved.append(address)

    assert len(addresses) > 200
    assert {"/accounts/login/", "/admin/login/", "/en/_util/login/", "/he/_util/login/"} <= (
        addresses.keys()
    )
    assert not unresolved, "give PARTS what these routes need"


def test_no_view_but_the_door_signs_anybody_in():
    user = UserFactory(is_superuser=True)
    page = StandardPageFactory()
    PageViewRestriction.objects.create(
        pk=1, page=page, restriction_type=PageViewRestriction.PASSWORD, password=PASSWORD
    )

    opened = [address for address in all_addresses() if signs_in(address, user.email)]

    assert opened == [reverse("account_login")]


@pytest.mark.parametrize(
    "address",
    [
        "/admin/login/",
        "/admin/password_reset/",
        "/admin/password_reset/confirm/MQ/abc-def/",
        "/en/_util/login/",
        "/he/_util/login/",
    ],
)
def test_other_sign_in_forms_send_on_to_the_door(client, address):
    response = client.get(f"{address}?next=/admin/pages/")

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next=/admin/pages/"


@pytest.mark.parametrize(
    "address",
    [
        "/en/_util/authenticate_with_password/1/1/",
        "/he/_util/authenticate_with_password/1/1/",
        "/documents/authenticate_with_password/1/",
        "/accounts/email/",
        "/accounts/confirm-email/abc/",
        "/accounts/login/code/confirm/",
    ],
)
def test_ways_round_the_door_are_closed(client, address):
    shared = {"pk": 1, "restriction_type": "password", "password": PASSWORD}
    PageViewRestriction.objects.create(page=Page.objects.get(pk=1), **shared)
    CollectionViewRestriction.objects.create(collection=Collection.objects.get(pk=1), **shared)

    assert client.get(address, follow=True).status_code == 404
    assert client.post(address, {"password": PASSWORD}, follow=True).status_code == 404


def test_the_admin_asks_strangers_to_sign_in_at_the_door(client):
    response = client.get("/admin/pages/")

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next=/admin/pages/"


def test_nobody_signs_up_alone(client, django_user_model):
    page = client.get(reverse("account_signup"))
    client.post(
        reverse("account_signup"),
        {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert "by invitation" in page.content.decode()
    assert not django_user_model.objects.filter(email="new@example.org").exists()


def test_a_person_signs_in_by_e_mail_in_any_case_and_reaches_the_admin(client):
    UserFactory(email="dana@example.org", is_superuser=True)

    response = client.post(
        reverse("account_login"), {"login": "DANA@example.org", "password": PASSWORD}
    )

    assert response.status_code == 302
    assert response.url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_wrong_password_stays_outside(client):
    user = UserFactory()

    response = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})

    assert response.status_code == 200
    assert SESSION_KEY not in client.session


def test_a_deactivated_account_stays_outside(client):
    user = UserFactory(is_active=False)

    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert SESSION_KEY not in client.session


def test_who_does_not_edit_goes_to_the_front_page_in_their_language(client):
    user = UserFactory(preferred_language="he")

    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert response.url == "/he/"


def test_who_does_not_edit_is_told_so_instead_of_going_round_in_circles(client):
    user = UserFactory()
    client.force_login(user)

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert user.email in response.content.decode()


def test_the_door_does_not_send_to_another_host(client):
    user = UserFactory(is_superuser=True)

    response = client.post(
        reverse("account_login"),
        {"login": user.email, "password": PASSWORD, "next": "https://example.com/"},
    )

    assert response.url == "/admin/"


def test_a_forgotten_password_is_set_anew_by_mail_in_the_persons_language(client):
    user = UserFactory(preferred_language="he")

    client.post(reverse("account_reset_password"), {"email": user.email})
    (message,) = mail.outbox
    address = re.search(r"https?://testserver(/accounts/password/reset/key/\S+)", message.body)
    assert address
    form = client.get(address[1], follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "another good horse", "password2": "another good horse"},
    )

    user.refresh_from_db()
    assert user.check_password("another good horse")
    assert SESSION_KEY not in client.session
    assert settings.SITE_NAME in message.subject
    assert "סיסמ" in message.body


def test_an_unknown_address_gets_no_mail_and_the_same_answer(client):
    UserFactory(email="known@example.org")

    known = client.post(reverse("account_reset_password"), {"email": "known@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "unknown@example.org"})

    assert [message.to for message in mail.outbox] == [["known@example.org"]]
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_former_address_opens_nothing_after_a_change(client):
    user = UserFactory(email="old@example.org")
    client.post(reverse("account_reset_password"), {"email": "old@example.org"})
    mail.outbox.clear()

    user.email = "new@example.org"
    user.save()
    client.post(reverse("account_reset_password"), {"email": "old@example.org"})
    client.post(reverse("account_login"), {"login": "old@example.org", "password": PASSWORD})

    assert not mail.outbox
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("he", "rtl")])
def test_the_door_speaks_both_languages(client, language, direction):
    page = client.get(reverse("account_login"), headers={"accept-language": language})

    content = page.content.decode()
    assert f'lang="{language}" dir="{direction}"' in content
    assert 'class="template-account"' in content
    assert 'type="password"' in content


def test_no_page_type_offers_a_shared_password():
    for model in get_page_models():
        if issubclass(model, PortalPage):
            assert sorted(model.private_page_options) == ["groups", "login"]


def test_the_privacy_form_of_a_page_refuses_a_shared_password(admin_client):
    page = StandardPageFactory()

    form = admin_client.get(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]))
    admin_client.post(
        reverse("wagtailadmin_pages:set_privacy", args=[page.pk]),
        {"restriction_type": "password", "password": PASSWORD, "groups": []},
    )

    assert "shared password" not in form.content.decode()
    assert not PageViewRestriction.objects.exists()


def test_a_collection_refuses_a_shared_password_and_takes_sign_in(admin_client):
    collection = Collection.get_first_root_node().add_child(name="Files")
    address = reverse("wagtailadmin_collections:set_privacy", args=[collection.pk])

    admin_client.post(address, {"restriction_type": "password", "password": PASSWORD})
    assert not CollectionViewRestriction.objects.exists()
    admin_client.post(address, {"restriction_type": "login"})
    assert CollectionViewRestriction.objects.get().restriction_type == "login"


def test_the_privacy_of_collections_asks_for_the_right_to_change_them(client):
    collection = Collection.get_first_root_node().add_child(name="Files")
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client.force_login(user)

    client.post(
        reverse("wagtailadmin_collections:set_privacy", args=[collection.pk]),
        {"restriction_type": "login"},
    )

    assert not GroupCollectionPermission.objects.filter(group__user=user).exists()
    assert not CollectionViewRestriction.objects.exists()


@override_settings(ACCOUNT_RATE_LIMITS={"login_failed": "3/5m/ip"}, RATE_LIMITS=True)
def test_guessing_passwords_is_slowed_down(client):
    user = UserFactory()
    for guess in ("first guess", "second guess", "third guess"):
        client.post(reverse("account_login"), {"login": user.email, "password": guess})

    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert SESSION_KEY not in client.session
