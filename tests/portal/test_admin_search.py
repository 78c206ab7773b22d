"""Wagtail's own search in lists and choosers: what an editor types never breaks it."""

from __future__ import annotations

import pytest
from django.test import Client
from modelsearch.query import And, Phrase, PlainText
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from portal.admin_search import MAX_WORDS, plain
from stories.models import StoryPage
from tests.factories import StoryPageFactory, UserFactory

pytestmark = pytest.mark.django_db

HOSTILE = [
    'צה"ל',
    'a"b',
    '"',
    "\x00",
    "x\x00y",
    "word " * 3_000,
    "* ( ) OR AND NOT",
    "ab:cd",
    "'\\",
]
ADDRESSES = [
    "/admin/pages/search/",
    "/admin/choose-page/search/",
    "/admin/images/",
    "/admin/images/chooser/results/",
    "/admin/documents/",
    "/admin/documents/chooser/results/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_that_is_typed_breaks_a_list_or_chooser(address: str, client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True))
    for text in HOSTILE:
        assert client.get(address, {"q": text}).status_code == 200, ascii(text[:20])


def test_page_with_gershayim_is_found_in_lists_and_choosers() -> None:
    page = StoryPageFactory(title='חיילי צה"ל במשלחת')
    other = StoryPageFactory(title="משלחת אחרת")
    backend = get_search_backend()
    backend.add_bulk(StoryPage, [page, other])
    for text in ('צה"ל', 'צה"ל במשלחת', 'x "', '"'):
        expected = [page.pk] if "צה" in text else []
        assert [each.pk for each in backend.search(text, Page)] == expected, text
        assert [each.pk for each in backend.autocomplete(text, Page)] == expected, text
    query = And([PlainText("במשלחת"), Phrase('צה"ל'), PlainText('"')])
    assert [each.pk for each in backend.search(query, Page)] == [page.pk]
    assert not list(backend.search(PlainText('"\x00'), Page))


def test_long_text_is_asked_by_its_first_words() -> None:
    assert len(plain("word " * 3_000).split()) == MAX_WORDS
