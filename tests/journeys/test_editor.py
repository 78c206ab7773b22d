"""An editor's path in a real browser: sign in, write, preview, publish, find, unpublish, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partnerships.enums import Role
from stories.models import StoryPage
from tests import factories as make
from tests.site_tree import build_site, tell_everything

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "a-long-enough-pass-phrase"
TITLE = "Quinces came over the fence"
WORDS = "The neighbour brought eleven quinces and a recipe."


def sign_in(page: Page, base: str, email: str) -> None:
    """Come by the one door, from the admin's address."""
    page.goto(f"{base}/admin/")
    assert "/accounts/login/" in page.url
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/admin/")


def write_story(page: Page, base: str, parent_id: int) -> None:
    """Fill a new story below its Partnership's page, with a paragraph in the text."""
    page.goto(f"{base}/admin/pages/{parent_id}/add_subpage/")
    page.locator("a[href*='/add/stories/storypage/']").first.click()
    page.wait_for_selector("#id_title")
    page.fill("#id_title", TITLE)
    page.fill("#id_summary", "Eleven quinces, one recipe, two kitchens.")
    page.locator(".c-sf-add-button").first.click()
    page.get_by_role("option", name="Paragraph").first.click()
    page.locator(".public-DraftEditor-content").first.click()
    page.keyboard.type(WORDS, delay=5)
    page.wait_for_function(  # the editor hands its words to the form a moment later
        "words => [...document.querySelectorAll('[data-streamfield-child] input[type=hidden]')]"
        ".some(input => input.value.includes(words))",
        arg=WORDS,
    )


@pytest.mark.parametrize("width", [1440, 390])
def test_an_editor_writes_previews_publishes_and_withdraws_a_story(
    live_server: Any, browser: Browser, width: int
) -> None:
    build_site()
    told = tell_everything(slug="west", name={"en": "Akko - Omaha", "he": "עכו - אומהה"})
    partnership_page = make.page_of(told.partnership)
    editor = make.UserFactory(email="editor@example.org")
    editor.set_password(PASSWORD)
    editor.save()
    make.RoleAssignmentFactory(user=editor, role=Role.EDITOR, partnership=told.partnership)
    base = live_server.url
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)

    sign_in(page, base, editor.email)
    write_story(page, base, partnership_page.pk)

    # Save a draft: nobody else sees it.
    page.locator("footer button.action-save, footer button[type=submit]").first.click()
    page.wait_for_url("**/edit/**")
    story = StoryPage.objects.get(title=TITLE)
    assert not story.live
    visitor = browser.new_context().new_page()
    visitor.set_default_timeout(60_000)
    visitor.goto(f"{base}{partnership_page.url}")
    assert TITLE not in visitor.inner_text("body")

    # Preview shows what visitors will see.
    preview = context.new_page()
    answer = preview.goto(f"{base}/admin/pages/{story.pk}/view_draft/")
    assert answer is not None
    assert answer.status == 200
    assert WORDS in preview.inner_text("main")
    preview.close()

    # Publish: it is on the Partnership's page, in the library and in the API.
    page.locator(
        "footer button[data-w-dropdown-target='toggle'], footer .w-dropdown__toggle"
    ).last.click()
    page.locator("button[name=action-publish]").click()
    page.wait_for_load_state()
    story.refresh_from_db()
    assert story.live
    addresses = [
        partnership_page.url,
        "/en/library/?q=quinces",
        "/en/library/?q=neighbour+recipe",
        "/en/library/?type=success",
        "/he/library/?q=quinces",
        "/api/v1/search?q=quinces",
    ]
    for address in addresses:
        visitor.goto(f"{base}{address}")
        assert TITLE in visitor.inner_text("body"), address  # highlighted words too
    visitor.goto(f"{base}{story.url}")
    assert WORDS in visitor.inner_text("main")

    # Unpublish: it is gone everywhere.
    page.goto(f"{base}/admin/pages/{story.pk}/unpublish/")
    page.locator("main form button[type=submit], main form input[type=submit]").first.click()
    page.wait_for_load_state()
    story.refresh_from_db()
    assert not story.live
    for address in addresses:
        visitor.goto(f"{base}{address}")
        assert TITLE not in visitor.inner_text("body"), address
    gone = visitor.goto(f"{base}{story.url}")
    assert gone is not None
    assert gone.status == 404
    context.close()
    visitor.context.close()
