"""Pages of questions in a browser: axe finds nothing, in both languages, on a phone and a desk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from stories.models import AnswerState
from stories.services import question_answers
from stories.services.question_answers import AnswerText
from tests.portal.test_accessibility import problems_of
from tests.site_tree import LANGUAGES, build_site
from tests.stories.asking import again, asked_of, make_network
from tests.stories.test_question_pages import address, public

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.requires("chromium"),
    pytest.mark.django_db(transaction=True),
]


def test_axe_finds_nothing_on_questions(
    live_server: Any, browser: Browser, mailoutbox: list[Any]
) -> None:
    build_site()
    network = make_network(others=3)
    answered = network.open(3)
    network.answered(answered, 0)
    network.answered(answered, 1, text="דרך בתי הספר.", language="he")
    last = asked_of(answered)[2]
    waiting_answer = question_answers.answer(
        again(network.coordinators[last.partnership_id]), last, AnswerText("Later.", "en")
    )
    assert waiting_answer.state == AnswerState.WAITING
    waiting = network.ask(1)
    mailoutbox.clear()
    network.open(1, title="מה עושים בקיץ?", language="he")
    [mail] = [one for one in mailoutbox if "/reply/" in one.body]  # sent: its text is forgotten
    reply = re.findall(r"(/en/questions/reply/\S+)", str(mail.body))[0]
    context = browser.new_context()
    page = context.new_page()
    problems: list[Any] = []

    def look(url: str) -> None:
        page.goto(f"{live_server.url}{url}")
        problems.extend(problems_of(page, url))

    for language in LANGUAGES:
        look(public(language))
        look(public(language, answered.key))
        look(reply.replace("/en/", f"/{language}/"))
    client = Client()
    client.force_login(network.staff)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    for language in LANGUAGES:
        look(address("questions", "mine", language=language))
        look(address("questions", "detail", waiting.key, language=language))
        look(address("questions", "detail", answered.key, language=language))
        look(address("questions", "ask", language=language))
    page.locator("summary").first.click()
    page.fill("#id_title", "Host families")
    page.fill("#id_text", "Hosting in August")
    page.click("button[name=propose]")
    assert page.locator("#proposed").is_visible()
    problems += problems_of(page, "ask: proposals")
    context.close()
    assert problems == []
