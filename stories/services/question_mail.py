"""Mails about questions, to those who asked, those who answered, and the network's staff.

One template tells them all; `news` says which words it takes. No mail tells anybody's address.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from partnerships.enums import Role
from partnerships.models import RoleAssignment
from portal.mail import queue_mail
from portal.models import User
from stories.models import Answer, Question, QuestionEvent, QuestionStep
from stories.services.question_steps import note

#: What a mail can be about; the template has the words.
NEWS = (
    "question_approved",
    "question_sent_back",
    "question_refused",
    "answer_shown",
    "answer_refused",
    "unanswered",
    "nobody_left",
    "noted",
)


def people_in(role: Role, partnership_id: int | None) -> list[User]:
    """Return the accounts that hold a role today, each once, in a steady order."""
    rows = RoleAssignment.objects.current().filter(role=role, user__is_active=True)
    if partnership_id is not None:
        rows = rows.filter(partnership=partnership_id)
    return list(User.objects.filter(pk__in=rows.values("user")).order_by("pk"))


def askers_of(question: Question) -> list[User]:
    """Return who is told about a question: the asker, else the coordinators of her Partnership."""
    asker = question.asked_by
    if asker is not None and asker.is_active:
        return [asker]
    return people_in(Role.COORDINATOR, question.partnership_id)


def tell_askers(event: QuestionEvent, news: str, *, answer: Answer | None = None) -> None:
    """Tell those who asked of a step."""
    tell(askers_of(event.question), event, news, answer=answer)


def tell_unanswered(question: Question, now: datetime.datetime, news: str = "unanswered") -> None:
    """Tell the asker's coordinators and the network's staff, once, that nobody answered."""
    question.unanswered_told_at = now
    question.save(update_fields=["unanswered_told_at"])
    event = note(question, QuestionStep.UNANSWERED, now)
    people = [
        *askers_of(question),
        *people_in(Role.COORDINATOR, question.partnership_id),
        *people_in(Role.NETWORK_STAFF, None),
    ]
    tell(dict.fromkeys(people), event, news)


def tell(
    people: Iterable[User], event: QuestionEvent, news: str, *, answer: Answer | None = None
) -> None:
    """Queue a mail about a step for each person, in her language; each step is told once."""
    question = event.question
    for person in people:
        queue_mail(
            key=f"{news}:{event.pk}:{person.pk}",
            user=person,
            template="question_news",
            context={
                "news": news,
                "question": question,
                "answer": answer,
                "remark": event.remark,
                "url": question_url(question, person.preferred_language),
            },
        )


def question_url(question: Question, language: str) -> str:
    """Return where a person with a role works on a question, in her language."""
    with override(language):
        path = reverse("questions:detail", args=[question.key])
    return f"{settings.BASE_URL}{path}"


def answerers_of(answer: Answer) -> list[Any]:
    """Return the account that answered, if it is still one."""
    author = answer.author
    return [author] if author is not None and author.is_active else []
