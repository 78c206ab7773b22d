"""A coordinator on a telephone writes a practice, is refused another one, and loses nothing."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from partnerships.enums import Role
from portal.models import PortalImage
from portal.models.images import ConsentState, PeopleShown
from stories.models import PracticePage
from tests import factories as make
from tests.journeys.test_editor import PASSWORD, sign_in
from tests.site_tree import build_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

TITLE = "Quince jam in two kitchens"
PROBLEM = "The families met once and then forgot each other."
HEBREW_TITLE = "ריבת חבושים בשני מטבחים"
COLOUR = (214, 158, 46)
TEXT, TAKES, CAME, ABOUT = "Text", "What it takes", "What came of it", "What it is about"


def at(page: Page, path: str) -> Locator:
    """Return a field of the editor by its path."""
    return page.locator(f"[data-contentpath='{path}']").first


def tab(page: Page, name: str) -> None:
    """Open a tab by its name: Wagtail makes its address once a process, in any language."""
    page.get_by_role("tab", name=re.compile(f"^{name}")).first.click()


def write(page: Page, path: str, words: str) -> None:
    """Write into a rich text; the editor hands its words to the form a moment later."""
    at(page, path).locator(".public-DraftEditor-content").first.click()
    page.keyboard.type(words)
    page.wait_for_function(
        "([name, words]) => [...document.getElementsByName(name)]"
        ".some(input => input.value.includes(words))",
        arg=[path, words],
    )


def add(page: Page, stream: str, **values: str) -> Locator:
    """Add a block to a stream that knows one kind, and fill its plain inputs and choices."""
    field = at(page, stream)
    field.locator(".c-sf-add-button").first.click()
    page.wait_for_selector(f"[name='{stream}-0-id']", state="attached")
    for name, value in values.items():
        target = page.locator(f"[name='{stream}-0-value-{name}']")
        if target.evaluate("element => element.tagName") == "SELECT":
            target.select_option(value)
        else:
            target.fill(value)
    return field


def new_practice(page: Page, base: str, parent_id: int, title: str) -> None:
    """Begin a practice from the chooser of page types, which says what each is for."""
    page.goto(f"{base}/admin/pages/{parent_id}/add_subpage/")
    assert "The recipe others can use." in page.inner_text("main")
    page.locator("a[href*='/add/stories/practicepage/']").first.click()
    page.fill("#id_title", title)
    page.fill("#id_summary", "Two kitchens, one recipe, and a reason to call again.")


def fill_eight_of_the_twelve(page: Page) -> None:
    """Fill all but the problem, the steps, the costs and the contact."""
    tab(page, TEXT)
    page.fill("#id_audience", "families with children under ten")
    tab(page, TAKES)
    add(page, "roles", role="coordinator of families")
    page.fill("#id_lead_time_weeks", "8")
    page.fill("#id_duration_days", "1")
    write(page, "safeguarding", "Parents stay with their children.")
    add(page, "resources", title="Letter to families", note="from the contact")
    tab(page, CAME)
    add(page, "results", indicator="families in touch", after="9 of 12", method="telephone calls")
    add(page, "difficulties", difficulty="Two time zones")
    block = at(page, "difficulties")
    block.locator(".public-DraftEditor-content").first.click()
    page.keyboard.type("We cooked at six.")
    page.wait_for_function(
        "() => document.getElementsByName('difficulties-0-value-answer')[0].value.includes('six')"
    )
    write(page, "must_keep", "Both cook at the same hour.")
    write(page, "may_change", "The recipe.")


def fill_the_other_four(page: Page) -> None:
    """Fill the problem, the steps, the costs and the contact."""
    tab(page, TEXT)
    write(page, "problem", PROBLEM)
    add(page, "steps", title="Choose a recipe")
    tab(page, TAKES)
    page.locator("#id_has_no_cost").check()
    tab(page, ABOUT)
    page.fill("#id_contact_role", "coordinator of home hospitality")


def upload_a_picture(page: Page) -> None:
    """Choose the main picture by uploading it, and say who is shown and that they agreed."""
    tab(page, TEXT)
    file = io.BytesIO()
    Image.new("RGB", (1200, 675), COLOUR).save(file, "JPEG")
    page.locator("#id_hero_image-chooser").get_by_role("button", name="Choose an image").click()
    page.locator(".modal [role=tab][href='#tab-upload']").click()
    form = "image-chooser-upload"
    page.set_input_files(
        f"[name={form}-file]",
        {"name": "jam.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()},
    )
    page.fill(f"[name={form}-title]", "Jars on a table")
    page.fill(f"[name={form}-description]", "Nine jars of yellow jam on a table")
    page.select_option(f"[name={form}-people_shown]", PeopleShown.ADULTS)
    page.select_option(f"[name={form}-consent_state]", ConsentState.GRANTED)
    page.fill(f"[name={form}-credit]", "the coordinator")
    page.locator(".modal form[action*='create'] [type=submit]").click()
    page.locator("#id_hero_image-chooser [data-chooser-title]", has_text="Jars").wait_for()


def save_draft(page: Page) -> None:
    """Press “Save draft”, and wait for the answer."""
    with page.expect_navigation():
        page.locator("footer button.action-save, footer button[type=submit]").first.click()


def publish(page: Page) -> None:
    """Press “Publish” in the menu below, and wait for the answer."""
    page.locator("footer .w-dropdown__toggle, footer [data-w-dropdown-target=toggle]").last.click()
    with page.expect_navigation():
        page.locator("button[name=action-publish]").click()


def in_preview(page: Page, language: str) -> str:
    """Open the preview beside the form and return its words, once it is in `language`."""
    page.get_by_role("button", name="Toggle preview").click()
    frame = page.frame_locator("#w-preview-iframe")
    frame.locator(f"html[lang={language}] main h1").wait_for()
    words = frame.locator("main").inner_text()
    page.get_by_role("button", name="Toggle preview").click()
    return words


def test_a_coordinator_on_a_telephone_publishes_a_practice_and_is_told_what_another_lacks(
    live_server: Any, browser: Browser, settings: Any
) -> None:
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0  # test_autosave.py is about it
    build_site()
    partnership = make.PartnershipFactory(
        slug="west", name={"en": "Akko - Omaha", "he": "עכו - אומהה"}, with_members=True
    )
    partnership_page = make.page_of(partnership)
    coordinator = make.UserFactory(email="coordinator@example.org")
    coordinator.set_password(PASSWORD)
    coordinator.save()
    make.RoleAssignmentFactory(user=coordinator, role=Role.COORDINATOR, partnership=partnership)
    base = live_server.url
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, base, coordinator.email)

    # A practice that lacks four of the twelve is refused; each is named, with the reason.
    new_practice(page, base, partnership_page.pk, TITLE)
    fill_eight_of_the_twelve(page)
    upload_a_picture(page)
    publish(page)
    told = page.locator(".page-checks [role=alert]").inner_text()
    assert "nothing is lost" in told
    for missing, why in (
        ("the problem", "Others search by the problem they have."),
        ("how it works, step by step", "Without the steps nobody can do it again."),
        ("what it costs", "List the costs, or tick “it costs nothing”."),
        ("a contact", "A voice answers what a page can't."),
    ):
        assert f"Missing for a practice: {missing}. {why}" in told
    assert told.count("Missing for a practice") == 4
    assert not PracticePage.objects.filter(title=TITLE, live=True).exists()

    # Nothing is lost.
    assert page.input_value("#id_title") == TITLE
    assert page.input_value("#id_audience") == "families with children under ten"
    assert "Jars on a table" in page.locator("#id_hero_image-chooser").inner_text()
    for name, words in (
        ("roles-0-value-role", "coordinator of families"),
        ("safeguarding", "Parents stay"),
        ("resources-0-value-title", "Letter to families"),
        ("results-0-value-after", "9 of 12"),
        ("difficulties-0-value-answer", "We cooked at six."),
        ("must_keep", "same hour"),
    ):
        assert words in page.locator(f"[name='{name}']").input_value(), name

    # The four are added; a draft can be seen in both languages before anybody else sees it.
    fill_the_other_four(page)
    save_draft(page)
    practice = PracticePage.objects.get(title=TITLE)
    assert not practice.live
    assert TITLE in in_preview(page, "en")
    page.goto(f"{base}/admin/translation/submit/page/{practice.pk}/")
    page.locator("main form input[type=checkbox]").first.check()
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()
    hebrew = practice.get_translations().get().specific
    page.goto(f"{base}/admin/pages/{hebrew.pk}/edit/")
    page.fill("#id_title", HEBREW_TITLE)
    save_draft(page)
    words = in_preview(page, "he")
    assert HEBREW_TITLE in words
    assert "איך זה עובד" in words
    page.goto(f"{base}/admin/pages/{practice.pk}/edit/")
    visitor = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    visitor.set_default_timeout(60_000)
    visitor.goto(f"{base}{partnership_page.url}")
    assert TITLE not in visitor.inner_text("body")

    # Published: on the Partnership's page, in the library and by search.
    publish(page)
    practice.refresh_from_db()
    assert practice.live
    assert PortalImage.objects.get() == practice.hero_image
    for address in (
        partnership_page.url,
        "/en/library/?type=practice",
        "/en/library/?q=quince+kitchens",
        "/he/library/?q=quince",
        "/api/v1/search?q=forgot+each+other",
    ):
        visitor.goto(f"{base}{address}")
        assert TITLE in visitor.inner_text("body"), address
    visitor.goto(f"{base}{practice.url}")
    assert PROBLEM in visitor.inner_text("main")
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
    visitor.context.close()
