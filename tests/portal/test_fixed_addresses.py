"""No page stands behind an address that the portal answers itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from home.models import StandardPage
from portal.fixed_addresses import reserved_slugs
from portal.services.bulk_pages import BulkPageWriter
from tests import factories
from tests.admin_forms import posted

pytestmark = pytest.mark.django_db


def test_addresses_below_a_language_are_read_from_the_configuration() -> None:
    assert {"board", "contact", "questions", "travelled", "_util"} == set(reserved_slugs())


@pytest.mark.parametrize("slug", sorted(reserved_slugs()))
def test_each_of_them_would_hide_a_page(slug: str, client: Client) -> None:
    page = StandardPage(title="Hidden", slug=slug)
    with pytest.raises(ValidationError) as refused:
        factories.home_page().add_child(instance=page)
    assert list(refused.value.message_dict) == ["slug"]
    assert f"{slug}-2" in refused.value.message_dict["slug"][0]


def test_it_is_told_in_hebrew() -> None:
    with override("he"), pytest.raises(ValidationError) as refused:
        factories.home_page("he").add_child(instance=StandardPage(title="לוח", slug="board"))
    assert "כתובת של הפורטל" in refused.value.message_dict["slug"][0]


def test_drafts_are_refused_as_well() -> None:
    page = factories.StandardPageFactory(live=False)
    page.slug = "board"
    with pytest.raises(ValidationError):
        page.save(clean=False)
        page.minimal_clean()


def test_further_below_such_a_slug_is_an_address_like_others() -> None:
    above = factories.StandardPageFactory()
    page = factories.StandardPageFactory(parent=above, slug="board")
    assert page.slug == "board"


def test_a_title_that_gives_such_a_slug_gets_a_number() -> None:
    page = StandardPage(title="Board")
    factories.home_page().add_child(instance=page)
    assert page.slug == "board-2"


def test_the_bulk_writer_numbers_and_refuses_likewise() -> None:
    home = factories.home_page()
    with BulkPageWriter() as writer:
        writer.add(page := StandardPage(title="Board"), home)
        with pytest.raises(ValidationError) as refused:
            writer.add(StandardPage(title="x", slug="questions"), home)
    assert page.slug == "board-2"
    assert "portal itself" in refused.value.message_dict["slug"][0]


def test_an_editor_gets_another_for_a_new_page(admin_client: Client) -> None:
    home = factories.home_page()
    url = reverse("wagtailadmin_pages:add", args=["home", "standardpage", home.pk])
    form = admin_client.get(url).context["form"]
    data = {**posted(form, title="Board", slug="board"), "body-count": "0"}
    admin_client.post(url, data)
    assert StandardPage.objects.get(title="Board").slug == "board-2"


def test_an_editor_is_told_when_a_public_page_would_move_there(admin_client: Client) -> None:
    page = factories.StandardPageFactory(slug="about-us")
    page.save_revision().publish()
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data: dict[str, Any] = posted(admin_client.get(url).context["form"], slug="board")
    response = admin_client.post(url, {**data, "body-count": "0", "action-publish": "1"})
    assert "address of the portal itself" in str(response.context["form"].errors["slug"])
    page.refresh_from_db()
    assert page.slug == "about-us"


def test_copying_there_is_refused_in_the_form(admin_client: Client) -> None:
    page = factories.StandardPageFactory(slug="about-us")
    response = admin_client.post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {"new_title": "x", "new_slug": "board", "new_parent_page": page.get_parent().pk},
    )
    assert "address of the portal itself" in str(response.context["form"].errors["new_slug"])


def test_moving_there_is_not_offered() -> None:
    above = factories.StandardPageFactory()
    page = factories.StandardPageFactory(parent=above, slug="board")
    other = factories.StandardPageFactory(parent=above, slug="boards")
    home = above.get_parent().specific
    assert not page.can_move_to(home)
    assert other.can_move_to(home)
