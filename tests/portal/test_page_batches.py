"""Pages written unseen: nothing shows until all show at once, and a killed import goes away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.search.models import IndexEntry

from portal.library import pages_shown
from portal.models import WriteBatch, WriteBatchPage
from portal.services import page_batches
from portal.services.bulk_pages import BulkPageWriter
from portal.services.page_batches import BatchState, discard, finish, show, start_batch
from stories.models import StoryPage
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.wagtail_indexes]


def written_unseen(
    parent: Page, number: int = 3, user: Any = None, drafts: int = 0
) -> tuple[WriteBatch, list[StoryPage]]:
    batch = start_batch("stories.csv", user)
    pages = [StoryPage(title=f"Story {index}", summary="x") for index in range(number)]
    with BulkPageWriter(user=user, batch=batch) as writer:
        for page in pages[: number - drafts]:
            writer.add(page, parent, tags=["summer"])
        for page in pages[number - drafts :]:
            writer.add(page, parent, publish=False)
    return batch, pages


def test_nothing_shows_before_the_batch_is_shown() -> None:
    parent = factories.PartnershipPageFactory()
    batch, pages = written_unseen(parent)
    assert StoryPage.objects.count() == 3
    assert not StoryPage.objects.live().exists()
    assert not StoryPage.objects.filter(live_revision__isnull=False).exists()
    assert not IndexEntry.objects.filter(object_id=str(pages[0].pk)).exists()
    assert not PageLogEntry.objects.filter(action="wagtail.publish", page__in=pages).exists()
    assert batch.state == WriteBatch.State.WRITING


def test_shown_page_equals_one_written_at_once() -> None:
    user = factories.UserFactory()
    parent = factories.PartnershipPageFactory()
    batch, pages = written_unseen(parent, number=3, user=user, drafts=1)
    assert show(batch) == 2
    finish(batch)
    at_once = StoryPage(title="Story 9", summary="x")
    with BulkPageWriter(user=user) as writer:
        writer.add(at_once, parent, tags=["summer"])

    def comparable(page: StoryPage) -> dict[str, Any]:
        stored = StoryPage.objects.get(pk=page.pk)
        assert stored.live_revision_id == stored.latest_revision_id
        return {
            "row": {
                name: getattr(stored, name)
                for name in ("live", "has_unpublished_changes", "expired", "locale_id", "owner_id")
            },
            "dates": [stored.first_published_at is not None, stored.last_published_at is not None],
            "log": list(
                PageLogEntry.objects.filter(page=stored.pk)
                .order_by("pk")
                .values_list("action", "user", "content_changed", "uuid")
            ),
            "index": IndexEntry.objects.filter(object_id=str(stored.pk)).count(),
            "tags": list(stored.tags.names()),
        }

    assert comparable(pages[0]) == comparable(at_once)
    draft = StoryPage.objects.get(pk=pages[2].pk)
    assert not draft.live
    assert draft.first_published_at is None
    assert batch.state == WriteBatch.State.DONE
    assert not WriteBatchPage.objects.exists()
    published = PageLogEntry.objects.get(page=pages[0].pk, action="wagtail.publish")
    assert published.revision_id == StoryPage.objects.get(pk=pages[0].pk).live_revision_id


def test_showing_takes_as_many_queries_for_many_pages_as_for_few() -> None:
    parent = factories.PartnershipPageFactory()
    few, _pages = written_unseen(parent, number=2)
    many, _pages = written_unseen(parent, number=30)
    counts = []
    for batch in (few, many):
        with CaptureQueriesContext(connection) as queries:
            show(batch)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_receivers_hear_once_that_a_batch_is_shown() -> None:
    parent = factories.PartnershipPageFactory()
    batch, pages = written_unseen(parent, number=3, drafts=1)
    heard: list[set[int]] = []

    def receive(page_ids: Any, **kwargs: Any) -> None:
        assert connection.in_atomic_block
        heard.append(set(Page.objects.filter(pk__in=page_ids).values_list("pk", flat=True)))

    pages_shown.connect(receive)
    try:
        show(batch)
    finally:
        pages_shown.disconnect(receive)
    assert heard == [{pages[0].pk, pages[1].pk}]


def test_discarded_batch_leaves_no_trace() -> None:
    parent = factories.PartnershipPageFactory()
    revisions = Revision.objects.count()
    log = PageLogEntry.objects.count()
    batch, _pages = written_unseen(parent, number=5)
    assert discard(batch) == 5
    assert not StoryPage.objects.exists()
    assert not WriteBatch.objects.exists()
    assert Revision.objects.count() == revisions
    assert PageLogEntry.objects.count() == log
    assert Page.find_problems() == ([], [], [], [], [])
    assert Page.objects.get(pk=parent.pk).numchild == 0
    assert discard(batch) == 0


def test_discard_and_finish_go_on_where_they_were_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_batches, "CHUNK", 2)
    parent = factories.PartnershipPageFactory()
    batch, pages = written_unseen(parent, number=5)
    show(batch)

    def cut_off(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once, pytest.raises(KeyboardInterrupt):
        once.setattr(page_batches, "let_others_write", cut_off)
        finish(batch)
    assert WriteBatchPage.objects.count() == 3
    finish(batch)
    actions = PageLogEntry.objects.filter(action="wagtail.publish", page__in=pages)
    assert sorted(actions.values_list("page", flat=True)) == sorted(page.pk for page in pages)


def test_batch_in_another_state_is_refused() -> None:
    parent = factories.PartnershipPageFactory()
    batch, _pages = written_unseen(parent)
    with pytest.raises(BatchState):
        finish(batch)
    show(batch)
    with pytest.raises(BatchState):
        show(batch)
    with pytest.raises(BatchState):
        discard(batch)
    finish(batch)
    finish(batch)
    assert StoryPage.objects.live().count() == 3
