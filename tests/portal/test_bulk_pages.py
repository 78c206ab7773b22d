"""The bulk page writer makes what Wagtail's own calls make, and lets others write meanwhile."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from taggit.models import Tag
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.search.models import IndexEntry

from home.models import HomePage
from portal.library import pages_written
from portal.models import PeopleShown, PortalPage, WriteBatchPage
from portal.services.bulk_pages import BulkPageWriter
from stories.models import PracticePage, StoryPage
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.wagtail_indexes]

#: What differs between two pages that were made after one another, by name of field.
OWN_TO_EACH = {"id", "pk", "page_ptr", "path", "slug", "url_path", "translation_key"}
MOMENTS = {
    "first_published_at",
    "last_published_at",
    "latest_revision_created_at",
}
POINTERS = {"latest_revision", "live_revision"}

FACTORIES: dict[str, Any] = {
    "home": factories.HomePageFactory,
    "standard": factories.StandardPageFactory,
    "partnership_index": factories.PartnershipIndexPageFactory,
    "community_index": factories.CommunityIndexPageFactory,
    "program_index": factories.ProgramIndexPageFactory,
    "library": factories.LibraryIndexPageFactory,
    "partnership": factories.PartnershipPageFactory,
    "community": factories.CommunityPageFactory,
    "program": factories.ProgramPageFactory,
    "event": factories.EventPageFactory,
    "practice": factories.PracticePageFactory,
    "challenge": factories.ChallengePageFactory,
    "story": factories.StoryPageFactory,
    "resource": factories.ResourcePageFactory,
}


def written_by_wagtail(page: PortalPage, parent: Page, user: Any, tags: list[str]) -> PortalPage:
    page.live = False
    page.owner = user
    if tags:
        page.tags.set(tags)
    parent.add_child(instance=page)
    page.save_revision(user=user).publish(user=user)
    return page.specific_class.objects.get(pk=page.pk)


def written_in_bulk(page: PortalPage, parent: Page, user: Any, tags: list[str]) -> PortalPage:
    with BulkPageWriter(user=user) as writer:
        writer.add(page, parent, tags=tags)
    return page.specific_class.objects.get(pk=page.pk)


def comparable_fields(page: PortalPage) -> dict[str, Any]:
    fields: dict[str, Any] = {
        field.name: field.get_prep_value(field.value_from_object(page))
        for field in page._meta.concrete_fields
    }
    for name in OWN_TO_EACH:
        fields.pop(name, None)
    for name in MOMENTS:
        fields[name] = fields[name] is not None
    for name in POINTERS:
        revision = getattr(page, name)
        fields[name] = revision and (revision.object_id == str(page.pk))
    return fields


def comparable_content(page: PortalPage) -> dict[str, Any]:
    content = dict(page.latest_revision.content)
    for name in OWN_TO_EACH:
        content.pop(name, None)
    content["portal_page_tags"] = [item["tag"] for item in content["portal_page_tags"]]
    return content


def comparable_log(page: PortalPage) -> list[tuple[Any, ...]]:
    return [
        (
            entry.action,
            entry.label.rstrip("12"),
            entry.user_id,
            entry.content_type_id,
            entry.content_changed,
            entry.deleted,
            entry.uuid,
            entry.data,
            entry.revision_id and entry.revision_id == page.latest_revision_id,
        )
        for entry in PageLogEntry.objects.filter(page=page.pk).order_by("pk")
    ]


def comparable_indexes(page: PortalPage, *, own_fact: bool) -> tuple[Any, ...]:
    entry = IndexEntry.objects.get(
        content_type=ContentType.objects.get_for_model(type(page)), object_id=str(page.pk)
    )
    names = ["content_type", "base_content_type", "to_content_type", "model_path"]
    if not own_fact:  # else they refer to different facts
        names.append("to_object_id")
    references = ReferenceIndex.objects.filter(object_id=str(page.pk)).values_list(*names)
    words = [re.sub("[12]", "#", str(text)) for text in (entry.title, entry.autocomplete)]
    return words, entry.body, set(references)


@pytest.fixture
def parent_of(django_user_model: Any) -> Callable[[str], Page]:
    """Return a parent under which the type of page has not stood yet."""

    def make(kind: str) -> Page:
        partnership = factories.PartnershipFactory()
        match kind:
            case "home":
                return Page.objects.get(depth=1)
            case "partnership":
                return factories.PartnershipIndexPageFactory()
            case "community":
                return factories.CommunityIndexPageFactory()
            case "program" | "event" | "practice" | "challenge" | "story" | "resource":
                return factories.page_of(partnership)
            case _:
                return factories.home_page()

    return make


@pytest.mark.parametrize("kind", FACTORIES)
def test_bulk_page_equals_one_made_by_wagtails_own_calls(
    kind: str, parent_of: Callable[[str], Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = factories.UserFactory(is_superuser=True)
    parent = parent_of(kind)
    image = factories.ImageFactory(people_shown=PeopleShown.NONE)
    concept = factories.ConceptFactory()

    def unsaved(title: str) -> PortalPage:
        extra: dict[str, Any] = {"slug": ""}
        model = FACTORIES[kind]._meta.model
        names = {field.name for field in model._meta.get_fields()}
        if kind in {"partnership", "community"}:  # one fact has one page a language
            extra[kind] = {
                "partnership": factories.PartnershipFactory,
                "community": factories.CommunityFactory,
            }[kind](name={"en": title})
        if kind == "program":
            extra["program"] = factories.ProgramFactory(partnership=parent.specific.partnership)
        if kind == "event":
            extra["event"] = factories.EventFactory(partnership=parent.specific.partnership)
        if "hero_image" in names:
            extra["hero_image"] = image
        if kind == "home":  # its factory hangs the site on it
            return HomePage(title=title, locale=parent.locale, hero_image=image)
        page = FACTORIES[kind].build(parent=None, locale=parent.locale, title=title, **extra)
        if "concepts" in names:
            page.concepts.set([concept])
        for name in model.get_streamfield_names():
            for number, block in enumerate(getattr(page, name)):  # reading fills in all keys
                block.id = str(uuid.UUID(int=number))
        return page

    tags = ["summer", "music"] if "tags" in dir(FACTORIES[kind]._meta.model) else []
    one = written_by_wagtail(unsaved("A page 1"), parent, user, tags)
    other = written_in_bulk(unsaved("A page 2"), parent, user, tags)

    title = {"title": "", "draft_title": ""}
    fact = {"partnership": "", "community": "", "program": "", "event": ""}
    own = {**title, **(fact if kind in fact else {})}
    assert comparable_fields(one) | own == comparable_fields(other) | own
    assert comparable_content(one) | own == comparable_content(other) | own
    assert comparable_log(one) == comparable_log(other)
    indexes = [comparable_indexes(page, own_fact=kind in fact) for page in (one, other)]
    assert indexes[0] == indexes[1]
    assert one.slug == "a-page-1"
    assert other.slug == "a-page-2"
    assert other.url_path == f"{parent.url_path}a-page-2/"
    assert Page.find_problems() == ([], [], [], [], [])
    if tags:
        assert set(other.tags.names()) == {"summer", "music"}
    if "concepts" in {field.name for field in type(other)._meta.get_fields()}:
        assert list(other.concepts.all()) == [concept]


def test_draft_stays_a_draft() -> None:
    parent = factories.PartnershipPageFactory()
    page = factories.StoryPageFactory.build(parent=None, locale=None)
    with BulkPageWriter() as writer:
        writer.add(page, parent, publish=False)
    stored = StoryPage.objects.get()
    assert not stored.live
    assert stored.has_unpublished_changes
    assert stored.live_revision is None
    assert stored.first_published_at is None
    assert stored.latest_revision.object_id == str(stored.pk)
    actions = PageLogEntry.objects.filter(page=stored.pk).values_list("action", flat=True)
    assert list(actions) == ["wagtail.create"]


def test_slugs_are_unique_among_siblings_and_kept_when_given() -> None:
    parent = factories.PartnershipPageFactory()
    factories.StoryPageFactory(parent=parent, slug="kefiada")
    with BulkPageWriter() as writer:
        for _number in range(3):
            writer.add(StoryPage(title="Kefiada", summary="x"), parent)
        writer.add(StoryPage(title="קייטנה", summary="x"), parent)
        writer.add(StoryPage(title="Other", slug="own-words", summary="x"), parent)
        writer.add(StoryPage(title="?!", summary="x"), parent)
    slugs = list(parent.get_children().order_by("path").values_list("slug", flat=True))
    assert slugs[:6] == ["kefiada", "kefiada-2", "kefiada-3", "kefiada-4", "קייטנה", "own-words"]
    assert slugs[6].startswith("storypage-")
    with pytest.raises(ValidationError) as refused:
        BulkPageWriter().add(StoryPage(title="x", slug="own-words", summary="x"), parent)
    assert "slug" in refused.value.message_dict


def test_slug_taken_meanwhile_by_somebody_else_is_avoided() -> None:
    parent = factories.PartnershipPageFactory()
    writer = BulkPageWriter()
    page = StoryPage(title="Kefiada", summary="x")
    writer.add(page, parent)
    factories.StoryPageFactory(parent=Page.objects.get(pk=parent.pk), slug="kefiada")
    writer.finish()
    assert StoryPage.objects.get(pk=page.pk).slug == "kefiada-2"
    assert Page.find_problems() == ([], [], [], [], [])


def test_gate_and_validation_are_met() -> None:
    parent = factories.PartnershipPageFactory()
    writer = BulkPageWriter()
    with pytest.raises(ValidationError) as refused:
        writer.add(PracticePage(title="Half a recipe", summary="x"), parent)
    assert "problem" in refused.value.message_dict
    with pytest.raises(ValidationError) as too_long:
        writer.add(StoryPage(title="x", summary="x" * 201), parent)
    assert "summary" in too_long.value.message_dict
    image = factories.ImageFactory(people_shown=PeopleShown.UNKNOWN)
    with pytest.raises(ValidationError) as unseemly:
        writer.add(StoryPage(title="x", summary="x", hero_image=image), parent)
    assert "hero_image" in unseemly.value.message_dict
    writer.add(PracticePage(title="Half a recipe", summary="x"), parent, publish=False)
    writer.finish()
    assert [page.title for page in PracticePage.objects.all()] == ["Half a recipe"]


def test_page_that_cannot_stand_there_is_refused() -> None:
    home = factories.home_page()
    with pytest.raises(ValueError, match="can't stand under"):
        BulkPageWriter().add(StoryPage(title="x", summary="x"), home)
    hebrew = factories.PartnershipPageFactory(language="he")
    page = StoryPage(title="x", summary="x", locale=factories.locale_of("en"))
    with pytest.raises(ValueError, match="another language"):
        BulkPageWriter().add(page, hebrew)


def test_second_translation_in_a_language_is_refused() -> None:
    parent = factories.PartnershipPageFactory()
    first = factories.StoryPageFactory(parent=parent)
    again = StoryPage(title="x", summary="x", translation_key=first.translation_key)
    writer = BulkPageWriter()
    writer.add(again, parent)
    with pytest.raises(ValidationError, match="already in this language"):
        writer.finish()
    assert StoryPage.objects.count() == 1


def test_tags_are_found_in_any_case_and_made_once() -> None:
    Tag.objects.create(name="Music")
    parent = factories.PartnershipPageFactory()
    pages = [StoryPage(title=f"Story {number}", summary="x") for number in range(3)]
    with BulkPageWriter() as writer:
        for page in pages:
            writer.add(page, parent, tags=["music", "Summer", "summer "])
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["Music", "Summer"]
    for page in pages:
        assert sorted(StoryPage.objects.get(pk=page.pk).tags.names()) == ["Music", "Summer"]


def test_first_publication_can_be_in_the_past() -> None:
    parent = factories.PartnershipPageFactory()
    then = timezone.now() - datetime.timedelta(days=400)
    page = StoryPage(title="x", summary="x", first_published_at=then)
    with BulkPageWriter() as writer:
        writer.add(page, parent)
    stored = StoryPage.objects.get()
    assert stored.first_published_at == then
    assert stored.last_published_at > then


def test_readers_of_the_signal_get_whole_pages_inside_the_transaction() -> None:
    parent = factories.PartnershipPageFactory()
    concept = factories.ConceptFactory()
    seen: list[Any] = []

    def receive(pages: list[PortalPage], **kwargs: Any) -> None:
        with CaptureQueriesContext(connection) as queries:
            for page in pages:
                facets = page.library_facets()[concept.kind]
                seen.append((page.pk, page.live, facets, connection.in_atomic_block))
        read = [query["sql"] for query in queries if "concept" in query["sql"].lower()]
        assert read == []

    pages_written.connect(receive)
    try:
        with BulkPageWriter() as writer:
            writer.add(StoryPage(title="x", summary="x", concepts=[concept]), parent)
    finally:
        pages_written.disconnect(receive)
    assert seen == [(StoryPage.objects.get().pk, True, [concept.key], True)]


def test_queries_do_not_grow_with_the_number_of_pages() -> None:
    parent = factories.PartnershipPageFactory()
    concept = factories.ConceptFactory()

    def queries_for(number: int) -> int:
        writer = BulkPageWriter(validated=True)
        writer._chunk = 100
        for index in range(number):
            page = StoryPage(title=f"{number} {index}", summary="x", concepts=[concept])
            writer.add(page, parent, tags=["summer"])
        with CaptureQueriesContext(connection) as queries:
            writer.flush()
        return len(queries)

    queries_for(1)  # fills the caches
    few, many = queries_for(2), queries_for(12)
    assert many == few


def test_rows_of_a_batch_are_only_kept_while_it_is_open() -> None:
    assert not WriteBatchPage.objects.exists()
    assert not Revision.objects.filter(object_id="0").exists()
