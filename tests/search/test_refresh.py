"""What rows tell of others follows renames: versions at once, texts by the worker."""

from __future__ import annotations

import logging
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.library import Facet, library_changed
from portal.models import Concept, ConceptSynonym
from search.models import LibraryEntry
from search.query import LibraryQuery
from search.services.consistency import compare, mend
from search.services.library import find
from search.services.refresh import refresh_stale
from search.services.versions import raise_pages
from search.tasks import refresh_library
from stories.models import StoryPage
from tests.factories import (
    ConceptFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)

pytestmark = pytest.mark.django_db


def total(text: str) -> int:
    return find(LibraryQuery(text=text, types=["success"])).total


@pytest.fixture
def told() -> list[StoryPage]:
    """Three stories of one Partnership about one concept, and one of another."""
    home = page_of(PartnershipFactory(slug="home", name={"en": "Oldname"}))
    concept = ConceptFactory(key="teens", kind="audience", label={"en": "Stilts"})
    pages = [
        StoryPageFactory(parent=home, title=f"Story {n}", concepts=[concept]) for n in range(3)
    ]
    return [*pages, StoryPageFactory(title="Elsewhere")]


def test_rename_raises_versions_in_one_update(told: list[StoryPage]) -> None:
    before = dict(LibraryEntry.objects.values_list("page_id", "version"))
    with CaptureQueriesContext(connection) as queries:
        library_changed.send(None, facet=Facet.PARTNERSHIP, keys=["home"])
    updates = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "search_libraryentry"')]
    assert len(updates) == 1
    raised = {
        page_id
        for page_id, version in LibraryEntry.objects.values_list("page_id", "version")
        if version > before[page_id]
    }
    assert raised == {told[0].get_parent().pk, *(page.pk for page in told[:3])}
    assert LibraryEntry.objects.stale().count() == 4


def test_number_of_statements_in_the_request_does_not_grow(told: list[StoryPage]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            library_changed.send(None, facet=Facet.AUDIENCE, keys=["teens"])
        refresh_stale()
        return len(queries)

    before = count()
    concept = Concept.objects.get(key="teens")
    for number in range(10):
        StoryPageFactory(title=f"More {number}", concepts=[concept])
    assert count() == before


def test_worker_takes_up_new_names(
    told: list[StoryPage], django_capture_on_commit_callbacks: Any
) -> None:
    partnership = told[0].partnership
    assert partnership is not None
    assert total("oldname") == 3
    partnership.name = {"en": "Newname"}
    with django_capture_on_commit_callbacks(execute=True):
        partnership.save()
    assert LibraryEntry.objects.stale().count() == 0
    assert total("newname") == 3
    assert total("oldname") == 0
    assert compare().is_clean


def test_worker_takes_up_labels_and_synonyms_of_concepts(
    told: list[StoryPage], django_capture_on_commit_callbacks: Any
) -> None:
    concept = Concept.objects.get(key="teens")
    concept.label = {"en": "Jugglery"}  # none of these words is in the glossary
    with django_capture_on_commit_callbacks(execute=True):
        concept.save()
        ConceptSynonym.objects.create(
            concept=concept, language="he", text="לוליינות", grade="exact"
        )
    assert (total("jugglery"), total("stilts"), total("לוליינות")) == (3, 0, 3)


def test_new_member_becomes_a_facet_of_what_is_told(
    told: list[StoryPage], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        membership = MembershipFactory(partnership=told[0].partnership)
    slug = membership.community.slug
    assert find(LibraryQuery(communities=[slug], types=["success"])).total == 3


def test_facts_of_the_page_first_told_reach_its_translations(
    django_capture_on_commit_callbacks: Any,
) -> None:
    partnership = PartnershipFactory()
    practice = PracticePageFactory(parent=page_of(partnership), outcome="worked")
    PracticePageFactory(
        parent=page_of(partnership, "he"),
        language="he",
        translation_key=practice.translation_key,
        original_language="en",
    )
    practice.outcome = "failed"
    with django_capture_on_commit_callbacks(execute=True):
        practice.save()
    found = find(LibraryQuery(facets={"outcome": ["failed"]}, languages=["he"]))
    assert found.total == 1
    assert find(LibraryQuery(facets={"outcome": ["worked"]})).total == 0


def test_page_that_cannot_be_described_stops_no_other(
    told: list[StoryPage], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    describe = StoryPage.describe_for_library

    def fail_for_one(page: StoryPage) -> Any:
        if page.pk == told[0].pk:
            raise ValueError("broken")
        return describe(page)

    library_changed.send(None, facet=Facet.PARTNERSHIP, keys=["home"])
    monkeypatch.setattr(StoryPage, "describe_for_library", fail_for_one)
    with caplog.at_level(logging.ERROR, "search.services.refresh"):
        refresh_library.call()
    assert str(told[0].pk) in caplog.text
    assert [entry.page_id for entry in LibraryEntry.objects.stale()] == [told[0].pk]
    monkeypatch.undo()
    assert refresh_stale() == 1


@pytest.mark.engines
@pytest.mark.requires("postgresql")
@pytest.mark.django_db(transaction=True)
def test_rename_while_a_page_is_published_is_not_lost(
    told: list[StoryPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename waits for the row, and then lets it wait for the worker; SQLite has one writer."""
    partnership = told[0].partnership
    assert partnership is not None
    describe = StoryPage.describe_for_library
    threads: list[Thread] = []

    def rename() -> None:
        try:
            partnership.name = {"en": "Newname"}
            with transaction.atomic():
                partnership.save()
        finally:
            connection.close()

    def rename_meanwhile(page: StoryPage) -> Any:
        description = describe(page)
        if not threads:
            threads.append(Thread(target=rename))
            threads[0].start()
            threads[0].join(timeout=1)
            assert threads[0].is_alive()
        return description

    monkeypatch.setattr(StoryPage, "describe_for_library", rename_meanwhile)
    told[0].save()
    threads[0].join(timeout=20)
    monkeypatch.undo()
    refresh_stale()
    assert (total("newname"), total("oldname")) == (3, 0)


def test_mending_repairs_what_differs(told: list[StoryPage]) -> None:
    StoryPage.objects.filter(pk=told[0].pk).update(title="Behind the writer's back")
    LibraryEntry.objects.filter(page=told[1]).delete()
    assert not compare().is_clean
    assert mend() == 2
    assert compare().is_clean
    assert mend() == 0


def test_the_scheduler_finds_rows_whose_task_was_lost(
    told: list[StoryPage], django_capture_on_commit_callbacks: Any
) -> None:
    raise_pages([told[0].pk])
    assert LibraryEntry.objects.stale().count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        call_command("run_schedule", "--job", "library: rows that wait")
    assert not LibraryEntry.objects.stale().exists()


def test_the_scheduler_mends_what_differs_from_the_pages(
    told: list[StoryPage], django_capture_on_commit_callbacks: Any
) -> None:
    LibraryEntry.objects.filter(page=told[0]).delete()
    LibraryEntry.objects.filter(page=told[1]).update(title="Another")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("run_schedule", "--job", "library: comparison with the pages")
    assert compare().is_clean
