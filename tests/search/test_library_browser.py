"""The library in Chromium: in place with JavaScript, as a plain form without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import (
    ConceptFactory,
    LibraryIndexPageFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    page_of,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]

#: How long a state may take on a busy machine (milliseconds).
PATIENCE = 30_000


def build_library() -> None:
    """Make the library in both languages: stories about many topics, two practices."""
    LibraryIndexPageFactory(title="Library")
    LibraryIndexPageFactory(title="ספרייה", language="he")
    home = page_of(PartnershipFactory(slug="home", name={"en": "Homeside", "he": "ביתצד"}))
    teens = ConceptFactory(key="teens", kind="audience", label={"en": "Teens", "he": "בני נוער"})
    adults = ConceptFactory(key="adults", kind="audience", label={"en": "Adults", "he": "מבוגרים"})
    topics = [
        ConceptFactory(
            key=f"topic_{n}", kind="topic", label={"en": f"Topic {n}", "he": f"נושא {n}"}
        )
        for n in range(14)
    ]
    StoryPageFactory(parent=home, title="Painting a wall", concepts=[teens, *topics[:7]])
    StoryPageFactory(parent=home, title="A race at dawn", concepts=[adults, *topics[7:]])
    PracticePageFactory(parent=home, title="Cooking by radio", concepts=[teens], age_from=12)
    PracticePageFactory(
        parent=page_of(home.partnership, "he"), language="he", title="מכתבים", concepts=[adults]
    )


def titles(page: Page) -> list[str]:
    return sorted(page.locator("#results > .hits .hit__title").all_inner_texts())


def said(page: Page) -> str:
    return page.locator("#library-live").inner_text()


def focused(page: Page) -> str:
    return str(page.evaluate("(e => e.name + '=' + e.value)(document.activeElement)"))


def problems_of(page: Page) -> list[Any]:
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    found = [("overflow", overflow)] if overflow > 0 else []
    return found + [
        (violation["id"], [node["html"][:120] for node in violation["nodes"][:2]])
        for violation in Axe().run(page).response["violations"]
    ]


@pytest.mark.parametrize("width", [390, 1440])
def test_filters_work_in_place(live_server: Any, browser: Browser, width: int) -> None:
    build_library()
    page = browser.new_page(viewport={"width": width, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(f"{live_server.url}/en/library/")
    page.evaluate("window.stayed = true")
    everything = titles(page)
    assert len(everything) == 5

    # A filter: results and counts change, the focus stays, one message tells what happened.
    teens = page.locator("input[name=audience][value=teens]")
    teens.focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-chip]")).to_have_count(1, timeout=PATIENCE)
    assert titles(page) == ["Cooking by radio", "Painting a wall"]
    assert re.search(r"[?&]audience=teens", page.url)
    assert focused(page) == "audience=teens"
    assert said(page) == "2 results, filter added: Teens"
    assert "Adults 2" in page.locator("[data-facet=audience]").inner_text().replace("\n", " ")

    # Another value of the same facet widens; taking a chip away narrows and moves the focus near.
    page.locator("input[name=audience][value=adults]").check()
    expect(page.locator("[data-chip]")).to_have_count(2, timeout=PATIENCE)
    page.locator("[data-chip=Teens]").click()
    expect(page.locator("[data-chip]")).to_have_count(1, timeout=PATIENCE)
    assert said(page).endswith("filter removed: Teens")
    assert page.evaluate("document.activeElement.className") == "listing__count"
    assert not teens.is_checked()

    # Back and forward through the states.
    page.go_back()
    expect(page.locator("[data-chip]")).to_have_count(2, timeout=PATIENCE)
    page.go_back()
    expect(page.locator("[data-chip]")).to_have_count(1, timeout=PATIENCE)
    assert teens.is_checked()
    page.go_back()
    expect(page.locator("[data-chip]")).to_have_count(0, timeout=PATIENCE)
    assert titles(page) == everything
    assert not teens.is_checked()
    assert page.evaluate("window.stayed") is True  # the page was never loaded anew

    # A box in a long facet finds a value and says how many are left.
    find = page.locator("[data-facet=topic] .facet__find input")
    find.fill("topic 13")
    assert page.locator("[data-facet=topic] .facet__value:visible").count() == 1
    assert said(page) == "values left: 1"
    find.fill("נושא 13")  # as it is called in the other language
    assert (
        page.locator("[data-facet=topic] .facet__value:visible").inner_text().startswith("Topic 13")
    )
    assert problems_of(page) == []
    page.reload()

    # Suggestions: arrows, Escape, Enter.
    box = page.get_by_role("combobox", name="What are you looking for?")
    box.fill("")
    box.press_sequentially("tee")
    expect(page.locator("#library-suggestions [role=option]")).to_have_count(1, timeout=PATIENCE)
    assert box.get_attribute("aria-expanded") == "true"
    assert said(page) == "suggestions: 1"
    box.press("ArrowDown")
    chosen = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{chosen}").inner_text().split() == ["Teens", "Concept"]
    assert problems_of(page) == []
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "tee"
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/en/library/?concept=teens")
    assert titles(page) == ["Cooking by radio", "Painting a wall"]
    assert errors == []
    page.close()


def test_links_within_the_page_end_no_request_and_fetch_nothing(
    live_server: Any, browser: Browser
) -> None:
    build_library()
    page = browser.new_page(viewport={"width": 390, "height": 900})
    asked: list[str] = []
    held: list[Any] = []
    is_held = False

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        if is_held:
            held.append(route)
        else:
            route.continue_()

    page.goto(f"{live_server.url}/en/library/")
    page.route(lambda url: "/en/library/" in url, answer)
    # Nothing has changed: nothing is fetched, nothing is told.
    page.click(".library__to-facets a")
    page.click(".library__to-results a")
    page.go_back()
    assert page.url.endswith("#facets")
    assert (asked, said(page)) == ([], "")

    # A link while an answer is on its way: the answer comes, and the box stays ticked.
    is_held = True
    teens = page.locator("input[name=audience][value=teens]")
    with page.expect_request("**/en/library/?audience=teens", timeout=PATIENCE):
        teens.check()
    page.click(".library__to-results a")
    page.wait_for_timeout(200)
    assert teens.is_checked()
    assert len(asked) == len(held) == 1
    is_held = False
    held[0].continue_()
    expect(page.locator("[data-chip]")).to_have_count(1, timeout=PATIENCE)
    assert teens.is_checked()
    assert titles(page) == ["Cooking by radio", "Painting a wall"]
    assert said(page) == "2 results, filter added: Teens"
    page.click(".library__to-facets a")
    assert len(asked) == 1

    # The way back passes the link's place first, then the state before.
    page.go_back()
    assert len(asked) == 1
    page.go_back()
    expect(page.locator("[data-chip]")).to_have_count(0, timeout=PATIENCE)
    assert not teens.is_checked()
    page.close()


def test_failed_request_loses_nothing_and_can_be_made_again(
    live_server: Any, browser: Browser
) -> None:
    build_library()
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{live_server.url}/en/library/?q=a")
    page.evaluate("window.stayed = true")
    before, address = titles(page), page.url
    answers = ["offline", "500", "429"]

    def answer(route: Any) -> None:
        kind = answers.pop(0) if answers else ""
        sentence = "<p class='page-head__lead'>Go on in 30 seconds.</p>"
        body = f"<main class='error-page'>{sentence if kind == '429' else ''}</main>"
        if kind == "offline":
            route.abort("internetdisconnected")
        elif kind:
            route.fulfill(status=int(kind), content_type="text/html", body=body)
        else:
            route.continue_()

    page.route(lambda url: "/en/library/?" in url, answer)
    teens = page.locator("input[name=audience][value=teens]")
    teens.focus()
    page.keyboard.press("Space")
    notice = page.locator(".library__failure")
    expect(notice).to_contain_text("could not be fetched", timeout=PATIENCE)
    assert (titles(page), page.url, focused(page)) == (before, address, "audience=teens")
    assert "could not be fetched" in said(page)
    assert teens.is_checked()
    # Asked again, refused twice more, each time with what the server says if it says something.
    notice.get_by_role("button", name="Try again").click()
    expect(notice).to_contain_text("could not be fetched", timeout=PATIENCE)
    while len(answers) > 1:
        page.wait_for_timeout(50)
    page.locator("input[name=audience][value=adults]").check()
    expect(notice).to_have_text("Go on in 30 seconds.Try again", timeout=PATIENCE)
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-chip]")).to_have_count(2, timeout=PATIENCE)
    assert notice.count() == 0
    assert {"audience=teens", "audience=adults"} <= set(page.url.split("?")[1].split("&"))
    # The order is told when it changes.
    page.select_option("#library-sort", "title")
    expect(page.locator("#library-live")).to_contain_text(", order: title", timeout=PATIENCE)
    assert page.evaluate("window.stayed") is True
    page.close()


def test_amount_that_was_read_leaves_the_box_and_can_be_typed_anew(
    live_server: Any, browser: Browser
) -> None:
    build_library()
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/en/library/")
    box, chip = page.locator("#library-q"), page.locator("[data-chip]")
    for amount in ("8,000", "5,000"):
        # The focus stays in the box.
        box.fill(f"race under {amount}")
        box.press("Enter")
        expect(chip).to_contain_text(f"at most {amount} USD for both sides", timeout=PATIENCE)
        expect(page.locator(".listing__read")).to_contain_text("was read as a limit of cost")
        assert focused(page) == "q=race"
        assert page.locator("[name=cost_max]").input_value() == amount.replace(",", "")
    page.locator("[data-facet=limits] [name=cost_max]").evaluate("e => { e.value = '6000' }")
    box.press("End")
    box.press_sequentially(" dawn")
    box.press("Enter")
    expect(chip).to_contain_text("at most 6,000 USD", timeout=PATIENCE)
    assert focused(page) == "q=race dawn"
    assert page.locator(".listing__read").count() == 0
    # What is typed while an answer is on its way stays.
    held: list[Any] = []
    page.route(lambda url: "/en/library/?" in url, lambda route: held.append(route))
    with page.expect_request("**/en/library/?*", timeout=PATIENCE):
        box.fill("race under 4000")
        box.press("Enter")
    box.press_sequentially(" dawn")
    held[0].continue_()
    expect(chip).to_contain_text("at most 4,000 USD", timeout=PATIENCE)
    assert focused(page) == "q=race under 4000 dawn"
    page.close()


def test_folded_chips_open_by_keyboard_and_stay_open(live_server: Any, browser: Browser) -> None:
    build_library()
    words = ["choir", "garden", "theatre", "chess", "radio"]
    for word in words:
        ConceptFactory(key=word, kind="topic", label={"en": word, "he": f"דבר {word}"})
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{live_server.url}/he/library/?q={'+'.join(words)}")
    folded = page.locator("#results details[data-stays]")
    summary = folded.locator("> summary")
    box = summary.bounding_box()
    assert box and min(box["width"], box["height"]) >= 44
    assert not folded.locator("a.chip").first.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert problems_of(page) == []
    # One taken away leaves the others in sight.
    folded.locator("a.chip[href$=chess]").click()
    expect(folded.locator("a.chip[href$=chess]")).to_have_count(0, timeout=PATIENCE)
    expect(folded.locator("a.chip[href$=radio]")).to_be_visible()
    page.close()


def test_hebrew_states_are_clean_and_mirrored(live_server: Any, browser: Browser) -> None:
    build_library()
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    for state in ("?audience=teens", "?q=xylophone&for_age=15&cost_max=5", "?evidence=counted"):
        page.goto(f"{live_server.url}/he/library/{state}")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert problems_of(page) == [], (state, width)
    page.set_viewport_size({"width": 1440, "height": 900})
    results = page.locator("#results").bounding_box()
    facets = page.locator("#facets").bounding_box()
    assert results and facets
    assert results["x"] < facets["x"]  # the filters stand where Hebrew begins
    page.close()


def test_all_works_without_javascript(live_server: Any, browser: Browser) -> None:
    build_library()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{live_server.url}/en/library/")
    results, facets = (
        page.locator("#results").bounding_box(),
        page.locator("#facets").bounding_box(),
    )
    assert results and facets
    assert results["y"] < facets["y"]
    page.click(".library__to-facets a")
    assert page.url.endswith("#facets")
    page.check("input[name=audience][value=teens]")
    page.locator("#facets button[type=submit]:visible").last.click()
    assert "audience=teens" in page.url
    assert titles(page) == ["Cooking by radio", "Painting a wall"]
    page.click("[data-chip=Teens]")
    assert "audience" not in page.url
    context.close()
