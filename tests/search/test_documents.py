"""Attached documents: read once, found through their pages, gone as soon as they are closed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Collection, CollectionViewRestriction, PageViewRestriction

from portal.attachments import documents_in
from portal.models import PortalDocument
from portal.schedule import load_jobs
from search.models import DocumentState, DocumentText, LibraryFacet
from search.query import LibraryHit, LibraryQuery
from search.services import documents
from search.services.consistency import compare, rebuild
from search.services.documents import guess_language, piece_starts, read_document, withdraw_closed
from search.services.library import find
from search.services.refresh import refresh_stale
from stories.models import ResourcePage
from tests.factories import (
    DocumentFactory,
    LibraryIndexPageFactory,
    PracticePageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    page_of,
)
from tests.search.document_files import pdf, word, workbook

pytestmark = pytest.mark.django_db

BUDGET = [["Item", "Amount"], ["Flights for counsellors", 4800], ["Workbooks", 2500]]
BUDGET_FILE = workbook(*BUDGET)


def budget(**kwargs: Any) -> PortalDocument:
    return DocumentFactory(content=BUDGET_FILE, name="budget.xlsx", title="Costs", **kwargs)


def work() -> None:
    """Do what the worker does: read documents, then build the rows that wait."""
    for document in documents.unread_documents():
        read_document(document.pk)
    while refresh_stale():
        pass


def hits(text: str, **query: Any) -> list[LibraryHit]:
    return list(find(LibraryQuery(text=text, **query)).hits)


def collection(name: str = "Papers", below: Collection | None = None) -> Collection:
    return (below or Collection.get_first_root_node()).add_child(name=name)


def restrict(closed: Collection, kind: str = CollectionViewRestriction.LOGIN) -> Any:
    return CollectionViewRestriction.objects.create(collection=closed, restriction_type=kind)


@pytest.fixture
def resource() -> ResourcePage:
    """A resource that attaches a budget, which has been read."""
    page = ResourcePageFactory(title="Kefiada planning", document=budget())
    work()
    return page


# Found -------------------------------------------------------------------------------------------


def test_a_word_of_an_attached_file_finds_the_page_and_names_the_file(
    resource: ResourcePage,
) -> None:
    (hit,) = hits("counsellors")
    assert hit.page_id == resource.pk
    assert hit.reasons == ("documents",)
    (document,) = hit.documents
    assert document.name.startswith("budget")
    assert document.name.endswith(".xlsx")
    assert "<mark>counsellors</mark>" in document.snippet
    assert document.url == resource.document.url


def test_words_of_page_and_file_are_found_together(resource: ResourcePage) -> None:
    (hit,) = hits("kefiada workbooks")
    assert hit.page_id == resource.pk
    assert set(hit.reasons) == {"title", "documents"}
    assert hits("kefiada budget")[0].page_id == resource.pk  # the name of the file


def test_a_file_counts_less_than_the_page_itself() -> None:
    words = "accordion"
    for n in range(3):
        ResourcePageFactory(
            title=f"Other {n}", document=DocumentFactory(content=f"{words} {n}".encode())
        )
    own = StoryPageFactory(title="Quiet", body=[{"type": "paragraph", "value": f"<p>{words}</p>"}])
    work()
    assert hits(words)[0].page_id == own.pk
    assert len(hits(words)) == 4


def test_hebrew_files_are_found_and_their_language_told() -> None:
    document = DocumentFactory(content=word("מדריך למשפחות מארחות בקיץ " * 3), name="guide.docx")
    ResourcePageFactory(title="Guide", document=document)
    work()
    (found,) = hits("משפחות")[0].documents
    assert (found.language, found.direction) == ("he", "rtl")


@pytest.mark.django_db(transaction=True)
def test_a_version_is_drawn_and_written_in_one_transaction(resource: ResourcePage) -> None:
    resource.document.title = "Other costs"
    with CaptureQueriesContext(connection) as captured:
        resource.document.save()
    told = [query["sql"] for query in captured.captured_queries]
    drawn = next(at for at, sql in enumerate(told) if "libraryclock" in sql and "UPDATE" in sql)
    assert told[drawn - 1].startswith("BEGIN")
    assert "UPDATE" in told[drawn + 1]
    assert "libraryentry" in told[drawn + 1]


def test_files_are_found_wherever_a_page_attaches_them() -> None:
    files = [DocumentFactory(content=f"wordof{n}".encode(), name=f"f{n}.txt") for n in range(4)]
    link = f'<p><a linktype="document" id="{files[1].pk}">here</a></p>'
    story = StoryPageFactory(
        body=[
            {"type": "document", "value": {"document": files[0].pk, "description": "x"}},
            {"type": "paragraph", "value": link},
        ]
    )
    practice = PracticePageFactory(
        resources=[{"type": "resource", "value": {"title": "L", "document": files[2].pk}}],
        problem=f'<p><a id="{files[3].pk}" linktype="document">there</a></p>',
    )
    assert documents_in(story) == [files[0].pk, files[1].pk]
    assert set(documents_in(practice)) == {files[2].pk, files[3].pk}
    assert set(documents_in(type(story).objects.get(pk=story.pk))) == {files[0].pk, files[1].pk}
    work()
    assert {hit.page_id for n in (0, 1) for hit in hits(f"wordof{n}")} == {story.pk}
    assert {hit.page_id for n in (2, 3) for hit in hits(f"wordof{n}")} == {practice.pk}


def test_a_draft_attaches_nothing(resource: ResourcePage) -> None:
    resource.document = DocumentFactory(content=b"unpublished", name="new.txt")
    resource.save_revision()
    work()
    assert not hits("unpublished")
    resource.get_latest_revision().publish()
    work()
    assert hits("unpublished")
    assert not hits("counsellors")


def test_the_library_page_names_the_file_in_the_words_of_both_languages(
    client: Client, resource: ResourcePage
) -> None:
    LibraryIndexPageFactory(title="Library")
    answer = client.get("/en/library/", {"q": "counsellors"}).content.decode()
    assert "in:" in answer
    assert "<bdi>budget" in answer
    assert "<mark>counsellors</mark>" in answer


def test_the_api_names_the_file(client: Client, resource: ResourcePage) -> None:
    result = client.get("/api/v1/search", {"q": "counsellors"}).json()["results"][0]
    assert result["reasons"] == ["documents"]
    assert result["documents"][0]["name"].startswith("budget")


# Kept right --------------------------------------------------------------------------------------


def test_another_file_in_the_same_document_is_read_anew(resource: ResourcePage) -> None:
    document = resource.document
    document.file = ContentFile(b"Trumpets and drums", name="music.txt")
    document.file_hash = "another"
    document.save()
    work()
    assert not hits("counsellors")
    assert hits("trumpets")


def test_a_file_is_read_once_for_each_version(
    resource: ResourcePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    extract = documents.extract
    monkeypatch.setattr(
        documents, "extract", lambda file, kind: calls.append(kind) or extract(file, kind)
    )
    read_document(resource.document_id)
    assert calls == []
    same = budget()  # the same content under another name
    assert read_document(same.pk) == DocumentState.READ
    assert same.library_text.text == resource.document.library_text.text
    assert calls == []


def test_a_new_document_is_read_by_the_worker(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        document = DocumentFactory(content=pdf(["A handbook"]), name="handbook.pdf")
    text = DocumentText.objects.get(pk=document.pk)
    assert (text.state, text.pages, text.text) == (DocumentState.READ, 1, "A handbook")


@pytest.mark.parametrize(
    ("content", "name", "state"),
    [
        (pdf([""]), "scan.pdf", DocumentState.EMPTY),
        (pdf(["x"], password="p"), "locked.pdf", DocumentState.ENCRYPTED),
        (b"no pdf", "broken.pdf", DocumentState.BROKEN),
        (b"BEGIN:VCALENDAR", "event.ics", DocumentState.UNSUPPORTED),
    ],
)
def test_what_gives_no_text_has_a_state_and_is_not_tried_again(
    content: bytes, name: str, state: DocumentState
) -> None:
    document = DocumentFactory(content=content, name=name, title="Zither")
    page = ResourcePageFactory(document=document)
    assert read_document(document.pk) == state
    work()
    assert not documents.unread_documents().exists()
    assert hits("zither")[0].page_id == page.pk  # its name is on the page all the same


def test_a_file_that_is_gone_says_so() -> None:
    document = DocumentFactory()
    document.file.storage.delete(document.file.name)
    assert read_document(document.pk) == DocumentState.MISSING


def test_a_machine_that_refuses_is_tried_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(documents, "extract", refuse)
    document = DocumentFactory()
    for _attempt in range(documents.MAX_ATTEMPTS - 1):
        with pytest.raises(BlockingIOError):
            read_document(document.pk)
        assert documents.unread_documents().filter(pk=document.pk).exists()
    assert read_document(document.pk) == DocumentState.FAILED
    assert not documents.unread_documents().exists()


def test_a_worker_that_died_at_it_is_not_sent_back_for_ever() -> None:
    document = DocumentFactory()
    for _attempt in range(documents.MAX_ATTEMPTS):
        documents._claim(document)  # and then it was killed
    assert not documents.unread_documents().exists()


def test_a_deleted_document_takes_its_words_along(resource: ResourcePage) -> None:
    resource.document.delete()
    assert not hits("counsellors")
    work()
    assert compare().is_clean


def test_the_comparison_minds_documents(resource: ResourcePage) -> None:
    assert compare().is_clean
    LibraryFacet.objects.filter(name=documents.DOCUMENT_KEYS).delete()
    assert compare().different == {resource.pk: ["document"]}
    rebuild()
    assert compare().is_clean
    assert hits("counsellors")


def test_texts_of_an_older_analysis_are_analysed_anew(resource: ResourcePage) -> None:
    DocumentText.objects.update(terms="old", analysis=1)
    assert documents.analyse_anew() == 1
    assert documents.analyse_anew() == 0
    work()
    assert hits("counsellors")[0].documents[0].snippet


# As open as everybody ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["login", "groups", "password"])
@pytest.mark.parametrize("depth", ["own", "above"])
def test_a_closed_document_is_never_found_through_a_public_page(kind: str, depth: str) -> None:
    upper = collection("Upper")
    lower = collection("Lower", upper)
    restrict(lower if depth == "own" else upper, kind)
    page = ResourcePageFactory(title="Open page", document=budget(collection=lower))
    work()
    assert hits("open page")[0].page_id == page.pk
    for word_of_it in ("counsellors", "budget", "costs"):
        assert not hits(word_of_it)
    assert not hits("open page")[0].documents


def test_a_document_that_is_closed_later_is_gone_at_once(resource: ResourcePage) -> None:
    papers = collection()
    resource.document.collection = papers
    resource.document.save()
    work()
    assert hits("counsellors")
    restriction = restrict(papers)
    assert not hits("counsellors")  # before any worker came by
    work()
    assert not hits("counsellors")
    assert compare().is_clean
    restriction.delete()
    work()
    assert hits("counsellors")


def test_a_document_that_moves_into_a_closed_collection_is_gone_at_once(
    resource: ResourcePage,
) -> None:
    papers = collection()
    restrict(papers)
    resource.document.collection = papers
    resource.document.save()
    assert not hits("counsellors")


def test_what_tells_nobody_is_taken_out_by_the_scheduler(resource: ResourcePage) -> None:
    papers = collection()
    restrict(papers)
    PortalDocument.objects.filter(pk=resource.document_id).update(collection=papers)
    assert hits("counsellors")[0].documents == ()  # nothing of the text is shown even now
    load_jobs()["library: documents not everybody may take"].function()
    assert not hits("counsellors")


def test_the_other_documents_of_a_row_come_back(resource: ResourcePage) -> None:
    papers = collection()
    second = DocumentFactory(content=b"Trombone", name="b.txt", collection=papers)
    resource.body = [{"type": "document", "value": {"document": second.pk, "description": ""}}]
    resource.save()
    work()
    assert hits("trombone")
    restrict(papers)
    assert not hits("trombone")
    work()
    assert not hits("trombone")
    assert hits("counsellors")


def test_a_page_that_is_restricted_takes_its_documents_along(resource: ResourcePage) -> None:
    restriction = PageViewRestriction.objects.create(page=resource, restriction_type="login")
    assert not hits("counsellors")
    restriction.delete()
    assert hits("counsellors")
    resource.unpublish()
    assert not hits("counsellors")


def test_a_closed_document_on_a_closed_page_stays_out_when_the_page_opens() -> None:
    group = Group.objects.create(name="staff")
    papers = collection()
    restrict(papers, "groups").groups.add(group)
    page = ResourcePageFactory(document=budget(collection=papers))
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    restriction.groups.add(group)
    work()
    restriction.delete()
    assert not hits("counsellors")


def test_nothing_is_asked_where_nothing_is_closed(resource: ResourcePage) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert withdraw_closed() == 0
    assert len(queries) == 1


# Costs -------------------------------------------------------------------------------------------


def test_more_documents_take_no_more_queries(client: Client) -> None:
    parent = page_of(ResourcePageFactory().partnership)

    def add(count: int) -> None:
        for _n in range(count):
            ResourcePageFactory(parent=parent, title="Budgets", document=budget())
        work()

    add(1)
    hits("budgets counsellors")
    with CaptureQueriesContext(connection) as few:
        hits("budgets counsellors")
    add(8)
    with CaptureQueriesContext(connection) as many:
        found = hits("budgets counsellors")
    assert len(found) == 9
    assert all(hit.documents for hit in found)
    assert len(many) == len(few)


def test_pages_without_documents_cost_no_query_more() -> None:
    page = StoryPageFactory()
    with CaptureQueriesContext(connection) as queries:
        page.save()
    assert not any("portal_portaldocument" in query["sql"] for query in queries)
    with CaptureQueriesContext(connection) as queries:
        find(LibraryQuery(text=page.title))
    assert not any("documenttext" in query["sql"] for query in queries)


def test_long_texts_of_many_words_fit_into_the_index() -> None:
    letters = "אבגדהוזחטיכלמנסעפצקרשת"
    words = " ".join(
        letters[n % 22]
        + letters[n // 22 % 22]
        + letters[n // 484 % 22]
        + letters[n // 10648]
        + "לך"
        for n in range(60_000)
    )
    ResourcePageFactory(title="Long", document=DocumentFactory(content=words.encode()))
    work()
    assert hits("long")


def test_pieces_join_to_the_whole_text() -> None:
    text = "word " * 1000 + "x" * 5000 + "\nline " * 300
    starts = piece_starts(text)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert piece_starts("") == []
    assert all(after - before < 3 * documents.PIECE for before, after in pairwise(starts))


def test_the_language_is_guessed_from_letters() -> None:
    assert guess_language("The families met on a Sunday") == "en"
    assert guess_language("המשפחות נפגשו ביום ראשון בבוקר") == "he"
    assert guess_language("12 34 56") == ""
    assert guess_language("Families משפחות Sunday ראשון meet נפגשו") == ""
    assert settings.LANGUAGE_CODE == "en"
