"""The admin's screens of bringing practices over: who may see and do what, and that it is done."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageViewRestriction

from partnerships.enums import Role
from partnerships.models import RoleAssignment
from portal.models import OutgoingMail, User
from portal.waiting import what_waits
from stories.models import (
    Adoption,
    EarlierRun,
    MaterialEdit,
    Outcome,
    OutcomeAnswer,
    PracticePage,
    StopAgreement,
)
from stories.services.adoptions import (
    AdoptionRefused,
    add_parent,
    agree_to_tell_of_stop,
    move,
)
from stories.services.outcomes import missing_outcomes
from stories.services.telling import remind_of_outcomes, tell_of_edit
from tests.factories import ConceptFactory, locale_of, page_of
from tests.stories.adopting import (
    child_page,
    partnership,
    person,
    practice,
    publish_child,
    reported,
    running,
    staff,
    taken,
)
from tests.stories.posted import practice_form

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def detail(adoption: Adoption) -> str:
    return reverse("wagtailadmin_adoption", args=[adoption.pk])


def asks_what_was_changed(editor: BeautifulSoup) -> bool:
    return bool(editor.select('[data-contentpath="adaptations"]'))


def soup_of(client: Client, url: str) -> BeautifulSoup:
    response = client.get(url)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


# Bringing -----------------------------------------------------------------------------------------


def test_the_button_leads_over_the_sign_in_to_a_form_with_the_own_partnership() -> None:
    source, ours = practice(title="Same Moon", concepts=[ConceptFactory()]), partnership()
    url = reverse("wagtailadmin_bring", args=[source.translation_key])
    response = Client().get(url)
    assert response.status_code == 302
    assert "next=" in response["Location"]
    client = signed_in(person(of=ours))
    soup = soup_of(client, url)
    options = [option.get_text() for option in soup.select("select[name=partnership] option")]
    assert options == [str(ours)]
    response = client.post(
        url,
        {
            "action": "bring",
            "partnership": ours.pk,
            "language": "en",
            "planned_start": "2027-03-01",
            "contact_role": "coordinator of schools",
        },
    )
    adoption = Adoption.objects.get()
    assert response["Location"] == reverse(
        "wagtailadmin_pages:edit", args=[child_page(adoption).pk]
    )
    assert (adoption.planned_start, adoption.contact_role) == (
        datetime.date(2027, 3, 1),
        "coordinator of schools",
    )
    editor = soup_of(client, response["Location"])
    assert "your own version" in editor.get_text()
    assert editor.select(f'a[href="{detail(adoption)}"]')
    assert asks_what_was_changed(editor)


def test_nobody_brings_for_a_partnership_that_is_not_theirs() -> None:
    source, ours, theirs = practice(), partnership(), partnership()
    url = reverse("wagtailadmin_bring", args=[source.translation_key])
    data = {"action": "bring", "partnership": theirs.pk, "language": "en"}
    response = signed_in(person(of=ours)).post(url, data)
    assert response.status_code == 200
    assert "partnership" in response.context["form"].errors
    for user in (person(Role.CHAIR, theirs), person(Role.PROFESSIONAL)):
        assert signed_in(user).post(url, data).status_code in (302, 403)
    assert not Adoption.objects.exists()
    signed_in(staff()).post(url, data)
    assert Adoption.objects.get().partnership == theirs


def test_a_form_that_does_not_fit_comes_back_as_it_was_filled() -> None:
    source, ours = practice(), partnership()
    taken(source, ours)
    url = reverse("wagtailadmin_bring", args=[source.translation_key])
    client = signed_in(person(of=ours))
    data = {
        "action": "bring",
        "partnership": ours.pk,
        "language": "en",
        "contact_role": "kept words",
        "planned_start": "someday",
    }
    soup = BeautifulSoup(client.post(url, data).content, "html.parser")
    assert soup.select_one("[name=contact_role]")["value"] == "kept words"
    assert soup.select_one("[name=planned_start]")["value"] == "someday"
    soup = BeautifulSoup(client.post(url, {**data, "planned_start": ""}).content, "html.parser")
    assert "already" in soup.get_text()
    assert client.get(reverse("wagtailadmin_bring", args=[page_key()])).status_code == 404


def page_key() -> Any:
    page = practice()
    page.unpublish()
    return page.translation_key


def test_a_further_source_is_named_from_its_own_page() -> None:
    adoption, second = taken(), practice(title="Second")
    client = signed_in(person(of=adoption.partnership))
    url = reverse("wagtailadmin_bring", args=[second.translation_key])
    stranger = taken()
    for pk in (stranger.pk, adoption.pk):
        client.post(url, {"action": "further", "adoption": pk})
    assert adoption.sources.count() == 2
    assert stranger.sources.count() == 1


def test_a_new_practice_and_one_of_ones_own_are_not_asked_what_was_changed() -> None:
    page = practice()
    client = signed_in(person(of=page.partnership))
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert not asks_what_was_changed(soup_of(client, url))
    response = client.post(url, practice_form(page, "action-publish", title="Still ours"))
    assert response.status_code == 302
    assert PracticePage.objects.get(pk=page.pk).title == "Still ours"


# One that was brought over -----------------------------------------------------------------------


def test_the_whole_way_from_considering_to_the_report() -> None:
    source = practice()
    adoption = taken(source)
    client = signed_in(person(of=adoption.partnership))
    begun = timezone.localdate() - datetime.timedelta(days=200)
    for seen, to, day in (("considering", "planned", ""), ("planned", "running", str(begun))):
        client.post(
            detail(adoption),
            {"action": "move", "move-seen": seen, "move-to": to, "move-on": day},
        )
    adoption.refresh_from_db()
    assert (adoption.state, adoption.started_on) == ("running", begun)
    form = {
        "action": "report",
        "months": "6",
        "outcome6-against_aim": "worse",
        "outcome6-reached": "12",
        "outcome6-lesson": "Begin early.",
        "outcome6-lesson_language": "en",
    }
    soup = BeautifulSoup(client.post(detail(adoption), form).content, "html.parser")
    assert soup.select_one("[name=outcome6-lesson]").get_text().strip() == "Begin early."
    assert not Outcome.objects.exists()
    response = client.post(detail(adoption), {**form, "outcome6-counted_how": "lists"})
    assert response.status_code == 302
    outcome = Outcome.objects.get()
    assert (outcome.against_aim, outcome.reached, outcome.role) == ("worse", 12, "coordinator")
    owner = signed_in(person(of=source.partnership))
    owner.post(
        detail(adoption),
        {
            "action": "answer",
            "months": "6",
            "answer-partnership": source.partnership.pk,
            "answer-text": "A wet year.",
            "answer-language": "en",
        },
    )
    assert OutcomeAnswer.objects.get().partnership == source.partnership


def test_each_end_agrees_for_itself_that_a_stop_is_public() -> None:
    source = practice()
    adoption = taken(source)
    taker = person(of=adoption.partnership)
    client, owner = signed_in(taker), signed_in(person(of=source.partnership))
    stop = {"action": "move", "move-seen": "considering", "move-to": "stopped"}
    soup = BeautifulSoup(client.post(detail(adoption), stop).content, "html.parser")
    assert "Say why it was stopped" in soup.get_text()
    client.post(detail(adoption), {**stop, "move-reason": "money"})
    for each in (client, owner):
        each.post(detail(adoption), {"action": "agree", "partnership": source.partnership.slug})
    assert [row.partnership for row in StopAgreement.objects.all()] == [source.partnership]
    assert StopAgreement.objects.get().user != taker
    owner.post(detail(adoption), {"action": "disagree", "partnership": source.partnership.slug})
    assert not StopAgreement.objects.exists()


ACTS: dict[str, dict[str, Any]] = {
    "move": {"action": "move", "move-seen": "running", "move-to": "completed"},
    "plan": {"action": "plan", "plan-contact_role": "changed"},
    "report": {"action": "report", "months": "12", "outcome12-against_aim": "same"},
}


def test_each_role_does_what_is_its_own_and_nothing_else() -> None:
    source = practice()
    adoption = running(taken(source))
    ours = adoption.partnership
    users = {
        "coordinator": person(Role.COORDINATOR, ours),
        "editor": person(Role.EDITOR, ours),
        "staff": staff(),
        "chair": person(Role.CHAIR, ours),
        "professional": person(Role.PROFESSIONAL),
        "owner": person(of=source.partnership),
        "stranger": person(of=partnership()),
    }
    may_act, may_see = {"coordinator", "editor", "staff"}, {"owner"}
    for who, user in users.items():
        client = signed_in(user)
        status = client.get(detail(adoption)).status_code
        assert (status == 200) == (who in may_act | may_see), who
        for name, data in ACTS.items():
            Adoption.objects.filter(pk=adoption.pk).update(state="running", contact_role="")
            Outcome.objects.all().delete()
            client.post(detail(adoption), data)
            row = Adoption.objects.get(pk=adoption.pk)
            done = {
                "move": row.state == "completed",
                "plan": row.contact_role == "changed",
                "report": Outcome.objects.exists(),
            }[name]
            assert done == (who in may_act), (who, name)


def test_bad_input_is_told_and_never_breaks() -> None:
    adoption = running(taken())
    client = signed_in(person(of=adoption.partnership))
    for data in (
        {},
        {"action": "nothing"},
        {"action": "report", "months": "7"},
        {"action": "report", "months": "²"},
        {"action": "answer", "months": "12", "answer-text": "x"},
        {"action": "move", "move-to": "considering", "move-seen": "running"},
        {"action": "move", "move-to": "completed", "move-seen": "planned"},
        {"action": "move", "move-to": "x", "move-on": "32.13.99"},
        {"action": "agree", "partnership": "nobody"},
        {"action": "agree", "partnership": adoption.partnership.slug},
    ):
        assert client.post(detail(adoption), data).status_code in (200, 302, 404), data
    assert Adoption.objects.get().state == "running"


def test_the_two_versions_stand_side_by_side_and_a_draft_is_for_its_own_people() -> None:
    source = practice(audience="classes")
    adoption = taken(source)
    page = child_page(adoption)
    page.audience = "families"
    page.save_revision()
    url = reverse("wagtailadmin_adoption_compare", args=[adoption.pk, adoption.sources.get().pk])
    soup = soup_of(signed_in(person(of=adoption.partnership)), url)
    assert "classes" in soup.select_one(".deletion").get_text()
    assert "families" in soup.select_one(".addition").get_text()
    assert "The same in both." in soup.get_text()
    owner = signed_in(person(of=source.partnership))
    assert "families" not in owner.get(url).content.decode()
    publish_child(adoption, audience="families")
    assert "families" in owner.get(url).content.decode()
    closed = PageViewRestriction.objects.create(
        page=child_page(adoption), restriction_type=PageViewRestriction.GROUPS
    )
    assert "families" not in owner.get(url).content.decode()
    assert "families" in signed_in(person(of=adoption.partnership)).get(url).content.decode()
    closed.delete()
    source.delete()
    soup = soup_of(signed_in(person(of=adoption.partnership)), url)
    assert "not there to be read any more" in soup.get_text()


def test_one_giver_reads_no_version_of_another_that_was_closed_meanwhile() -> None:
    source, other = practice(audience="classes"), practice(audience="choirs")
    adoption = taken(source)
    add_parent(person(of=adoption.partnership), adoption, other)
    publish_child(adoption, audience="families")
    added = adoption.sources.get(parent=other.translation_key)
    url = reverse("wagtailadmin_adoption_compare", args=[adoption.pk, added.pk])
    giver = signed_in(person(of=source.partnership))
    assert "choirs" in giver.get(url).content.decode()
    PageViewRestriction.objects.create(page=other, restriction_type=PageViewRestriction.GROUPS)
    assert "choirs" not in giver.get(url).content.decode()
    for end in (adoption.partnership, other.partnership):
        assert "choirs" in signed_in(person(of=end)).get(url).content.decode()


# The list, and what waits ------------------------------------------------------------------------


def test_the_list_has_the_own_ones_and_those_taken_from_us_with_what_is_due() -> None:
    source = practice(title="Ours")
    theirs = running(taken(source))
    client = signed_in(person(of=source.partnership))
    url = reverse("wagtailadmin_adoptions")
    assert not soup_of(client, url).select("td.title")
    row = soup_of(client, url + "?which=given").select_one("tbody tr")
    assert str(theirs.partnership) in row.get_text()
    assert "after 12 months" in row.get_text()
    client = signed_in(person(of=theirs.partnership))
    assert len(soup_of(client, url).select("td.title")) == 1
    assert not soup_of(client, url + "?state=stopped").select("td.title")
    assert client.get(url + "?state=x&p=99").status_code == 200


def test_the_list_takes_as_many_queries_for_many_rows() -> None:
    ours = partnership()
    client = signed_in(person(of=ours))
    counts = []
    for more in (2, 6):
        for _ in range(more):
            running(taken(by=ours))
        client.get(reverse("wagtailadmin_adoptions"))
        with CaptureQueriesContext(connection) as queries:
            assert len(soup_of(client, reverse("wagtailadmin_adoptions")).select("td.title"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_due_outcomes_wait_for_those_who_owe_them() -> None:
    adoption = running(taken(practice()))
    user = person(of=adoption.partnership)
    [group] = [group for group in what_waits(user) if group.key == "outcomes_due"]
    assert group.total == 2
    assert group.lines[0].url == detail(adoption) + "#outcomes"
    for other in (person(of=partnership()), staff()):
        assert not [group for group in what_waits(other) if group.key == "outcomes_due"]
    reported(adoption, 6)
    reported(adoption, 12)
    assert not [group for group in what_waits(user) if group.key == "outcomes_due"]


def test_a_stop_waits_for_those_who_told_it_once_the_others_agree_to_tell() -> None:
    source, ours = practice(title="Same Moon"), partnership()
    adoption = taken(source, ours)
    taker, giver = person(of=ours), person(of=source.partnership)
    move(taker, adoption, "stopped", reason="money")

    def waits(user: Any) -> list[str]:
        return [
            line.url
            for group in what_waits(User.objects.get(pk=user.pk))
            if group.key == "stops"
            for line in group.lines
        ]

    assert waits(giver) == []
    agree_to_tell_of_stop(taker, adoption, ours, agrees=True)
    assert waits(giver) == [detail(adoption) + "#stop"]
    for other in (taker, person(of=partnership()), staff()):
        assert waits(other) == []
    agree_to_tell_of_stop(giver, adoption, source.partnership, agrees=True)
    assert waits(giver) == []
    StopAgreement.objects.filter(partnership=source.partnership).delete()
    Adoption.objects.update(ended_on=timezone.localdate() - datetime.timedelta(days=91))
    assert waits(giver) == []


# Mail --------------------------------------------------------------------------------------------


def test_who_owes_an_outcome_is_reminded_once_in_the_own_language() -> None:
    adoption = running(taken(), timezone.localdate() - datetime.timedelta(days=190))
    coordinators = [person(of=adoption.partnership) for _ in range(2)]
    hebrew = coordinators[0]
    hebrew.preferred_language = "he"
    hebrew.save()
    person(Role.EDITOR, adoption.partnership)
    OutgoingMail.objects.all().delete()
    remind_of_outcomes()
    first = OutgoingMail.objects.filter(key__startswith="outcome-due").count()
    assert first == adoption.partnership.role_assignments.filter(role=Role.COORDINATOR).count()
    remind_of_outcomes()
    assert OutgoingMail.objects.count() == first
    told = OutgoingMail.objects.get(user=hebrew)
    assert "מה יצא" in told.subject
    assert detail(adoption) in told.text
    assert 'dir="rtl"' in told.html


def test_staff_are_reminded_for_a_partnership_that_has_nobody() -> None:
    day = timezone.localdate() - datetime.timedelta(days=190)
    adoption, other = running(taken(), day), running(taken(), day)
    RoleAssignment.objects.filter(partnership=adoption.partnership).delete()
    of_network, gone = staff(), staff()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    remind_of_outcomes()
    remind_of_outcomes()
    key = f"outcome-due:{adoption.pk}:6:"
    told = OutgoingMail.objects.filter(key__startswith=key)
    assert [row.user for row in told] == [of_network]
    assert not OutgoingMail.objects.filter(
        key__startswith=f"outcome-due:{other.pk}", user=of_network
    ).exists()


def test_what_was_reported_or_is_long_due_is_asked_for_by_no_mail() -> None:
    done = running(taken(), timezone.localdate() - datetime.timedelta(days=190))
    reported(done, 6)
    old = running(taken(), timezone.localdate() - datetime.timedelta(days=900))
    assert len(list(missing_outcomes([old]))) == 2
    assert remind_of_outcomes() == 0


def test_those_who_took_it_over_are_told_what_changed_once_a_revision() -> None:
    source = practice(problem="<p>They met once.</p>")
    adoption = taken(source)
    reader = person(of=adoption.partnership)
    reader.preferred_language = "he"
    reader.save()
    source.problem = "<p>They met twice.</p>"
    source.save_revision().publish()
    source = PracticePage.objects.get(pk=source.pk)
    owner = person(of=source.partnership)
    OutgoingMail.objects.all().delete()
    tell_of_edit(owner, source, "Look at the problem.")
    told = OutgoingMail.objects.get(user=reader)
    for words in ("They met once.", "They met twice.", "Look at the problem."):
        assert words in told.text
        assert words in told.html
    assert "השתנתה" in told.subject
    assert "למה" in told.text  # the part's heading, in the reader's language
    count = OutgoingMail.objects.count()
    with pytest.raises(AdoptionRefused, match="already"):
        tell_of_edit(owner, source)
    assert OutgoingMail.objects.count() == count
    assert len(mail.outbox) == 0
    source.problem = "<p>They met thrice.</p>"
    source.save_revision().publish()
    tell_of_edit(owner, PracticePage.objects.get(pk=source.pk))
    last = OutgoingMail.objects.filter(user=reader).latest("pk")
    assert "They met once." not in last.text
    assert MaterialEdit.objects.count() == 2


def test_one_edit_in_two_languages_is_told_once_unless_its_people_say_it_is_another() -> None:
    source = practice()
    page_of(source.partnership, "he")
    hebrew = source.copy_for_translation(locale_of("he"))
    hebrew.save_revision().publish()
    hebrew = PracticePage.objects.get(pk=hebrew.pk)
    taken(source)
    owner = person(of=source.partnership)
    tell_of_edit(owner, source)
    sent = OutgoingMail.objects.filter(key__startswith="material-edit").count()
    assert sent
    with pytest.raises(AdoptionRefused, match="another language"):
        tell_of_edit(owner, hebrew)
    client = signed_in(owner)
    url = reverse("wagtailadmin_practice_travels", args=[hebrew.pk])
    soup = soup_of(client, url)
    assert soup.select("[name=note-is_another_edit]")
    assert "from the page in another language" in soup.get_text()
    data = {"action": "tell", "note-note": "Another aim."}
    answer = BeautifulSoup(client.post(url, data).content, "html.parser")
    assert answer.select_one("[name=note-note]").get_text().strip() == "Another aim."
    assert OutgoingMail.objects.filter(key__startswith="material-edit").count() == sent
    assert client.post(url, {**data, "note-is_another_edit": "on"}).status_code == 302
    assert OutgoingMail.objects.filter(key__startswith="material-edit").count() == 2 * sent
    MaterialEdit.objects.update(created_at=timezone.now() - datetime.timedelta(days=31))
    source.save_revision().publish()
    tell_of_edit(owner, PracticePage.objects.get(pk=source.pk))


def test_telling_is_offered_after_publishing_and_done_from_the_practices_screen() -> None:
    source = practice()
    taken(source)
    owner = signed_in(person(of=source.partnership))
    edit = reverse("wagtailadmin_pages:edit", args=[source.pk])
    response = owner.post(
        edit, practice_form(source, "action-publish", audience="others"), follow=True
    )
    url = reverse("wagtailadmin_practice_travels", args=[source.pk])
    assert f'href="{url}"' in response.content.decode()
    soup = soup_of(owner, url)
    assert "others" in soup.select_one("ins").get_text()
    owner.post(url, {"action": "tell", "note-note": "New audience."})
    assert MaterialEdit.objects.get().note == "New audience."
    assert "They were told" in soup_of(owner, url).get_text()
    stranger = signed_in(person(of=partnership()))
    assert stranger.get(url).status_code in (302, 403)
    stranger.post(url, {"action": "tell"})
    assert MaterialEdit.objects.count() == 1


def test_earlier_runs_are_recorded_on_the_practices_screen_by_staff() -> None:
    source = practice()
    url = reverse("wagtailadmin_practice_travels", args=[source.pk])
    run = {
        "action": "record",
        "run-place_en": "Carmiel",
        "run-year": "1995",
        "run-kind": "same_model",
        "run-source": "a brochure",
        "run-source_url": "https://example.org/brochure",
    }
    owner, network = signed_in(person(of=source.partnership)), signed_in(staff())
    owner.post(url, run)
    assert not EarlierRun.objects.exists()
    refused = network.post(url, {**run, "run-place_en": ""})
    assert refused.context["run_form"].errors
    network.post(url, run)
    recorded = EarlierRun.objects.get()
    assert (str(recorded.place), recorded.year) == ("Carmiel", 1995)
    owner.post(url, {"action": "remove", "run": recorded.pk})
    assert EarlierRun.objects.exists()
    network.post(url, {"action": "remove", "run": recorded.pk})
    assert not EarlierRun.objects.exists()


def test_the_screens_are_in_hebrew_for_hebrew_readers() -> None:
    ours = page_of(partnership(), "he").partnership
    adoption = running(taken(practice(language="he", title="ירח"), ours))
    user = person(of=ours)
    user.preferred_language = "he"
    user.save()
    user.wagtail_userprofile.preferred_language = "he"
    user.wagtail_userprofile.save()
    html = signed_in(user).get(detail(adoption)).content.decode()
    assert "איפה זה עומד?" in html
    assert "How far is it?" not in html


def test_moves_by_others_are_seen_in_the_history_by_role() -> None:
    source = practice()
    adoption = taken(source)
    mover = person(Role.EDITOR, adoption.partnership)
    move(mover, adoption, "planned", note="for ourselves")
    owner = signed_in(person(of=source.partnership)).get(detail(adoption)).content.decode()
    assert "for ourselves" not in owner
    assert str(mover) not in owner
    own = signed_in(person(of=adoption.partnership)).get(detail(adoption)).content.decode()
    assert "for ourselves" in own
    assert str(mover) in own
