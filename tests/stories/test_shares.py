"""Recommending practices to Partnerships and answering: rules, rights, inbox, the public page."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import PartnershipStatus, Role, Side
from partnerships.models import PartnershipPage
from stories.models import PracticePage, Share, ShareState
from stories.services import shares as service
from stories.services.shares import ShareChanged, ShareRefused, accept, decline, offer, withdraw
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    StoryPageFactory,
    UserFactory,
    locale_of,
    page_of,
)
from tests.site_tree import queries_of
from tests.stories.sharing import account_form, person, practice_of, two

pytestmark = pytest.mark.django_db


def offered(**more: Any) -> Share:
    """Return a recommendation that waits, made by an editor."""
    giver, receiver = two()
    page = practice_of(giver, **more)
    editor = person(Role.EDITOR, giver)
    return offer(page, [receiver], "Have a look.", user=editor).made[0]


def coordinator_of(share: Share) -> Any:
    return person(Role.COORDINATOR, share.to_partnership)


def page_of_share(share: Share) -> PracticePage:
    return PracticePage.objects.get(translation_key=share.practice_key)


# Rules ------------------------------------------------------------------------------------------


def test_an_offer_is_a_row_a_receiver() -> None:
    giver, receiver = two()
    page = practice_of(giver)
    third = PartnershipFactory()
    editor = person(Role.EDITOR, giver)
    report = offer(page, [receiver, third, receiver], " For you. ", user=editor)
    assert {row.to_partnership for row in report.made} == {receiver, third}
    row = Share.objects.get(to_partnership=receiver)
    assert (row.practice_key, row.from_partnership) == (page.translation_key, giver)
    assert (row.state, row.note, row.offered_by) == ("offered", "For you.", editor)
    assert not row.is_from_network


def test_staff_recommend_any_practice_and_it_says_so() -> None:
    giver, receiver = two()
    staff = person(Role.NETWORK_STAFF)
    assert offer(practice_of(giver), [receiver], "", user=staff).made[0].is_from_network


def test_twice_to_oneself_and_to_one_that_ended_is_left_out_and_said() -> None:
    share = offered()
    page, editor = page_of_share(share), share.offered_by
    ended = PartnershipFactory(status=PartnershipStatus.ENDED)
    fresh = PartnershipFactory()
    receivers = [share.to_partnership, share.from_partnership, ended, fresh]
    report = offer(page, receivers, "", user=editor)
    assert [row.to_partnership for row in report.made] == [fresh]
    assert dict(report.left_out) == {
        share.to_partnership: "it was recommended already and waits for an answer",
        share.from_partnership: "it is its own practice",
        ended: "this Partnership has ended",
    }
    with pytest.raises(ShareRefused, match="waits for an answer"):
        offer(page, [share.to_partnership], "", user=editor)


def test_the_database_too_refuses_a_second_one_in_force_and_one_to_oneself() -> None:
    share = offered()
    twice = Share(
        practice_key=share.practice_key,
        from_partnership=share.from_partnership,
        to_partnership=share.to_partnership,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()
    twice.to_partnership = share.from_partnership
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()


@pytest.mark.parametrize("how", ["draft", "private", "unpublished"])
def test_what_not_everybody_can_read_is_not_recommended(how: str) -> None:
    giver, receiver = two()
    page = practice_of(giver, live=how != "draft")
    if how == "private":
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    if how == "unpublished":
        page.unpublish()
    with pytest.raises(ShareRefused, match="publish it first"):
        offer(page, [receiver], "", user=person(Role.EDITOR, giver))
    assert not Share.objects.exists()


def test_what_was_withdrawn_may_come_again_and_what_was_declined_after_a_year() -> None:
    share = offered()
    page, editor = page_of_share(share), share.offered_by
    withdraw(share.pk, user=editor)
    again = offer(page, [share.to_partnership], "", user=editor).made[0]
    decline(again.pk, "not_now", "", user=coordinator_of(again))
    with pytest.raises(ShareRefused, match="declined there less than a year ago"):
        offer(page, [share.to_partnership], "", user=editor)
    long_ago = timezone.now() - datetime.timedelta(days=366)
    Share.objects.filter(pk=again.pk).update(answered_at=long_ago)
    assert offer(page, [share.to_partnership], "", user=editor).made


def test_a_day_has_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_A_DAY", 3)
    giver, receiver = two()
    page, editor = practice_of(giver), person(Role.EDITOR, giver)
    others = [PartnershipFactory() for _number in range(3)]
    offer(page, [receiver], "", user=editor)
    with pytest.raises(ShareRefused, match="at most 3 recommendations"):
        offer(page, others, "", user=editor)
    assert Share.objects.count() == 1
    yesterday = timezone.now() - datetime.timedelta(hours=25)
    Share.objects.update(offered_at=yesterday)
    assert len(offer(page, others, "", user=editor).made) == 3


def test_those_with_a_concept_have_it_among_themes_or_in_their_public_library() -> None:
    giver, _receiver = two()
    teens = ConceptFactory(key="teens", kind="audience")
    themed, telling, drafting, private, ended, nothing = (
        PartnershipFactory(
            status=PartnershipStatus.ENDED if number == 4 else PartnershipStatus.ACTIVE
        )
        for number in range(6)
    )
    themed.themes.add(teens)
    themed.save()
    ended.themes.add(teens)
    ended.save()
    for partnership, live in ((telling, True), (drafting, False), (private, True)):
        page = StoryPageFactory(parent=page_of(partnership), live=live)
        page.concepts.add(teens)
        page.save()
        if partnership == private:
            PageViewRestriction.objects.create(page=page, restriction_type="login")
    found = service.receivers_with([teens], giver.pk)
    assert nothing not in found
    assert set(found) == {themed, telling}


def test_an_answer_is_noted_with_who_and_when() -> None:
    share = offered()
    coordinator = coordinator_of(share)
    accept(share.pk, user=coordinator)
    share.refresh_from_db()
    assert (share.state, share.answered_by) == ("accepted", coordinator)
    assert share.answered_at
    decline(share.pk, "other", " Too far. ", user=coordinator, seen="accepted")
    share.refresh_from_db()
    assert (share.state, share.decline_reason, share.decline_text) == (
        "declined",
        "other",
        "Too far.",
    )


def test_who_answers_what_was_changed_meanwhile_is_told_and_changes_nothing() -> None:
    share = offered()
    coordinator = coordinator_of(share)
    withdraw(share.pk, user=share.offered_by)
    for act in (
        lambda: accept(share.pk, user=coordinator),
        lambda: decline(share.pk, "not_now", "", user=coordinator),
        lambda: withdraw(share.pk, user=share.offered_by),
    ):
        with pytest.raises(ShareChanged, match="withdrawn"):
            act()
    share.refresh_from_db()
    assert (share.state, share.answered_by) == ("withdrawn", None)


def test_what_is_not_public_any_more_is_not_taken_up() -> None:
    share = offered()
    page_of_share(share).unpublish()
    with pytest.raises(ShareRefused, match="can’t be read by everybody"):
        accept(share.pk, user=coordinator_of(share))


# Rights -----------------------------------------------------------------------------------------

#: Who may do what; everybody who is not named may not.
WHO = {
    "staff": (Role.NETWORK_STAFF, None, {"offer", "accept", "decline", "withdraw"}),
    "giver's coordinator": (Role.COORDINATOR, "giver", {"offer", "withdraw"}),
    "giver's editor": (Role.EDITOR, "giver", {"offer", "withdraw"}),
    "giver's chair": (Role.CHAIR, "giver", set()),
    "receiver's coordinator": (Role.COORDINATOR, "receiver", {"accept", "decline"}),
    "receiver's editor": (Role.EDITOR, "receiver", {"accept", "decline"}),
    "receiver's chair": (Role.CHAIR, "receiver", set()),
    "coordinator of a third": (Role.COORDINATOR, "third", set()),
    "editor of a third": (Role.EDITOR, "third", set()),
    "professional": (Role.PROFESSIONAL, None, set()),
}


@pytest.mark.parametrize("who", WHO)
def test_nobody_acts_for_a_partnership_that_is_not_theirs(who: str) -> None:
    role, where, allowed = WHO[who]
    giver, receiver = two()
    third = PartnershipFactory()
    places = {"giver": giver, "receiver": receiver, "third": third, None: None}
    user = person(role, places[where], side=Side.ISRAEL if where else "")
    page = practice_of(giver)
    share = Share.objects.create(
        practice_key=page.translation_key, from_partnership=giver, to_partnership=receiver
    )
    acts: dict[str, Callable[[], Any]] = {
        "offer": lambda: offer(page, [third], "", user=user),
        "accept": lambda: accept(share.pk, user=user),
        "decline": lambda: decline(share.pk, "not_now", "", user=user),
        "withdraw": lambda: withdraw(share.pk, user=user),
    }
    client = Client()
    client.force_login(user)
    for action, act in acts.items():
        with transaction.atomic():  # by the service …
            if action in allowed:
                act()
            else:
                with pytest.raises(PermissionDenied):
                    act()
            transaction.set_rollback(True)
        with transaction.atomic():  # … and by the admin's screens
            if action == "offer":
                url = reverse("wagtailadmin_share_offer", args=[page.pk])
                client.post(url, {"to": "chosen", "partnerships": [third.pk]})
                done = Share.objects.filter(to_partnership=third).exists()
            else:
                url = reverse("wagtailadmin_share", args=[share.pk])
                client.post(url, {"action": action, "decline_reason": "not_now", "seen": "offered"})
                done = Share.objects.get(pk=share.pk).state != ShareState.OFFERED
            transaction.set_rollback(True)
        assert done is (action in allowed), action


def test_a_term_that_ended_gives_no_rights() -> None:
    share = offered()
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    former = person(Role.COORDINATOR, share.to_partnership, ends_on=yesterday)
    with pytest.raises(PermissionDenied):
        accept(share.pk, user=former)


# The admin --------------------------------------------------------------------------------------


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


def test_it_waits_in_the_inbox_and_on_the_home_page_of_the_receiver_only() -> None:
    share = offered(title="Soup in two kitchens")
    page_of_share(share)
    giver = signed_in(share.offered_by)
    receiver = signed_in(coordinator_of(share))
    third = signed_in(person(Role.COORDINATOR, PartnershipFactory()))
    home, inbox = reverse("wagtailadmin_home"), reverse("wagtailadmin_shares")
    assert "Recommended to your Partnership" in text_of(receiver.get(home))
    assert "Soup in two kitchens" in text_of(receiver.get(inbox))
    assert "Recommended to your Partnership" not in text_of(giver.get(home))
    assert "Soup in two kitchens" not in text_of(giver.get(inbox))
    assert "Soup in two kitchens" in text_of(giver.get(f"{inbox}?which=given"))
    for address in (home, inbox, f"{inbox}?which=given"):
        assert "Soup in two kitchens" not in text_of(third.get(address))
    assert third.get(reverse("wagtailadmin_share", args=[share.pk])).status_code == 404
    accept(share.pk, user=person(Role.EDITOR, share.to_partnership))
    assert "Recommended to your Partnership" not in text_of(receiver.get(home))
    assert "Soup in two kitchens" in text_of(receiver.get(f"{inbox}?state=accepted"))
    assert "Soup in two kitchens" not in text_of(receiver.get(f"{inbox}?state=offered"))


def test_those_who_answer_can_bring_it_over_from_there() -> None:
    share = offered()
    url = reverse("wagtailadmin_bring", args=[share.practice_key])
    for user, may in ((coordinator_of(share), True), (share.offered_by, False)):
        html = signed_in(user).get(reverse("wagtailadmin_share", args=[share.pk])).content
        assert (url in html.decode()) == may


def test_the_inbox_asks_the_same_number_of_queries_for_many() -> None:
    share = offered()
    user = coordinator_of(share)
    counts = []
    for number in (1, 20):
        for _count in range(number):
            page = practice_of(share.from_partnership)
            Share.objects.create(
                practice_key=page.translation_key,
                from_partnership=share.from_partnership,
                to_partnership=share.to_partnership,
            )
        for address in (reverse("wagtailadmin_shares"), reverse("wagtailadmin_home")):
            client = signed_in(user)
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]


def test_the_menu_of_a_live_practice_offers_to_recommend_it_to_its_own_people() -> None:
    giver, receiver = two()
    page = practice_of(giver)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    url = reverse("wagtailadmin_share_offer", args=[page.pk])
    assert url in signed_in(person(Role.EDITOR, giver)).get(address).content.decode()
    draft = practice_of(giver, live=False)
    html = signed_in(person(Role.EDITOR, giver)).get(
        reverse("wagtailadmin_pages:edit", args=[draft.pk])
    )
    assert reverse("wagtailadmin_share_offer", args=[draft.pk]) not in html.content.decode()
    assert signed_in(person(Role.EDITOR, receiver)).get(url).status_code == 302


def test_a_form_that_does_not_fit_keeps_what_was_typed() -> None:
    giver, receiver = two()
    page = practice_of(giver)
    client = signed_in(person(Role.EDITOR, giver))
    url = reverse("wagtailadmin_share_offer", args=[page.pk])
    for data, words in (
        ({"to": "chosen", "note": "Mine"}, "Choose at least one Partnership."),
        ({"to": "concept", "note": "Mine"}, "Choose at least one concept."),
        ({"to": "nonsense", "note": "Mine"}, "Select a valid choice."),
        ({"to": "chosen", "partnerships": ["x"], "note": "Mine"}, "is not a valid value"),
        ({"to": "chosen", "partnerships": [giver.pk], "note": "Mine"}, "Select a valid choice."),
        ({"to": "chosen", "partnerships": [receiver.pk], "note": "M" * 601}, "600 characters"),
    ):
        html = text_of(client.post(url, data))
        assert words in html
        assert data["note"] in html
    assert not Share.objects.exists()
    share = Share.objects.create(
        practice_key=page.translation_key, from_partnership=giver, to_partnership=receiver
    )
    answer = signed_in(person(Role.EDITOR, receiver)).post(
        reverse("wagtailadmin_share", args=[share.pk]),
        {"action": "decline", "decline_reason": "other", "decline_text": " ", "seen": "offered"},
    )
    assert "Say in a few words what the other reason is." in text_of(answer)


def test_one_sees_first_who_would_get_it() -> None:
    giver, receiver = two()
    page = practice_of(giver)
    client = signed_in(person(Role.EDITOR, giver))
    url = reverse("wagtailadmin_share_offer", args=[page.pk])
    shown = BeautifulSoup(client.get(url).content, "html.parser")
    boxes = [label.get_text(strip=True) for label in shown.select(".name-checkboxes label")]
    assert boxes == [str(receiver.name)]  # once, beside its box
    assert "Recommend to…" in shown.select_one("header").get_text()  # type: ignore[union-attr]
    html = text_of(client.post(url, {"to": "all", "preview": "1", "note": "Kept"}))
    assert "This goes to 1 Partnership:" in html
    assert str(receiver.name) in html
    assert "Kept" in html
    assert not Share.objects.exists()
    html = text_of(client.post(url, {"to": "all"}, follow=True))
    assert "Recommended to 1 Partnership." in html


def test_the_choice_of_mails_is_kept_with_the_own_account() -> None:
    user = person(Role.EDITOR, PartnershipFactory())
    client = signed_in(user)
    url = reverse("wagtailadmin_account")
    form = account_form(client)
    assert form["recommendations-rhythm"] == "daily"
    form["recommendations-rhythm"] = "at_once"
    assert client.post(url, form).status_code == 302
    user.refresh_from_db()
    assert user.sharing_preference.rhythm == "at_once"


# The receiver's page ----------------------------------------------------------------------------


def main_of(url: str) -> str:
    response = Client().get(url)
    assert response.status_code == 200
    main = BeautifulSoup(response.content, "html.parser").find("main")
    return main.get_text(" ", strip=True)  # type: ignore[union-attr]


HEADING = "Recommended by others, taken up here"


def test_what_was_taken_up_stands_on_the_page_in_both_trees_credited() -> None:
    share = offered(title="Soup in two kitchens")
    page = page_of_share(share)
    receiver_page = page_of(share.to_partnership)
    assert HEADING not in main_of(receiver_page.url)  # offered is not taken up
    accept(share.pk, user=coordinator_of(share))
    main = main_of(receiver_page.url)
    assert HEADING in main
    assert f"Recommended by {share.from_partnership.name}" in main
    html = Client().get(receiver_page.url).content.decode()
    assert f'<a href="{page.url}">Soup in two kitchens</a>' in html
    hebrew = Client().get(page_of(share.to_partnership, "he").url).content.decode()
    assert f'<a href="{page.url}" hreflang="en">Soup in two kitchens</a>' in hebrew
    page_of(share.from_partnership, "he")
    copy = page.copy_for_translation(locale_of("he"))
    copy.title = "מרק בשני מטבחים"
    copy.save_revision().publish()
    hebrew = Client().get(page_of(share.to_partnership, "he").url).content.decode()
    assert f'<a href="{copy.url}">מרק בשני מטבחים</a>' in hebrew
    assert "Soup in two kitchens" not in hebrew
    assert HEADING not in main_of(page_of(share.from_partnership).url)


@pytest.mark.parametrize("how", ["unpublished", "private", "deleted", "withdrawn", "declined"])
def test_what_is_not_public_or_taken_back_leaves_the_page_and_the_row_stays(how: str) -> None:
    share = offered()
    user = coordinator_of(share)
    accept(share.pk, user=user)
    page = page_of_share(share)
    if how == "unpublished":
        page.unpublish()
    elif how == "private":
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    elif how == "deleted":
        page.delete()
    elif how == "withdrawn":
        withdraw(share.pk, user=share.offered_by)
    else:
        decline(share.pk, "have_it", "", user=user, seen="accepted")
    assert HEADING not in main_of(page_of(share.to_partnership).url)
    assert Share.objects.filter(pk=share.pk).exists()
    inbox = text_of(signed_in(user).get(reverse("wagtailadmin_shares")))
    assert (page.title if how != "deleted" else "A practice that is not there any more") in inbox


def test_the_page_asks_the_same_number_of_queries_for_many() -> None:
    _giver, receiver = two()
    counts = []
    for number in (2, 20):
        for _count in range(number):
            other = PartnershipFactory()
            Share.objects.create(
                practice_key=practice_of(other).translation_key,
                from_partnership=other,
                to_partnership=receiver,
                state=ShareState.ACCEPTED,
                answered_at=timezone.now(),
            )
        counts.append(len(queries_of(Client(), page_of(receiver).url)))
    assert counts[0] == counts[1]


def test_a_page_that_shows_something_invented_of_others_is_kept_from_search_engines() -> None:
    share = offered(is_demo=True)
    page = page_of(share.to_partnership)
    assert page in PartnershipPage.for_search_engines()
    accept(share.pk, user=coordinator_of(share))
    assert page not in PartnershipPage.for_search_engines()
    assert 'name="robots" content="noindex"' in Client().get(page.url).content.decode()


# At the same moment -----------------------------------------------------------------------------


@pytest.mark.requires("postgresql")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "pair", [("accept", "decline"), ("accept", "withdraw"), ("offer", "offer")]
)
def test_two_at_once_leave_one_consistent_record(pair: tuple[str, str]) -> None:
    giver, receiver = two()
    page = practice_of(giver)
    editor, coordinator = person(Role.EDITOR, giver), person(Role.COORDINATOR, receiver)
    share = None
    if "offer" not in pair:
        share = offer(page, [receiver], "", user=editor).made[0]
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def act(action: str) -> None:
        pk = share.pk if share else 0
        try:
            start.wait(timeout=30)
            if action == "offer":
                offer(page, [receiver], "", user=editor)
            elif action == "accept":
                accept(pk, user=coordinator)
            elif action == "decline":
                decline(pk, "not_now", "", user=coordinator)
            else:
                withdraw(pk, user=editor)
            outcomes.append(action)
        except ShareRefused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[action]) for action in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert len(outcomes) == 2, outcomes
    row = Share.objects.get()
    if pair == ("accept", "withdraw"):  # both may come through, one after the other
        assert "withdraw" in outcomes or row.state == ShareState.ACCEPTED
        assert (row.state == ShareState.WITHDRAWN) == ("withdraw" in outcomes)
        return
    assert sorted(outcomes) == sorted([*[o for o in outcomes if o != "refused"], "refused"])
    done = next(outcome for outcome in outcomes if outcome != "refused")
    states = {"accept": "accepted", "decline": "declined", "offer": "offered"}
    assert row.state == states[done]
    assert bool(row.decline_reason) == (row.state == ShareState.DECLINED)


def test_a_person_without_any_role_is_kept_out() -> None:
    client = signed_in(UserFactory(is_superuser=False))
    assert client.get(reverse("wagtailadmin_shares")).status_code == 302
