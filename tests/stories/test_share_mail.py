"""Mails about recommendations: at once or in a digest, once, in the reader's language."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from portal.each import RowsFailed
from portal.models import OutgoingMail, User
from stories.models import MailRhythm, Share, ShareNotice, SharingPreference
from stories.models.shares import DeclineReason
from stories.services.share_mail import send_digests, tell_of_answer, tell_of_offers
from stories.services.shares import accept, decline, offer
from tests.factories import PartnershipFactory, PracticePageFactory, locale_of, page_of
from tests.stories.sharing import person, practice_of

pytestmark = pytest.mark.django_db

#: A day that is no Sunday, and a Sunday.
MONDAY, SUNDAY = datetime.date(2026, 1, 5), datetime.date(2026, 1, 11)


def wants(user: User, rhythm: MailRhythm) -> User:
    SharingPreference.objects.update_or_create(user=user, defaults={"rhythm": rhythm})
    return user


@pytest.fixture
def ties() -> dict[str, Any]:
    """A Partnership that recommends, one that receives, and their people."""
    giver = PartnershipFactory(name={"en": "Akko – Canton", "he": "עכו – קנטון"})
    receiver = PartnershipFactory(name={"en": "Beit Shean – Cleveland", "he": "בית שאן – קליבלנד"})
    page_of(giver)
    return {
        "giver": giver,
        "receiver": receiver,
        "editor": person(Role.EDITOR, giver),
        "coordinator": person(Role.COORDINATOR, receiver),
        "page": practice_of(giver, title="Soup in two kitchens"),
    }


def recommend(ties: dict[str, Any], note: str = "Try it.", **more: Any) -> Share:
    page = more.pop("page", ties["page"])
    return offer(page, [ties["receiver"]], note, user=ties["editor"]).made[0]


def mails(user: User) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(user=user).order_by("pk"))


def test_by_default_all_come_in_one_mail_a_day(ties: dict[str, Any]) -> None:
    first = recommend(ties)
    second = recommend(ties, page=practice_of(ties["giver"], title="A garden"))
    tell_of_offers.call([first.pk, second.pk])
    assert mails(ties["coordinator"]) == []
    assert send_digests(MONDAY) == 1
    (mail,) = mails(ties["coordinator"])
    assert mail.subject == "2 practices were recommended to your Partnership"
    for words in ("Soup in two kitchens", "A garden", "Akko – Canton recommends it", "Try it."):
        assert words in mail.text
        assert words in mail.html
    assert f"/admin/recommendations/{first.pk}/" in mail.text
    assert send_digests(MONDAY) == 0
    assert send_digests(SUNDAY) == 0
    assert ShareNotice.objects.count() == 2


def hide(page: Any) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def unpublish(page: Any) -> None:
    page.unpublish()


@pytest.mark.parametrize("take_away", [hide, unpublish])
def test_what_is_no_longer_public_is_told_in_no_mail(ties: dict[str, Any], take_away: Any) -> None:
    secret = practice_of(ties["giver"], title="Named by mistake")
    hidden = recommend(ties, page=secret)
    recommend(ties)
    take_away(secret)
    assert send_digests(MONDAY) == 1
    (mail,) = mails(ties["coordinator"])
    assert "Soup in two kitchens" in mail.text
    assert "Named by mistake" not in mail.text + mail.html
    assert send_digests(MONDAY) == 0
    wants(ties["coordinator"], MailRhythm.AT_ONCE)
    wants(ties["editor"], MailRhythm.AT_ONCE)
    tell_of_offers.call([hidden.pk])
    decline(hidden.pk, DeclineReason.values[0], "", user=ties["coordinator"])
    tell_of_answer.call(hidden.pk)
    assert send_digests(SUNDAY) == 0
    assert OutgoingMail.objects.count() == 1


def test_a_draft_in_the_readers_language_gives_no_title(ties: dict[str, Any]) -> None:
    PracticePageFactory(
        parent=page_of(ties["giver"], "he"),
        title="מרק, טיוטה",
        translation_key=ties["page"].translation_key,
        locale=locale_of("he"),
        live=False,
    )
    User.objects.filter(pk=ties["coordinator"].pk).update(preferred_language="he")
    recommend(ties)
    send_digests(MONDAY)
    (mail,) = mails(ties["coordinator"])
    assert "Soup in two kitchens" in mail.text
    assert "טיוטה" not in mail.text + mail.html


def test_an_address_that_is_none_keeps_no_other_digest_back(ties: dict[str, Any]) -> None:
    other = person(Role.COORDINATOR, ties["receiver"])
    recommend(ties)
    User.objects.filter(pk=ties["coordinator"].pk).update(email="no address")
    with pytest.raises(RowsFailed, match="1 failed, 1 done"):
        send_digests(MONDAY)
    assert len(mails(other)) == 1
    User.objects.filter(pk=ties["coordinator"].pk).update(email="right@example.org")
    assert send_digests(MONDAY) == 1
    assert len(mails(other)) == 1


def test_at_once_means_a_mail_each_and_none_in_the_digest(ties: dict[str, Any]) -> None:
    wants(ties["coordinator"], MailRhythm.AT_ONCE)
    share = recommend(ties)
    for _time in range(3):  # a task may run again
        tell_of_offers.call([share.pk])
    assert len(mails(ties["coordinator"])) == 1
    wants(ties["coordinator"], MailRhythm.DAILY)
    assert send_digests(MONDAY) == 0


def test_weekly_means_sunday(ties: dict[str, Any]) -> None:
    wants(ties["coordinator"], MailRhythm.WEEKLY)
    recommend(ties)
    assert send_digests(MONDAY) == 0
    assert send_digests(SUNDAY) == 1


def test_what_was_answered_or_taken_back_before_the_digest_is_not_in_it(
    ties: dict[str, Any],
) -> None:
    share = recommend(ties)
    accept(share.pk, user=ties["coordinator"])
    assert send_digests(MONDAY) == 1  # the answer, to who recommended
    assert mails(ties["coordinator"]) == []
    (mail,) = mails(ties["editor"])
    assert mail.subject == "An answer to your recommendation"
    assert "Beit Shean – Cleveland took it up" in mail.text


def test_who_recommended_is_told_the_reason(ties: dict[str, Any]) -> None:
    wants(ties["editor"], MailRhythm.AT_ONCE)
    share = recommend(ties)
    decline(share.pk, "other", "Our kitchen <burnt> down.", user=ties["coordinator"])
    tell_of_answer.call(share.pk)
    tell_of_answer.call(share.pk)
    (mail,) = mails(ties["editor"])
    assert "declined it: another reason." in mail.text
    assert "Our kitchen <burnt> down." in mail.text
    assert "Our kitchen &lt;burnt&gt; down." in mail.html


def test_who_answers_an_own_recommendation_is_not_written_to(ties: dict[str, Any]) -> None:
    staff = wants(person(Role.NETWORK_STAFF), MailRhythm.AT_ONCE)
    share = offer(ties["page"], [ties["receiver"]], "", user=staff).made[0]
    accept(share.pk, user=staff)
    tell_of_answer.call(share.pk)
    assert mails(staff) == []


def test_without_a_coordinator_editors_hear_of_it_and_without_them_the_staff(
    ties: dict[str, Any],
) -> None:
    editor = person(Role.EDITOR, ties["receiver"])
    staff = person(Role.NETWORK_STAFF)
    recommend(ties)
    send_digests(MONDAY)
    assert (len(mails(ties["coordinator"])), len(mails(editor)), len(mails(staff))) == (1, 0, 0)
    ties["coordinator"].role_assignments.all().delete()
    recommend(ties, page=practice_of(ties["giver"]))
    send_digests(MONDAY)
    assert len(mails(editor)) == 1
    assert len(mails(staff)) == 0
    editor.role_assignments.all().delete()
    recommend(ties, page=practice_of(ties["giver"]))
    send_digests(MONDAY)
    assert len(mails(staff)) == 1


def test_who_left_is_not_told_but_the_partnership_is(ties: dict[str, Any]) -> None:
    share = recommend(ties)
    ties["editor"].role_assignments.all().delete()
    successor = person(Role.COORDINATOR, ties["giver"])
    accept(share.pk, user=ties["coordinator"])
    send_digests(MONDAY)
    assert mails(ties["editor"]) == []
    assert len(mails(successor)) == 1


def test_it_is_written_in_the_readers_language_and_names_stay_in_one_piece(
    ties: dict[str, Any],
) -> None:
    reader = ties["coordinator"]
    reader.preferred_language = "he"
    reader.save()
    recommend(ties, note="Try it.")
    send_digests(MONDAY)
    (mail,) = mails(reader)
    assert 'dir="rtl"' in mail.html
    assert "עכו – קנטון" in mail.text
    assert "\u2068Soup in two kitchens\u2069" in mail.text
    assert '<span lang="en" dir="ltr">Soup in two kitchens</span>' in mail.html
    assert "\u2068Try it.\u2069" in mail.text


def test_a_digest_has_an_end_and_counts_the_rest(ties: dict[str, Any]) -> None:
    for number in range(23):
        recommend(ties, page=practice_of(ties["giver"], title=f"Number {number}"))
    send_digests(MONDAY)
    (mail,) = mails(ties["coordinator"])
    assert mail.text.count("- Number") == 20
    assert "3 more wait in your inbox." in mail.text


def test_demonstrations_and_old_ones_are_told_to_nobody(ties: dict[str, Any]) -> None:
    demo = recommend(ties)
    Share.objects.filter(pk=demo.pk).update(is_demo=True)
    old = recommend(ties, page=practice_of(ties["giver"]))
    long_ago = timezone.now() - datetime.timedelta(days=31)
    Share.objects.filter(pk=old.pk).update(offered_at=long_ago)
    assert send_digests(MONDAY) == 0


def test_people_whose_account_is_closed_get_nothing(ties: dict[str, Any]) -> None:
    ties["coordinator"].is_active = False
    ties["coordinator"].save()
    recommend(ties)
    send_digests(MONDAY)
    assert mails(ties["coordinator"]) == []
