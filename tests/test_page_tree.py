"""The rules of the page tree in one table, and a smoke test over every page type."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse
from wagtail.fields import StreamField
from wagtail.models import Page, get_page_models
from wagtail.test.utils import WagtailPageTestCase

from home.models import HomePage, StandardPage
from partnerships.models import (
    CommunityIndexPage,
    CommunityPage,
    EventPage,
    PartnershipIndexPage,
    PartnershipPage,
    ProgramIndexPage,
    ProgramPage,
)
from portal.models import PortalPage
from search.models import LibraryIndexPage
from stories.models import ChallengePage, PracticePage, ResourcePage, StoryPage
from tests import factories
from tests.admin_forms import posted

#: Page type: (parents, children, how many under one parent).
TREE: dict[type[Page], tuple[set[type[Page]], set[type[Page]], int | None]] = {
    HomePage: (
        {Page},
        {
            PartnershipIndexPage,
            CommunityIndexPage,
            ProgramIndexPage,
            LibraryIndexPage,
            StandardPage,
        },
        None,
    ),
    StandardPage: ({HomePage, StandardPage}, {StandardPage}, None),
    PartnershipIndexPage: ({HomePage}, {PartnershipPage}, 1),
    PartnershipPage: (
        {PartnershipIndexPage},
        {ProgramPage, EventPage, PracticePage, ChallengePage, StoryPage, ResourcePage},
        None,
    ),
    ProgramPage: ({PartnershipPage}, set(), None),
    EventPage: ({PartnershipPage}, set(), None),
    PracticePage: ({PartnershipPage}, set(), None),
    ChallengePage: ({PartnershipPage}, set(), None),
    StoryPage: ({PartnershipPage}, set(), None),
    ResourcePage: ({PartnershipPage}, set(), None),
    CommunityIndexPage: ({HomePage}, {CommunityPage}, 1),
    CommunityPage: ({CommunityIndexPage}, set(), None),
    ProgramIndexPage: ({HomePage}, set(), 1),
    LibraryIndexPage: ({HomePage}, set(), 1),
}
every_type = pytest.mark.parametrize("page_type", TREE, ids=lambda model: model.__name__)
both_languages = pytest.mark.parametrize("language", ["en", "he"])


def test_the_table_names_every_page_type() -> None:
    assert set(TREE) == {model for model in get_page_models() if model is not Page}


@every_type
class TestRules:
    """What may stand where."""

    def test_parents(self, page_type: type[Page]) -> None:
        parents, _children, _count = TREE[page_type]
        WagtailPageTestCase().assertAllowedParentPageTypes(page_type, parents)

    def test_children(self, page_type: type[Page]) -> None:
        _parents, children, _count = TREE[page_type]
        WagtailPageTestCase().assertAllowedSubpageTypes(page_type, children)

    def test_number_under_one_parent(self, page_type: type[Page]) -> None:
        _parents, _children, count = TREE[page_type]
        assert page_type.max_count_per_parent == count
        assert page_type.max_count is None

    def test_it_is_a_page_of_the_portal(self, page_type: type[Page]) -> None:
        assert issubclass(page_type, PortalPage)


@pytest.mark.django_db
def test_a_second_index_under_one_front_page_is_refused() -> None:
    index = factories.PartnershipIndexPageFactory()
    assert not PartnershipIndexPage.can_create_at(index.get_parent().specific)


def make(page_type: type[Page], language: str) -> Any:
    """Return a live page of a type in a language, with the tree above it."""
    factories.home_page("en")
    if page_type is HomePage:
        return factories.home_page(language)
    return getattr(factories, f"{page_type.__name__}Factory")(language=language)


def empty_texts(page: Any) -> None:
    """Take every text, picture and choice from a page that a draft may lack."""
    kept = {field.name for field in Page._meta.get_fields()} | {getattr(page, "fact_field", "")}
    for field in type(page)._meta.concrete_fields:
        if field.name in kept or not field.editable or field.primary_key:
            continue
        if isinstance(field, (StreamField, models.CharField, models.TextField)):
            setattr(page, field.name, [] if isinstance(field, StreamField) else "")
        elif field.null:
            setattr(page, field.name, None)


@every_type
@both_languages
@pytest.mark.django_db
class TestSmoke:
    """Every page type shows, can be edited and previewed, in both languages."""

    def test_it_shows(self, page_type: type[Page], language: str, client: Client) -> None:
        page = make(page_type, language)
        response = client.get(page.url)
        assert response.status_code == 200
        html = response.content.decode()
        assert f'<html lang="{language}"' in html
        assert f'<body class="{page.body_class}">' in html
        assert html.count("<h1") == 1

    def test_it_sets_no_cookie(self, page_type: type[Page], language: str, client: Client) -> None:
        response = client.get(make(page_type, language).url)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")

    def test_it_can_be_edited(
        self, page_type: type[Page], language: str, admin_client: Client, admin_user: Any
    ) -> None:
        admin_user.preferred_language = language
        admin_user.save()
        page = make(page_type, language)
        response = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
        assert response.status_code == 200

    def test_it_can_be_previewed(
        self, page_type: type[Page], language: str, admin_client: Client
    ) -> None:
        page = make(page_type, language)
        page.save_revision()
        response = admin_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
        assert response.status_code == 200
        assert f'<body class="{page.body_class}">' in response.content.decode()

    def test_a_draft_without_any_text_can_be_previewed(
        self, page_type: type[Page], language: str, admin_client: Client
    ) -> None:
        page = make(page_type, language)
        draft = page.__class__.objects.get(pk=page.pk)
        empty_texts(draft)
        draft.save_revision(clean=False)
        html = admin_client.get(
            reverse("wagtailadmin_pages:view_draft", args=[page.pk])
        ).content.decode()
        assert f'<html lang="{language}"' in html
        assert f'<body class="{page.body_class}">' in html
        assert html.count("<h1") == 1
        assert "None" not in html

    def test_what_stands_in_the_form_is_previewed_before_it_is_saved(
        self, page_type: type[Page], language: str, admin_client: Client
    ) -> None:
        page = make(page_type, language)
        title = "Not saved yet" if language == "en" else "עוד לא נשמר"
        edit = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
        form = edit.context["form"]
        shown = {"introduction": title} if page_type is HomePage else {}  # it shows no title
        data = posted(form, title=title, slug=page.slug, **shown)
        streams = {one.name for one in page_type._meta.fields if isinstance(one, StreamField)}
        data |= {f"{name}-count": "0" for name in streams & set(data)}
        address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
        answer = admin_client.post(address, data).json()
        assert answer == {"is_valid": True, "is_available": True}
        html = admin_client.get(address).content.decode()
        assert f'<html lang="{language}"' in html
        assert f'<body class="{page.body_class}">' in html
        assert title in html
