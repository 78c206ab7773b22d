"""“Looking for partners” and “offers to mentor”: facets of the library, on cards and pages."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portal.library import Facet
from search.query import LibraryQuery
from search.services.library import find
from stories.enums import MentorOffer
from tests.factories import (
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    locale_of,
    page_of,
)

pytestmark = pytest.mark.django_db


def found(offer: str, lang: str = "en") -> set[str]:
    result = find(LibraryQuery(facets={Facet.OFFER: [offer]}, lang=lang))
    return {hit.title for hit in result.hits}


def test_they_are_facets_while_they_hold() -> None:
    parent = page_of(PartnershipFactory())
    PracticePageFactory(parent=parent, title="Quiet")
    mentor = PracticePageFactory(parent=parent, title="Mentor", mentor_offer=MentorOffer.OPEN)
    PracticePageFactory(parent=parent, title="Full", mentor_offer=MentorOffer.FULL)
    PracticePageFactory(parent=parent, title="Seeker", is_looking_for_partners=True)
    PracticePageFactory(
        parent=parent, title="Draft", is_looking_for_partners=True, live=False, bare=True
    )
    assert found("mentors") == {"Mentor"}
    assert found("partners") == {"Seeker"}
    counts = {one.value: one.label for one in find(LibraryQuery()).facets[Facet.OFFER]}
    assert counts == {"mentors": "offers to mentor", "partners": "looking for partners"}
    mentor.mentor_offer = MentorOffer.FULL
    mentor.save_revision().publish()
    assert found("mentors") == set()


def test_a_translation_has_those_of_the_page_first_told() -> None:
    page = PracticePageFactory(is_looking_for_partners=True)
    page_of(page.partnership, "he")
    copy = page.copy_for_translation(locale_of("he"))
    copy.title = "מחפשים"
    copy.save_revision().publish()
    assert found("partners", "he") == {"מחפשים"}


def test_cards_and_the_library_show_them() -> None:
    LibraryIndexPageFactory()
    page = PracticePageFactory(
        is_looking_for_partners=True, mentor_offer=MentorOffer.OPEN, activity_languages="en, he"
    )
    html = BeautifulSoup(Client().get("/en/library/").content, "html.parser")
    assert [chip.get_text() for chip in html.select(".hit .chip")] == [
        "offers to mentor",
        "looking for partners",
    ]
    card = BeautifulSoup(Client().get(page_of(page.partnership).url).content, "html.parser")
    assert "looking for partners" in card.select_one(".card").get_text()  # type: ignore[union-attr]
    part = BeautifulSoup(Client().get(page.url).content, "html.parser").select_one("#contact")
    words = part.get_text(" ", strip=True)  # type: ignore[union-attr]
    for told in (
        "coordinator of school twinning",
        "They offer to help whoever wants to repeat it.",
        "They are looking for partners.",
        "In the languages English, Hebrew",
        "Usual answer time not yet known",
        "Write to them",
    ):
        assert told in words


def test_the_api_filters_by_them() -> None:
    PracticePageFactory(title="Seeker", is_looking_for_partners=True)
    PracticePageFactory(title="Quiet")
    answer = Client().get("/api/v1/search?offer=partners").json()
    assert [hit["title"] for hit in answer["results"]] == ["Seeker"]
    assert Client().get("/api/v1/search?offer=nonsense").status_code == 400
