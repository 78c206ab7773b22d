"""What editors keep of the search in the admin: whose it is, and what bad input comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.enums import Role
from partnerships.models import Community
from portal.models import Concept, ConceptSynonym
from search.models import DocumentState, DocumentText, PromotedResult, SearchCount
from search.query import LibraryQuery, LibraryResult
from search.services.library import find
from search.services.refresh import refresh_stale
from tests.admin_forms import add_child, posted
from tests.factories import (
    CommunityFactory,
    ConceptFactory,
    DocumentFactory,
    RoleAssignmentFactory,
    StoryPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

REPORTS = ("searches/", "searches/results/", "searches/empty/", "searches/empty/results/", "index/")


@pytest.fixture
def arts() -> Concept:
    """A concept that a story is about."""
    concept: Concept = ConceptFactory(key="arts", kind="topic", label={"en": "Arts", "he": "אמנות"})
    StoryPageFactory(title="Two brushes", concepts=[concept])
    return concept


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(RoleAssignmentFactory(role=Role.NETWORK_STAFF).user)
    return client


# Whose they are ----------------------------------------------------------------------------------


def screens(*rows: Any) -> Iterator[str]:
    """Yield the addresses of reports and index, and of the screens of rows."""
    for report in REPORTS:
        yield f"/admin/search-library/{report}"
        yield f"/admin/search-library/{report}?export=csv"
    for row in rows:
        viewset = type(row).snippet_viewset
        for name in ("list", "list_results", "add"):
            yield reverse(viewset.get_url_name(name))
        for name in ("edit", "delete", "history", "history_results", "usage"):
            yield reverse(viewset.get_url_name(name), args=[row.pk])


@pytest.mark.parametrize(
    "who",
    [None, "account", Role.PROFESSIONAL, Role.CHAIR, Role.EDITOR, Role.COORDINATOR],
)
def test_nobody_but_staff_reads_or_sends_anything(
    client: Client, arts: Concept, who: str | None
) -> None:
    if who == "account":
        client.force_login(UserFactory())
    elif who:
        client.force_login(RoleAssignmentFactory(role=who).user)
    promotion = PromotedResult.objects.create(name="Hosts")
    SearchCount.objects.create(text="asked", language="en", day="2026-11-01", count=3, found=0)
    DocumentText.objects.create(
        document=DocumentFactory(), file_name="x.pdf", state=DocumentState.ENCRYPTED
    )
    for address in screens(promotion, arts):
        for answer in (client.get(address), client.post(address, {"action": "documents"})):
            assert answer.status_code == 302, address
            assert answer["Location"].partition("?")[0] in ("/admin/", "/accounts/login/")
    assert PromotedResult.objects.filter(pk=promotion.pk).exists()
    assert Concept.objects.filter(pk=arts.pk).exists()
    assert DocumentText.objects.exists()


# Synonyms and other names ------------------------------------------------------------------------


def edit(staff: Client, row: Any, children: str, **values: Any) -> Any:
    """Add a child row in the form of a row as it is shown, and send it."""
    address = reverse(type(row).snippet_viewset.get_url_name("edit"), args=[row.pk])
    data = posted(staff.get(address).context["form"])
    data[f"{children}-TOTAL_FORMS"] = data[f"{children}-INITIAL_FORMS"]
    return staff.post(address, add_child(data, children, **values))


def synonym(staff: Client, concept: Concept, text: str) -> Any:
    return edit(staff, concept, "synonyms", text=text, language="en", grade="exact")


def ask(text: str) -> LibraryResult:
    return find(LibraryQuery(text=text, lang="en"))


def test_a_synonym_is_searched_by_when_the_worker_has_come_by(
    staff: Client, arts: Concept, django_capture_on_commit_callbacks: Any
) -> None:
    assert not ask("zanzibo").hits
    with django_capture_on_commit_callbacks(execute=True):
        assert synonym(staff, arts, "zanzibo").status_code == 302
    result = ask("zanzibo")
    assert [hit.title for hit in result.hits] == ["Two brushes"]
    assert [one.key for one in result.expansions] == ["arts"]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "x" * 10_000, "a\x00b", "‮"])
def test_what_nobody_can_search_for_is_refused_as_a_synonym(
    staff: Client, arts: Concept, text: str
) -> None:
    answer = synonym(staff, arts, text)
    assert answer.status_code == 200
    assert answer.context["form"].formsets["synonyms"].errors[0]["text"]
    assert not ConceptSynonym.objects.exists()


def test_a_synonym_with_quotes_is_one(staff: Client, arts: Concept) -> None:
    assert synonym(staff, arts, "צה\"ל 'q' \"x").status_code == 302
    assert [one.key for one in ask("צה\"ל 'q' \"x").expansions] == ["arts"]


def test_a_little_word_does_not_stand_for_its_concept(staff: Client, arts: Concept) -> None:
    assert synonym(staff, arts, "the").status_code == 302
    assert not ask("soup for the families").expansions
    assert not ask("the").expansions


def test_what_another_editor_has_added_meanwhile_is_told_and_loses_nothing(
    staff: Client, arts: Concept
) -> None:
    address = reverse(Concept.snippet_viewset.get_url_name("edit"), args=[arts.pk])
    data = posted(staff.get(address).context["form"])
    data["synonyms-TOTAL_FORMS"] = 0
    data |= {"label_en": "Fine arts"}
    add_child(data, "synonyms", text="painting", language="en", grade="exact")
    ConceptSynonym.objects.create(concept=arts, language="en", text="painting", grade="loose")
    answer = staff.post(address, data)
    assert answer.status_code == 200
    assert "Nothing was saved" in str(answer.context["form"].errors)
    assert "Fine arts" in answer.content.decode()
    arts.refresh_from_db()
    assert str(arts.label) == "Arts"
    assert ConceptSynonym.objects.get().grade == "loose"


def test_another_name_of_a_place_is_searched_by_and_none_is_kept_twice(staff: Client) -> None:
    community: Community = CommunityFactory(name={"en": "Safed", "he": "צפת"})
    before = posted(
        staff.get(
            reverse(Community.snippet_viewset.get_url_name("edit"), args=[community.pk])
        ).context["form"]
    )
    assert "variants-TOTAL_FORMS" in before
    assert edit(staff, community, "variants", text="Zfatt", kind="spelling").status_code == 302
    refresh_stale()
    assert ask("Zfatt").query.words.names
    before["variants-TOTAL_FORMS"] = 0
    add_child(before, "variants", text="Zfatt", kind="spelling")
    address = reverse(Community.snippet_viewset.get_url_name("edit"), args=[community.pk])
    assert "Nothing was saved" in str(staff.post(address, before).context["form"].errors)
    assert community.variants.count() == 1
