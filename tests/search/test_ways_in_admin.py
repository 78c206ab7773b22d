"""Every way in which a page comes, changes and goes leaves the library right: by editors' views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Page, Task, Workflow, WorkflowPage, WorkflowTask
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield

from search.models import LibraryEntry
from tests.search.scenes import Scene, assert_library_is_right, found_titles, make_scene

pytestmark = pytest.mark.django_db(transaction=True)


class Editor:
    """Somebody at work in the admin."""

    def __init__(self, scene: Scene) -> None:
        self.client = Client()
        self.client.force_login(scene.user)

    def post(self, name: str, *args: Any, query: str = "", **data: Any) -> None:
        """Post to a view of the editors; it must lead on to another page."""
        address = reverse(name, args=args) + query
        answer = self.client.post(address, data)
        assert answer.status_code == 302, answer.content.decode()[:2000]

    def form(self, address: str) -> QueryDict:
        """Return what the editor's form holds."""
        html = self.client.get(address).content.decode()
        return querydict_from_html(html, form_id="page-edit-form")

    def edit(self, page: Page, action: str = "", **changes: str) -> None:
        """Change a page in its form; `action` is the button."""
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        self._send(address, action, **changes)

    def create(self, parent: Page, action: str = "", **fields: str) -> None:
        """Write a new story."""
        address = reverse("wagtailadmin_pages:add", args=["stories", "storypage", parent.pk])
        self._send(address, action, **fields)

    def _send(self, address: str, action: str, **changes: str) -> None:
        form = self.form(address)
        data: dict[str, Any] = {name: form.getlist(name) for name in form}
        data |= nested_form_data({"body": streamfield([("heading", "A heading")])}) | changes
        if action:
            data[action] = "1"
        answer = self.client.post(address, data)
        assert answer.status_code == 302, answer.content.decode()

    def bulk(self, action: str, *pages: Page, **data: Any) -> None:
        """Do something with several pages of a list at once."""
        ids = "&".join(f"id={page.pk}" for page in pages)
        self.post("wagtail_bulk_action", "wagtailcore", "page", action, query=f"?{ids}", **data)


def create_live(scene: Scene, editor: Editor) -> None:
    editor.create(scene.home, "action-publish", title="Adminstory", summary="x", slug="adminstory")
    assert "Adminstory" in found_titles()


def create_draft(scene: Scene, editor: Editor) -> None:
    editor.create(scene.home, title="Admindraft", summary="x", slug="admindraft")
    assert Page.objects.filter(title="Admindraft").exists()
    scene.gone += ["Admindraft"]


def edit_and_publish(scene: Scene, editor: Editor) -> None:
    editor.edit(scene.story, "action-publish", title="Editedstory")
    assert "Editedstory" in found_titles()
    scene.gone += ["Livestory"]


def edit_and_save_draft(scene: Scene, editor: Editor) -> None:
    editor.edit(scene.story, title="Savedonly", summary="Savedsummary")
    assert "Livestory" in found_titles()
    scene.gone += ["Savedonly", "Savedsummary"]


def edit_draft_of_unpublished(scene: Scene, editor: Editor) -> None:
    editor.edit(scene.draft, title="Draftagain")
    scene.gone += ["Draftstory", "Draftagain"]


def change_slug(scene: Scene, editor: Editor) -> None:
    editor.edit(scene.home, "action-publish", slug="moved-by-slug")


def unpublish(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:unpublish", scene.story.pk)
    scene.gone += ["Livestory"]


def unpublish_with_descendants(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:unpublish", scene.home.pk, include_descendants="on")
    scene.gone += ["Livestory", "Draftstory"]


def delete(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:delete", scene.story.pk)
    scene.gone += ["Livestory"]


def delete_parent(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:delete", scene.home.pk)
    scene.gone += ["Livestory"]


def move(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:move_confirm", scene.story.pk, scene.away.pk)
    assert "Livestory" in found_titles(partnerships=["away"])
    assert "Livestory" not in found_titles(partnerships=["home"], languages=["en"])


def copy(scene: Scene, editor: Editor) -> None:
    editor.post(
        "wagtailadmin_pages:copy",
        scene.story.pk,
        new_title="Copiedstory",
        new_slug="copied",
        new_parent_page=scene.away.pk,
        publish_copies="on",
    )
    assert "Copiedstory" in found_titles(partnerships=["away"])


def copy_unpublished(scene: Scene, editor: Editor) -> None:
    editor.post(
        "wagtailadmin_pages:copy",
        scene.story.pk,
        new_title="Copieddraft",
        new_slug="copied",
        new_parent_page=scene.away.pk,
    )
    assert Page.objects.filter(title="Copieddraft").exists()
    scene.gone += ["Copieddraft"]


def alias(scene: Scene, editor: Editor) -> None:
    editor.post(
        "wagtailadmin_pages:copy",
        scene.story.pk,
        new_title="Livestory",
        new_slug="alias",
        new_parent_page=scene.away.pk,
        alias="on",
    )
    assert Page.objects.filter(alias_of=scene.story.pk).exists()
    assert LibraryEntry.objects.filter(title="Livestory").count() == 1


def convert_alias(scene: Scene, editor: Editor) -> None:
    alias(scene, editor)
    page = Page.objects.get(alias_of=scene.story.pk)
    editor.post("wagtailadmin_pages:convert_alias", page.pk)
    assert LibraryEntry.objects.filter(title="Livestory").count() == 2


def bulk_publish(scene: Scene, editor: Editor) -> None:
    editor.bulk("publish", scene.draft, scene.story)
    assert "Draftstory" in found_titles()


def bulk_publish_with_descendants(scene: Scene, editor: Editor) -> None:
    editor.bulk("publish", scene.home, include_descendants="on")
    assert "Draftstory" in found_titles()


def bulk_unpublish(scene: Scene, editor: Editor) -> None:
    editor.bulk("unpublish", scene.story, scene.translation)
    scene.gone += ["Livestory", "סיפורחי"]


def bulk_move(scene: Scene, editor: Editor) -> None:
    editor.bulk("move", scene.story, scene.draft, chooser=scene.away.pk)
    assert "Livestory" in found_titles(partnerships=["away"])


def bulk_delete(scene: Scene, editor: Editor) -> None:
    editor.bulk("delete", scene.story, scene.translation)
    scene.gone += ["Livestory", "סיפורחי"]


def set_privacy(scene: Scene, editor: Editor, page: Page, **data: Any) -> None:
    address = reverse("wagtailadmin_pages:set_privacy", args=[page.pk])
    answer = editor.client.post(address, {"password": "", **data})
    assert answer.json()["step"] == "set_privacy_done"


def make_private(scene: Scene, editor: Editor) -> None:
    set_privacy(scene, editor, scene.story, restriction_type="login")
    scene.gone += ["Livestory"]


def change_privacy(scene: Scene, editor: Editor) -> None:
    group = Group.objects.create(name="some")
    set_privacy(scene, editor, scene.home, restriction_type="groups", groups=[group.pk])
    assert "Livestory" not in found_titles()
    set_privacy(scene, editor, scene.home, restriction_type="none")
    assert "Livestory" in found_titles()


def lock(scene: Scene, editor: Editor) -> None:
    editor.post("wagtailadmin_pages:lock", scene.story.pk)


def approve(scene: Scene, editor: Editor) -> None:
    """A draft is sent to a workflow and published by its approval."""
    group = Group.objects.create(name="approvers")
    task = GroupApprovalTask.objects.create(name="look")
    task.groups.add(group)
    scene.user.groups.add(group)
    workflow = Workflow.objects.create(name="look")
    WorkflowTask.objects.create(workflow=workflow, task=Task.objects.get(pk=task.pk), sort_order=0)
    home = Page.objects.get(depth=1)
    WorkflowPage.objects.update_or_create(page=home, defaults={"workflow": workflow})
    editor.edit(scene.draft, "action-submit", title="Approvedstory")
    assert "Approvedstory" not in found_titles()
    page = scene.reload(scene.draft)
    task_state = page.current_workflow_task_state
    editor.post("wagtailadmin_pages:workflow_action", page.pk, "approve", task_state.pk)
    assert "Approvedstory" in found_titles()
    scene.gone += ["Draftstory"]


WAYS: list[Callable[[Scene, Editor], None]] = [
    create_live,
    create_draft,
    edit_and_publish,
    edit_and_save_draft,
    edit_draft_of_unpublished,
    change_slug,
    unpublish,
    unpublish_with_descendants,
    delete,
    delete_parent,
    move,
    copy,
    copy_unpublished,
    alias,
    convert_alias,
    bulk_publish,
    bulk_publish_with_descendants,
    bulk_unpublish,
    bulk_move,
    bulk_delete,
    make_private,
    change_privacy,
    lock,
    approve,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_library_is_right_after_an_editor(way: Callable[[Scene, Editor], None]) -> None:
    scene = make_scene()
    way(scene, Editor(scene))
    assert_library_is_right(scene.gone)
