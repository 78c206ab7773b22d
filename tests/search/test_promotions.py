"""What editors put above the results, and the index as they see it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from partnerships.enums import Role
from portal.library import Audience
from search.models import DocumentState, DocumentText, LibraryEntry, PromotedResult
from search.query import LibraryQuery
from search.services.documents import read_document
from search.services.library import find
from search.services.promotions import Promoted, promoted
from search.services.refresh import refresh_stale
from tests.admin_forms import add_child, posted
from tests.factories import (
    DocumentFactory,
    LibraryIndexPageFactory,
    ResourcePageFactory,
    RoleAssignmentFactory,
    StandardPageFactory,
    StoryPageFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


def recommend(*pages: Page, phrases: tuple[str, ...] = ("host families",), **dates: Any) -> Any:
    promotion = PromotedResult.objects.create(name="Hosts", **dates)
    for phrase in phrases:
        promotion.phrases.create(text=phrase)
    for number, page in enumerate(pages):
        promotion.pages.create(page=page, sort_order=number)
    promotion.save()
    return promotion


def above(text: str, **query: Any) -> list[Promoted]:
    return promoted(LibraryQuery(text=text, lang=query.pop("lang", "en"), **query))


def test_a_phrase_in_any_form_and_language_brings_the_pages_in_order() -> None:
    story = StoryPageFactory(title="First", summary="Twelve kitchens.")
    about = StandardPageFactory(title="About hosting", search_description="How it goes.")
    recommend(story, about, phrases=("host families", "משפחות מארחות"))
    for text in ("host families", "Host family", " HOST  families! ", "משפחות מארחות"):
        assert [(one.title, one.summary) for one in above(text)] == [
            ("First", "Twelve kitchens."),
            ("About hosting", "How it goes."),
        ], text
    for text in ("families", "host families in Akko", "", "!!!"):
        assert above(text) == []


def test_the_reader_gets_the_own_language() -> None:
    story = StoryPageFactory(title="First")
    StoryPageFactory(
        parent=page_of(story.partnership, "he"),
        language="he",
        title="ראשון",
        translation_key=story.translation_key,
    )
    only_english = StoryPageFactory(title="Second")
    recommend(story, only_english)
    found = above("host families", lang="he")
    assert [(one.title, one.language, one.direction) for one in found] == [
        ("ראשון", "he", "rtl"),
        ("Second", "en", "ltr"),
    ]


def test_only_what_the_reader_may_see_is_shown() -> None:
    draft = StoryPageFactory(live=False)
    private = StoryPageFactory()
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    network = StoryPageFactory()
    LibraryEntry.objects.filter(page=network).update(audience=Audience.NETWORK)
    recommend(draft, private, network)
    assert above("host families") == []


def test_dates_are_kept() -> None:
    story = StoryPageFactory()
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    promotion = recommend(story, starts_on=today, ends_on=today)
    assert above("host families")
    for starts, ends in ((today + day, None), (None, today - day)):
        PromotedResult.objects.filter(pk=promotion.pk).update(starts_on=starts, ends_on=ends)
        assert not above("host families")


def test_filters_and_later_pages_have_no_recommendations() -> None:
    recommend(StoryPageFactory())
    assert not above("host families", page=2)
    assert not above("host families", types=["practice"])
    for limits in ({"at_most": {"lead_time": 5}}, {"at_least": {"age_to": 5}}):
        assert not above("host families", **limits)
    assert not above("host families", untold=["lead_time"])
    assert above("host families")


def test_the_page_and_the_api_show_them_marked(client: Client) -> None:
    LibraryIndexPageFactory(title="Library")
    story = StoryPageFactory(title="Chosen <b>")
    recommend(story)
    soup = BeautifulSoup(client.get("/en/library/", {"q": "host families"}).content, "html.parser")
    box = soup.select_one(".promoted")
    assert box.h2.get_text(strip=True) == "Recommended by the editors"
    assert box.a.get_text() == "Chosen <b>"
    assert box.a["href"] == story.url
    assert not BeautifulSoup(client.get("/en/library/?q=soup").content, "html.parser").select(
        ".promoted"
    )
    told = client.get("/api/v1/search", {"q": "host families"}).json()["promoted"]
    assert [one["title"] for one in told] == ["Chosen <b>"]


def test_their_number_changes_no_number_of_queries() -> None:
    recommend(StoryPageFactory())
    above("host families")
    with CaptureQueriesContext(connection) as few:
        above("host families")
    recommend(*[StoryPageFactory() for _n in range(6)], phrases=("host families",))
    with CaptureQueriesContext(connection) as many:
        assert len(above("host families")) == 5
    assert len(many) == len(few)
    with CaptureQueriesContext(connection) as none:
        above("nothing of it")
    assert len(none) == 1


# In the admin ------------------------------------------------------------------------------------


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(RoleAssignmentFactory(role=Role.NETWORK_STAFF).user)
    return client


def test_network_staff_makes_a_recommendation_that_readers_get_at_once(staff: Client) -> None:
    story = StoryPageFactory(title="Chosen")
    address = reverse(PromotedResult.snippet_viewset.get_url_name("add"))
    form = staff.get(address).context["form"]
    data = posted(form, name="Hosts")
    for prefix in ("phrases", "pages"):  # the empty rows that the form begins with
        data[f"{prefix}-TOTAL_FORMS"] = 0
    add_child(data, "phrases", text="host families")
    add_child(data, "pages", page=story.pk)
    answer = staff.post(address, data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert [one.title for one in above("Host family")] == ["Chosen"]


def test_a_recommendation_without_words_or_with_dates_reversed_is_refused(staff: Client) -> None:
    address = reverse(PromotedResult.snippet_viewset.get_url_name("add"))
    form = staff.get(address).context["form"]
    data = posted(form, name="Hosts", starts_on="2026-02-01", ends_on="2026-01-01")
    for prefix in ("phrases", "pages"):
        data[f"{prefix}-TOTAL_FORMS"] = 0
    add_child(data, "phrases", text="!!!")
    add_child(data, "pages", page=StoryPageFactory().pk)
    answer = staff.post(address, data)
    assert answer.status_code == 200
    assert not PromotedResult.objects.exists()


def test_the_menu_is_in_both_languages(staff: Client) -> None:
    html = staff.get("/admin/").content.decode()
    for address in ("searches/", "searches/empty/", "index/"):
        assert f"/admin/search-library/{address}" in html


def test_the_index_is_shown_and_built_anew_by_a_task(
    staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    story = StoryPageFactory(title="Found again")
    DocumentText.objects.create(
        document=DocumentFactory(title="Locked plan"),
        file_name="x.pdf",
        state=DocumentState.ENCRYPTED,
    )
    html = staff.get("/admin/search-library/index/").content.decode()
    assert "database" in html
    assert "Locked plan" in html
    LibraryEntry.objects.filter(page=story).delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post("/admin/search-library/index/", {"action": "rebuild"}).status_code == 302
    assert LibraryEntry.objects.filter(page=story).exists()
    staff.post("/admin/search-library/index/", {"action": "documents"})
    assert not DocumentText.objects.filter(state=DocumentState.ENCRYPTED).exists()


def test_documents_moved_together_are_taken_out_at_once(staff: Client) -> None:
    closed = Collection.get_first_root_node().add_child(name="Closed")
    CollectionViewRestriction.objects.create(collection=closed, restriction_type="login")
    document = DocumentFactory(content=b"Trombone", title="Sheet")
    ResourcePageFactory(document=document)
    read_document(document.pk)
    refresh_stale()
    assert find(LibraryQuery(text="trombone")).total == 1
    address = reverse("wagtail_bulk_action", args=["portal", "portaldocument", "add_to_collection"])
    answer = staff.post(f"{address}?id={document.pk}&next=/admin/", {"collection": closed.pk})
    assert answer.status_code == 302
    document.refresh_from_db()
    assert document.collection == closed
    assert find(LibraryQuery(text="trombone")).total == 0
