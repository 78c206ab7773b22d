"""Writing to who tells a page: the form, the relay, its limits, escalation and forgetting."""

from __future__ import annotations

import datetime
import re
import threading
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import signing
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from partnerships.models import FormsClosure, RoleAssignment
from partnerships.services.closures import close_forms, open_forms
from partnerships.services.routing import RouteKind, route_for
from portal.each import RowsFailed
from portal.models import OutgoingMail, User
from stories.contact_forms import FASTEST, LONGEST_OPEN, ContactForm
from stories.contact_times import DAY, usual_days
from stories.contact_views import MOST_ANSWERS_AN_HOUR
from stories.models import ContactMessage, ContactRequest
from stories.services import contact_clock
from stories.services.contact_clock import escalate, forget
from stories.services.contacts import (
    About,
    ContactRefused,
    Letter,
    answer_times,
    due_after,
    read_token,
    reply,
    reply_token,
    requests_of,
    send,
    write_to,
)
from tests.factories import (
    ChallengePageFactory,
    CommunityFactory,
    CommunityPageFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    ResourcePageFactory,
    StoryPageFactory,
    page_of,
)
from tests.stories.sharing import person, practice_of

pytestmark = pytest.mark.django_db

WORDS = "May we come and see it? See https://example.org/us"


@pytest.fixture
def practice() -> Any:
    """A practice of a Partnership with a coordinator; staff stand behind."""
    partnership = PartnershipFactory(name={"en": "Akko – Canton", "he": "עכו – קנטון"})
    person(Role.COORDINATOR, partnership)
    person(Role.NETWORK_STAFF)
    return practice_of(partnership, title="Soup in two kitchens")


def address(page: Any, language: str = "en") -> str:
    return f"/{language}/contact/{page.translation_key}/"


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """Return the form as a person fills it some seconds after it was shown."""
    html = BeautifulSoup(client.get(url).content, "html.parser")
    stamp = html.select_one("input[name=stamp]")
    assert stamp is not None
    data = {
        "stamp": _aged(str(stamp["value"])),
        "name": "Rivka K.",
        "email": "rivka@example.org",
        "place": "Omaha",
        "text": WORDS,
        "is_adult": "on",
        "website": "",
    }
    return {name: value for name, value in {**data, **changes}.items() if value is not None}


def _aged(stamp: str, seconds: int = FASTEST + 2) -> str:
    """Return the stamp as if it had been given out so long ago."""
    value = signing.loads(stamp, salt="stories.contact-form")
    with time_machine.travel(timezone.now() - datetime.timedelta(seconds=seconds), tick=False):
        return signing.dumps(value, salt="stories.contact-form")


def letter(number: int = 0, **more: Any) -> Letter:
    values = {
        "form_key": f"key-{number}",
        "name": "Rivka K.",
        "email": "rivka@example.org",
        "place": "Omaha",
        "text": WORDS,
        "language": "en",
    }
    return Letter(**{**values, **more})


def sent(practice: Any, number: int = 0, **more: Any) -> ContactRequest:
    about = About(practice.translation_key, practice.title, practice.partnership)
    return send(letter(number, **more), about, route_for(practice.partnership))


def text_of(response: Any) -> str:
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)


# The form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_message_is_passed_on_and_no_cookie_is_set(practice: Any, language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    url = address(practice, language)
    shown = client.get(url)
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    assert shown["Referrer-Policy"] == "no-referrer"
    data = filled(client, url)
    response = client.post(url, data)
    assert (response.status_code, response["Location"]) == (302, f"{url}sent/")
    done = client.get(response["Location"])
    assert done.status_code == 200
    for each in (shown, response, done):
        assert not each.cookies
        assert "cookie" not in each.get("Vary", "").lower()
    request = ContactRequest.objects.get()
    assert (request.route, request.language) == (RouteKind.PARTNERSHIP, language)
    assert request.messages.get().text == WORDS
    mail = OutgoingMail.objects.get()
    assert mail.is_sensitive
    assert "rivka@example.org" not in mail.text + mail.html + mail.subject
    assert WORDS in mail.text
    assert '<a href="https://example.org' not in mail.html
    assert mail.reply_to == ""


def test_no_address_of_the_owner_shows(practice: Any) -> None:
    practice.partnership.contact_email = "owner@example.org"
    practice.partnership.save()
    client = Client()
    pages = [client.get(address(practice)), client.get(practice.url)]
    assert all(b"owner@example.org" not in page.content for page in pages)
    assert reverse("contact", args=[practice.translation_key]) in pages[1].content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"text": ""}, "This field is required."),
        ({"text": "x" * 4001}, "4000 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
        ({"is_adult": None}, "people of 18 and over"),
        ({"stamp": ""}, "was open for long"),
        ({"stamp": "forged"}, "was open for long"),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(
    practice: Any, changes: dict[str, Any], words: str
) -> None:
    client = Client()
    url = address(practice)
    response = client.post(url, filled(client, url, **{"name": "Rivka K.", **changes}))
    assert response.status_code == 422
    assert words in text_of(response)
    html = response.content.decode()
    assert 'value="Omaha"' in html
    assert "What you wrote is still here" in html
    if "text" not in changes:
        assert WORDS in html
    assert not ContactRequest.objects.exists()
    retry = BeautifulSoup(html, "html.parser").select_one("input[name=stamp]")
    data = filled(client, url, stamp=_aged(str(retry["value"])))  # type: ignore[index]
    assert client.post(url, data).status_code == 302


def test_a_form_that_is_too_fast_too_old_or_of_another_page_is_asked_for_again(
    practice: Any,
) -> None:
    client = Client()
    url = address(practice)
    other = practice_of(practice.partnership)
    for stamp in (
        _aged(filled(client, url)["stamp"], 0),
        _aged(filled(client, url)["stamp"], LONGEST_OPEN + 60),
        filled(client, address(other))["stamp"],
    ):
        assert client.post(url, filled(client, url, stamp=stamp)).status_code == 422
    assert not ContactRequest.objects.exists()


@pytest.mark.parametrize("slug", ["%00", "a%00b", "x" * 3000, "%F0%9F%9C%80", "'--"])
def test_a_community_that_is_none_is_left_out(practice: Any, slug: str) -> None:
    url = reverse("contact", args=[practice.translation_key])
    assert Client().get(f"{url}?community={slug}").status_code == 200


def test_robots_hear_that_all_went_well_and_nothing_happens(practice: Any) -> None:
    client = Client()
    url = address(practice)
    response = client.post(url, filled(client, url, website="https://spam.example"))
    assert response["Location"] == f"{url}sent/"
    assert not ContactRequest.objects.exists()


def test_the_same_form_sent_twice_counts_once(practice: Any) -> None:
    client = Client()
    url = address(practice)
    data = filled(client, url)
    assert {client.post(url, data).status_code for _time in range(3)} == {302}
    assert ContactRequest.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


def test_a_message_corrected_after_back_is_passed_on_as_well(practice: Any) -> None:
    client = Client()
    url = address(practice)
    data = filled(client, url)
    corrected = {**data, "text": "May we come in May and see it?"}
    for each in (data, corrected, data, corrected):
        assert client.post(url, each).status_code == 302
    request = ContactRequest.objects.get()
    assert [one.text for one in request.messages.all()] == [WORDS, corrected["text"]]
    assert OutgoingMail.objects.count() == 2
    assert any(corrected["text"] in mail.text for mail in OutgoingMail.objects.all())


def test_an_address_corrected_after_back_gets_the_answer_too(practice: Any) -> None:
    client = Client()
    url = address(practice)
    data = filled(client, url, email="rivka@exmaple.org")
    for each in (data, {**data, "email": "rivka@example.org"}):
        assert client.post(url, each).status_code == 302
    written = ContactRequest.objects.values_list("email", "messages__text")
    assert set(written) == {("rivka@exmaple.org", WORDS), ("rivka@example.org", WORDS)}


@pytest.mark.parametrize("factory", [ChallengePageFactory, ResourcePageFactory])
def test_challenges_and_resources_have_the_form_too(factory: Any) -> None:
    page = factory()
    url = reverse("contact", args=[page.translation_key])
    assert url in Client().get(page.url).content.decode()
    assert Client().get(url).status_code == 200


def test_hidden_pages_and_other_types_have_none() -> None:
    private = PracticePageFactory()
    PageViewRestriction.objects.create(page=private, restriction_type="login")
    for page in (PracticePageFactory(live=False), private, StoryPageFactory()):
        assert Client().get(address(page)).status_code == 404
        assert Client().post(address(page), {}).status_code == 404


def test_limits_hold_where_they_are_on(practice: Any, settings: Any) -> None:
    settings.RATE_LIMITS = True
    client = Client()
    url = address(practice)
    answers = []
    for number in range(12):
        data = filled(client, url, email=f"person-{number}@example.org")
        answers.append(client.post(url, data).status_code)
    assert answers == [302] * 10 + [429] * 2
    with pytest.raises(ContactRefused, match="Come back tomorrow"):
        for number in range(10):
            sent(practice, number)
    assert ContactRequest.objects.filter(email="rivka@example.org").count() == 5


# To whom ----------------------------------------------------------------------------------------


def test_it_goes_to_the_visitors_community_else_the_partnership_else_the_staff() -> None:
    partnership = PartnershipFactory()
    own, silent, foreign = (CommunityFactory() for _number in range(3))
    MembershipFactory(partnership=partnership, community=own, contact_email="own@example.org")
    MembershipFactory(partnership=partnership, community=silent)
    MembershipFactory(community=foreign, contact_email="foreign@example.org")
    assert [one.email for one in route_for(partnership, own).receivers] == ["own@example.org"]
    assert route_for(partnership, silent).kind == RouteKind.STAFF
    assert route_for(partnership, silent).receivers == []  # nobody at all
    staff = person(Role.NETWORK_STAFF)
    assert [one.user for one in route_for(partnership).receivers] == [staff]
    coordinators = [person(Role.COORDINATOR, partnership) for _number in range(2)]
    for community in (silent, foreign, None):
        found = route_for(partnership, community)
        assert found.kind == RouteKind.PARTNERSHIP
        assert [one.user for one in found.receivers] == coordinators
    partnership.contact_email = "desk@example.org"
    partnership.save()
    assert [one.email for one in route_for(partnership).receivers] == ["desk@example.org"]
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    partnership.memberships.filter(community=own).update(left_on=yesterday)
    assert route_for(partnership, own).kind == RouteKind.PARTNERSHIP


def test_where_nobody_can_be_reached_the_form_says_so() -> None:
    page = PracticePageFactory()
    response = Client().get(address(page))
    assert "nobody can be reached" in text_of(response)
    assert b"<textarea" not in response.content


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Asia/Jerusalem", {"en": "12:05 a.m.", "he": "00:05"}),
        ("America/Chicago", {"en": "4:05 p.m.", "he": "16:05"}),
    ],
)
def test_their_clock_is_theirs(practice: Any, zone: str, clock: dict[str, str]) -> None:
    there = CommunityFactory(time_zone=zone)
    MembershipFactory(partnership=practice.partnership, community=there, side="israel")
    with time_machine.travel(datetime.datetime(2026, 7, 4, 21, 5, tzinfo=datetime.UTC)):
        for language, label in (("en", "Their clock"), ("he", "השעה אצלם")):
            text = text_of(Client().get(address(practice, language)))
            assert f"{label} {clock[language]} ( {zone} )" in text


def test_the_page_says_to_whom_how_soon_and_when_both_are_awake(practice: Any) -> None:
    region = CommunityFactory(country_code="IL", time_zone="Asia/Jerusalem")
    MembershipFactory(partnership=practice.partnership, community=region)
    omaha = CommunityFactory(slug="omaha", time_zone="America/Chicago", name={"en": "Omaha"})
    CommunityPageFactory(community=omaha)
    text = text_of(Client().get(address(practice)))
    assert "It goes to the Partnership’s coordinator, Akko – Canton" in text
    assert "Usual answer time not yet known" in text
    assert "Last answered not yet known" in text
    assert "Both are awake" not in text
    text = text_of(Client().get(f"{address(practice)}?community={omaha.slug}"))
    assert re.search(r"Both are awake 8 a\.m\.–(noon|1 p\.m\.) for you", text)
    assert "Both are awake" not in text_of(Client().get(f"{address(practice)}?community=%00"))


# Times ------------------------------------------------------------------------------------------


def test_the_usual_time_is_the_median_of_at_least_three() -> None:
    def days(*waits: float) -> list[datetime.timedelta]:
        return [datetime.timedelta(days=wait) for wait in waits]

    assert usual_days(days(1, 2)) is None
    assert usual_days(days(0.1, 0.2, 30)) == 1
    assert usual_days(days(1, 2.2, 9)) == 3


def test_answer_times_are_those_of_the_partnership_and_stay_when_texts_go(practice: Any) -> None:
    now = timezone.now()
    for number, wait in enumerate((1, 2, 40)):
        request = sent(practice, number, email=f"{number}@example.org")
        asked = now - datetime.timedelta(days=100)
        ContactRequest.objects.filter(pk=request.pk).update(
            created_at=asked, answered_at=asked + datetime.timedelta(days=wait)
        )
    sent(practice, 9)
    times = answer_times(practice.partnership)
    assert times.usual == 2
    assert forget() == 3
    assert answer_times(practice.partnership) == times
    assert answer_times(PartnershipFactory()).usual is None
    assert "Usual answer time 2 days" in text_of(Client().get(practice.url))


# The exchange -----------------------------------------------------------------------------------


def link_in(mail: OutgoingMail) -> str:
    found = re.search(r"/(?:en|he)/contact/reply/\S+", mail.text)
    assert found is not None
    return found.group()


def answer(client: Client, url: str, **changes: Any) -> Any:
    html = BeautifulSoup(client.get(url).content, "html.parser")
    stamp = _aged(str(html.select_one("input[name=stamp]")["value"]))  # type: ignore[index]
    return client.post(url, {"stamp": stamp, "text": "Come in May.", "website": "", **changes})


def test_both_write_without_seeing_an_address(practice: Any) -> None:
    request = sent(practice)
    first = OutgoingMail.objects.get()
    client = Client(enforce_csrf_checks=True)
    url = link_in(first)
    for agent in ("Mozilla", "Barracuda", "SafeLinks") * 4:  # scanners open links
        shown = client.get(url, headers={"user-agent": agent})
        client.head(url)
        assert shown.status_code == 200
    assert WORDS in text_of(shown)
    assert "rivka@example.org" not in shown.content.decode()
    request.refresh_from_db()
    assert request.answered_at is None
    response = answer(client, url)
    assert response.status_code == 302
    assert not response.cookies
    request.refresh_from_db()
    assert request.answered_at is not None
    back = OutgoingMail.objects.get(to="rivka@example.org")
    assert "Come in May." in back.text
    assert first.to not in back.text + back.html
    assert first.to not in text_of(client.get(link_in(back)))
    answer(client, link_in(back), text="Gladly.", shows_address="on")
    third = OutgoingMail.objects.order_by("pk").last()
    assert third is not None
    assert third.to == first.to
    assert "rivka@example.org" in third.text
    assert "rivka@example.org" in text_of(client.get(url))


def test_an_answer_sent_twice_counts_once(practice: Any) -> None:
    sent(practice)
    url = link_in(OutgoingMail.objects.get())
    client = Client()
    html = BeautifulSoup(client.get(url).content, "html.parser")
    stamp = _aged(str(html.select_one("input[name=stamp]")["value"]))  # type: ignore[index]
    for _time in range(2):
        assert client.post(url, {"stamp": stamp, "text": "Yes."}).status_code == 302
    assert ContactMessage.objects.filter(text="Yes.").count() == 1
    assert OutgoingMail.objects.filter(to="rivka@example.org").count() == 1


def test_an_answer_corrected_after_back_is_passed_on_as_well(practice: Any) -> None:
    sent(practice)
    url = link_in(OutgoingMail.objects.get())
    client = Client()
    html = BeautifulSoup(client.get(url).content, "html.parser")
    stamp = _aged(str(html.select_one("input[name=stamp]")["value"]))  # type: ignore[index]
    for text in ("Come in May.", "Come in June.", "Come in May."):
        assert client.post(url, {"stamp": stamp, "text": text}).status_code == 302
    answers = ContactMessage.objects.exclude(recipient=None)
    assert [one.text for one in answers] == ["Come in May.", "Come in June."]
    assert OutgoingMail.objects.filter(to="rivka@example.org").count() == 2


def test_one_form_of_the_admin_answers_in_two_exchanges(practice: Any) -> None:
    client = signed_in(person(Role.NETWORK_STAFF))
    exchanges = [sent(practice, number, email=f"{number}@example.org") for number in range(2)]
    for exchange in exchanges:
        url = reverse("wagtailadmin_contact", args=[exchange.pk])
        for _time in range(2):
            assert client.post(url, {"text": "Yes.", "form_key": "the same"}).status_code == 302
    answers = ContactMessage.objects.exclude(recipient=None)
    assert [one.request for one in answers.order_by("pk")] == exchanges


def test_links_that_open_nothing_say_so(practice: Any) -> None:
    request = sent(practice)
    recipient = request.recipients.get()
    good = reply_token(request, recipient)
    client = Client()
    for token in ("x", good[:-3] + "abc", signing.dumps("x", salt="stories.contact"), f"{good}%00"):
        response = client.get(f"/en/contact/reply/{token}/")
        assert response.status_code == 410, token
    with time_machine.travel(timezone.now() + datetime.timedelta(days=92)):
        assert read_token(good) is None
    assert read_token(good) == (request, recipient)
    recipient.user.is_active = False  # type: ignore[union-attr]
    recipient.user.save()  # type: ignore[union-attr]
    assert read_token(good) is None


@pytest.mark.requires("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_leave_one_time_of_answer() -> None:
    partnership = PartnershipFactory()
    for _number in range(2):
        person(Role.COORDINATOR, partnership)
    request = sent(practice_of(partnership))
    start = threading.Barrier(2)

    def act(pk: int) -> None:
        try:
            recipient = request.recipients.get(pk=pk)
            start.wait(timeout=30)
            reply(request, recipient, text="Yes", form_key=f"answer-{pk}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[one.pk]) for one in request.recipients.all()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()
    request.refresh_from_db()
    times = list(request.messages.exclude(recipient=None).values_list("created_at", flat=True))
    assert len(times) == 2
    assert request.answered_at in times


@pytest.mark.parametrize(
    ("sides", "place", "side", "zone"),
    [
        (["israel"], "Akko", "the region in Israel", "Asia/Jerusalem"),
        (["israel", "diaspora"], "Akko", "the region in Israel", "Asia/Jerusalem"),
        (["diaspora"], "Canton", "the communities abroad", "America/New_York"),
    ],
)
def test_a_page_says_which_role_and_side_answers_and_when_they_are_awake(
    sides: list[str], place: str, side: str, zone: str
) -> None:
    partnership = PartnershipFactory()
    for each in sides:
        person(Role.COORDINATOR, partnership, side=each)
    for name, where, on in (
        ("Akko", "Asia/Jerusalem", "israel"),
        ("Canton", "America/New_York", "diaspora"),
    ):
        community = CommunityFactory(name={"en": name}, time_zone=where)
        MembershipFactory(partnership=partnership, community=community, side=on)
    omaha = CommunityFactory(slug="omaha", time_zone="America/Chicago", name={"en": "Omaha"})
    CommunityPageFactory(community=omaha)
    page = practice_of(partnership, title="Soup", activity_languages="en, he")
    with time_machine.travel(datetime.datetime(2026, 7, 4, 21, 5, tzinfo=datetime.UTC)):
        response = Client().get(page.url)
        assert not response.cookies
        text = text_of(response)
        assert "It goes to the Partnership’s coordinator" in text
        assert f"On the side {place} , {side} In the languages English, Hebrew" in text
        assert f"Their time zone {zone} ; awake from 8 a.m. to 8 p.m. there" in text
        assert "Choose your community, and see the hours you share" in text
        assert f"{address(page)}#who" in response.content.decode()
        chosen = text_of(Client().get(f"{page.url}?for=omaha"))
        shared = {"Asia/Jerusalem": "8 a.m.–noon", "America/New_York": "8 a.m.–7 p.m."}[zone]
        assert f"Both are awake {shared} for you" in chosen
        assert "( Omaha )" in chosen
        form = text_of(Client().get(address(page)))
        assert f"On the side {place} , {side} In the languages English, Hebrew" in form
    assert "Choose your community" in text_of(Client().get(f"{page.url}?for=%00x"))


# By the clock -----------------------------------------------------------------------------------


def test_what_nobody_answers_goes_to_the_staff_once(practice: Any) -> None:
    late, answered, young = (sent(practice, number) for number in range(3))
    reply(answered, answered.recipients.get(), text="Yes", form_key="a")
    OutgoingMail.objects.all().delete()
    past = timezone.now() - datetime.timedelta(hours=1)
    ContactMessage.objects.filter(request__in=[late, answered]).update(due_at=past)
    assert escalate() == 1
    assert escalate() == 0
    (mail,) = OutgoingMail.objects.all()
    assert mail.user is not None
    assert mail.user.role_assignments.get().role == Role.NETWORK_STAFF
    assert "was not answered within three working days" in mail.text
    assert Client().get(link_in(mail)).status_code == 200
    assert young.messages.get().escalated_at is None


def test_each_message_that_nobody_answers_goes_to_the_staff(practice: Any) -> None:
    request = sent(practice)
    recipient = request.recipients.get()
    reply(request, recipient, text="Yes", form_key="a")
    second = reply(request, None, text="When may we come?", form_key="b")
    third = reply(request, None, text="And with how many?", form_key="c")
    for message in (second, third):
        assert message.due_at == due_after(message.created_at, route_for(practice.partnership))
    assert second.due_at is not None
    before = second.due_at - datetime.timedelta(seconds=1)
    assert escalate(before) == 0
    ContactMessage.objects.filter(pk=third.pk).update(due_at=second.due_at + DAY)
    OutgoingMail.objects.all().delete()
    assert (escalate(second.due_at), escalate(second.due_at)) == (1, 0)
    assert "When may we come?" in OutgoingMail.objects.get().text
    assert escalate(second.due_at + DAY) == 1
    assert OutgoingMail.objects.count() == 2
    reply(request, recipient, text="In May, with ten", form_key="d")
    assert not request.messages.waiting().exists()


def test_one_message_that_fails_keeps_no_other_back(
    practice: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (sent(practice, number).messages.get() for number in range(2))

    def fail_for_one(receiver: Any, message: ContactMessage, kind: str) -> None:
        if message == bad:
            raise ZeroDivisionError
        write_to(receiver, message, kind)

    monkeypatch.setattr(contact_clock, "write_to", fail_for_one)  # no data makes it fail
    later = timezone.now() + 30 * DAY
    with pytest.raises(RowsFailed, match="1 failed, 1 done"):
        escalate(later)
    assert f"{bad.pk} failed" in caplog.text
    for message in (bad, good):
        message.refresh_from_db()
    assert (bad.escalated_at, good.escalated_at) == (None, later)
    monkeypatch.undo()
    assert escalate(later) == 1


def test_thanks_need_no_answer(practice: Any) -> None:
    request = sent(practice)
    recipient = request.recipients.get()
    reply(request, recipient, text="Yes", form_key="a")
    reply(request, None, text="Thank you!", form_key="b")
    client = signed_in(recipient.user)
    url = reverse("wagtailadmin_contact", args=[request.pk])
    assert "It needs no answer" in text_of(client.get(url))
    stranger = signed_in(person(Role.COORDINATOR, PartnershipFactory()))
    stranger.post(url, {"do": "settle"})
    assert request.messages.waiting().exists()
    client.post(url, {"do": "settle"})
    assert "It needs no answer" not in text_of(client.get(url))
    assert escalate(timezone.now() + 30 * DAY) == 0


def test_who_has_no_account_says_so_by_the_link(practice: Any) -> None:
    practice.partnership.contact_email = "desk@example.org"
    practice.partnership.save()
    request = sent(practice)
    url = link_in(OutgoingMail.objects.get(to="desk@example.org"))
    client = Client(enforce_csrf_checks=True)
    assert "It needs no answer" in text_of(client.get(url))
    assert request.messages.waiting().exists()
    visitor = f"/en/contact/reply/{reply_token(request, None)}/"
    assert "It needs no answer" not in text_of(client.get(visitor))
    assert client.post(visitor, {"do": "settle"}).status_code == 422
    assert request.messages.waiting().exists()
    done = client.post(url, {"do": "settle"}, follow=True)
    assert "Nothing waits for an answer here any more." in text_of(done)
    assert "It needs no answer" not in text_of(done)
    assert not request.messages.waiting().exists()


def test_what_waits_is_listed_by_message(practice: Any) -> None:
    request = sent(practice)
    client = signed_in(person(Role.NETWORK_STAFF))
    listing = reverse("wagtailadmin_contacts")
    reply(request, request.recipients.get(), text="Yes", form_key="a")
    assert "Soup" not in text_of(client.get(f"{listing}?state=open"))
    assert "Soup" in text_of(client.get(f"{listing}?state=answered"))
    reply(request, None, text="And when?", form_key="b")
    assert "Soup" in text_of(client.get(f"{listing}?state=open"))
    assert "Soup" not in text_of(client.get(f"{listing}?state=answered"))


def test_after_90_days_texts_and_addresses_are_gone(practice: Any) -> None:
    old, young = sent(practice, 0), sent(practice, 1)
    reply(old, old.recipients.get(), text="Yes", form_key="a")
    token = reply_token(old, old.recipients.get())
    long_ago = timezone.now() - datetime.timedelta(days=91)
    ContactRequest.objects.filter(pk=old.pk).update(created_at=long_ago)
    OutgoingMail.objects.filter(key__contains="answer").update(created_at=long_ago)
    assert forget() == 1
    assert forget() == 0
    old.refresh_from_db()
    assert (old.name, old.email, old.place) == ("", "", "")
    assert set(old.messages.values_list("text", flat=True)) == {""}
    assert set(old.recipients.values_list("email", "user")) == {("", None)}
    assert not OutgoingMail.objects.filter(to="rivka@example.org").exists()
    assert young.messages.get().text == WORDS
    assert Client().get(f"/en/contact/reply/{token}/").status_code == 410


# The panic switch -------------------------------------------------------------------------------


def test_closed_forms_show_what_to_do_instead_and_take_nothing(practice: Any) -> None:
    staff = person(Role.NETWORK_STAFF)
    client = Client()
    url, other = address(practice), address(practice_of(_reachable()))
    data, elsewhere = filled(client, url), filled(client, other)
    close_forms(practice.partnership, user=staff, instead={"en": "Ring 02-000"})  # type: ignore[arg-type]
    closed = client.get(url)
    assert "Ring 02-000" in text_of(closed)
    assert b"<textarea" not in closed.content
    assert client.post(url, data).status_code == 403
    assert client.post(other, elsewhere).status_code == 302
    close_forms(None, user=staff)
    assert b"<textarea" not in client.get(other).content
    assert b"<textarea" not in client.get("/en/contact/support/").content
    open_forms(None, user=staff)
    open_forms(practice.partnership, user=staff)
    assert client.post(url, data).status_code == 302


def test_the_switch_shows_before_one_writes_back_and_keeps_what_was_typed(practice: Any) -> None:
    request = sent(practice)
    reply(request, request.recipients.get(), text="Come in May.", form_key="a")
    visitor = link_in(OutgoingMail.objects.get(to="rivka@example.org"))
    answerer = link_in(OutgoingMail.objects.exclude(to="rivka@example.org").get())
    client = Client()
    html = BeautifulSoup(client.get(visitor).content, "html.parser")
    stamp = _aged(str(html.select_one("input[name=stamp]")["value"]))  # type: ignore[index]
    staff = person(Role.NETWORK_STAFF)
    close_forms(practice.partnership, user=staff, instead={"en": "Ring 02-000"})  # type: ignore[arg-type]
    shown = client.get(visitor)
    assert "Ring 02-000" in text_of(shown)
    assert "Come in May." in text_of(shown)
    assert b"<textarea" not in shown.content
    closed = client.post(visitor, {"stamp": stamp, "text": "Gladly, with ten."})
    assert closed.status_code == 403
    assert "Gladly, with ten." in text_of(closed)
    assert b"<textarea" in client.get(answerer).content
    assert answer(client, answerer, text="Or in June.").status_code == 302


def test_answers_by_link_have_a_limit_too(practice: Any, settings: Any) -> None:
    settings.RATE_LIMITS = True
    sent(practice)
    url = link_in(OutgoingMail.objects.get())
    client = Client()
    html = BeautifulSoup(client.get(url).content, "html.parser")
    stamp = _aged(str(html.select_one("input[name=stamp]")["value"]))  # type: ignore[index]
    codes = [
        client.post(url, {"stamp": stamp, "text": "Yes."}).status_code
        for _number in range(MOST_ANSWERS_AN_HOUR + 1)
    ]
    assert codes == [302] * MOST_ANSWERS_AN_HOUR + [429]


@pytest.mark.parametrize("place", ["form", "support", "sent", "reply", "over"])
def test_the_switch_of_languages_stays_on_the_page(practice: Any, place: str) -> None:
    sent(practice)
    omaha = CommunityFactory(slug="omaha")
    CommunityPageFactory(community=omaha)
    path = {
        "form": f"{address(practice)}?community=omaha",
        "support": "/en/contact/support/",
        "sent": f"{address(practice)}sent/",
        "reply": link_in(OutgoingMail.objects.get()),
        "over": "/en/contact/reply/x/",
    }[place]
    html = BeautifulSoup(Client().get(path).content, "html.parser")
    links = [str(one["href"]) for one in html.select(".language-switch__link[hreflang=he]")]
    assert set(links) == {path.replace("/en/", "/he/", 1)}
    other = Client().get(links[0])
    assert 'lang="he"' in other.content.decode()
    assert other.status_code == (410 if place == "over" else 200)


def _reachable() -> Any:
    partnership = PartnershipFactory()
    person(Role.COORDINATOR, partnership)
    page_of(partnership)
    return partnership


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_one_press_closes_all_and_only_staff_have_it(practice: Any) -> None:
    url = reverse("wagtailadmin_public_forms")
    staff = signed_in(person(Role.NETWORK_STAFF))
    assert "Close all public forms now" in text_of(staff.get(url))
    for role in (Role.COORDINATOR, Role.EDITOR):
        client = signed_in(person(role, practice.partnership))
        client.post(url, {"do": "close:all"})
        assert not FormsClosure.objects.exists()
        assert client.get(url).status_code == 302
    assert staff.post(url, {"do": "close:all"}).status_code == 302
    assert FormsClosure.objects.get().partnership is None
    assert "Open all forms" in text_of(staff.get(url))
    pk = practice.partnership.pk
    staff.post(url, {"do": f"close:{pk}", "instead_en": "Ring"})
    assert str(FormsClosure.objects.get(partnership=pk).instead) == "Ring"
    staff.post(url, {"do": f"open:{pk}"})
    staff.post(url, {"do": "open:all"})
    assert not FormsClosure.objects.exists()
    for nonsense in ("", "close:x", "open:999999", "nonsense:all"):
        assert staff.post(url, {"do": nonsense}).status_code in (302, 404)
    assert not FormsClosure.objects.exists()


# The admin --------------------------------------------------------------------------------------


def test_who_answers_for_the_partnership_sees_and_answers_others_do_not(practice: Any) -> None:
    request = sent(practice)
    listing = reverse("wagtailadmin_contacts")
    detail = reverse("wagtailadmin_contact", args=[request.pk])
    own = {
        "coordinator": person(Role.COORDINATOR, practice.partnership),
        "staff": person(Role.NETWORK_STAFF),
    }
    for name, user in own.items():
        client = signed_in(user)
        assert "Soup in two kitchens" in text_of(client.get(listing)), name
        assert WORDS in text_of(client.get(detail))
        assert "rivka@example.org" not in text_of(client.get(detail))
        client.post(detail, {"text": f"From {name}", "form_key": name})
        assert request.messages.filter(text=f"From {name}").exists()
    assert "This field is required" in text_of(client.post(detail, {"text": "", "form_key": "x"}))
    others = [
        person(Role.EDITOR, practice.partnership),
        person(Role.CHAIR, practice.partnership),
        person(Role.COORDINATOR, PartnershipFactory()),
        person(Role.PROFESSIONAL),
    ]
    for user in others:
        client = signed_in(user)
        assert "Soup in two kitchens" not in client.get(listing, follow=True).content.decode()
        client.post(detail, {"text": "Not mine", "form_key": f"{user.pk}"})
    assert not request.messages.filter(text="Not mine").exists()


# The support desk -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_support_desk_is_reached_the_same_way(language: str) -> None:
    staff = person(Role.NETWORK_STAFF)
    client = Client()
    url = f"/{language}/contact/support/"
    assert client.post(url, filled(client, url)).status_code == 302
    request = ContactRequest.objects.get()
    assert (request.partnership, request.page_key, request.route) == (None, None, RouteKind.STAFF)
    assert OutgoingMail.objects.get().user == staff
    if language == "en":
        assert "within 3 working days" in text_of(client.get(url))


def test_each_line_of_a_message_keeps_its_direction_in_a_mail_of_the_other(practice: Any) -> None:
    reader = person(Role.COORDINATOR, practice.partnership)
    reader.preferred_language = "he"
    reader.save()
    sent(practice, text="Shalom!\n\nMay we come?\nשבת שלום")
    mail = OutgoingMail.objects.get(user=reader)
    for line in ("\u200f\u2068Shalom!\u2069", "\u200f\u2068May we come?\u2069", "\u200fשבת שלום"):
        assert line in mail.text.splitlines()
    assert 'dir="rtl"' in mail.html


def test_who_coordinates_elsewhere_now_neither_reads_nor_answers(practice: Any) -> None:
    request = sent(practice)
    recipient = request.recipients.get()
    assert read_token(reply_token(request, recipient)) is not None
    assert request in requests_of(recipient.user)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    RoleAssignment.objects.filter(user=recipient.user).update(ends_on=yesterday)
    person(Role.COORDINATOR, practice.partnership)
    assert read_token(reply_token(request, recipient)) is None
    assert request not in requests_of(User.objects.get(pk=recipient.user_id))
    OutgoingMail.objects.all().delete()
    reply(request, None, text="Are you still there?", form_key="again")
    told = OutgoingMail.objects.get().to  # whoever coordinates today, not whoever did
    assert told != recipient.email


def test_a_hidden_community_is_no_choice(practice: Any) -> None:
    hidden = CommunityFactory(name={"en": "Zzhiddenville", "he": ""}, slug="zzhidden")
    page = CommunityPageFactory(community=hidden)
    url = reverse("contact", args=[practice.translation_key])
    assert "Zzhiddenville" in Client().get(url).content.decode()
    page.unpublish()
    assert "Zzhiddenville" not in Client().get(f"{url}?community=zzhidden").content.decode()


def test_a_name_of_several_lines_becomes_one() -> None:
    form = ContactForm({"name": "Dana\n\nAnswer here: x", "place": "a\nb"}, purpose="contact:x")
    form.is_valid()
    assert form.cleaned_data["name"] == "Dana Answer here: x"
    assert form.cleaned_data["place"] == "a b"
