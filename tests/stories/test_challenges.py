"""Challenges: their page, how they end and begin anew, who may do so, and what the clock does."""

from __future__ import annotations

import datetime
import threading
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageLogEntry

from partnerships.enums import Role
from portal.models import OutgoingMail
from stories.challenge_waiting import challenges_that_wait
from stories.enums import ChallengeStatus
from stories.models import ChallengeFacts, ChallengePage, PracticePage
from stories.services.challenge_mail import warn_of_stale
from stories.services.challenges import (
    Ending,
    close_challenge,
    close_stale,
    keep_open,
    keepers_of,
    reopen_challenge,
)
from tests.factories import (
    ChallengePageFactory,
    ConceptFactory,
    PartnershipFactory,
    PracticePageFactory,
    RoleAssignmentFactory,
    UserFactory,
    page_of,
)

TODAY = timezone.localdate  # asked for when a test runs


def published(factory: Any, about: Any, **values: Any) -> Any:
    page = factory(**values)
    page.concepts = [about]
    page.save_revision().publish()
    return page


@pytest.fixture
def about() -> Any:
    return ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick", "he": "געגועים"})


@pytest.fixture
def challenge(about: Any) -> ChallengePage:
    page: ChallengePage = published(
        ChallengePageFactory,
        about,
        parent=page_of(PartnershipFactory(slug="seekers")),
        title="They are homesick",
    )
    return page


def person(role: Role, partnership: Any = None, **values: Any) -> Any:
    user = UserFactory(**values)
    RoleAssignmentFactory(user=user, role=role, partnership=partnership)
    return user


def facts_of(page: ChallengePage) -> ChallengeFacts:
    return ChallengeFacts.objects.get(pk=page.translation_key)


@pytest.mark.django_db
class TestPage:
    """What a reader sees on a challenge."""

    def test_it_names_practices_with_reasons_and_failed_ones_apart(
        self, challenge: ChallengePage, about: Any, client: Client
    ) -> None:
        published(PracticePageFactory, about, title="Call every Sunday", contact_role="the aunt")
        published(PracticePageFactory, about, title="Send them home", outcome="failed")
        PracticePageFactory(title="A draft", live=False)
        html = client.get(challenge.url).content.decode()
        answers, failed = html.index('id="answers"'), html.index('id="failed"')
        assert answers < html.index("Call every Sunday") < failed < html.index("Send them home")
        assert "both are about:" in html
        assert "the aunt" in html
        assert "A draft" not in html

    def test_its_own_partnership_s_practices_are_no_answer(
        self, challenge: ChallengePage, about: Any, client: Client
    ) -> None:
        published(PracticePageFactory, about, parent=challenge.get_parent(), title="Our own")
        html = client.get(challenge.url).content.decode()
        assert "Our own" not in html[html.index('id="answers"') :].split("</section>")[0]
        assert "Nobody has told a practice" in html

    def test_it_says_which_limit_kept_most_out(self, about: Any, client: Client) -> None:
        page = published(
            ChallengePageFactory,
            about,
            parent=page_of(PartnershipFactory(slug="seekers")),
            without_travel=True,
        )
        published(PracticePageFactory, about, title="Fly there", direction="both")
        html = client.get(page.url).content.decode()
        assert "Fly there" not in html
        assert "this one: nobody travels" in html

    def test_no_cookie_and_as_many_queries_for_many_matches(
        self, challenge: ChallengePage, about: Any, client: Client
    ) -> None:
        parents = [page_of(PartnershipFactory()) for _number in range(4)]

        def queries(count: int) -> int:
            for number in range(count):
                published(PracticePageFactory, about, parent=parents[number % 4])
            client.get(challenge.url)
            with CaptureQueriesContext(connection) as captured:
                response = client.get(challenge.url)
            assert not response.cookies
            return len(captured)

        assert queries(2) == queries(12)


@pytest.mark.django_db
class TestEnding:
    """Closing and reopening by the owners."""

    def test_a_known_ending_is_needed(self, challenge: ChallengePage) -> None:
        user = person(Role.EDITOR, challenge.partnership)
        for ending in (
            Ending(ChallengeStatus.SOLVED_BY_ADOPTION),
            Ending(ChallengeStatus.SOLVED_BY_ADOPTION, uuid.uuid4()),
            Ending(ChallengeStatus.STALE),
            Ending(ChallengeStatus.OPEN),
        ):
            with pytest.raises(ValidationError):
                close_challenge(challenge.translation_key, ending, user)
        assert facts_of(challenge).is_open

    def test_a_closed_one_is_closed_once_and_can_be_opened_again(
        self, challenge: ChallengePage
    ) -> None:
        user, key = person(Role.COORDINATOR, challenge.partnership), challenge.translation_key
        close_challenge(key, Ending(ChallengeStatus.WITHDRAWN, note="No time."), user)
        with pytest.raises(ValidationError):
            close_challenge(key, Ending(ChallengeStatus.SOLVED_OTHERWISE), user)
        with pytest.raises(ValidationError):
            keep_open(key, user)
        reopen_challenge(key, user)
        facts = facts_of(challenge)
        assert facts.is_open
        assert (facts.closed_on, facts.closed_by, facts.closing_note) == (None, None, "")
        with pytest.raises(ValidationError):
            reopen_challenge(key, user)

    def test_publishing_the_page_again_leaves_it_closed(self, challenge: ChallengePage) -> None:
        user = person(Role.COORDINATOR, challenge.partnership)
        close_challenge(challenge.translation_key, Ending(ChallengeStatus.WITHDRAWN), user)
        page = ChallengePage.objects.get(pk=challenge.pk)
        page.title = "Otherwise"
        page.save_revision().publish()
        assert facts_of(challenge).status == ChallengeStatus.WITHDRAWN

    @pytest.mark.parametrize(
        ("role", "is_own", "may"),
        [
            (Role.COORDINATOR, True, True),
            (Role.EDITOR, True, True),
            (Role.CHAIR, True, False),
            (Role.PROFESSIONAL, True, False),
            (Role.COORDINATOR, False, False),
            (Role.EDITOR, False, False),
            (Role.NETWORK_STAFF, None, True),
            (None, None, False),
        ],
    )
    def test_only_its_owners_act(
        self, challenge: ChallengePage, role: Role | None, is_own: bool | None, may: bool
    ) -> None:
        partnership = {True: challenge.partnership, None: None}.get(is_own, PartnershipFactory())
        user = person(role, partnership) if role else UserFactory()
        key = challenge.translation_key
        acts = [
            lambda: keep_open(key, user),
            lambda: close_challenge(key, Ending(ChallengeStatus.WITHDRAWN), user),
            lambda: reopen_challenge(key, user),
        ]
        for act in acts:
            if may:
                act()
            else:
                with pytest.raises(PermissionDenied):
                    act()
        client = Client()
        client.force_login(user)
        address = reverse("wagtailadmin_challenge", args=[key])
        assert (client.get(address).status_code == 200) is may
        assert (client.post(address, {"act": "keep"}).status_code == 302) is True
        assert (facts_of(challenge).is_open) is True
        assert not ModelLogEntry.objects.exists()


@pytest.mark.django_db
class TestAdmin:
    """The page on which it is closed, and the editor."""

    def test_it_is_closed_by_the_form_and_faults_are_told(
        self, challenge: ChallengePage, admin_client: Client
    ) -> None:
        address = reverse("wagtailadmin_challenge", args=[challenge.translation_key])
        assert "Close the challenge" in admin_client.get(address).content.decode()
        wrong = {"act": "close", "status": "solved_by_adoption", "note": "Kept words."}
        assert "has brought nothing over" in admin_client.get(address).content.decode()
        response = admin_client.post(address, wrong)
        assert response.status_code == 422
        assert "Choose what you brought over that solved it." in response.content.decode()
        assert "Kept words." in response.content.decode()
        told = {"act": "close", "status": "withdrawn", "note": "Kept words: a@b.co"}
        response = admin_client.post(address, told)
        assert response.status_code == 422
        assert "this will be public" in response.content.decode()
        assert "Kept words: a@b.co" in response.content.decode()
        assert facts_of(challenge).is_open
        admin_client.post(address, {**wrong, "status": "solved_otherwise"})
        assert facts_of(challenge).closing_note == "Kept words."
        assert "Open it again" in admin_client.get(address).content.decode()
        admin_client.post(address, {"act": "reopen"})
        assert facts_of(challenge).is_open
        assert admin_client.post(address, {"act": "nonsense"}).status_code == 302
        unknown = reverse("wagtailadmin_challenge", args=[uuid.uuid4()])
        assert admin_client.get(unknown).status_code == 404

    def test_the_editor_names_what_others_tried(
        self, challenge: ChallengePage, about: Any, admin_client: Client
    ) -> None:
        published(PracticePageFactory, about, title="Call every Sunday")
        address = reverse("wagtailadmin_pages:edit", args=[challenge.pk])
        html = admin_client.get(address).content.decode()
        assert "Others have tried this" in html
        assert "Call every Sunday" in html
        assert reverse("wagtailadmin_challenge", args=[challenge.translation_key]) in html


@pytest.mark.django_db
class TestClock:
    """What happens when nobody says anything for half a year."""

    def silent(self, page: ChallengePage, days: int, warned: int | None = None) -> None:
        day = datetime.timedelta(days=1)
        ChallengeFacts.objects.filter(pk=page.translation_key).update(
            news_on=TODAY() - days * day,
            warned_on=None if warned is None else TODAY() - warned * day,
        )

    def test_its_owners_are_told_once_fourteen_days_before(self, challenge: ChallengePage) -> None:
        user = person(Role.COORDINATOR, challenge.partnership, preferred_language="he")
        person(Role.EDITOR, challenge.partnership)
        self.silent(challenge, 165)
        assert warn_of_stale(TODAY()) == 0
        self.silent(challenge, 166)
        assert warn_of_stale(TODAY()) == 1
        assert warn_of_stale(TODAY()) == 0
        [mail] = OutgoingMail.objects.all()
        assert (mail.to, mail.language) == (user.email, "he")
        assert challenge.title in mail.text
        assert str(challenge.translation_key) in mail.text
        [group] = [g for g in challenges_that_wait(user, TODAY()) if g.total]
        assert group.key == "quiet_challenges"

    def test_it_is_stale_after_half_a_year_but_never_untold(self, challenge: ChallengePage) -> None:
        for days, warned, closed in ((180, None, 0), (180, 13, 0), (179, 14, 0), (180, 14, 1)):
            self.silent(challenge, days, warned)
            assert close_stale(TODAY()) == closed
        assert facts_of(challenge).status == ChallengeStatus.STALE
        assert facts_of(challenge).closed_on == TODAY()

    def test_a_word_of_its_owners_begins_the_time_anew(self, challenge: ChallengePage) -> None:
        self.silent(challenge, 190, 20)
        keep_open(challenge.translation_key, person(Role.EDITOR, challenge.partnership))
        assert close_stale(TODAY()) == 0
        self.silent(challenge, 190, 20)
        ChallengePage.objects.get(pk=challenge.pk).save_revision().publish()
        assert close_stale(TODAY()) == 0
        assert facts_of(challenge).warned_on is None

    def test_staff_are_told_where_a_partnership_has_nobody(self, challenge: ChallengePage) -> None:
        staff = person(Role.NETWORK_STAFF)
        person(Role.COORDINATOR, PartnershipFactory())
        assert keepers_of(challenge.partnership.pk) == [staff]


@pytest.mark.django_db(transaction=True)
@pytest.mark.requires("postgresql")
def test_of_two_who_close_at_once_the_first_decides() -> None:
    page = ChallengePageFactory()
    page.save_revision().publish()
    user = person(Role.COORDINATOR, page.partnership)
    start, refused = threading.Barrier(2), []

    def close(status: ChallengeStatus) -> None:
        start.wait(timeout=30)
        try:
            close_challenge(page.translation_key, Ending(status), user)
        except ValidationError:
            refused.append(status)
        finally:
            connection.close()

    statuses = (ChallengeStatus.WITHDRAWN, ChallengeStatus.SOLVED_OTHERWISE)
    threads = [threading.Thread(target=close, args=(status,)) for status in statuses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert len(refused) == 1
    assert facts_of(page).status in set(statuses) - set(refused)
    assert PageLogEntry.objects.filter(action="stories.challenge.close").count() == 1
    assert PracticePage.objects.count() == 0
