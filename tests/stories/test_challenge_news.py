"""New practices that answer open challenges: told once a pair, in one mail for many."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from portal.models import OutgoingMail
from stories.challenge_waiting import challenges_that_wait
from stories.enums import ChallengeStatus
from stories.models import ChallengeFacts, ChallengeMatch, PracticeAnnouncement
from stories.services.challenge_news import announce_new_practices, new_practices
from tests.factories import ChallengePageFactory, ConceptFactory, PartnershipFactory, page_of
from tests.factories import PracticePageFactory as Practice
from tests.stories.test_challenges import person, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def about() -> Any:
    return ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})


@pytest.fixture
def challenge(about: Any) -> Any:
    parent = page_of(PartnershipFactory(slug="seekers"))
    return published(ChallengePageFactory, about, parent=parent, title="They are homesick")


def test_the_owners_hear_of_a_new_practice_once(challenge: Any, about: Any) -> None:
    user = person(Role.COORDINATOR, challenge.partnership)
    practice = published(Practice, about, title="Call every Sunday")
    assert announce_new_practices() == 1
    [mail] = OutgoingMail.objects.all()
    assert mail.to == user.email
    assert "Call every Sunday" in mail.text
    assert f"http://localhost:8000{practice.url}" in mail.text or practice.url in mail.text
    practice.title = "Call every Monday"
    practice.save_revision().publish()
    PracticeAnnouncement.objects.all().delete()  # even if it were new again
    assert announce_new_practices() == 0
    assert OutgoingMail.objects.count() == 1
    [group] = [g for g in challenges_that_wait(user, timezone.localdate()) if g.total]
    assert group.key == "challenge_matches"
    assert "Call every Monday" in str(group.lines[0].title)
    stranger = person(Role.COORDINATOR, PartnershipFactory())
    assert not [g for g in challenges_that_wait(stranger, timezone.localdate()) if g.total]


def test_many_at_once_give_one_mail_a_challenge(challenge: Any, about: Any) -> None:
    person(Role.COORDINATOR, challenge.partnership)
    other = published(
        ChallengePageFactory, about, parent=page_of(PartnershipFactory(slug="others"))
    )
    person(Role.EDITOR, other.partnership)
    parent = page_of(PartnershipFactory())
    for _number in range(30):
        published(Practice, about, parent=parent)
    assert announce_new_practices() == 2
    assert OutgoingMail.objects.count() == 2
    assert ChallengeMatch.objects.count() == 20  # the ten best of each
    assert new_practices() == []


def test_closed_own_and_unlike_ones_hear_nothing(challenge: Any, about: Any) -> None:
    person(Role.COORDINATOR, challenge.partnership)
    published(Practice, about, parent=challenge.get_parent())
    other = ConceptFactory(key="choirs", kind="topic", label={"en": "Choirs"})
    published(Practice, other, title="Of choirs", summary="Sing.", problem="<p>Notes.</p>")
    assert announce_new_practices() == 0
    ChallengeFacts.objects.update(status=ChallengeStatus.WITHDRAWN)
    published(Practice, about)
    assert announce_new_practices() == 0
    assert not OutgoingMail.objects.exists()


def test_a_private_practice_is_told_of_once_it_is_public(challenge: Any, about: Any) -> None:
    person(Role.COORDINATOR, challenge.partnership)
    practice = published(Practice, about)
    hidden = PageViewRestriction.objects.create(page=practice, restriction_type="login")
    assert announce_new_practices() == 0
    hidden.delete()
    assert announce_new_practices() == 1


@pytest.mark.usefixtures("challenge")
def test_publication_lets_the_worker_tell(
    about: Any, challenge: Any, django_capture_on_commit_callbacks: Any
) -> None:
    person(Role.COORDINATOR, challenge.partnership)
    with django_capture_on_commit_callbacks(execute=True):
        published(Practice, about)
    assert OutgoingMail.objects.filter(key__startswith="challenge-match:").count() == 1
