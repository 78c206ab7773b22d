"""A whole site for tests of pages: both trees, and a Partnership with everything on its page."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page

from partnerships.enums import SeatRole, Side
from partnerships.models import (
    CommitteeDecision,
    CommitteeSeat,
    CommunityPage,
    EventPage,
    Partnership,
    ProgramPage,
)
from tests import factories as make

LANGUAGES = ("en", "he")
#: Titles of the index pages in Hebrew.
HEBREW = {
    "Partnerships": "שותפויות",
    "Communities": "קהילות",
    "Programs": "תוכניות",
    "Library": "ספרייה",
}


def build_site() -> dict[str, Any]:
    """Make the front page and the index pages in both languages; return the English ones.

    The Hebrew skeleton comes by itself (`portal.services.language_tree`).
    """
    for language in LANGUAGES:
        make.locale_of(language)
    pages: dict[str, Any] = {"home": make.home_page()}
    for name, factory in {
        "partnerships": make.PartnershipIndexPageFactory,
        "communities": make.CommunityIndexPageFactory,
        "programs": make.ProgramIndexPageFactory,
        "library": make.LibraryIndexPageFactory,
        "history": make.StandardPageFactory,
    }.items():
        title = name.title() if name != "history" else "History and vision"
        pages[name] = factory(slug=name, title=title)
    hebrew_history = make.StandardPageFactory(
        language="he",
        slug="history",
        title="היסטוריה וחזון",
        translation_key=pages["history"].translation_key,
    )
    assert hebrew_history.get_parent().locale.language_code == "he"
    for title, hebrew in HEBREW.items():
        Page.objects.filter(locale__language_code="he", title=title).update(title=hebrew)
    return pages


def twin(page: Page, **changes: Any) -> Page:
    """Return the page's translation, made if it does not come by itself."""
    locale = make.locale_of("he" if page.locale.language_code == "en" else "en")
    found = page.get_translation_or_none(locale)
    if found is not None:
        return found
    parent = page.get_parent().get_translation(locale)
    factory = {
        "EventPage": make.EventPageFactory,
        "ProgramPage": make.ProgramPageFactory,
        "StoryPage": make.StoryPageFactory,
    }[type(page).__name__]
    fact = getattr(page, "fact_field", None)
    if fact:
        changes.setdefault(fact, getattr(page, fact))
    return factory(
        language=locale.language_code,
        parent=parent,
        translation_key=page.translation_key,
        **changes,
    )


@dataclass
class Told:
    """A Partnership whose page has one of everything, and its pages."""

    partnership: Partnership
    page: Page
    community_page: CommunityPage
    program_page: ProgramPage
    event_page: EventPage


def tell_everything(count: int = 1, **partnership: Any) -> Told:
    """Make a Partnership with `count` of everything its page can show, in both languages."""
    tie = make.PartnershipFactory(**partnership)
    page = make.page_of(tie)
    community_page = None
    for country, side in (("IL", Side.ISRAEL), ("US", Side.DIASPORA)):
        for _number in range(count):
            community = make.CommunityFactory(
                country_code=country,
                time_zone="Asia/Jerusalem" if country == "IL" else "America/Chicago",
            )
            make.MembershipFactory(
                partnership=tie,
                community=community,
                side=side,
                joined_on=datetime.date(1996, 1, 1),
                contact_title={"en": "Israel & Overseas associate"},
                answer_days=3,
            )
            community_page = make.CommunityPageFactory(community=community)
    today = timezone.localdate()
    program_page = event_page = None
    for number in range(count):
        program = make.ProgramFactory(
            partnership=tie, type=make.ConceptFactory(key=f"type_{number}", kind="program_type")
        )
        for kind in ("host", "travel"):
            make.WayToTakePartFactory(
                program=program, kind=kind, deadline=today + datetime.timedelta(days=20)
            )
        program_page = make.ProgramPageFactory(program=program)
        twin(program_page)
        event = make.EventFactory(
            partnership=tie,
            program=program,
            community=community_page.community if community_page else None,
        )
        event_page = make.EventPageFactory(event=event)
        twin(event_page)
        committee = make.CommitteeFactory(partnership=tie)
        part = make.CommitteeFactory(partnership=tie, parent=committee, kind="subcommittee")
        for side in Side.values:
            CommitteeSeat.objects.create(committee=committee, side=side, role=SeatRole.CO_CHAIR)
            CommitteeSeat.objects.create(committee=part, side=side, role=SeatRole.MEMBER)
        CommitteeDecision.objects.create(
            committee=committee, decided_on=today, summary={"en": f"Decision {number}"}
        )
        make.FigureFactory(partnership=tie, key=f"figure-{number}")
        make.ParticipationRowFactory(partnership=tie, program=program, year=2020 + number % 5)
        make.BudgetShareFactory(partnership=tie, year=2000 + number)
        make.SchoolTwinFactory(partnership=tie)
        story = make.StoryPageFactory(parent=page)
        twin(story)
        make.PracticePageFactory(parent=page)
        make.ResourcePageFactory(parent=page)
    assert community_page and program_page and event_page
    return Told(tie, page, community_page, program_page, event_page)


@contextmanager
def kept_for_module(blocker: Any) -> Iterator[None]:
    """Let a module's tests share rows that are slow to make; they are rolled back at its end.

    Each test runs in a savepoint inside; `blocker` is pytest-django's `django_db_blocker`.
    """
    with blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
    try:
        with blocker.unblock():
            yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


def queries_of(client: Client, url: str) -> list[str]:
    """Return the statements that a second GET of `url` runs (caches of the site are warm)."""
    assert client.get(url).status_code == 200, url
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return [query["sql"] for query in captured.captured_queries]


def every_page() -> Iterator[Page]:
    """Yield every live page of the site, as its own type (Wagtail's welcome page is none)."""
    for page in Page.objects.live().filter(depth__gt=1).specific().order_by("path"):
        if type(page) is not Page:
            yield page
