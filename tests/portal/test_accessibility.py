"""axe finds nothing on any public page type, in both languages, on a phone and on a desk.

What a visitor comes for is there without JavaScript, and a thumb hits every control.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import get_template
from django.utils import timezone, translation

from tests import factories as make
from tests.site_tree import LANGUAGES, build_site, every_page, tell_everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Route
    from playwright.sync_api import Page as BrowserPage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

WIDTHS = (390, 1440)
#: States of lists that differ from their first view.
STATES = (
    "partnerships/?q=nosuchplace",
    "partnerships/?kind=unknown&page=99&country=US",
    "communities/?q=nosuchplace",
    "programs/?take=host&age=200",
    "library/?q=nosuchword",
    "contact/support/",
    "nothing-here/",
)
#: Pages that need nothing of the portal (Django renders them alone).
ERRORS = ("400", "403", "500", "503")
#: What must be in sight on each page type, without JavaScript.
ESSENTIAL = {
    "HomePage": (".hero__search input", ".figure__value", "a.kind", ".program-card"),
    "PartnershipIndexPage": ("form.filters button", ".letters__link", ".tie a"),
    "PartnershipPage": (
        ".side--abroad .member",
        ".side--israel .member",
        ".program-card",
        ".seats",
    ),
    "CommunityIndexPage": ("form.filters button", ".community-row a"),
    "CommunityPage": (".tie a",),
    "ProgramIndexPage": ("a.kind", "form.filters button", ".program-card .way-line"),
    "ProgramPage": (".way .facts", ".contacts", "a[href='#take-part']"),
    "EventPage": ("main time",),
    "LibraryIndexPage": ("form input[type=search]", "main h3 a, main h2 a"),
    "PracticePage": (
        ".glance__facts",
        ".steps__item .step__title",
        ".talk",
        ".costs, .costs__free",
    ),
    "ChallengePage": (".story-head h1", ".part"),
    "StoryPage": (".story-head h1", ".prose"),
    "ResourcePage": (".story-head h1", ".resource__take a, .prose"),
    "StandardPage": ("h1",),
}


def everything() -> dict[str, str]:
    """Make a site with each page type, rich and poor, in both languages; addresses by name."""
    build_site()
    told = tell_everything(2)
    make.CommitteeFactory(partnership=told.partnership)
    for language in LANGUAGES:
        parent = make.page_of(told.partnership, language)
        make.ChallengePageFactory(language=language, parent=parent)
        make.PracticePageFactory(language=language, parent=parent)
        make.ResourcePageFactory(language=language, parent=parent)
    make.FigureFactory(partnership=None, is_headline=True)
    found = {
        f"{page.locale.language_code} {type(page).__name__}": page.url for page in every_page()
    }
    other = make.PartnershipFactory(name={"en": "Zichron - Bern", "he": "זכרון - ברן"})
    poor = make.page_of(other)
    closed = make.ProgramFactory(partnership=poor.partnership)
    make.WayToTakePartFactory(program=closed, is_closed=True)
    day = datetime.timedelta(days=1)
    over = make.EventFactory(partnership=poor.partnership, starts_at=timezone.now() - day)
    withheld = make.EventFactory(
        partnership=poor.partnership,
        starts_at=timezone.now() + 9 * day,
        reveal_after=timezone.now() + day,
    )
    for language in LANGUAGES:
        found |= {
            f"{language} poor Partnership": make.page_of(poor.partnership, language).url,
            f"{language} closed program": page_in(language, make.ProgramPageFactory, closed),
            f"{language} event over": page_in(language, make.EventPageFactory, over),
            f"{language} event withheld": page_in(language, make.EventPageFactory, withheld),
        }
    return found


def page_in(language: str, factory: Any, fact: Any) -> str:
    """Make a fact's page in a language; its address."""
    name = "program" if factory is make.ProgramPageFactory else "event"
    parent = make.page_of(fact.partnership, language)
    return str(factory(language=language, parent=parent, **{name: fact}).url)


def problems_of(page: BrowserPage, name: str) -> list[Any]:
    """Return what axe and the width find wrong on the page shown, on a phone and on a desk."""
    problems: list[Any] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            problems.append((width, name, "overflow", overflow))
        for violation in Axe().run(page).response["violations"]:
            nodes = [node["html"][:120] for node in violation["nodes"][:2]]
            problems.append((width, name, violation["id"], nodes))
    return problems


def test_axe_finds_nothing_on_any_page_type(live_server: Any, browser: Browser) -> None:
    addresses = everything()
    addresses |= {
        f"{language} {state}": f"/{language}/{state}" for language in LANGUAGES for state in STATES
    }
    assert len(addresses) == 28 + 8 + 14
    problems = []
    page = browser.new_page()
    for name, url in addresses.items():
        page.goto(f"{live_server.url}{url}")
        problems += problems_of(page, name)
    page.close()
    for language in LANGUAGES:
        context = browser.new_context(locale=language)
        page = context.new_page()
        page.goto(f"{live_server.url}/accounts/login/")
        assert page.locator("html").get_attribute("lang") == language
        problems += problems_of(page, f"{language} sign-in")
        context.close()
    assert problems == []


def answering(html: str) -> Callable[[Route], None]:
    """Return what answers a request of the browser with `html`."""

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    return answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_pages_that_stand_alone(
    live_server: Any, browser: Browser, language: str
) -> None:
    build_site()
    page = browser.new_page()
    problems = []
    for status in ERRORS:
        with translation.override(language):
            html = get_template(f"{status}.html").render()
        page.route(f"**/{status}", answering(html))
        page.goto(f"{live_server.url}/{status}")
        assert page.locator("html").get_attribute("lang") == language
        problems += problems_of(page, f"{language} {status}")
    page.close()
    assert problems == []


def test_every_page_type_gives_what_matters_without_javascript(
    live_server: Any, browser: Browser
) -> None:
    addresses = everything()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    missing = []
    for language in LANGUAGES:
        for kind, selectors in ESSENTIAL.items():
            page.goto(f"{live_server.url}{addresses[f'{language} {kind}']}")
            for selector in ("h1", "nav.site-nav a", ".language-switch a", *selectors):
                found = page.locator(selector).first
                if not found.count() or not found.is_visible():
                    missing.append((language, kind, selector))
    assert missing == []
    types = {type(one).__name__ for one in every_page()}
    assert types <= set(ESSENTIAL), "a page type that nobody looked at"
    page.goto(f"{live_server.url}/en/partnerships/")
    page.click("summary")  # what is folded away opens without a script
    assert page.locator("#filter-kind").is_visible()
    context.close()


#: What is pressed on its own (links inside a text follow its lines).
CONTROLS = (
    "a.button, button, select, summary, a.chip, a.kind, .site-nav__link, .language-switch__link,"
    " .letters__link, a.pagination__link, .field__input, .site-header__home"
)


def test_a_thumb_hits_every_control(live_server: Any, browser: Browser) -> None:
    addresses = everything()
    page = browser.new_page(viewport={"width": 390, "height": 844})
    small = set()
    for name, url in addresses.items():
        if "LibraryIndexPage" in name:
            continue  # has its own tests
        page.goto(f"{live_server.url}{url}")
        small |= {
            (name.split(" ", 1)[1], found)
            for found in page.evaluate(
                """controls => [...document.querySelectorAll(controls)]
                    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5)
                    .map(one => one.outerHTML.slice(0, 80))""",
                CONTROLS,
            )
        }
    page.close()
    assert small == set()


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
