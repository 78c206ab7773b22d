"""axe finds nothing on any public page type, in both languages, on a phone and on a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import factories as make
from tests.site_tree import LANGUAGES, build_site, every_page, tell_everything

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

#: States of lists that differ from their first view.
STATES = (
    "partnerships/?q=nosuchplace",
    "partnerships/?kind=unknown&page=99&country=US",
    "programs/?take=host&age=200",
    "nothing-here/",
)


def test_axe_finds_nothing_on_any_page_type(live_server: Any, browser: Browser) -> None:
    build_site()
    told = tell_everything(2)
    make.CommitteeFactory(partnership=told.partnership)
    for language in LANGUAGES:
        parent = make.page_of(told.partnership, language)
        make.ChallengePageFactory(language=language, parent=parent)
        make.PracticePageFactory(language=language, parent=parent)
        make.ResourcePageFactory(language=language, parent=parent)
    make.FigureFactory(partnership=None, is_headline=True)
    addresses = {
        f"{page.locale.language_code} {type(page).__name__}": page.url for page in every_page()
    }
    addresses |= {
        f"{language} {state}": f"/{language}/{state}" for language in LANGUAGES for state in STATES
    }
    problems = []
    page = browser.new_page()
    for name, url in addresses.items():
        page.goto(f"{live_server.url}{url}")
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if overflow > 0:
                problems.append((width, name, "overflow", overflow))
            for violation in Axe().run(page).response["violations"]:
                nodes = [node["html"][:120] for node in violation["nodes"][:2]]
                problems.append((width, name, violation["id"], nodes))
    page.close()
    assert len(addresses) >= 36
    assert problems == []


def test_skip_link_comes_first_and_leads_to_the_content(live_server: Any, browser: Browser) -> None:
    build_site()
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{live_server.url}/he/partnerships/")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == "#content"
    box = page.locator(".skip-link").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_a_visitor_finds_her_partnership_without_javascript(
    live_server: Any, browser: Browser
) -> None:
    build_site()
    told = tell_everything(slug="west", name={"en": "Akko - Omaha", "he": "עכו - אומהה"})
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/en/")
    page.fill("#find-mine", "akko")
    page.press("#find-mine", "Enter")
    assert page.url.endswith("/en/partnerships/?q=akko")
    page.click("text=Akko - Omaha")
    assert page.url.endswith(told.page.url)
    page.click("header >> text=עברית")
    assert page.url.endswith(make.page_of(told.partnership, "he").url)
    context.close()
