"""Two browsers: a practice goes from one Partnership to another, and what came of it comes back."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from partnerships.enums import Role
from partnerships.models import Partnership
from stories.evidence import add_months
from stories.models import Adoption, PracticePage
from tests import factories as make
from tests.journeys.test_coordinator import (
    ABOUT,
    CAME,
    TEXT,
    add,
    at,
    publish,
    save_draft,
    tab,
)
from tests.journeys.test_editor import PASSWORD, sign_in
from tests.site_tree import build_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

TITLE, SECOND = "Quince jam in two kitchens", "Letters in a bottle"
OURS = "Quince jam, with the grandmothers"
WHY_WHOM = "Our families are older: the grandmothers cook."
WHY_HOW = "One evening in place of two."
LESSON = "Begin with the grandmothers."


def two_partnerships() -> tuple[Partnership, Partnership]:
    """Return the Partnership that gives and the one that takes, each with a page."""
    given = make.PartnershipFactory(
        slug="west", name={"en": "Akko - Omaha", "he": "עכו - אומהה"}, with_members=True
    )
    taken = make.PartnershipFactory(
        slug="lehigh",
        name={"en": "Yoav - Lehigh Valley", "he": "יואב - עמק ליהיי"},
        with_members=True,
    )
    for partnership in (given, taken):
        make.page_of(partnership)
    return given, taken


def browser_of(
    browser: Browser, base: str, partnership: Partnership, width: int
) -> tuple[BrowserContext, Page]:
    """Return a browser of its own, in which the Partnership's coordinator is signed in."""
    user = make.UserFactory(email=f"{partnership.slug}@example.org")
    user.set_password(PASSWORD)
    user.save()
    make.RoleAssignmentFactory(user=user, role=Role.COORDINATOR, partnership=partnership)
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, base, user.email)
    return context, page


def press(page: Page, action: str) -> None:
    """Press the button of an action, and wait for the answer."""
    with page.expect_navigation():
        page.locator(f"button[name=action][value={action}]").first.click()


def say_why(page: Page, number: int, words: str) -> None:
    """Say what was changed in the part of that number, and why."""
    at(page, "adaptations").locator(".public-DraftEditor-content").nth(number).click()
    page.keyboard.type(words)
    page.wait_for_function(
        "([name, words]) => document.getElementsByName(name)[0].value.includes(words)",
        arg=[f"adaptations-{number}-value-text", words],
    )


def move(page: Page, to: str, *, on: datetime.date | None = None, reason: str = "") -> None:
    """Note the next state of what was brought over, on the screen that is open."""
    page.locator(f"[name=move-to][value={to}]").check()
    if on is not None:
        page.fill("[name=move-on]", on.isoformat())
    if reason:
        page.select_option("[name=move-reason]", reason)
    press(page, "move")


def report(page: Page, months: int, aim: str, **told: str) -> None:
    """Report what came of it after so many months."""
    form = page.locator(f"form:has([name=outcome{months}-against_aim])")
    form.locator(f"[name=outcome{months}-against_aim][value={aim}]").check()
    for name, value in told.items():
        form.locator(f"[name=outcome{months}-{name}]").fill(value)
    with page.expect_navigation():
        form.locator("button[value=report]").click()


def bring(page: Page, practice: PracticePage) -> Adoption:
    """Bring a practice over on the form that is open; its draft opens."""
    press(page, "bring")
    page.wait_for_selector("#id_title")
    adoption: Adoption = Adoption.objects.get(sources__parent=practice.translation_key)
    return adoption


def level_told(page: Page) -> str:
    """Return how well tested a practice is, as the open page says it."""
    return page.locator(".tested__level").inner_text()


def test_a_practice_travels_from_one_browser_to_the_other_and_the_evidence_comes_back(
    live_server: Any, browser: Browser, settings: Any
) -> None:
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0  # test_autosave.py is about it
    build_site()
    given, taken = two_partnerships()
    draft = make.PracticePageFactory(parent=make.page_of(given), title=TITLE, live=False)
    draft.save_revision()
    second = make.PracticePageFactory(parent=make.page_of(given), title=SECOND)
    base = live_server.url
    giver_context, giver = browser_of(browser, base, given, 1440)
    taker_context, taker = browser_of(browser, base, taken, 390)
    visitor = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    visitor.set_default_timeout(60_000)

    # A publishes and recommends.
    giver.goto(f"{base}/admin/pages/{draft.pk}/edit/")
    publish(giver)
    practice = PracticePage.objects.get(pk=draft.pk)
    assert practice.live
    visitor.goto(f"{base}{practice.url}")
    assert "counted" in level_told(visitor).split(":")[0]
    giver.goto(f"{base}/admin/pages/{draft.pk}/edit/")
    giver.locator(".w-slim-header [data-w-dropdown-target=toggle]").first.click()
    giver.locator("a[href*='/recommendations/offer/']").first.click()
    giver.locator(f"[name=partnerships][value='{taken.pk}']").check()
    giver.fill("[name=note]", "Your grandmothers would love it.")
    with giver.expect_navigation():
        giver.locator("form button.button:not([name])").last.click()

    # B finds it in the inbox, reads it and brings it over.
    taker.goto(f"{base}/admin/")
    taker.locator("a", has_text=TITLE).first.click()
    assert "Your grandmothers would love it." in taker.inner_text("main")
    press(taker, "accept")
    visitor.goto(f"{base}{make.page_of(taken).url}")
    assert TITLE in visitor.inner_text("main")
    taker.locator(f"main a[href*='/brought-over/bring/{practice.translation_key}']").click()
    adoption = bring(taker, practice)

    # B changes two parts, and says why.
    taker.fill("#id_title", OURS)
    tab(taker, TEXT)
    taker.fill("#id_audience", "grandmothers and their grandchildren")
    taker.fill("[name='steps-0-value-title']", "Choose a grandmother")
    tab(taker, CAME)
    parts = [
        taker.input_value(f"[name='adaptations-{number}-value-section']") for number in range(3)
    ]
    assert parts == ["why", "whom", "how"]
    say_why(taker, 1, WHY_WHOM)
    say_why(taker, 2, WHY_HOW)
    save_draft(taker)
    taker.locator("main a[href*='/brought-over/'], form a[href*='/brought-over/']").first.click()

    # It is planned, runs, is completed.
    today = timezone.localdate()
    begun = add_months(today, -13)
    move(taker, "planned", on=add_months(today, -15))
    move(taker, "running", on=begun)
    box = taker.locator("[name=outcome6-reached]").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    report(taker, 6, "same", reached="20", counted_how="lists at the door")
    move(taker, "completed", on=add_months(today, -1))
    report(taker, 12, "better", reached="34", counted_how="lists at the door", lesson=LESSON)
    # Published with its own results, it stands on the lineage; the evidence has risen.
    child = PracticePage.objects.get(translation_key=adoption.pk)
    assert not child.live
    taker.goto(f"{base}/admin/pages/{child.pk}/edit/")
    tab(taker, CAME)
    add(taker, "results", indicator="families in touch", after="9 of 12", method="calls")
    add(taker, "difficulties", difficulty="Two time zones")
    difficulties = at(taker, "difficulties")
    difficulties.locator(".public-DraftEditor-content").first.click()
    taker.keyboard.type("At six.")
    taker.wait_for_function(
        "() => document.getElementsByName('difficulties-0-value-answer')[0].value.includes('six')"
    )
    tab(taker, ABOUT)
    taker.fill("#id_contact_role", "coordinator of families")
    publish(taker)
    giver.goto(f"{base}{practice.url}")
    assert level_told(giver).startswith("repeated elsewhere: 1 other Partnership")
    giver.locator(".tested a").click()
    own, theirs = (giver.locator(".member").nth(number) for number in range(2))
    assert TITLE in own.inner_text()
    told = theirs.inner_text()
    for words in (
        OURS,
        str(taken),
        "completed since",
        "After 6 months: as the aim; 20 people reached",
        "After 12 months: better than the aim; 34 people reached",
        LESSON,
    ):
        assert words in told
    theirs.locator("summary").click()
    changes = theirs.locator(".member__changes dd").all_inner_texts()
    assert changes == [WHY_WHOM, WHY_HOW]
    visitor.goto(f"{base}/en/library/?evidence=repeated")
    assert TITLE in visitor.inner_text("main")

    # B stops another one; the reason is public once both agree.
    taker.goto(f"{base}{second.url}")
    taker.locator(".glance__actions a[href*='/brought-over/bring/']").click()
    stopped = bring(taker, second)
    taker.goto(f"{base}{reverse('wagtailadmin_adoption', args=[stopped.pk])}")
    move(taker, "stopped", reason="people")
    press(taker, "agree")
    travelled = reverse("lineage:travelled", args=[second.translation_key])
    visitor.goto(f"{base}{travelled}")
    assert visitor.locator(".member").count() == 1
    giver.goto(f"{base}/admin/")
    giver.locator(f"a[href*='{stopped.pk}']").click()
    press(giver, "agree")
    visitor.goto(f"{base}{travelled}")
    told = visitor.locator(".member").nth(1).inner_text()
    assert str(taken) in told
    assert "because: nobody to do the work" in told
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
    for context in (taker_context, giver_context, visitor.context):
        context.close()
