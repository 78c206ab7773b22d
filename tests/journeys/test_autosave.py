"""A draft is saved by itself, three seconds after the last change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partnerships.enums import Role
from portal.settings import base
from stories.models import StoryPage
from tests import factories as make
from tests.journeys.test_editor import PASSWORD, sign_in
from tests.site_tree import build_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]


def test_a_draft_saves_itself_and_survives_a_reload(
    live_server: Any, browser: Browser, settings: Any
) -> None:
    assert base.WAGTAIL_AUTOSAVE_INTERVAL == 3000
    settings.WAGTAIL_AUTOSAVE_INTERVAL = base.WAGTAIL_AUTOSAVE_INTERVAL  # the suite's is 0
    build_site()
    story = make.StoryPageFactory(title="Nearly told", live=False, summary="Before.")
    story.save_revision()
    editor = make.UserFactory(email="editor@example.org")
    editor.set_password(PASSWORD)
    editor.save()
    make.RoleAssignmentFactory(user=editor, role=Role.EDITOR, partnership=story.partnership)
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, live_server.url, editor.email)
    address = f"{live_server.url}/admin/pages/{story.pk}/edit/"
    page.goto(address)
    page.wait_for_load_state("networkidle")

    def stored_summary() -> str:
        draft = StoryPage.objects.get(pk=story.pk).get_latest_revision_as_object()
        return str(draft.summary)

    def is_a_save(request: Any) -> bool:
        return bool(request.method == "POST" and request.url == address)

    statuses: list[int] = []
    page.on(
        "response",
        lambda response: statuses.append(response.status) if is_a_save(response.request) else None,
    )
    told = ""
    for attempt in range(15):  # what is typed before the form has looked at itself is no change
        told = f"Saved by itself, {attempt}."
        page.fill("#id_summary", told)
        page.press("#id_summary", "Tab")
        page.wait_for_timeout(5000)
        if statuses:
            break
    assert statuses[0] == 200
    page.locator(".w-autosave-indicator__state--saved").wait_for()
    for _second in range(30):  # a change made while the first was being saved is saved next
        if stored_summary() == told:
            break
        page.wait_for_timeout(1000)
    assert stored_summary() == told
    page.goto(address)
    assert page.input_value("#id_summary") == told
    story.refresh_from_db()
    assert not story.live
    page.context.close()
