"""A new name of a fact reaches its pages in every language, where the title was the name."""

from __future__ import annotations

import pytest
from wagtail.models import PageLogEntry

from partnerships.models import PartnershipPage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> dict[str, PartnershipPage]:
    factories.locale_of("he")
    fact = factories.PartnershipFactory(name={"en": "Old name", "he": "שם ישן"})
    english = factories.PartnershipPageFactory(partnership=fact)
    english.save_revision().publish()
    return {"en": english, "he": english.get_translation(factories.locale_of("he"))}


def test_titles_follow_in_both_languages(pages: dict[str, PartnershipPage]) -> None:
    fact = pages["en"].partnership
    fact.name = {"en": "New name", "he": "שם חדש"}
    fact.save()
    for language, page in pages.items():
        page.refresh_from_db()
        assert page.title == page.draft_title == fact.name[language]
        assert page.slug == fact.slug
        assert page.latest_revision.content["title"] == fact.name[language]
        assert page.live
        renamed = PageLogEntry.objects.get(page=page.pk, action="wagtail.rename")
        assert renamed.data["title"]["new"] == fact.name[language]


def test_title_that_an_editor_chose_stays(pages: dict[str, PartnershipPage]) -> None:
    pages["he"].title = "שם אחר לגמרי"
    pages["he"].save_revision().publish()
    fact = pages["en"].partnership
    fact.name = {"en": "New name", "he": "שם חדש"}
    fact.save()
    titles = {page.language: page.title for page in PartnershipPage.objects.all()}
    assert titles == {"en": "New name", "he": "שם אחר לגמרי"}


def test_draft_does_not_bring_the_old_name_back(pages: dict[str, PartnershipPage]) -> None:
    page = PartnershipPage.objects.get(pk=pages["en"].pk)
    page.summary = "Not ready yet."
    draft = page.save_revision()
    fact = page.partnership
    fact.name = {"en": "New name", "he": "שם ישן"}
    fact.save()
    page.refresh_from_db()
    assert page.title == "New name"
    assert page.summary == ""
    draft.refresh_from_db()
    draft.publish()
    page.refresh_from_db()
    assert page.title == "New name"
    assert page.summary == "Not ready yet."


def test_saving_without_a_new_name_changes_no_page(pages: dict[str, PartnershipPage]) -> None:
    fact = pages["en"].partnership
    fact.founded_year = 1995
    fact.save()
    assert not PageLogEntry.objects.filter(action="wagtail.rename").exists()


def test_community_and_program_pages_follow_too() -> None:
    community = factories.CommunityPageFactory()
    community.community.name = {"en": "Tzfat"}
    community.community.save()
    program = factories.ProgramPageFactory()
    program.program.name = {"en": "Kefiada"}
    program.program.save()
    community.refresh_from_db()
    program.refresh_from_db()
    assert (community.title, program.title) == ("Tzfat", "Kefiada")
