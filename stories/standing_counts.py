"""The numbers of the stories on “Where a Partnership stands”: sharing, adoption, challenges."""

from __future__ import annotations

import datetime
from collections import Counter as Tally
from collections.abc import Collection, Iterator, Mapping

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from partnerships.models import Partnership
from stories.enums import ChallengeStatus
from stories.models import (
    Adoption,
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    ChallengeFacts,
    ContactMessage,
    ContactRequest,
    Question,
    QuestionState,
    Share,
    ShareState,
)
from stories.services.outcomes import missing_outcomes
from stories.standing import Count, rows_by


def sharing_counts() -> Iterator[Count]:
    """Yield what was recommended, and what was taken up."""

    def inbox(state: str = "") -> str:
        query = f"?state={state}" if state else ""
        return f"{reverse('wagtailadmin_shares')}{query}"

    yield Count(
        key="shared",
        heading=_("Recommended to others"),
        counter=rows_by(Share.objects.exclude(state=ShareState.WITHDRAWN), "from_partnership"),
        address=lambda partnership: f"{inbox()}?which=given",
        order=10,
    )
    accepted = Share.objects.filter(state=ShareState.ACCEPTED)
    yield Count(
        key="accepted",
        heading=_("Taken up from others"),
        counter=rows_by(accepted, "to_partnership"),
        address=lambda partnership: inbox(ShareState.ACCEPTED),
        order=20,
    )
    yield Count(
        key="offered",
        heading=_("Recommendations to answer"),
        counter=rows_by(Share.objects.filter(state=ShareState.OFFERED), "to_partnership"),
        address=lambda partnership: inbox(ShareState.OFFERED),
        is_due=True,
        order=70,
    )


def _outcomes_due(keys: Collection[int], today: datetime.date) -> Mapping[int, int]:
    adoptions = Adoption.objects.filter(partnership__in=keys).prefetch_related("outcomes")
    return Tally(due.adoption.partnership_id for due in missing_outcomes(adoptions, today))


def adoption_counts() -> Iterator[Count]:
    """Yield what was brought here, and the outcomes that are owed."""
    yield Count(
        key="adopted",
        heading=_("Brought to us"),
        counter=rows_by(Adoption.objects.all()),
        address=lambda partnership: reverse("wagtailadmin_adoptions"),
        order=30,
    )
    yield Count(
        key="outcomes_due",
        heading=_("Outcomes due"),
        counter=_outcomes_due,
        address=lambda partnership: reverse("wagtailadmin_adoptions"),
        is_due=True,
        order=60,
    )


def question_counts() -> Iterator[Count]:
    """Yield what was asked and answered, and which questions wait."""
    mine = reverse("questions_admin:mine")
    asked = Question.objects.filter(state__in=[QuestionState.OPEN, QuestionState.CLOSED])
    yield Count(
        key="asked",
        heading=_("Questions asked"),
        counter=rows_by(asked),
        address=lambda partnership: mine,
        order=40,
    )
    yield Count(
        key="answered",
        heading=_("Questions answered"),
        counter=rows_by(Answer.objects.filter(state=AnswerState.SHOWN), "asked__partnership"),
        address=lambda partnership: mine,
        order=50,
    )
    waiting = AskedPartnership.objects.filter(
        state=AskedState.ASKED, question__state=QuestionState.OPEN, answer=None
    )
    yield Count(
        key="to_answer",
        heading=_("Questions to answer"),
        counter=rows_by(waiting),
        address=lambda partnership: f"{mine}?state={QuestionState.OPEN}",
        is_due=True,
        order=80,
    )


def challenge_counts() -> Iterator[Count]:
    """Yield the challenges that are open."""

    def listed(partnership: Partnership) -> str:
        return f"{reverse('challenges:index')}?partnership={partnership.pk}"

    yield Count(
        key="challenges_open",
        heading=_("Open challenges"),
        counter=rows_by(ChallengeFacts.objects.filter(status=ChallengeStatus.OPEN)),
        address=listed,
        order=55,
    )


def contact_counts() -> Iterator[Count]:
    """Yield the visitors' messages that nobody answered."""
    unanswered = ContactMessage.objects.waiting().filter(request=OuterRef("pk"))
    waiting = ContactRequest.objects.filter(Exists(unanswered))
    yield Count(
        key="contacts_unanswered",
        heading=_("Messages without an answer"),
        counter=rows_by(waiting),
        address=lambda partnership: f"{reverse('wagtailadmin_contacts')}?state=open",
        is_due=True,
        order=90,
    )
