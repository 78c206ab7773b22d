"""Texts of the demonstration on pages that stand for sourced facts."""

from __future__ import annotations

from typing import Any

import pytest

from home.services.demo.places import remove_place_texts, write_place_texts
from partnerships.models import PartnershipPage
from tests import factories as make
from tests.site_tree import build_site

pytestmark = pytest.mark.django_db

SUMMARY = "Two towns that cook together."


@pytest.fixture
def page() -> PartnershipPage:
    """The unwritten page of a Partnership, in both languages."""
    build_site()
    partnership = make.PartnershipFactory(slug="west")
    make.page_of(partnership, "he")
    return make.page_of(partnership)


def entry(**texts: str) -> dict[str, Any]:
    """Return what the file says of that Partnership, by language; the first is first told."""
    return {
        "partnership": "west",
        "language": next(iter(texts)),
        "text": {code: {"summary": text, "body": [text]} for code, text in texts.items()},
    }


def write(**texts: str) -> int:
    """Write the demonstration's texts."""
    return write_place_texts([entry(**texts)], {}, {})


def test_an_unwritten_page_gets_its_text_marked_and_published(page: PartnershipPage) -> None:
    assert write(he="שתי ערים", en=SUMMARY) == 2
    page.refresh_from_db()
    assert (page.summary, page.text_is_demo, page.is_demo) == (SUMMARY, True, False)
    assert page.live
    assert not page.has_unpublished_changes
    assert page.is_translation
    revision = page.latest_revision.as_object()
    assert (revision.summary, revision.text_is_demo) == (SUMMARY, True)


def test_a_page_that_somebody_wrote_or_is_writing_keeps_what_it_has(page: PartnershipPage) -> None:
    page.summary = "Ours."
    page.save_revision().publish()
    twin = make.page_of(page.partnership, "he")
    twin.summary = "שלנו"
    twin.save_revision()
    assert write(en=SUMMARY, he="שתי ערים") == 0
    page.refresh_from_db()
    assert (page.summary, page.text_is_demo) == ("Ours.", False)


def test_a_text_that_was_taken_away_by_hand_stays_away(page: PartnershipPage) -> None:
    write(en=SUMMARY)
    page.refresh_from_db()
    page.summary, page.body, page.text_is_demo = "", "[]", False
    page.save_revision().publish()
    assert write(en=SUMMARY) == 0


def test_removal_leaves_the_page_unwritten_and_lets_it_come_back(page: PartnershipPage) -> None:
    write(en=SUMMARY)
    assert remove_place_texts() == {"partnerships.PartnershipPage": 1}
    page.refresh_from_db()
    assert page.live
    assert page.is_unwritten
    assert not page.text_is_demo
    assert remove_place_texts() == {}
    assert write(en=SUMMARY) == 1


def test_removal_keeps_the_draft_that_an_editor_has_begun(page: PartnershipPage) -> None:
    write(en=SUMMARY)
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object()
    draft.summary, draft.text_is_demo = "Ours, soon.", False
    draft.save_revision()
    remove_place_texts()
    page.refresh_from_db()
    assert (page.summary, page.text_is_demo) == ("", False)
    assert page.has_unpublished_changes
    assert page.get_latest_revision_as_object().summary == "Ours, soon."


def test_a_text_that_an_editor_made_his_own_survives_the_removal(page: PartnershipPage) -> None:
    write(en=SUMMARY)
    page.refresh_from_db()
    page.summary, page.text_is_demo = "Ours.", False
    page.save_revision().publish()
    assert remove_place_texts() == {}
    page.refresh_from_db()
    assert page.summary == "Ours."
