"""A challenge solved with a practice of others is tied to what its Partnership brought over."""

from __future__ import annotations

import datetime
from importlib import import_module
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partnerships.enums import Role
from search.query import LibraryQuery
from search.services.library import find
from stories.challenge_waiting import challenges_that_wait
from stories.enums import ChallengeStatus
from stories.models import Adoption, ChallengeFacts, ChallengePage
from stories.services.adoptions import agree_to_tell_of_stop, move
from stories.services.challenges import (
    Ending,
    close_challenge,
    reopen_challenge,
    solving_adoptions,
    stays_solved,
)
from tests.factories import ChallengePageFactory, page_of
from tests.stories.adopting import (
    child_page,
    partnership,
    person,
    practice,
    publish_child,
    running,
    taken,
)

pytestmark = pytest.mark.django_db

SOLVED = ChallengeStatus.SOLVED_BY_ADOPTION


@pytest.fixture
def challenge() -> ChallengePage:
    page = ChallengePageFactory(parent=page_of(partnership()), title="They are homesick")
    page.save_revision().publish()
    found: ChallengePage = ChallengePage.objects.get(pk=page.pk)
    return found


def facts_of(page: ChallengePage) -> ChallengeFacts:
    return ChallengeFacts.objects.get(pk=page.translation_key)


def keeper(page: ChallengePage) -> Any:
    return person(Role.COORDINATOR, page.partnership)


def brought(page: ChallengePage, title: str = "Call every Sunday") -> Adoption:
    """Return what the challenge's Partnership brought over; it runs."""
    return running(taken(practice(title=title), page.partnership))


def solve(page: ChallengePage, adoption: Adoption) -> None:
    close_challenge(
        page.translation_key, Ending(SOLVED, adoption.pk, "It is quiet.", "en"), keeper(page)
    )


def ending_of(page: ChallengePage) -> str:
    html = Client().get(page.url).content
    ending = BeautifulSoup(html, "html.parser").select_one("[aria-labelledby=ending]")
    return " ".join(ending.get_text(" ").split()) if ending else ""


def stop(adoption: Adoption) -> None:
    move(person(of=adoption.partnership), adoption, "stopped", reason="money")


def in_doubt(page: ChallengePage) -> int:
    groups = challenges_that_wait(keeper(page), timezone.localdate())
    return {group.key: group.total for group in groups}["doubted_challenges"]


def test_it_is_chosen_from_what_the_own_partnership_runs_or_completed(
    challenge: ChallengePage,
) -> None:
    adoption = brought(challenge)
    others = brought(ChallengePageFactory(parent=page_of(partnership())))
    considered = taken(practice(), challenge.partnership)
    stopped = brought(challenge)
    stop(stopped)
    url = reverse("wagtailadmin_challenge", args=[challenge.translation_key])
    client = Client()
    client.force_login(keeper(challenge))
    offered = client.get(url).context["form"].fields["adoption"].queryset
    assert list(offered) == [adoption]
    for wrong in (others, considered, stopped):
        with pytest.raises(ValidationError):
            solve(challenge, wrong)
        data = {"act": "close", "status": SOLVED, "adoption": wrong.pk}
        assert client.post(url, data).status_code == 422
    assert client.post(url, {**data, "adoption": "no key"}).status_code == 422
    assert facts_of(challenge).is_open
    assert client.post(url, {**data, "adoption": adoption.pk}).status_code == 302
    assert facts_of(challenge).adoption == adoption
    assert reverse("wagtailadmin_adoption", args=[adoption.pk]) in client.get(url).content.decode()


def test_the_page_leads_to_the_own_version_and_whence_it_came(challenge: ChallengePage) -> None:
    adoption = brought(challenge)
    solve(challenge, adoption)
    told = ending_of(challenge)
    assert "Solved with: Call every Sunday" in told  # the one it was brought over from
    assert "brought over from" not in told
    child = child_page(adoption)
    child.title = child.draft_title = "We call every Friday"
    child.save_revision()
    publish_child(adoption, title="We call every Friday")
    told = ending_of(challenge)
    assert "Solved with: We call every Friday , brought over from Call every Sunday" in told
    assert "It is quiet." in told
    found = find(LibraryQuery(types=["challenge"], facets={"status": [SOLVED]}))
    assert [hit.title for hit in found.hits] == [challenge.title]


def test_when_it_is_stopped_the_owners_say_what_holds(challenge: ChallengePage) -> None:
    adoption = brought(challenge)
    solve(challenge, adoption)
    assert in_doubt(challenge) == 0
    with pytest.raises(ValidationError):
        stays_solved(challenge.translation_key, keeper(challenge))
    stop(adoption)
    assert in_doubt(challenge) == 1
    assert facts_of(challenge).status == SOLVED  # nothing changes by itself
    assert "was stopped" not in ending_of(challenge)  # nor is it told before all agree
    url = reverse("wagtailadmin_challenge", args=[challenge.translation_key])
    client = Client()
    client.force_login(keeper(challenge))
    assert "Is it solved still, or open again?" in client.get(url).content.decode()
    assert client.post(url, {"act": "stays"}).status_code == 302
    assert in_doubt(challenge) == 0
    assert facts_of(challenge).status == SOLVED
    assert "It stays solved" not in client.get(url).content.decode()
    reopen_challenge(challenge.translation_key, keeper(challenge))
    facts = facts_of(challenge)
    assert (facts.adoption, facts.stop_noted_at, facts.solved_by) == (None, None, None)


def test_the_public_reads_of_the_stop_once_all_agree(challenge: ChallengePage) -> None:
    adoption = brought(challenge)
    solve(challenge, adoption)
    stop(adoption)
    for end in (adoption.partnership, adoption.sources.get().parent.partnership):
        assert "was stopped" not in ending_of(challenge)
        agree_to_tell_of_stop(person(of=end), adoption, end, agrees=True)
    assert "What solved it was stopped on" in ending_of(challenge)


def test_an_adoption_that_goes_leaves_the_challenge_solved(challenge: ChallengePage) -> None:
    adoption = brought(challenge)
    solve(challenge, adoption)
    adoption.practice.delete()
    facts = facts_of(challenge)
    assert (facts.status, facts.adoption) == (SOLVED, None)
    assert "It is quiet." in ending_of(challenge)
    assert in_doubt(challenge) == 0
    assert not solving_adoptions(challenge.partnership.pk).exists()


def test_older_endings_are_tied_where_there_is_an_adoption(challenge: ChallengePage) -> None:
    adoption = brought(challenge)
    other = ChallengePageFactory(parent=page_of(partnership()))
    other.save_revision().publish()
    parent = adoption.sources.get().parent_id
    day = timezone.localdate() - datetime.timedelta(days=9)
    ChallengeFacts.objects.update(status=SOLVED, solved_by=parent, closed_on=day)
    import_module("stories.migrations.0013_challenge_adoption").tie(apps, None)
    assert (facts_of(challenge).adoption, facts_of(challenge).solved_by) == (adoption, adoption.pk)
    assert (facts_of(other).adoption, facts_of(other).solved_by) == (None, parent)
