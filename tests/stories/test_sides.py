"""A side owns its words; what is decided is the Partnership's (docs/adr/0021)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.enums import Role, Side
from portal.models import User
from stories.enums import ChallengeStatus
from stories.models import Adoption, ChallengeFacts, Outcome, OutcomeAnswer, Share, ShareState
from stories.services.adoptions import AdoptionRefused, agree_to_tell_of_stop, is_stop_public, move
from stories.services.challenges import Ending, close_challenge, reopen_challenge
from stories.services.outcomes import answer, report
from stories.services.shares import accept, decline
from tests.factories import ChallengePageFactory, RoleAssignmentFactory, UserFactory, page_of
from tests.stories.adopting import TOLD, partnership, person, practice, running, staff, taken

pytestmark = pytest.mark.django_db

BOTH = ""


def of_side(side: str, of: Any, role: str = Role.COORDINATOR) -> User:
    return person(role, of, side)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("first", "second", "may"),
    [
        (Side.ISRAEL, Side.ISRAEL, True),
        (Side.ISRAEL, Side.DIASPORA, False),
        (Side.DIASPORA, Side.ISRAEL, False),
        (Side.ISRAEL, BOTH, True),
        (BOTH, Side.DIASPORA, True),
        (BOTH, BOTH, True),
    ],
)
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.EDITOR])
def test_a_side_changes_no_report_of_the_other(
    first: str, second: str, may: bool, role: Role
) -> None:
    adoption = running(taken())
    report(of_side(first, adoption.partnership), adoption, 12, {**TOLD, "against_aim": "worse"})
    user = of_side(second, adoption.partnership, role)
    client, url = signed_in(user), reverse("wagtailadmin_adoption", args=[adoption.pk])
    assert ("Correct the report" in client.get(url).content.decode()) is may
    client.post(url, {"action": "report", "months": "12", "outcome12-against_aim": "same"})
    outcome = Outcome.objects.get()
    assert (outcome.against_aim == "same") is may
    assert outcome.side == (second if may else first)
    if not may:
        with pytest.raises(AdoptionRefused, match="The other side reported this"):
            report(user, adoption, 12, TOLD)


def test_staff_and_who_acts_for_both_sides_change_any_report() -> None:
    adoption = running(taken())
    two_sided = of_side(Side.DIASPORA, adoption.partnership)
    RoleAssignmentFactory(
        user=two_sided, role=Role.EDITOR, partnership=adoption.partnership, side=Side.ISRAEL
    )
    for user in (User.objects.get(pk=two_sided.pk), staff(), UserFactory(is_superuser=True)):
        report(of_side(BOTH, adoption.partnership), adoption, 12, TOLD)
        Outcome.objects.update(side=Side.ISRAEL)
        assert report(user, adoption, 12, {**TOLD, "reached": 7}).reached == 7


def test_each_side_answers_in_its_own_words() -> None:
    source = practice()
    adoption = running(taken(source))
    outcome = report(of_side(BOTH, adoption.partnership), adoption, 12, TOLD)
    teller = source.partnership
    israel, diaspora = of_side(Side.ISRAEL, teller), of_side(Side.DIASPORA, teller)
    answer(israel, outcome, teller, "Said in Israel.", "en")
    answer(diaspora, outcome, teller, "Said abroad.", "en")
    answer(of_side(BOTH, teller), outcome, teller, "Said together.", "en")
    answer(of_side(Side.ISRAEL, teller, Role.EDITOR), outcome, teller, "Said better.", "en")
    told = set(OutcomeAnswer.objects.values_list("side", "text"))
    assert told == {
        (Side.ISRAEL, "Said better."),
        (Side.DIASPORA, "Said abroad."),
        (BOTH, "Said together."),
    }
    url = reverse("lineage:travelled", args=[source.translation_key])
    html = Client().get(url).content.decode()
    assert "(editor, the region in Israel):" in html
    assert "(coordinator, the communities abroad):" in html
    assert "(coordinator):" in html


def test_what_one_side_decides_the_other_may_undo() -> None:
    adoption = running(taken())
    ours = adoption.partnership
    [teller] = [source.parent.partnership for source in adoption.sources.all()]
    israel, diaspora = of_side(Side.ISRAEL, ours), of_side(Side.DIASPORA, ours)
    move(israel, adoption, "stopped", reason="money")
    assert adoption.changes.last().side == Side.ISRAEL
    agree_to_tell_of_stop(israel, adoption, ours, agrees=True)
    agree_to_tell_of_stop(of_side(Side.ISRAEL, teller), adoption, teller, agrees=True)
    assert is_stop_public(Adoption.objects.get())
    agree_to_tell_of_stop(diaspora, adoption, ours, agrees=False)
    assert not is_stop_public(Adoption.objects.get())

    page = ChallengePageFactory(parent=page_of(ours))
    page.save_revision().publish()
    close_challenge(page.translation_key, Ending(ChallengeStatus.WITHDRAWN), israel)
    reopen_challenge(page.translation_key, diaspora)
    assert ChallengeFacts.objects.get().is_open

    share = Share.objects.create(
        practice_key=practice().translation_key,
        from_partnership=partnership(),
        to_partnership=ours,
    )
    accept(share.pk, user=israel)
    decline(share.pk, "not_now", "", user=diaspora, seen=ShareState.ACCEPTED)
    share.refresh_from_db()
    assert (share.state, share.answered_by) == (ShareState.DECLINED, diaspora)
