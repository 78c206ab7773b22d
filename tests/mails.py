"""Every kind of mail that the portal writes, with what it tells in life.

    python -m tests.mails DIRECTORY

writes each in both languages as plain text and as HTML, to be looked at. In each, names and words
of both languages meet, since that is where mails go wrong.
"""

from __future__ import annotations

import datetime
import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.conf import settings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    django.setup()

from django.urls import reverse
from django.utils.translation import override

from partnerships.enums import Role
from partnerships.models import Partnership
from portal.fields import Translated
from portal.mail import RenderedMail, render_mail
from portal.models import User
from stories.models import (
    Adoption,
    Answer,
    AskedPartnership,
    ContactMessage,
    ContactRequest,
    Question,
    Share,
    ShareState,
)
from stories.models.shares import DeclineReason
from stories.sections import PartChange
from stories.services.outcomes import OutcomeDue
from stories.services.question_mail import NEWS
from stories.services.share_mail import ShareLine

#: A Saturday night in Israel, still the day before in America.
MOMENT = datetime.datetime(2026, 7, 4, 21, 30, tzinfo=datetime.UTC)
ROOT, KEY = settings.BASE_URL, "0f6d53aa-6a0c-4a04-9f1e-0b3f7f1e2a11"


def address(name: str, *args: object) -> str:
    """Return a whole address of the portal."""
    with override("en"):
        return f"{ROOT}{reverse(name, args=args)}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail: its template, what it is called in a gallery, and what it tells."""

    name: str
    template: str
    context: dict[str, Any]
    has_account: bool = True

    def render(self, language: str) -> RenderedMail:
        """Return the mail as somebody who reads that language gets it."""
        values = dict(self.context)
        if self.has_account:
            first, last = ("Noa", "Barak") if language == "en" else ("נועה", "ברק")
            values["user"] = User(email="noa@example.org", first_name=first, last_name=last)
        return render_mail(self.template, values, language=language, time_zone="Asia/Jerusalem")


#: What shows where a value was told by its name in the program, or as nothing.
LEAKS = ("<bound method", "&lt;bound", "functools.", "<function", "&lt;function", " object at 0x")


@functools.cache
def told_in_life() -> dict[str, set[frozenset[str]]]:
    """Return by template the names of the values that its kinds are given here."""
    found: dict[str, set[frozenset[str]]] = {}
    for kind in kinds():
        found.setdefault(kind.template, set()).add(frozenset(kind.context))
    return found


def check_mail(template: str, context: Mapping[str, Any], mail: RenderedMail) -> None:
    """Fail where a mail shows what is not for people, or is told other values than its kinds are.

    So what is looked at in the gallery is what the services send.
    """
    for text in (mail.subject, mail.text, mail.html):
        found = [leak for leak in LEAKS if leak in text]
        assert not found, (template, found)
    names = frozenset(context) - {"user"}
    assert names in told_in_life()[template], (template, sorted(names))


def _partnership(english: str, hebrew: str) -> Partnership:
    return Partnership(pk=1, name=Translated({"en": english, "he": hebrew}))


def kinds() -> list[Kind]:
    """Return all kinds; those with several wordings once a wording."""
    ours = _partnership("Akko – Canton", "עכו – קנטון")
    theirs = _partnership("Beit Shean Valley – Cleveland", "עמק בית שאן – קליבלנד")
    return [
        *_questions(ours, theirs),
        *_contacts(ours),
        *_shares(ours, theirs),
        *_practices(ours),
        *_challenges(),
        *_schedule(),
    ]


def _questions(ours: Partnership, theirs: Partnership) -> list[Kind]:
    english = Question(
        pk=1,
        partnership=ours,
        title="How do you find host families in August?",
        text="Half of ours are away (see https://example.org/2026).\n\nWe need 12 families.",
        language="en",
        closes_at=MOMENT + datetime.timedelta(days=14),
    )
    hebrew = Question(
        pk=2,
        partnership=ours,
        title="איך מוצאים משפחות מארחות באוגוסט?",
        text="חצי מהמשפחות נוסעות.\nצריך 12 משפחות לשבוע (Kefiada 2026).",
        language="he",
        closes_at=MOMENT + datetime.timedelta(days=14),
    )
    found = []
    for question in (english, hebrew):
        asked = AskedPartnership(pk=1, question=question, partnership=theirs)
        told = {
            "question": question,
            "asked": asked,
            "role": Role.COORDINATOR.label,
            "closes_on": question.closes_at,
            "remark": "",
            "reply_url": address("questions:reply", "5kB0s-x_QjKvMZ:2Xq"),
        }
        of = question.language
        found += [
            Kind(f"question_asked-{of}", "question_asked", told),
            Kind(f"question_asked-mailbox-{of}", "question_asked", told, has_account=False),
            Kind(
                f"question_asked-back-{of}",
                "question_asked",
                {**told, "remark": "Whom did you ask first?\nאת בתי הספר?"},
            ),
        ]
        answer = Answer(asked=asked)
        for news in NEWS:
            remark = "Say how many families.\nכמה ילדים?" if "refused" in news else ""
            remark = remark or ("Say how many." if news == "question_sent_back" else "")
            shown = answer if news.startswith("answer") else None
            context = {
                "news": news,
                "question": question,
                "answer": shown,
                "remark": remark,
                "url": address("questions:detail", question.key),
            }
            found.append(Kind(f"question_news-{news}-{of}", "question_news", context))
    return found


def _contacts(ours: Partnership) -> list[Kind]:
    found = []
    for of, title, name, words in (
        ("en", "Soup in two kitchens", "Rivka K.", "May we come?\n\nSee https://example.org/us"),
        ("he", "מרק בשני מטבחים", "רבקה ק׳", "אפשר לבוא?\nSee you in May, 12:30."),
    ):
        request = ContactRequest(
            pk=1, partnership=ours, page_title=title, name=name, place="Omaha, NE", language=of
        )
        message = ContactMessage(pk=1, request=request, text=words)
        told = {
            "request": request,
            "message": message,
            "sender_email": "rivka@example.org",
            "reply_url": address("contact_reply", "WyI5ZjMiLDFd:1wX:q_k-Z"),
            "kept_days": 90,
        }
        for kind in ("contact", "late", "reminder", "reply"):
            found.append(Kind(f"contact-{kind}-{of}", "contact", {**told, "kind": kind}))
        desk = ContactRequest(pk=2, name=name, language=of)
        for kind in ("contact", "reminder", "reply"):
            context = {**told, "kind": kind, "request": desk, "sender_email": ""}
            found.append(Kind(f"contact-desk-{kind}-{of}", "contact", context))
        shared = ("message", "reply_url", "kept_days")
        answered = {name: told[name] for name in shared} | {"answerer_email": "dana@example.org"}
        found += [
            Kind(
                f"contact_answer-{of}",
                "contact_answer",
                {**answered, "request": request},
                has_account=False,
            ),
            Kind(
                f"contact_answer-desk-{of}",
                "contact_answer",
                {**answered, "request": desk, "answerer_email": ""},
                has_account=False,
            ),
        ]
    return found


def _shares(ours: Partnership, theirs: Partnership) -> list[Kind]:
    def line(title: str, **values: Any) -> ShareLine:
        share = Share(pk=7, from_partnership=ours, to_partnership=theirs, **values)
        return ShareLine(share, title, f"{ROOT}/en/")

    offers = [
        line("Soup in two kitchens", note="Try it in August.\nקל ונחמד."),
        line("מרק בשני מטבחים", is_from_network=True),
    ]
    answers = [
        line("Soup in two kitchens", state=ShareState.ACCEPTED),
        line(
            "מרק בשני מטבחים",
            state=ShareState.DECLINED,
            decline_reason=DeclineReason.values[0],
            decline_text="Not this year.\nאולי בשנה הבאה.",
        ),
    ]

    def told(offers: list[ShareLine], answers: list[ShareLine], more: int = 0) -> dict[str, Any]:
        return {
            "offers": offers,
            "answers": answers,
            "offer_count": len(offers),
            "answer_count": len(answers),
            "more": more,
            "inbox_url": address("wagtailadmin_shares"),
            "settings_url": address("wagtailadmin_account"),
        }

    return [
        Kind("shares-offer", "shares", told(offers[:1], [])),
        Kind("shares-offers", "shares", told(offers, [])),
        Kind("shares-answer", "shares", told([], answers[:1])),
        Kind("shares-answers", "shares", told([], answers)),
        Kind("shares-digest", "shares", told(offers, answers, more=3)),
    ]


def _practices(ours: Partnership) -> list[Kind]:
    titles = Translated({"en": "Soup in two kitchens", "he": "מרק בשני מטבחים"})
    found = []
    for months in (6, 12):
        due = OutcomeDue(Adoption(pk=1, partnership=ours), months, MOMENT.date())
        context = {
            "due": due,
            "practice": titles,
            "partnership": ours.name,
            "url": address("wagtailadmin_adoption", KEY),
        }
        found.append(Kind(f"outcome_due-{months}", "outcome_due", context))
    for of, title in titles.items():
        changes = [
            PartChange("steps", "Steps", ("Buy for 20.",), ("Buy for 30 (₪400).", "לקנות ל-30.")),
            PartChange("cost", "Cost", (), ("$8,000",)),
        ]
        edit = {
            "title": title,
            "partnership": ours.name,
            "note": "Prices have changed.\nהמחירים עלו.",
            "changes": changes,
            "url": f"{ROOT}/en/partnerships/akko-canton/soup/",
            "own_url": address("wagtailadmin_adoption", KEY),
        }
        review = {
            "title": title,
            "evaluator": "Brandeis University",
            "reason": "",
            "url": address("wagtailadmin_practice_travels", 1),
        }
        found += [
            Kind(f"material_edit-{of}", "material_edit", edit),
            Kind(f"practice_review-accepted-{of}", "practice_review", review | {"is_accepted": 1}),
            Kind(
                f"practice_review-back-{of}",
                "practice_review",
                review | {"is_accepted": False, "reason": "Who evaluated it?\nמתי?"},
            ),
        ]
    return found


@dataclass
class _Hit:
    title: str
    language: str
    direction: str


def _challenges() -> list[Kind]:
    practices = [
        (_Hit("Soup in two kitchens", "en", "ltr"), f"{ROOT}/en/partnerships/akko/soup/"),
        (_Hit("מרק בשני מטבחים", "he", "rtl"), f"{ROOT}/he/partnerships/akko/marak/"),
    ]
    found = []
    for of, title in (("en", "Too few host families"), ("he", "חסרות משפחות מארחות")):
        told = {
            "title": title,
            "address": address("wagtailadmin_challenge", KEY),
        }
        page_url = f"{ROOT}/en/partnerships/akko/few/"
        match = {**told, "page_url": page_url}
        found += [
            Kind(f"challenge_stale-{of}", "challenge_stale", {**told, "on": MOMENT.date()}),
            Kind(f"challenge_match-{of}", "challenge_match", {**match, "practices": practices[:1]}),
            Kind(f"challenge_matches-{of}", "challenge_match", {**match, "practices": practices}),
        ]
    return found


def _schedule() -> list[Kind]:
    found = []
    for of, title in (("en", "Summer camp"), ("he", "מחנה קיץ")):
        told = {
            "title": title,
            "due_at": MOMENT,
            "is_expiry": False,
            "reasons": ["Steps: are missing.", "The picture “יד ביד” can’t be public yet."],
            "edit_url": address("wagtailadmin_pages:edit", 7),
        }
        found += [
            Kind(f"schedule_refused-{of}", "schedule_refused", told),
            Kind(f"schedule_refused-fault-{of}", "schedule_refused", {**told, "reasons": []}),
            Kind(
                f"schedule_refused-expiry-{of}",
                "schedule_refused",
                {**told, "reasons": [], "is_expiry": True},
            ),
        ]
    return found


def write_gallery(directory: Path) -> int:
    """Write all mails into a directory; returns how many."""
    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    for kind in kinds():
        for language in ("en", "he"):
            mail = kind.render(language)
            stem = f"{kind.name}.{language}"
            (directory / f"{stem}.txt").write_text(f"{mail.subject}\n\n{mail.text}")
            (directory / f"{stem}.html").write_text(mail.html)
            count += 1
    return count


if __name__ == "__main__":
    print(write_gallery(Path(sys.argv[1])))  # noqa: T201
