"""Points of the users' plan (docs/users.md) that no other test holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup
from django.test import Client

import home
import partnerships
from partnerships.enums import Direction, Side
from stories.models import PracticePage
from tests.factories import (
    CommunityFactory,
    LibraryIndexPageFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)

DATA = Path(partnerships.__file__).parent / "data"
FIGURES = Path(home.__file__).parent / "data" / "figures.yaml"


def words(node: Any) -> str:
    return " ".join(node.get_text(" ", strip=True).split())


@pytest.mark.django_db
def test_a_visitor_is_told_who_answers_for_whom_and_within_how_many_days(client: Client) -> None:
    tie = PartnershipFactory(contact_title={"en": "Coordinator of the region"}, answer_days=5)
    for name, contact, days in (
        ("Springfield", {"en": "Israel associate"}, 2),
        ("Shelbyville", {}, None),
    ):
        MembershipFactory(
            partnership=tie,
            community=CommunityFactory(name={"en": name}),
            side=Side.DIASPORA,
            contact_title=contact,
            answer_days=days,
        )
    soup = BeautifulSoup(client.get(page_of(tie).url).content, "html.parser")
    contacts = soup.select_one(".contacts")
    assert words(contacts.select_one(".contact")) == (
        "Springfield Israel associate usually answers within 2 days"
    )
    assert "Coordinator of the region" in words(contacts)
    assert "usually answers within 5 days" in words(contacts)


@pytest.mark.django_db
@pytest.mark.parametrize("direction", list(Direction))
def test_every_card_of_a_practice_says_which_way_people_travel(
    client: Client, direction: Direction
) -> None:
    LibraryIndexPageFactory(title="Library")
    home_page = page_of(PartnershipFactory(slug="home"))
    practice: PracticePage = PracticePageFactory(
        parent=home_page, title="Lantern walk", direction=direction.value
    )
    StoryPageFactory(parent=home_page, title="Lantern night", practice=practice)
    library = BeautifulSoup(client.get("/en/library/?q=walk").content, "html.parser")
    assert str(direction.label) in words(library.select_one(".hit"))
    options = library.select('input[name="direction"]') or library.select("[data-facet]")
    assert options
    told = BeautifulSoup(client.get(home_page.url).content, "html.parser")
    card = next(one for one in told.select(".card") if "Lantern walk" in one.get_text())
    assert str(direction.label) in words(card)


def test_the_networks_own_count_says_which_kinds_it_includes() -> None:
    kinds = json.loads((DATA / "network.json").read_text(encoding="utf-8"))["kinds"]
    counted = {kind["key"]: kind["is_counted"] for kind in kinds}
    assert counted["town-to-community"] is False
    assert len(counted) == 4
    figures = yaml.safe_load(FIGURES.read_text(encoding="utf-8"))
    count = next(figure for figure in figures if figure["key"] == "partnerships")
    assert "City-to-city and region-to-region" in count["definition"]["en"]
