"""A row that can't be worked through keeps no other back: challenges and outcomes by the clock."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from portal.each import RowsFailed
from portal.models import OutgoingMail, User
from stories.models import ChallengeFacts, PracticeAnnouncement
from stories.services.challenge_mail import warn_of_stale
from stories.services.challenge_news import announce_new_practices
from stories.services.telling import remind_of_outcomes
from tests.factories import ChallengePageFactory, ConceptFactory, page_of
from tests.stories.adopting import partnership, person, practice, running, taken

pytestmark = pytest.mark.django_db


def unreachable(of: Any) -> User:
    """Return a coordinator whose address is none, so that no mail can be written."""
    user = person(of=of)
    User.objects.filter(pk=user.pk).update(email="no address")
    return user


def challenges(*concepts: Any) -> tuple[Any, Any]:
    """Return a challenge whose coordinator can't be written to, and one whose can."""
    pages = []
    for keeper in (unreachable, lambda of: person(of=of)):
        page = ChallengePageFactory(parent=page_of(partnership()))
        page.concepts = list(concepts)
        page.save_revision().publish()
        keeper(page.partnership)
        pages.append(page)
    return pages[0], pages[1]


def test_new_practices_are_announced_to_the_others_and_tried_again() -> None:
    about = ConceptFactory(key="homesick", kind="topic")
    bad, _good = challenges(about)
    page = practice(title="Call every Sunday")
    page.concepts = [about]
    page.save_revision().publish()
    for _time in range(2):
        with pytest.raises(RowsFailed):
            announce_new_practices()
        assert OutgoingMail.objects.filter(key__startswith="challenge-match").count() == 1
        assert not PracticeAnnouncement.objects.exists()
    User.objects.filter(email="no address").update(email="now@example.org")
    assert announce_new_practices() == 1
    assert OutgoingMail.objects.filter(to="now@example.org").count() == 1
    assert PracticeAnnouncement.objects.filter(pk=page.translation_key).exists()
    assert bad.partnership is not None


def test_others_hear_that_their_challenge_will_be_stale() -> None:
    bad, good = challenges()
    today = timezone.localdate()
    ChallengeFacts.objects.update(news_on=today - datetime.timedelta(days=170))
    with pytest.raises(RowsFailed):
        warn_of_stale(today)
    warned = dict(ChallengeFacts.objects.values_list("pk", "warned_on"))
    assert warned == {bad.translation_key: None, good.translation_key: today}


def test_others_are_reminded_of_their_outcomes() -> None:
    source = practice()
    since = timezone.localdate() - datetime.timedelta(days=190)
    for keeper in (unreachable, lambda of: person(of=of)):
        place = partnership()
        adoption = running(taken(source, place), since=since)
        place.role_assignments.all().delete()
        keeper(adoption.partnership)
    with pytest.raises(RowsFailed):
        remind_of_outcomes()
    assert OutgoingMail.objects.filter(key__startswith="outcome-due").count() == 1
