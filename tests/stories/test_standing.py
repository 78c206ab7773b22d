"""Where a Partnership stands: right numbers, own ones only, the same price for two and for 46."""

from __future__ import annotations

import csv
import datetime
import io
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from partnerships.enums import PartnershipStatus, Role
from partnerships.models import Partnership
from portal.models import User
from stories.enums import AdoptionState
from stories.models import (
    Adoption,
    Answer,
    AnswerState,
    AskedPartnership,
    AskedState,
    ChallengeFacts,
    ContactMessage,
    ContactRequest,
    LineageEntry,
    Question,
    QuestionState,
    Share,
    ShareState,
)
from stories.standing import registered, standings
from tests import factories as make
from tests.stories.asking import person

pytestmark = pytest.mark.django_db

NOW = timezone.now


def share(giver: Partnership, taker: Partnership, state: ShareState) -> None:
    Share.objects.create(
        practice_key=uuid.uuid4(), from_partnership=giver, to_partnership=taker, state=state
    )


def adoption(partnership: Partnership, started_on: datetime.date | None) -> None:
    entry = LineageEntry.objects.create(translation_key=uuid.uuid4(), partnership=partnership)
    Adoption.objects.create(
        practice=entry,
        partnership=partnership,
        state=AdoptionState.RUNNING if started_on else AdoptionState.CONSIDERING,
        started_on=started_on,
    )


def question(asker: Partnership, asked: Partnership, state: str, answer: str = "") -> None:
    row = Question.objects.create(
        partnership=asker,
        role=Role.COORDINATOR,
        title="?",
        text="?",
        language="en",
        state=state,
        created_at=NOW(),
    )
    place = AskedPartnership.objects.create(
        question=row, partnership=asked, rank=0, state=AskedState.ASKED, asked_at=NOW()
    )
    if answer:
        Answer.objects.create(
            asked=place,
            role=Role.COORDINATOR,
            text="!",
            language="en",
            state=answer,
            answered_at=NOW(),
        )


def challenge(partnership: Partnership, **more: Any) -> None:
    ChallengeFacts.objects.create(
        translation_key=uuid.uuid4(), partnership=partnership, original_language="en", **more
    )


def fill(one: Partnership, two: Partnership) -> None:
    """Let `one` do some of everything with `two`, and things that count nowhere."""
    share(one, two, ShareState.OFFERED)
    share(one, two, ShareState.ACCEPTED)
    share(one, two, ShareState.WITHDRAWN)
    share(two, one, ShareState.OFFERED)
    share(two, one, ShareState.DECLINED)
    adoption(one, timezone.localdate() - datetime.timedelta(days=400))
    adoption(one, None)
    question(one, two, QuestionState.OPEN, AnswerState.SHOWN)
    question(one, two, QuestionState.REFUSED)
    question(two, one, QuestionState.CLOSED, AnswerState.SHOWN)
    question(two, one, QuestionState.CLOSED, AnswerState.WAITING)
    question(two, one, QuestionState.OPEN)
    challenge(one)
    challenge(one, status="withdrawn")
    for answered_at in (None, NOW()):
        request = ContactRequest.objects.create(
            form_key=uuid.uuid4().hex,
            partnership=one,
            language="en",
            route="staff",
            answered_at=answered_at,
        )
        ContactMessage.objects.create(
            request=request, form_key=uuid.uuid4().hex, due_at=NOW(), settled_at=answered_at
        )


#: What `fill` gives the first Partnership.
EXPECTED = {
    "shared": 2,
    "accepted": 0,
    "adopted": 2,
    "asked": 1,
    "answered": 1,
    "challenges_open": 1,
    "outcomes_due": 2,
    "offered": 1,
    "to_answer": 1,
    "contacts_unanswered": 1,
}


def numbers(rows: list[Any], partnership: Partnership) -> dict[str, int]:
    [row] = [row for row in rows if row.partnership == partnership]
    return {cell.count.key: cell.number for cell in row.cells}


def test_each_number_counts_what_it_says() -> None:
    one, two, none = (make.PartnershipFactory() for _number in range(3))
    fill(one, two)
    _counts, rows = standings([one, two, none])
    found = numbers(rows, one)
    assert {key: found[key] for key in EXPECTED} == EXPECTED
    other = numbers(rows, two)
    assert (other["accepted"], other["offered"], other["asked"]) == (1, 1, 3)
    assert set(numbers(rows, none).values()) == {0}


def test_every_number_has_words_and_its_list_opens() -> None:
    one, two = (make.page_of(make.PartnershipFactory()).partnership for _number in range(2))
    fill(one, two)
    client = signed_in(person(Role.COORDINATOR, one))
    keys = [count.key for count in registered()]
    assert len(set(keys)) == len(keys)
    _counts, rows = standings([one])
    for cell in rows[0].cells:
        assert str(cell.count.heading)
        if cell.url:
            assert client.get(cell.url).status_code == 200, cell.url


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(space: str = "questions_admin", language: str = "en") -> str:
    with override(language):
        return reverse(f"{space}:standing")


def test_one_sees_the_own_partnership_only() -> None:
    one = make.PartnershipFactory(name={"en": "Akko - Omaha"})
    two = make.PartnershipFactory(name={"en": "Nesher - Broward"})
    fill(one, two)
    for role in (Role.COORDINATOR, Role.EDITOR):
        html = signed_in(person(role, one)).get(url()).content.decode()
        assert "Akko - Omaha" in html
        assert "Nesher - Broward" not in html
    for role in (Role.CHAIR, Role.PROFESSIONAL):
        client = signed_in(person(role, one))
        assert "Akko - Omaha" in client.get(url("questions")).content.decode()
        assert client.get(url()).status_code in (302, 403)
        text = client.get(f"{url('questions')}?format=csv").content.decode()
        assert "Nesher" not in text
    assert signed_in(person(Role.PROFESSIONAL)).get(url("questions")).status_code == 403
    assert Client().get(url("questions")).status_code == 302


def test_staff_see_all_that_run_and_take_a_file() -> None:
    one = make.PartnershipFactory(name={"en": "=1+1", "he": "עכו"})
    two = make.PartnershipFactory(name={"he": "נשר"})
    ended = make.PartnershipFactory(name={"en": "Ended"}, status=PartnershipStatus.ENDED)
    fill(one, two)
    client = signed_in(person(Role.NETWORK_STAFF))
    html = client.get(url()).content.decode()
    assert "=1+1" in html
    assert '<bdi lang="he" dir="rtl">נשר</bdi>' in html
    assert str(ended.name) not in html
    response = client.get(f"{url()}?format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    table = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    names = [row[0] for row in table[1:]]
    assert sorted(names) == ["'=1+1", "\u2068נשר\u2069"]
    by_name = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    assert by_name["'=1+1"]["Questions asked"] == "1"


def test_two_and_forty_six_cost_the_same() -> None:
    make.locale_of("he")
    client = signed_in(person(Role.NETWORK_STAFF))
    one, two = (make.PartnershipFactory() for _number in range(2))
    fill(one, two)

    def queries() -> int:
        client.get(url())
        with CaptureQueriesContext(connection) as captured:
            client.get(url())
        return len(captured)

    few = queries()
    for _number in range(22):
        fill(make.PartnershipFactory(), make.PartnershipFactory())
    assert Partnership.objects.count() == 46
    assert queries() == few


def test_it_is_in_hebrew() -> None:
    one = make.PartnershipFactory(name={"he": "עכו - אומהה"})
    client = signed_in(person(Role.CHAIR, one))
    html = client.get(url("questions", "he")).content.decode()
    assert "איפה השותפות שלכם עומדת" in html
    assert "עכו - אומהה" in html
