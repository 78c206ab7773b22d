"""Every way in which a page comes, changes and goes leaves the library right: by code.

`tests/search/test_ways_in_admin.py` goes the same ways through the editors' views.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models.signals import post_save
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Task, Workflow, WorkflowTask

from portal.services.bulk_pages import BulkPageWriter
from portal.services.page_batches import finish, show, start_batch
from search.models import LibraryEntry
from stories.models import StoryPage
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    StandardPageFactory,
    StoryPageFactory,
)
from tests.search.scenes import (
    Scene,
    assert_library_is_right,
    found_titles,
    make_scene,
    publish_scheduled,
    translate,
)

pytestmark = pytest.mark.django_db(transaction=True)

AN_HOUR = datetime.timedelta(hours=1)


def add_live_child(scene: Scene) -> None:
    scene.home.add_child(
        instance=StoryPage(title="Addedstory", summary="x", concepts=[ConceptFactory(key="teens")])
    )
    assert found_titles(concepts=["teens"]) == {"Addedstory"}


def add_draft_child(scene: Scene) -> None:
    scene.home.add_child(instance=StoryPage(title="Unseenstory", summary="x", live=False))
    scene.gone += ["Unseenstory"]


def publish_draft(scene: Scene) -> None:
    scene.draft.title = "Publishedstory"
    scene.draft.save_revision().publish()
    assert "Publishedstory" in found_titles()
    scene.gone += ["Draftstory"]


def publish_again_with_other_texts(scene: Scene) -> None:
    story = scene.reload(scene.story)
    story.title = "Renamedstory"
    story.concepts = [ConceptFactory(key="arts")]
    story.save_revision().publish()
    assert found_titles(concepts=["arts"]) == {"Renamedstory"}
    scene.gone += ["Livestory"]


def save_draft_of_live_page(scene: Scene) -> None:
    story = scene.reload(scene.story)
    story.title = "Secretdraft"
    story.summary = "Secretsummary"
    story.save_revision()
    assert "Livestory" in found_titles(text="Livestory")
    scene.gone += ["Secretdraft", "Secretsummary"]


def lock_while_texts_are_changed(scene: Scene) -> None:
    story = scene.reload(scene.story)
    story.title = "Unsavedtitle"
    story.locked = True
    story.save(update_fields=["locked"], clean=False)
    scene.gone += ["Unsavedtitle"]


def partial_save(scene: Scene) -> None:
    story = scene.reload(scene.story)
    story.title = "Partialtitle"
    story.summary = "Unsavedsummary"
    story.save(update_fields=["title"], clean=False)
    assert found_titles(text="Partialtitle") == {"Partialtitle"}
    scene.gone += ["Livestory", "Unsavedsummary"]


def save_as_base_page(scene: Scene) -> None:
    page = Page.objects.get(pk=scene.story.pk)
    page.title = "Basetitle"
    page.save()
    scene.gone += ["Livestory"]


def unpublish(scene: Scene) -> None:
    scene.reload(scene.story).unpublish()
    assert found_titles(text="סיפורחי") == {"סיפורחי"}
    scene.gone += ["Livestory"]


def unpublish_as_base_page(scene: Scene) -> None:
    Page.objects.get(pk=scene.story.pk).unpublish()
    scene.gone += ["Livestory"]


def unpublish_parent_only(scene: Scene) -> None:
    """Its children stay live and reachable, so they stay found."""
    scene.reload(scene.home).unpublish()
    assert "Livestory" in found_titles()


def unpublish_and_publish_again(scene: Scene) -> None:
    scene.reload(scene.story).unpublish()
    scene.reload(scene.story).save_revision().publish()


def go_live_by_schedule(scene: Scene) -> None:
    scene.draft.go_live_at = timezone.now() + AN_HOUR
    revision = scene.draft.save_revision()
    revision.publish()
    assert "Draftstory" not in found_titles()
    revision.approved_go_live_at = timezone.now() - AN_HOUR
    revision.content["go_live_at"] = (timezone.now() - AN_HOUR).isoformat()
    revision.save()
    publish_scheduled()
    assert "Draftstory" in found_titles()


def expire_by_schedule(scene: Scene) -> None:
    StoryPage.objects.filter(pk=scene.story.pk).update(expire_at=timezone.now() - AN_HOUR)
    publish_scheduled()
    scene.gone += ["Livestory"]


def move_story(scene: Scene) -> None:
    scene.reload(scene.story).move(scene.away, pos="last-child")
    assert "Livestory" in found_titles(partnerships=["away"], languages=["en"])
    assert "Livestory" not in found_titles(partnerships=["home"], languages=["en"])


def move_draft_and_publish(scene: Scene) -> None:
    scene.reload(scene.draft).move(scene.away, pos="last-child")
    scene.reload(scene.draft).save_revision().publish()
    assert "Draftstory" in found_titles(partnerships=["away"])


def reorder(scene: Scene) -> None:
    scene.reload(scene.story).move(scene.reload(scene.draft), pos="right")


def move_whole_branch(scene: Scene) -> None:
    """The list of Partnerships goes below another page; addresses below it change."""
    index = scene.home.get_parent()
    index.move(StandardPageFactory(slug="about"), pos="first-child")
    assert scene.reload(scene.story).url == "/en/about/partnerships/home/livestory/"


def change_slug_of_parent(scene: Scene) -> None:
    home = scene.reload(scene.home)
    home.slug = "elsewhere"
    home.save_revision().publish()
    assert scene.reload(scene.story).url == "/en/partnerships/elsewhere/livestory/"


def change_slug(scene: Scene) -> None:
    story = scene.reload(scene.story)
    story.slug = "another"
    story.save_revision().publish()


def copy_branch(scene: Scene) -> None:
    scene.reload(scene.home).copy(
        recursive=True,
        update_attrs={
            "slug": "copied",
            "title": "Copiedside",
            "partnership": PartnershipFactory(slug="third"),
        },
    )
    assert found_titles(partnerships=["third"]) == {"Copiedside", "Livestory"}


def copy_as_draft(scene: Scene) -> None:
    scene.reload(scene.story).copy(
        to=scene.away, keep_live=False, update_attrs={"title": "Copieddraft"}
    )
    scene.gone += ["Copieddraft"]


def create_alias(scene: Scene) -> None:
    scene.reload(scene.story).create_alias(parent=scene.away)
    assert LibraryEntry.objects.filter(title="Livestory").count() == 1


def update_alias(scene: Scene) -> None:
    scene.reload(scene.story).create_alias(parent=scene.away)
    story = scene.reload(scene.story)
    story.title = "Renamedsource"
    story.save_revision().publish()
    assert LibraryEntry.objects.filter(title="Renamedsource").count() == 1
    scene.gone += ["Livestory"]


def unpublish_source_of_alias(scene: Scene) -> None:
    scene.reload(scene.story).create_alias(parent=scene.away)
    scene.reload(scene.story).unpublish()
    scene.gone += ["Livestory"]


def delete_source_of_alias(scene: Scene) -> None:
    """Wagtail unpublishes the alias, which is a page of its own from then on."""
    alias = scene.reload(scene.story).create_alias(parent=scene.away)
    scene.reload(scene.story).delete()
    assert found_titles(text="Livestory") == set()
    scene.reload(alias).save_revision().publish()
    assert found_titles(partnerships=["away"], types=["success"]) == {"Livestory"}


def delete_source_with_its_alias(scene: Scene) -> None:
    scene.reload(scene.story).create_alias(parent=scene.home, update_slug="alias")
    scene.reload(scene.home).delete()
    scene.gone += ["Livestory"]


def convert_alias(scene: Scene) -> None:
    from wagtail.actions.convert_alias import ConvertAliasPageAction

    alias = scene.reload(scene.story).create_alias(parent=scene.away)
    ConvertAliasPageAction(alias, user=scene.user).execute()
    assert LibraryEntry.objects.filter(title="Livestory").count() == 2
    assert found_titles(partnerships=["away"], types=["success"]) == {"Livestory"}


def delete_story(scene: Scene) -> None:
    scene.reload(scene.story).delete()
    assert not LibraryEntry.objects.filter(title="Livestory").exists()
    scene.gone += ["Livestory"]


def delete_parent(scene: Scene) -> None:
    scene.reload(scene.home).delete()
    scene.gone += ["Livestory"]


def delete_by_queryset(scene: Scene) -> None:
    Page.objects.filter(pk=scene.story.pk).delete()
    scene.gone += ["Livestory"]


def translate_as_draft(scene: Scene) -> None:
    added = StoryPageFactory(parent=scene.home, title="Freshstory")
    added.save_revision().publish()
    translate(added, "he", "טיוטהסודית")
    scene.gone += ["טיוטהסודית"]


def translate_and_publish(scene: Scene) -> None:
    added = StoryPageFactory(parent=scene.home, title="Freshstory")
    added.save_revision().publish()
    translate(added, "he", "סיפורחדש").save_revision().publish()
    assert found_titles(text="סיפורחדש", lang="he") == {"סיפורחדש"}


def restrict(scene: Scene, kind: str, page: Page | None = None) -> PageViewRestriction:
    return PageViewRestriction.objects.create(
        page=Page.objects.get(pk=(page or scene.story).pk), restriction_type=kind
    )


def restrict_to_login(scene: Scene) -> None:
    restrict(scene, "login")
    scene.gone += ["Livestory"]


def restrict_to_groups(scene: Scene) -> None:
    restriction = restrict(scene, "groups")
    restriction.groups.add(Group.objects.create(name="some"))
    scene.gone += ["Livestory"]


def restrict_parent_by_password(scene: Scene) -> None:
    restrict(scene, "password", scene.home)
    scene.gone += ["Livestory"]


def change_groups_and_lift(scene: Scene) -> None:
    restriction = restrict(scene, "groups")
    restriction.groups.set([Group.objects.create(name="some")])
    restriction.groups.clear()
    restriction.delete()
    assert "Livestory" in found_titles()


def move_into_restricted_branch(scene: Scene) -> None:
    restrict(scene, "login", scene.away)
    scene.reload(scene.story).move(scene.away, pos="last-child")
    scene.gone += ["Livestory"]


def approve_in_workflow(scene: Scene) -> None:
    from wagtail.models import GroupApprovalTask

    task = GroupApprovalTask.objects.create(name="look")
    task.groups.add(Group.objects.create(name="approvers"))
    workflow = Workflow.objects.create(name="look")
    WorkflowTask.objects.create(workflow=workflow, task=Task.objects.get(pk=task.pk), sort_order=0)
    state = workflow.start(scene.draft, scene.user)
    state.current_task_state.approve(user=scene.user)
    assert "Draftstory" in found_titles()


def write_in_bulk(scene: Scene) -> None:
    with BulkPageWriter(user=scene.user) as writer:
        for number in range(3):
            concepts = [ConceptFactory(key="sport")]
            page = StoryPage(title=f"Bulkstory{number}", summary="x", concepts=concepts)
            writer.add(page, scene.home)
        writer.add(StoryPage(title="Bulkdraft", summary="x"), scene.home, publish=False)
    assert len(found_titles(concepts=["sport"])) == 3
    scene.gone += ["Bulkdraft"]


def write_in_bulk_unseen(scene: Scene) -> None:
    batch = start_batch("stories.csv", scene.user)
    with BulkPageWriter(user=scene.user, batch=batch) as writer:
        writer.add(StoryPage(title="Unseenbulk", summary="x"), scene.home)
    assert "Unseenbulk" not in found_titles()
    show(batch)
    assert "Unseenbulk" in found_titles()
    finish(batch)


def fail_after_the_index_row(scene: Scene) -> None:
    """What fails later in the same transaction takes the row back with the page."""

    def fail(
        sender: object, instance: StoryPage, update_fields: object = None, **kwargs: object
    ) -> None:
        if update_fields is None:
            assert LibraryEntry.objects.filter(title="Failedtitle").exists()
            raise RuntimeError

    story = scene.reload(scene.story)
    story.title = "Failedtitle"
    post_save.connect(fail, sender=StoryPage)
    try:
        with pytest.raises(RuntimeError):
            story.save_revision().publish()
    finally:
        post_save.disconnect(fail, sender=StoryPage)
    scene.gone += ["Failedtitle"]


def roll_back_around(scene: Scene) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        story = scene.reload(scene.story)
        story.title = "Rolledback"
        story.save_revision().publish()
        assert "Rolledback" in found_titles()
        raise RuntimeError
    scene.gone += ["Rolledback"]


WAYS: list[Callable[[Scene], None]] = [
    add_live_child,
    add_draft_child,
    publish_draft,
    publish_again_with_other_texts,
    save_draft_of_live_page,
    lock_while_texts_are_changed,
    partial_save,
    save_as_base_page,
    unpublish,
    unpublish_as_base_page,
    unpublish_parent_only,
    unpublish_and_publish_again,
    go_live_by_schedule,
    expire_by_schedule,
    move_story,
    move_draft_and_publish,
    reorder,
    move_whole_branch,
    change_slug_of_parent,
    change_slug,
    copy_branch,
    copy_as_draft,
    create_alias,
    update_alias,
    unpublish_source_of_alias,
    delete_source_of_alias,
    delete_source_with_its_alias,
    convert_alias,
    delete_story,
    delete_parent,
    delete_by_queryset,
    translate_as_draft,
    translate_and_publish,
    restrict_to_login,
    restrict_to_groups,
    restrict_parent_by_password,
    change_groups_and_lift,
    move_into_restricted_branch,
    approve_in_workflow,
    write_in_bulk,
    write_in_bulk_unseen,
    fail_after_the_index_row,
    roll_back_around,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_library_is_right_after(way: Callable[[Scene], None]) -> None:
    scene = make_scene()
    way(scene)
    assert_library_is_right(scene.gone)


def test_scene_itself_is_right() -> None:
    make_scene()
    assert_library_is_right(["Draftstory"])


def test_draft_saves_do_not_touch_the_row() -> None:
    scene = make_scene()
    before = LibraryEntry.objects.get(page=scene.story).version
    story = scene.reload(scene.story)
    story.title = "Autosaved"
    for _save in range(3):
        story.save_revision()
    assert LibraryEntry.objects.get(page=scene.story).version == before


@pytest.mark.parametrize("way", [change_slug_of_parent, move_whole_branch])
def test_new_addresses_raise_the_versions_of_the_whole_branch(
    way: Callable[[Scene], None],
) -> None:
    scene = make_scene()
    branch = Page.objects.get(pk=scene.home.pk).get_descendants(inclusive=True)
    entries = LibraryEntry.objects.filter(page__in=branch)
    before = dict(entries.values_list("page_id", "version"))
    assert set(before) == {scene.home.pk, scene.story.pk}
    way(scene)
    after = dict(
        LibraryEntry.objects.filter(page__in=list(before)).values_list("page_id", "version")
    )
    assert all(after[page_id] > version for page_id, version in before.items())


def test_versions_only_grow() -> None:
    scene = make_scene()
    seen = [LibraryEntry.objects.get(page=scene.story).version]
    scene.reload(scene.story).unpublish()
    seen.append(LibraryEntry.objects.get(page=scene.story).version)
    scene.reload(scene.story).save_revision().publish()
    seen.append(LibraryEntry.objects.get(page=scene.story).version)
    scene.reload(scene.story).move(scene.away, pos="last-child")
    seen.append(LibraryEntry.objects.get(page=scene.story).version)
    assert seen == sorted(set(seen))
