"""What an editor is told of a page before others see it, and what the preview needs for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from wagtail.admin.userbar import ContentCheckerItem, apply_userbar_hooks

from portal.content_checker import PortalContentChecker
from portal.page_checks import PageCheck, page_checks
from stories.models import PracticePage, StoryPage
from tests.factories import (
    ImageFactory,
    PartnershipPageFactory,
    PracticePageFactory,
    ProgramPageFactory,
    StoryPageFactory,
    locale_of,
    page_of,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db


def checks(page: Any) -> dict[str, PageCheck]:
    return {check.code: check for check in page_checks(page)}


def picture(image: Any, words: str = "", decorative: bool = False) -> dict[str, Any]:
    value = {"image": image.pk, "alt_text": words, "decorative": decorative}
    return {"type": "picture", "value": {"image": value, "caption": ""}}


def story(**fields: Any) -> StoryPage:
    """Return a story as the editor reads it from the database."""
    return StoryPage.objects.get(pk=StoryPageFactory(**fields).pk)


def test_a_page_with_everything_gives_no_remark() -> None:
    locale_of("he")
    image = ImageFactory(description="Nine jars", credit="the coordinator")
    page = story(hero_image=image, body=[picture(image)])
    StoryPageFactory(
        parent=page_of(page.partnership, "he"),
        language="he",
        translation_key=page.translation_key,
    )
    assert checks(page) == {}


def test_two_revisions_can_be_compared(admin_client: Client) -> None:
    page = story(summary="Before.")
    page.save_revision()
    page.summary = "After."
    page.save_revision()
    url = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, "earliest", "latest"])
    response = admin_client.get(url)
    assert response.status_code == 200
    assert "After" in response.content.decode()


def test_a_missing_counterpart_is_said_by_its_language() -> None:
    locale_of("he")
    check = checks(story())["counterpart"]
    assert "Hebrew" in check.message
    assert not check.stands_in_the_way


def test_pictures_without_words_or_credit_are_named_once() -> None:
    silent = ImageFactory(title="Silent", description="", credit="")
    told = ImageFactory(title="Told", description="Nine jars", credit="somebody")
    page = story(hero_image=told, body=[picture(silent), picture(silent), picture(told)])
    found = checks(page)
    assert found["alternative_text"].message.count("“Silent”") == 1
    assert "Told" not in found["alternative_text"].message
    assert found["credit"].message.count("“Silent”") == 1
    assert found["alternative_text"].field == "body"


@pytest.mark.parametrize(("words", "decorative"), [("Words of its own", False), ("", True)])
def test_a_picture_with_own_words_or_only_for_ornament_is_not_silent(
    words: str, decorative: bool
) -> None:
    image = ImageFactory(description="")
    page = story(body=[picture(image, words, decorative)])
    assert "alternative_text" not in checks(page)


def test_a_picture_in_a_gallery_is_seen_too() -> None:
    image = ImageFactory(title="In a gallery", description="")
    gallery = {"heading": "", "pictures": [picture(image)["value"]]}
    page = story(body=[{"type": "gallery", "value": gallery}])
    assert "In a gallery" in checks(page)["alternative_text"].message


@pytest.mark.parametrize(
    ("kinds", "is_bare"),
    [
        (["heading", "paragraph"], False),
        (["heading", "heading", "paragraph"], True),
        (["paragraph", "heading"], True),
        ([], False),
    ],
)
def test_a_heading_needs_text_below_it(kinds: list[str], is_bare: bool) -> None:
    values = {"heading": "Before", "paragraph": "<p>Text</p>"}
    page = story(body=[{"type": kind, "value": values[kind]} for kind in kinds])
    assert ("heading" in checks(page)) == is_bare


def test_a_missing_summary_is_advice() -> None:
    page = ProgramPageFactory(summary="")
    assert not checks(page)["summary"].stands_in_the_way


def test_a_picture_whose_people_did_not_agree_stands_in_the_way() -> None:
    image = ImageFactory(people_shown="minors", consent_state="unknown")
    assert checks(story(hero_image=image, live=False))["image_consent"].stands_in_the_way


# In the editor ----------------------------------------------------------------------------------


def test_a_refused_publication_names_every_reason_above_the_form(admin_client: Client) -> None:
    page = PracticePageFactory(live=False)
    page.save_revision()
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = practice_form(page, "action-publish", problem="", steps=[], contact_role="")
    html = admin_client.post(url, form).content.decode()
    start = html.index('class="page-checks"')
    told = html[start : html.index("</ul>", start)]
    assert 'role="alert"' in told
    assert told.count("Missing for a practice") == 3


def test_a_draft_says_beforehand_what_it_lacks_and_may_be_saved(admin_client: Client) -> None:
    page = PracticePageFactory(live=False, audience="")
    page.save_revision()
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    html = admin_client.get(url).content.decode()
    assert "Needed before it can be published:" in html
    assert "Missing for a practice: for whom." in html
    assert admin_client.post(url, practice_form(page, audience="")).status_code == 302


def test_a_page_not_begun_yet_is_left_in_peace(admin_client: Client) -> None:
    parent = PartnershipPageFactory()
    url = reverse("wagtailadmin_pages:add", args=["stories", "practicepage", parent.pk])
    assert "page-checks" not in admin_client.get(url).content.decode()


def test_a_new_page_gets_another_address_where_its_titles_is_taken(admin_client: Client) -> None:
    first = PracticePageFactory(slug="jam")
    parent = first.get_parent()
    add = reverse("wagtailadmin_pages:add", args=["stories", "practicepage", parent.pk])
    draft = PracticePageFactory.build(slug="jam", title="Jam again")
    assert admin_client.post(add, practice_form(draft)).status_code == 302
    second = PracticePage.objects.get(title="Jam again")
    assert second.slug == "jam-2"
    # Autosave sends the form's own address again and again.
    edit = reverse("wagtailadmin_pages:edit", args=[second.pk])
    draft.slug = "jam"
    assert admin_client.post(edit, practice_form(draft)).status_code == 302
    assert second.get_latest_revision_as_object().slug == "jam-2"


# Beside the preview -----------------------------------------------------------------------------


def test_the_checker_looks_at_the_text_of_the_page() -> None:
    items: list[Any] = [ContentCheckerItem(in_editor=True)]
    request = RequestFactory().get("/")
    apply_userbar_hooks(request, items, None)
    [checker] = items
    assert isinstance(checker, PortalContentChecker)
    assert checker.in_editor
    configuration = checker.get_axe_configuration(request)
    assert configuration["context"]["include"] == ["main"]
    assert {"heading-order", "image-alt", "alt-text-quality"} <= set(
        configuration["options"]["runOnly"]
    )


def test_a_preview_stands_in_the_editors_frame_with_the_checker(admin_client: Client) -> None:
    page = PracticePageFactory()
    url = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
    assert admin_client.post(url, practice_form(page)).json()["is_valid"]
    shown = admin_client.get(url, {"in_preview_panel": "true"})
    assert shown.status_code == 200
    assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert "wagtail-userbar" in shown.content.decode()


def test_a_public_page_has_neither_checker_nor_frame(admin_client: Client) -> None:
    answer = admin_client.get(PracticePageFactory().url)
    assert "wagtail-userbar" not in answer.content.decode()
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
