"""The page of support: learning sessions to come and past ones, and the support desk."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from home.models import StandardPage
from home.services.demo.library import key_of
from home.services.demo.remove import remove_demo
from home.services.demo.shares import write_shares
from portal.models import OutgoingMail
from stories.models import Share
from stories.services.share_mail import send_digests
from tests.factories import (
    EventFactory,
    PartnershipFactory,
    PartnershipPageFactory,
    PracticePageFactory,
    StandardPageFactory,
    page_of,
)
from tests.site_tree import queries_of

pytestmark = pytest.mark.django_db


def session(days: int, **more: Any) -> Any:
    starts = timezone.now() + datetime.timedelta(days=days)
    values = {"partnership": None, "starts_at": starts, "is_learning_session": True}
    return EventFactory(**{**values, **more})


def text_of(page: Any) -> str:
    response = Client().get(page.url)
    assert response.status_code == 200
    assert not response.cookies
    main = BeautifulSoup(response.content, "html.parser").find("main")
    return main.get_text(" ", strip=True)  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["en", "he"])
def test_sessions_stand_in_order_with_recording_once_they_are_over(language: str) -> None:
    page = StandardPageFactory(slug="support", shows_support=True, language=language)
    hidden = PartnershipPageFactory(live=False).partnership
    session(9, name={"en": "Later", "he": "אחר כך"})
    session(3, name={"en": "Soon", "he": "בקרוב"}, online_url="https://example.org/join")
    session(-3, name={"en": "Over", "he": "היה"}, recording_url="https://example.org/film")
    session(-9, name={"en": "Old", "he": "ישן"}, follow_up={"en": "Read on", "he": "המשיכו"})
    session(5, name={"en": "Hidden", "he": "נסתר"}, partnership=hidden)
    session(5, name={"en": "Party", "he": "מסיבה"}, is_learning_session=False)
    session(
        -1,
        name={"en": "Held", "he": "מוחזק"},
        recording_url="https://example.org/secret",
        reveal_after=timezone.now() + datetime.timedelta(days=1),
    )
    text = text_of(page)
    names = {
        "en": ["Soon", "Later", "Over", "Old"],
        "he": ["בקרוב", "אחר כך", "היה", "ישן"],
    }[language]
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    for absent in ("Hidden", "נסתר", "Party", "מסיבה"):
        assert absent not in text
    html = Client().get(page.url).content.decode()
    for address in ("https://example.org/join", "https://example.org/film"):
        assert f'href="{address}"' in html
    assert "https://example.org/secret" not in html
    assert f'href="/{language}/contact/support/"' in html
    if language == "en":
        assert "answer within 3 working days, Sunday to Thursday" in text


def test_a_page_without_it_shows_none_of_it() -> None:
    session(3, name={"en": "Soon"})
    assert "Soon" not in text_of(StandardPageFactory())


def test_without_sessions_it_says_so() -> None:
    assert "None is planned at present." in text_of(StandardPageFactory(shows_support=True))


def test_invented_sessions_keep_the_page_from_search_engines() -> None:
    page, other = StandardPageFactory(shows_support=True), StandardPageFactory()
    assert {page, other} <= set(StandardPage.for_search_engines())
    session(3, is_demo=True)
    assert set(StandardPage.for_search_engines()) >= {other}
    assert page not in StandardPage.for_search_engines()
    assert 'content="noindex"' in Client().get(page.url).content.decode()


def test_the_page_asks_the_same_number_of_queries_for_many_sessions() -> None:
    page = StandardPageFactory(shows_support=True)
    counts = []
    for number in (2, 20):
        for days in range(1, number + 1):
            session(days)
            session(-days)
        counts.append(len(queries_of(Client(), page.url)))
    assert counts[0] == counts[1]


def test_demonstration_shares_are_written_once_told_to_nobody_and_removed() -> None:
    giver, receiver = PartnershipFactory(), PartnershipFactory()
    PracticePageFactory(
        parent=page_of(giver), translation_key=key_of("demo-practice-x"), is_demo=True
    )
    entries = [
        {"practice": "demo-practice-x", "to": receiver.slug, "state": "accepted", "days_ago": 3},
        {"practice": "demo-practice-none", "to": receiver.slug, "state": "offered", "days_ago": 3},
    ]
    partnerships = {receiver.slug: receiver}
    assert write_shares(entries, partnerships) == 1
    assert write_shares(entries, partnerships) == 0
    share = Share.objects.get()
    assert (share.is_demo, share.from_partnership, share.state) == (True, giver, "accepted")
    assert send_digests() == 0
    assert not OutgoingMail.objects.exists()
    remove_demo()
    assert not Share.objects.exists()
