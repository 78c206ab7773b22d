"""A practice for the network alone is taken over, and translated, for the network alone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import PageViewRestriction

from stories.models import Adoption, PracticePage
from stories.services.adoptions import take_over
from tests.factories import locale_of, page_of
from tests.stories.adopting import child_page, partnership, person, practice, publish_child

pytestmark = pytest.mark.django_db


def readable(page: PracticePage, client: Client) -> bool:
    page.save_revision().publish()
    return bool(client.get(PracticePage.objects.get(pk=page.pk).url).status_code == 200)


@pytest.mark.parametrize("is_above", [False, True])
def test_what_the_network_alone_reads_is_taken_over_for_the_network_alone(
    client: Client, is_above: bool
) -> None:
    source = practice(title="For us alone")
    closed = page_of(source.partnership) if is_above else source
    PageViewRestriction.objects.create(page=closed, restriction_type="login")
    ours = partnership()
    user = person(of=ours)
    admin = Client()
    admin.force_login(user)
    url = reverse("wagtailadmin_bring", args=[source.translation_key])
    assert "Your version begins private" in admin.get(url).content.decode()
    data = {"action": "bring", "partnership": ours.pk, "language": "en", "contact_role": "editor"}
    told = admin.post(url, data, follow=True).content.decode()
    assert "only the same readers" in told
    adoption = Adoption.objects.get()
    [kept] = child_page(adoption).get_view_restrictions()
    assert (kept.restriction_type, kept.page_id) == ("login", child_page(adoption).pk)
    publish_child(adoption)
    assert client.get(child_page(adoption).url).status_code != 200
    assert "For us alone" not in client.get(page_of(ours).url).content.decode()
    page_of(ours, "he")
    hebrew = child_page(adoption).copy_for_translation(locale_of("he"))
    assert not readable(hebrew, client)


def test_what_some_groups_read_is_taken_over_for_those_and_what_is_public_for_all(
    client: Client,
) -> None:
    wide, narrow = (Group.objects.create(name=name) for name in ("wide", "narrow"))
    source, public = practice(), practice()
    for page, groups in ((page_of(source.partnership), [wide, narrow]), (source, [narrow])):
        row = PageViewRestriction.objects.create(page=page, restriction_type="groups")
        row.groups.set(groups)
    ours = partnership()
    user = person(of=ours)
    user.groups.add(narrow)
    [kept] = child_page(take_over(user, source, ours)).get_view_restrictions()
    assert (kept.restriction_type, list(kept.groups.all())) == ("groups", [narrow])
    adoption = take_over(user, public, ours)
    assert not child_page(adoption).get_view_restrictions().exists()
    assert client.get(publish_child(adoption).url).status_code == 200
    admin = Client()
    admin.force_login(user)
    url = reverse("wagtailadmin_bring", args=[public.translation_key])
    assert "begins private" not in admin.get(url).content.decode()
