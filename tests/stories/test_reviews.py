"""Network staff review practices that others evaluated: it raises the evidence, and is cleared."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import PageLogEntry

from partnerships.enums import Role
from portal.models import OutgoingMail, User
from portal.waiting import what_waits
from stories.enums import EvidenceLevel
from stories.models import PracticeFacts, PracticePage
from stories.services import reviews
from stories.services.reviews import ReviewRefused, accept_practice, practices_to_review, send_back
from tests.factories import DocumentFactory, UserFactory, locale_of, page_of
from tests.stories.adopting import partnership, person, practice, staff
from tests.stories.posted import practice_form
from tests.stories.test_outcomes import facet

pytestmark = pytest.mark.django_db

INSTITUTE = {
    "title": "What came of it",
    "address": "https://example.org/evaluation",
    "evaluator": "an institute",
}


def block(**changes: Any) -> dict[str, Any]:
    return {"type": "resource", "value": {**INSTITUTE, **changes}}


def evaluated(**fields: Any) -> PracticePage:
    """Return a live practice to which an evaluation by others is attached."""
    return practice(**{"evidence": [block()], **fields})


def again(page: PracticePage) -> PracticePage:
    return PracticePage.objects.get(pk=page.pk)


def publish(page: PracticePage, **fields: Any) -> PracticePage:
    """Publish the page with other values, as its editors do."""
    page = again(page)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return again(page)


def facts_of(page: PracticePage) -> PracticeFacts:
    return PracticeFacts.objects.get(pk=page.translation_key)


def accepted(page: PracticePage) -> PracticePage:
    accept_practice(staff(), page.translation_key, facts_of(page).evaluation_digest)
    return again(page)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def detail(page: PracticePage) -> str:
    return reverse("wagtailadmin_review", args=[page.translation_key])


def words(html: bytes) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def keys(user: User) -> dict[str, int]:
    return {group.key: group.total for group in what_waits(user)}


def test_staff_accept_an_evaluation_and_the_practice_is_confirmed() -> None:
    page = evaluated()
    hebrew = page.copy_for_translation(locale_of("he"))
    hebrew.title = "מרק"
    hebrew.save_revision().publish()
    assert facet(page) == {EvidenceLevel.COUNTED}
    assert "that the network reviews the evaluation by others" in words(
        Client().get(page.url).content
    )
    reviewer = staff()
    client = signed_in(reviewer)
    listed = client.get(reverse("wagtailadmin_reviews"))
    assert detail(page) in listed.content.decode()
    shown = client.get(detail(page))
    assert "an institute" in words(shown.content)
    assert INSTITUTE["address"] in shown.content.decode()
    seen = shown.context["form"].initial["seen"]
    response = client.post(detail(page), {"action": "accept", "seen": seen})
    assert response["Location"] == reverse("wagtailadmin_reviews")
    facts = facts_of(page)
    assert facts.accepted_by == reviewer
    assert facts.accepted_at is not None
    assert facet(page) == {EvidenceLevel.CONFIRMED}
    entry = PageLogEntry.objects.get(action=reviews.ACCEPTED)
    assert (entry.user, entry.page_id) == (reviewer, page.pk)
    text = words(Client().get(page.url).content)
    assert "others evaluated it: an institute; the network reviewed that on" in text
    assert "not yet reviewed by the network" not in text
    assert str(reviewer) not in text
    with translation.override("he"):
        text = words(Client().get(PracticePage.objects.get(pk=hebrew.pk).url).content)
        assert str(EvidenceLevel.CONFIRMED.label) in text


@pytest.mark.parametrize(
    "changed",
    [
        [block(evaluator="another institute")],
        [block(evaluator="")],
        [block(address="https://example.org/other")],
        [block(), block(title="A second one")],
        [],
    ],
    ids=["another evaluator", "its own", "another address", "one more", "none"],
)
def test_a_review_holds_for_these_evaluations_alone(changed: list[Any]) -> None:
    page = accepted(evaluated())
    hebrew = page.copy_for_translation(locale_of("he"))
    hebrew.save_revision().publish()
    page = publish(page, problem="<p>Told otherwise.</p>")
    assert facet(page) == {EvidenceLevel.CONFIRMED}
    page = again(page)
    page.evidence = changed
    page.save_revision()
    assert facts_of(page).accepted_at is not None  # the public version is as it was
    page = publish(page, evidence=changed)
    facts = facts_of(page)
    assert (facts.accepted_at, facts.accepted_by) == (None, None)
    assert facet(page) == {EvidenceLevel.COUNTED}  # in both languages
    assert "not yet reviewed by the network" in words(Client().get(page.url).content)


def test_a_file_that_is_replaced_or_deleted_is_reviewed_anew() -> None:
    for change in ("replace", "delete"):
        document = DocumentFactory(name=f"{change}.txt")
        page = accepted(evaluated(evidence=[block(address="", document=document.pk)]))
        document.title = "Another title"
        document.save()
        assert facts_of(page).accepted_at
        if change == "replace":
            document.file = ContentFile(b"Nobody was asked.", name="other.txt")
            document.file_hash = "other"
            document.save()
        else:
            document.delete()
        assert facts_of(page).accepted_at is None, change
        assert facet(page) == {EvidenceLevel.COUNTED}


def test_it_is_sent_back_with_a_reason_and_waits_again_when_it_changed() -> None:
    page = evaluated()
    keeper = person(of=page.partnership)
    reviewer = staff()
    assert keys(reviewer)["reviews"] == 1
    client = signed_in(reviewer)
    data = {"action": "send_back", "seen": facts_of(page).evaluation_digest}
    response = client.post(detail(page), {**data, "reason": " "})
    assert "reason" in response.context["form"].errors
    assert facts_of(page).sent_back_at is None
    client.post(detail(page), {**data, "reason": "The institute does not know of it. <b>"})
    facts = facts_of(page)
    assert (facts.sent_back_by, facts.accepted_at) == (reviewer, None)
    mail = OutgoingMail.objects.get(to=keeper.email)
    assert "The institute does not know of it. <b>" in mail.text
    assert "The institute does not know of it. &lt;b&gt;" in mail.html
    assert "reviews" not in keys(User.objects.get(pk=reviewer.pk))
    assert keys(keeper)["sent_back"] == 1
    travels = reverse("wagtailadmin_practice_travels", args=[page.pk])
    assert "The institute does not know" in words(signed_in(keeper).get(travels).content)
    assert "The institute does not know" not in words(Client().get(page.url).content)
    publish(page, evidence=[block(address="https://example.org/signed")])
    assert (facts_of(page).sent_back_at, facts_of(page).sent_back_reason) == (None, "")
    assert keys(User.objects.get(pk=reviewer.pk))["reviews"] == 1


def test_what_was_accepted_can_be_sent_back_and_falls() -> None:
    page = accepted(evaluated())
    assert facet(page) == {EvidenceLevel.CONFIRMED}
    send_back(staff(), page.translation_key, facts_of(page).evaluation_digest, "A mistake.")
    assert facet(page) == {EvidenceLevel.COUNTED}
    assert facts_of(page).accepted_by is None


def test_what_changed_while_it_was_read_is_not_accepted() -> None:
    page = evaluated()
    seen = facts_of(page).evaluation_digest
    publish(page, evidence=[block(evaluator="a cousin")])
    response = signed_in(staff()).post(detail(page), {"action": "accept", "seen": seen})
    assert "The evaluations have changed meanwhile" in words(response.content)
    assert facts_of(page).accepted_at is None
    accepted(page)
    with pytest.raises(ReviewRefused):
        accepted(page)


def test_nobody_but_staff_reviews() -> None:
    page = evaluated()
    own, seen = page.partnership, facts_of(page).evaluation_digest
    listed = reverse("wagtailadmin_reviews")
    people = [UserFactory(), *[person(role, own) for role in Role if role != Role.NETWORK_STAFF]]
    for user in people:
        for act in (
            lambda user=user: accept_practice(user, page.translation_key, seen),
            lambda user=user: send_back(user, page.translation_key, seen, "No."),
        ):
            with pytest.raises(PermissionDenied):
                act()
        client = signed_in(user)
        for action in ("accept", "send_back"):
            data = {"action": action, "seen": seen, "reason": "No."}
            assert client.post(detail(page), data).status_code in (302, 403)
        assert client.get(listed).status_code in (302, 403)
        assert "reviews" not in keys(user)
    assert Client().post(detail(page), {"action": "accept", "seen": seen}).status_code == 302
    facts = facts_of(page)
    assert (facts.accepted_at, facts.sent_back_at) == (None, None)
    for user in (staff(), UserFactory(is_superuser=True)):
        assert signed_in(user).get(listed).status_code == 200
    signed_in(UserFactory(is_superuser=True)).post(detail(page), {"action": "accept", "seen": seen})
    assert facts_of(page).accepted_at


def test_the_page_editor_and_the_api_set_no_review() -> None:
    page = evaluated()
    editor = person(Role.EDITOR, page.partnership)
    forged = {
        "accepted_at": "2024-01-01 10:00",
        "accepted_by": str(editor.pk),
        "facts-accepted_at": "2024-01-01",
        "evaluation_digest": "",
        "external_evaluator": "an institute",
    }
    data = {**practice_form(again(page), "action-publish", title="Saved"), **forged}
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert signed_in(editor).post(url, data).status_code == 302
    assert again(page).title == "Saved"
    assert facts_of(page).accepted_at is None
    for address in (f"/api/v1/practices/{page.translation_key}/evidence", "/api/v1/search"):
        for method in ("post", "put", "patch"):
            response = getattr(signed_in(editor), method)(address, forged)
            assert response.status_code in (403, 404, 405)
    assert facts_of(page).accepted_at is None


def test_the_lists_hold_what_is_live_by_state() -> None:
    waiting, plain, done = (
        evaluated(title="Waiting"),
        practice(title="Plain"),
        accepted(evaluated()),
    )
    draft = evaluated(title="Draft")
    draft.unpublish()
    private = evaluated(title="Private")
    private.view_restrictions.create(restriction_type="login")
    back = evaluated()
    send_back(staff(), back.translation_key, facts_of(back).evaluation_digest, "No.")
    found = {
        state: {facts.pk for facts in practices_to_review(state)}
        for state in reviews.ReviewState.values
    }
    assert found == {
        "waiting": {waiting.translation_key, private.translation_key},
        "sent_back": {back.translation_key},
        "accepted": {done.translation_key},
        "others": {plain.translation_key},
    }
    client = signed_in(staff())
    assert client.get(detail(draft)).status_code == 404
    for state in (*reviews.ReviewState.values, "none of these"):
        assert client.get(reverse("wagtailadmin_reviews"), {"state": state}).status_code == 200


def test_many_take_as_many_queries_as_two() -> None:
    client = signed_in(staff())
    url = reverse("wagtailadmin_reviews")
    place = page_of(partnership()).partnership
    counts = []
    for more in (2, 18):
        for _ in range(more):
            evaluated(of=place)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(client.get(url).context["lines"]) == min(30, PracticeFacts.objects.count())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_practice_that_nobody_evaluated_is_reviewed_too() -> None:
    page = accepted(practice())
    assert "not yet reviewed by the network" not in words(Client().get(page.url).content)
    assert facet(page) == {EvidenceLevel.COUNTED}
    assert facts_of(page).accepted_at <= timezone.now()
    page = publish(page, evidence=[block()])  # who accepted it saw no evaluation
    assert facet(page) == {EvidenceLevel.COUNTED}
    assert facts_of(page).waits_for_review
