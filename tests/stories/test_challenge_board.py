"""The board: what Partnerships look for and what they offer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from stories.enums import ChallengeStatus
from stories.services.challenges import Ending, close_challenge
from tests.factories import ChallengePageFactory, PartnershipFactory, PracticePageFactory, page_of
from tests.site_tree import build_site
from tests.stories.test_challenges import person

pytestmark = pytest.mark.django_db


def published(factory: Any, **values: Any) -> Any:
    page = factory(**values)
    page.save_revision().publish()
    return page


def test_open_challenges_and_offers_stand_on_it_and_nothing_else(client: Client) -> None:
    seen = published(ChallengePageFactory, title="Who hosts us?")
    closed = published(ChallengePageFactory, title="Long solved")
    user = person(Role.COORDINATOR, closed.partnership)
    close_challenge(closed.translation_key, Ending(ChallengeStatus.SOLVED_OTHERWISE), user)
    ChallengePageFactory(title="A draft", live=False)
    hidden = published(ChallengePageFactory, title="Kept private")
    PageViewRestriction.objects.create(page=hidden, restriction_type="login")
    offer = published(PracticePageFactory, title="We know how", mentor_offer="open")
    published(PracticePageFactory, title="No offer", mentor_offer="none")
    secret = published(PracticePageFactory, title="Private offer", mentor_offer="open")
    PageViewRestriction.objects.create(page=secret, restriction_type="login")
    response = client.get("/en/board/")
    board = response.context["board"]
    assert [line.hit.title for line in board.looked_for] == [seen.title]
    assert [line.hit.title for line in board.offered] == [offer.title]
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert 'dir="rtl"' in client.get("/he/board/").content.decode()


@pytest.mark.parametrize("page", ["", "0", "99", "x", "-1", "１", "1" * 50])
def test_any_page_number_is_answered(client: Client, page: str) -> None:
    published(ChallengePageFactory, title="Who hosts us?")
    response = client.get("/en/board/", {"page": page})
    assert response.status_code == 200
    assert response.context["board"].looked_for


def test_the_library_leads_to_it(client: Client) -> None:
    build_site()
    assert 'href="/en/board/"' in client.get("/en/library/").content.decode()


def test_as_many_queries_for_many_lines(client: Client) -> None:
    parents = [page_of(PartnershipFactory()) for _number in range(3)]

    def queries(count: int) -> int:
        for number in range(count):
            parent = parents[number % 3]
            published(ChallengePageFactory, parent=parent)
            published(PracticePageFactory, parent=parent, mentor_offer="open")
        client.get("/en/board/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/en/board/")
        return len(captured)

    assert queries(3) == queries(21)
