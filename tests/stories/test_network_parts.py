"""Parts of a page for the network alone: who sees them, and that nothing public tells them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from partnerships.enums import Role
from portal.models import PortalDocument
from portal.visibility import NETWORK
from search.models import LibraryText
from search.query import LibraryQuery
from search.services.consistency import compare
from search.services.documents import read_document, unread_documents
from search.services.library import find
from search.services.refresh import refresh_stale
from stories.enums import EvidenceLevel, NetworkPart
from stories.evidence_reading import evidence_of_page
from stories.matching.candidates import contact_roles
from stories.models import PracticeFacts, PracticePage, ResourcePage
from stories.network_parts import default_network_parts
from tests.factories import (
    DocumentFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    ResourcePageFactory,
    RoleAssignmentFactory,
    StoryPageFactory,
    UserFactory,
    page_of,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db

ALL = list(NetworkPart.values)
#: A word of each part, which stands nowhere else.
SECRETS = {
    NetworkPart.BUDGET: "Goldenfund",
    NetworkPart.CONTACT: "Bellwarden",
    NetworkPart.FORMS: "Quillform",
    NetworkPart.EVALUATIONS: "Surveystone",
}
#: A word of the file that belongs to the forms, and one of its name.
IN_FILE, FILE_TITLE = "Saffronium", "Handoutling"


def costs(item: str) -> list[dict[str, Any]]:
    line = {"category": "food", "item": item, "payer": "other", "amount": "4321.00"}
    line |= {"currency": "USD", "year": 2025, "is_each_run": True, "is_in_kind": False}
    return [{"type": "cost", "value": line}]


def resource(title: str, document: PortalDocument | None = None) -> list[dict[str, Any]]:
    value = {"title": title, "document": document.pk if document else None, "note": "by post"}
    return [{"type": "resource", "value": value}]


def work() -> None:
    """Do what the worker does."""
    for document in unread_documents():
        read_document(document.pk)
    while refresh_stale():
        pass


def practice(parts: list[str], **fields: Any) -> PracticePage:
    """Return a live practice that has something in each part, in English and Hebrew."""
    document = DocumentFactory(title=FILE_TITLE, content=f"{IN_FILE} in a file.".encode())
    home = page_of(PartnershipFactory(slug="home", name={"en": "Homeside", "he": "ביתצד"}))
    page: PracticePage = PracticePageFactory(
        parent=home,
        title="Lantern walk",
        slug="lantern",
        costs=costs(f"{SECRETS[NetworkPart.BUDGET]} of a family"),
        contact_role=SECRETS[NetworkPart.CONTACT],
        resources=resource(SECRETS[NetworkPart.FORMS], document),
        evidence=resource(SECRETS[NetworkPart.EVALUATIONS]),
        group_size=10,
        network_parts=parts,
        **fields,
    )
    PracticePageFactory(
        parent=page_of(home.partnership, "he"),
        language="he",
        title="הליכת פנסים",
        slug="lantern",
        translation_key=page.translation_key,
        original_language="en",
        costs=costs(f"{SECRETS[NetworkPart.BUDGET]} של משפחה"),
        contact_role=SECRETS[NetworkPart.CONTACT],
        resources=resource(SECRETS[NetworkPart.FORMS], document),
        evidence=resource(SECRETS[NetworkPart.EVALUATIONS]),
    )
    LibraryIndexPageFactory(title="Library")
    work()
    return page


def in_hebrew(page: PracticePage) -> PracticePage:
    return PracticePage.objects.get(
        translation_key=page.translation_key, locale__language_code="he"
    )


def file_of(page: PracticePage) -> str:
    document: PortalDocument = PracticePage.objects.get(pk=page.pk).resources[0].value["document"]
    return document.url


def outputs(page: PracticePage) -> dict[str, str]:
    """Return everything that the public can fetch of a practice, by name."""
    client = Client()
    words = [*SECRETS.values(), IN_FILE, FILE_TITLE]
    told = {
        "page": page.url,
        "Hebrew page": in_hebrew(page).url,
        "the Partnership": page.get_parent().url,
        "library": "/en/library/",
        "API": "/api/v1/search?page_size=100",
        "lantern in the library": "/en/library/?q=lantern",
        "lantern in the API": "/api/v1/search?q=lantern&lang=he",
        "site map": "/sitemap.xml",
    }
    texts = {}
    for name, url in told.items():
        answer = client.get(url)
        assert answer.status_code == 200, name
        assert "cookie" not in answer.get("Vary", "").lower(), name
        texts[name] = answer.content.decode()
    for word in words:
        found = client.get("/api/v1/search", {"q": word}).json()
        texts[f"found by {word}"] = word if found["total"] or found["network_more"] else ""
        texts[f"suggested for {word}"] = client.get(
            "/api/v1/suggest", {"q": word[:5]}
        ).content.decode()
        html = client.get("/en/library/", {"q": word}).content.decode()
        texts[f"library for {word}"] = html.replace(word, "", html.count(word) - 1)
        hits = BeautifulSoup(html, "html.parser").select(".hits")
        texts[f"hits for {word}"] = " ".join(one.get_text() for one in hits)
        del texts[f"library for {word}"]
    rows = LibraryText.objects.filter(entry__thing_key=page.translation_key)
    texts["index"] = "\n".join(str(row) for row in rows.values_list())
    return texts


def lower(text: str) -> str:
    return text.casefold()


# Leaks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ALL)
def test_nothing_public_tells_a_part_for_the_network(part: str) -> None:
    page = practice([part])
    secrets = [SECRETS[NetworkPart(part)]]
    secrets += [IN_FILE, FILE_TITLE] if part == NetworkPart.FORMS else []
    texts = outputs(page)
    for name, text in texts.items():
        for secret in secrets:
            assert lower(secret) not in lower(text), (name, secret)
    # What is not marked is told.
    for other in set(ALL) - {part}:
        assert SECRETS[NetworkPart(other)] in texts["page"], other
    assert compare().is_clean


def test_what_is_public_is_found_and_quoted() -> None:
    page = practice([])
    texts = outputs(page)
    for part, secret in SECRETS.items():
        assert secret in texts["page"], part
        assert secret in texts["Hebrew page"], part
    assert texts[f"found by {IN_FILE}"] == IN_FILE
    assert texts[f"found by {SECRETS[NetworkPart.BUDGET]}"]
    answer = Client().get(file_of(page))
    assert answer.status_code == 200
    assert "Cookie" not in answer.get("Vary", "")


def test_sums_of_costs_stay_public_and_can_be_filtered_by() -> None:
    page = practice(ALL)
    assert PracticeFacts.objects.get(pk=page.translation_key).network_parts == ALL
    for url in (page.url, in_hebrew(page).url):
        soup = BeautifulSoup(Client().get(url).content, "html.parser")
        sums = soup.select_one(".costs--sums").get_text()
        assert "4,321" in sums
        assert "432.10" in sums  # for each of the ten
        assert not soup.select("#cost-lines")
    assert find(LibraryQuery(text="lantern", at_most={"cost_participant": 0})).total == 1
    assert find(LibraryQuery(text="lantern", facets={"evidence": ["counted"]})).total == 1


def test_marking_a_live_practice_closes_its_translation_in_the_same_save() -> None:
    page = practice([])
    page = PracticePage.objects.get(pk=page.pk)
    page.network_parts = ALL
    page.save_revision().publish()
    for name, text in outputs(page).items():
        for secret in [*SECRETS.values(), IN_FILE, FILE_TITLE]:
            assert lower(secret) not in lower(text), (name, secret)
    work()
    assert compare().is_clean
    page.network_parts = []
    page.save_revision().publish()
    work()
    assert find(LibraryQuery(text=IN_FILE)).total == 1
    assert find(LibraryQuery(text=SECRETS[NetworkPart.CONTACT], languages=["he"])).total == 1


def test_marking_a_draft_changes_nothing_until_it_is_published() -> None:
    page = PracticePage.objects.get(pk=practice([]).pk)
    page.network_parts = ALL
    page.save_revision()
    assert SECRETS[NetworkPart.CONTACT] in outputs(page)["page"]


# The public page says that there is more ---------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_public_sees_that_parts_exist_and_how_to_ask(client: Client, language: str) -> None:
    page = practice(ALL)
    url = page.url if language == "en" else in_hebrew(page).url
    soup = BeautifulSoup(client.get(url).content, "html.parser")
    notes = soup.select(".reserved")
    assert len(notes) == 4
    assert {note.select("a")[1]["href"] for note in notes} == {"#access"}
    anchors = {note.select_one("a")["href"] for note in notes}
    assert anchors == {"network/#cost", "network/#contact", "network/#resources"}
    access = soup.select_one("#access")
    assert access.select_one('a[href="network/"]')
    assert access.select_one('a[href$="/partnerships/home/#contact"]')
    assert not soup.select('meta[name="robots"][content="noindex"]')


def test_an_empty_part_that_is_marked_is_not_spoken_of(client: Client) -> None:
    page = PracticePageFactory(network_parts=[NetworkPart.EVALUATIONS], evidence=[])
    soup = BeautifulSoup(client.get(page.url).content, "html.parser")
    assert not soup.select(".reserved, #access")


# Who sees it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_people_with_any_role_see_all_parts(client: Client, role: Role) -> None:
    page = practice(ALL)
    client.force_login(RoleAssignmentFactory(role=role).user)
    for url in (page.url, in_hebrew(page).url):
        answer = client.get(f"{url}network/")
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert "private" in answer["Cache-Control"]
        html = answer.content.decode()
        for part, secret in SECRETS.items():
            assert secret in html, part
        soup = BeautifulSoup(html, "html.parser")
        assert soup.select('meta[name="robots"][content="noindex"]')
        assert soup.select_one(".network-notice a")["href"] == url
        assert not soup.select(".reserved, #access")
    file = client.get(file_of(page))
    assert file.status_code == 200
    assert "no-store" in file["Cache-Control"]


def past_role() -> Any:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    return RoleAssignmentFactory(role=Role.COORDINATOR, ends_on=yesterday).user


@pytest.mark.parametrize("who", ["nobody", "no role", "ended role", "inactive"])
def test_all_others_are_kept_out_and_told_how_to_get_in(client: Client, who: str) -> None:
    page = practice(ALL)
    if who == "no role":
        client.force_login(UserFactory())
    elif who == "ended role":
        client.force_login(past_role())
    elif who == "inactive":
        user = RoleAssignmentFactory(role=Role.EDITOR).user
        client.force_login(user)
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    for url in (f"{page.url}network/", file_of(page)):
        answer = client.get(url)
        if who in ("nobody", "inactive"):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/accounts/login/?language=")
        else:
            assert answer.status_code == 403
        text = b"".join(answer) if answer.streaming else answer.content
        for secret in [*SECRETS.values(), IN_FILE]:
            assert secret.encode() not in text


def test_where_nothing_is_kept_the_network_is_told_so(client: Client) -> None:
    page = practice([])
    client.force_login(RoleAssignmentFactory(role=Role.PROFESSIONAL).user)
    soup = BeautifulSoup(client.get(f"{page.url}network/").content, "html.parser")
    assert "Nothing of this page is kept" in soup.select_one(".network-notice").get_text()


def test_drafts_and_closed_pages_stay_so_at_the_address_for_the_network(client: Client) -> None:
    page = practice(ALL)
    client.force_login(RoleAssignmentFactory(role=Role.PROFESSIONAL).user)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    assert SECRETS[NetworkPart.CONTACT] not in client.get(f"{page.url}network/").content.decode()
    restriction.delete()
    PracticePage.objects.get(pk=page.pk).unpublish()
    assert client.get(f"{page.url}network/").status_code == 404


# Files -------------------------------------------------------------------------------------------


def test_a_file_stays_closed_when_its_practice_is_unpublished(client: Client) -> None:
    page = practice([NetworkPart.FORMS])
    url = file_of(page)
    PracticePage.objects.get(pk=page.pk).unpublish()
    assert client.get(url).status_code == 302


def test_a_file_that_another_page_gives_to_everybody_is_open(client: Client) -> None:
    page = practice([NetworkPart.FORMS])
    url = file_of(page)
    document = PracticePage.objects.get(pk=page.pk).resources[0].value["document"]
    other = ResourcePageFactory(title="Open shelf", document=document)
    work()
    assert client.get(url).status_code == 200
    assert [hit.title for hit in find(LibraryQuery(text=IN_FILE)).hits] == ["Open shelf"]
    PageViewRestriction.objects.create(page=other, restriction_type="login")
    assert client.get(url).status_code == 302
    other.unpublish()
    assert client.get(url).status_code == 302


def test_a_resource_can_keep_its_file_in_all_languages(client: Client) -> None:
    document = DocumentFactory(title=FILE_TITLE, content=f"{IN_FILE} in a file.".encode())
    home = page_of(PartnershipFactory(slug="home"))
    address = "https://example.org/secret-shelf"
    told = {"document": document, "address": address, "slug": "shelf"}
    page = ResourcePageFactory(parent=home, title="Shelf", **told)
    hebrew = ResourcePageFactory(
        parent=page_of(home.partnership, "he"),
        language="he",
        title="מדף",
        translation_key=page.translation_key,
        original_language="en",
        **told,
    )
    work()
    assert find(LibraryQuery(text=IN_FILE, languages=["he"])).total == 1
    assert address in client.get(hebrew.url).content.decode()

    page = ResourcePage.objects.get(pk=page.pk)
    page.is_for_network = True
    page.save_revision().publish()
    for url in (page.url, hebrew.url):
        html = client.get(url).content.decode()
        assert address not in html
        assert document.url not in html
        assert len(BeautifulSoup(html, "html.parser").select(".reserved")) == 1
    assert client.get(document.url).status_code == 302
    for language in ("en", "he"):
        assert find(LibraryQuery(text=IN_FILE, languages=[language])).total == 0
    work()
    assert compare().is_clean

    client.force_login(RoleAssignmentFactory(role=Role.EDITOR).user)
    for url in (page.url, hebrew.url):
        html = client.get(f"{url}network/").content.decode()
        assert address in html
        assert document.url in html
    assert client.get(document.url).status_code == 200


def test_a_file_stays_with_the_network_when_its_page_is_deleted(client: Client) -> None:
    home = page_of(PartnershipFactory())
    document = DocumentFactory(title=FILE_TITLE, content=b"Words in a file.")
    page = ResourcePageFactory(
        parent=home, title="Shelf", slug="shelf", document=document, is_for_network=True
    )
    assert client.get(document.url).status_code == 302
    Page.objects.get(pk=page.pk).delete()
    assert client.get(document.url).status_code == 302
    client.force_login(RoleAssignmentFactory(role=Role.EDITOR).user)
    assert client.get(document.url).status_code == 200
    client.logout()
    ResourcePageFactory(parent=home, title="Open shelf", slug="open", document=document)
    assert client.get(document.url).status_code == 200


# Editors -----------------------------------------------------------------------------------------


def test_a_new_practice_keeps_budget_contact_and_forms() -> None:
    assert PracticePage().network_parts == default_network_parts()
    assert PracticePage().network_parts == ["budget", "contact", "forms"]
    assert PracticeFacts().network_parts == default_network_parts()


def test_an_editor_ticks_the_parts_and_no_others(client: Client) -> None:
    page = practice([])
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    url = f"/admin/pages/{page.pk}/edit/"
    soup = BeautifulSoup(client.get(url).content, "html.parser")
    boxes = soup.select('input[type="checkbox"][name="network_parts"]')
    assert [box["value"] for box in boxes] == ALL
    page = PracticePage.objects.get(pk=page.pk)
    data = practice_form(page, "action-publish")
    data["network_parts"] = ["contact", "budget"]
    answer = client.post(url, data)
    assert answer.status_code == 302
    assert PracticePage.objects.get(pk=page.pk).network_parts == ["contact", "budget"]
    facts = PracticeFacts.objects.get(pk=page.translation_key)
    assert facts.network_parts == ["contact", "budget"]
    refused = client.post(url, {**data, "network_parts": ["everything"]})
    assert refused.status_code == 200
    assert PracticePage.objects.get(pk=page.pk).network_parts == ["contact", "budget"]
    translation = client.get(f"/admin/pages/{in_hebrew(page).pk}/edit/").content.decode()
    assert 'name="network_parts"' not in translation


def test_an_editor_previews_both_readers_pages() -> None:
    page = practice(ALL)
    public = page.make_preview_request(preview_mode="")
    network = page.make_preview_request(preview_mode="network")
    assert [mode for mode, _label in page.preview_modes] == ["", "network"]
    for part, secret in SECRETS.items():
        assert secret not in public.content.decode(), part
        assert secret in network.content.decode(), part


def test_the_page_and_its_network_address_ask_a_fixed_number_of_queries() -> None:
    page = practice(ALL)
    client = Client()
    client.force_login(RoleAssignmentFactory(role=Role.PROFESSIONAL).user)

    def queries(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    urls = (page.url, f"{page.url}network/", file_of(page))
    before = [queries(url) for url in urls]
    for number in range(20):
        document = DocumentFactory(title=f"Paper {number}")
        PracticePageFactory(
            parent=page.get_parent(),
            network_parts=ALL,
            resources=resource(f"Paper {number}", document),
        )
        StoryPageFactory(parent=page.get_parent())
    assert [queries(url) for url in urls] == before


def test_the_reader_of_the_network_is_in_no_group() -> None:
    assert NETWORK.is_signed_in
    assert not NETWORK.group_ids
    assert not NETWORK.is_superuser


@pytest.mark.parametrize(("parts", "named"), [([], "An institute"), (["evaluations"], "")])
def test_who_evaluated_it_is_named_with_the_evaluations_alone(parts: list[str], named: str) -> None:
    evaluation = resource("Survey of hosts")
    evaluation[0]["value"]["evaluator"] = "An institute"
    evaluation[0]["value"]["address"] = "https://example.org/survey"
    page = PracticePageFactory(evidence=evaluation, network_parts=parts)
    found = evidence_of_page(PracticePage.objects.get(pk=page.pk))
    assert found.evaluator == named
    assert found.level == EvidenceLevel.COUNTED


@pytest.mark.parametrize(("parts", "is_told"), [([], True), (["contact"], False)])
def test_who_answers_is_told_to_a_challenge_as_it_is_on_the_page(
    parts: list[str], is_told: bool
) -> None:
    page = practice(parts)
    pages = [page.pk, in_hebrew(page).pk]
    told = SECRETS[NetworkPart.CONTACT]
    assert contact_roles(pages) == (dict.fromkeys(pages, told) if is_told else {})
