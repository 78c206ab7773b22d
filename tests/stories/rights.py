"""The stage of `test_rights_of_sharing`: people of each role, each act by service and by screen.

One Partnership, the giver, tells practices and recommends them; another, the taker, brought some
over and has a challenge; a third has nothing to do with either.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision
from wagtail.test.utils.form_data import rich_text, streamfield

from partnerships.enums import Role, Side
from partnerships.models import FormsClosure
from partnerships.services.closures import close_forms, open_forms
from partnerships.services.routing import RouteKind
from portal.models import User
from stories.enums import ChallengeStatus
from stories.models import (
    Adoption,
    AdoptionSource,
    ChallengeFacts,
    ChallengePage,
    ContactMessage,
    ContactRequest,
    EarlierRun,
    LineageEntry,
    MaterialEdit,
    Outcome,
    OutcomeAnswer,
    PracticeFacts,
    PracticePage,
    Share,
    StopAgreement,
)
from stories.services import (
    adoptions,
    challenges,
    contacts,
    corrections,
    outcomes,
    reviews,
    shares,
    telling,
)
from tests.factories import ChallengePageFactory, UserFactory, page_of
from tests.stories.adopting import (
    TOLD,
    child_page,
    partnership,
    person,
    practice,
    running,
    taken,
)
from tests.stories.posted import practice_form
from tests.stories.test_reviews import block


@dataclass(frozen=True)
class Act:
    """Something that is done: by a service, by posting to a screen, and what it changes."""

    changes: type[Model]
    service: Callable[[User], Any] | None
    screen: tuple[str, dict[str, Any]]


def url(name: str, *arguments: Any) -> str:
    return reverse(f"wagtailadmin_{name}", args=arguments)


class Stage:
    """All that can be acted upon, in a state in which every act is possible."""

    def __init__(self) -> None:
        self.giver, self.taker, self.third = (partnership() for _ in range(3))
        self.told = practice(self.giver, evidence=[block()])
        self.offered = practice(self.giver)
        self.share = Share.objects.create(
            practice_key=self.offered.translation_key,
            from_partnership=self.giver,
            to_partnership=self.taker,
        )
        self.adoption = running(taken(self.told, self.taker))
        self.version = child_page(self.adoption).get_latest_revision_as_object()
        reporter = person(Role.COORDINATOR, self.taker, Side.ISRAEL)
        self.outcome = outcomes.report(reporter, self.adoption, 12, TOLD)
        self.stopped = taken(practice(self.giver), self.taker)
        gone = practice(self.giver)
        self.further = adoptions.add_parent(person(of=self.taker), self.stopped, gone)
        gone.delete()
        adoptions.move(person(of=self.taker), self.stopped, "stopped", reason="money")
        self.told.save_revision().publish()  # a version that nobody was told of
        self.told = PracticePage.objects.get(pk=self.told.pk)
        self.run = EarlierRun.objects.create(
            practice_key=self.told.translation_key, place={"en": "Carmiel"}, source="a brochure"
        )
        self.open, self.closed = self._challenge(), self._challenge()
        ending = challenges.Ending(ChallengeStatus.WITHDRAWN)
        challenges.close_challenge(self.closed, ending, person(of=self.taker))
        long_ago = timezone.localdate() - datetime.timedelta(days=30)
        ChallengeFacts.objects.update(news_on=long_ago)
        self.message = self._message(partnership=self.giver, route=RouteKind.PARTNERSHIP)
        self.support = self._message(route=RouteKind.STAFF)
        self.seen = PracticeFacts.objects.get(pk=self.told.translation_key).evaluation_digest
        close_forms(self.taker, user=person(Role.NETWORK_STAFF))
        self.people = self._people()

    def _challenge(self) -> uuid.UUID:
        page = ChallengePageFactory(parent=page_of(self.taker))
        page.save_revision().publish()
        key: uuid.UUID = page.translation_key
        return key

    @staticmethod
    def _message(**values: Any) -> ContactRequest:
        key = uuid.uuid4().hex
        request = ContactRequest.objects.create(
            form_key=key, name="Rivka", email="rivka@example.org", language="en", **values
        )
        ContactMessage.objects.create(request=request, form_key=key, due_at=timezone.now())
        return request

    def _people(self) -> Mapping[str, User | None]:
        giver, taker, third = self.giver, self.taker, self.third
        return {
            "anonymous": None,
            "no role": UserFactory(),
            "professional": person(Role.PROFESSIONAL),
            "other editor": person(Role.EDITOR, third),
            "other coord.": person(Role.COORDINATOR, third),
            "giver chair": person(Role.CHAIR, giver),
            "giver editor": person(Role.EDITOR, giver),
            "giver coord.": person(Role.COORDINATOR, giver),
            "giver one side": person(Role.COORDINATOR, giver, Side.DIASPORA),
            "taker chair": person(Role.CHAIR, taker),
            "taker editor": person(Role.EDITOR, taker),
            "taker coord.": person(Role.COORDINATOR, taker),
            "taker Israel": person(Role.COORDINATOR, taker, Side.ISRAEL),
            "taker abroad": person(Role.COORDINATOR, taker, Side.DIASPORA),
            "staff": person(Role.NETWORK_STAFF),
            "superuser": UserFactory(is_superuser=True),
        }

    def user(self, who: str) -> User:
        """Return the account as a request reads it."""
        return User.objects.get(pk=self.people[who].pk)  # type: ignore[union-attr]

    def acts(self) -> dict[str, Act]:
        """Return every act, by the name that the table has for it."""
        return {
            **self._recommending(),
            **self._bringing_over(),
            **self._outcomes(),
            **self._challenges(),
            **self._of_the_network(),
        }

    def _recommending(self) -> dict[str, Act]:
        key, one = self.share.pk, url("share", self.share.pk)
        return {
            "recommend a practice": Act(
                Share,
                lambda user: shares.offer(self.offered, [self.third], "", user=user),
                (
                    url("share_offer", self.offered.pk),
                    {"to": "chosen", "partnerships": [self.third.pk]},
                ),
            ),
            "take a recommendation back": Act(
                Share, lambda user: shares.withdraw(key, user=user), (one, {"action": "withdraw"})
            ),
            "accept a recommendation": Act(
                Share, lambda user: shares.accept(key, user=user), (one, {"action": "accept"})
            ),
            "decline a recommendation": Act(
                Share,
                lambda user: shares.decline(key, "not_now", "", user=user),
                (one, {"action": "decline", "decline_reason": "not_now", "seen": "offered"}),
            ),
        }

    def _bringing_over(self) -> dict[str, Act]:
        here = url("adoption", self.adoption.pk)
        stopped, giver, taker = url("adoption", self.stopped.pk), self.giver, self.taker
        bring = url("bring", self.offered.translation_key)
        moved = {"action": "move", "move-seen": "running"}

        def agree(by: Any) -> Act:
            return Act(
                StopAgreement,
                lambda user: adoptions.agree_to_tell_of_stop(user, self.stopped, by, agrees=True),
                (stopped, {"action": "agree", "partnership": by.slug}),
            )

        return {
            "bring a practice over": Act(
                Adoption,
                lambda user: adoptions.take_over(user, self.offered, taker),
                (bring, {"action": "bring", "partnership": taker.pk, "language": "en"}),
            ),
            "name a further source": Act(
                AdoptionSource,
                lambda user: adoptions.add_parent(user, self._adoption(), self.offered),
                (bring, {"action": "further", "adoption": self.adoption.pk}),
            ),
            "take a further source away": Act(
                AdoptionSource,
                lambda user: corrections.remove_source(user, self.stopped, self.further.pk),
                (stopped, {"action": "unsource", "source": self.further.pk}),
            ),
            "take a kept title away": Act(
                LineageEntry,
                lambda user: corrections.erase_title(user, self.further.parent),
                (stopped, {"action": "erase", "entry": str(self.further.parent_id)}),
            ),
            "change how far it is": Act(
                Adoption,
                lambda user: adoptions.move(user, self._adoption(), "completed"),
                (here, {**moved, "move-to": "completed"}),
            ),
            "stop it": Act(
                Adoption,
                lambda user: adoptions.move(user, self._adoption(), "stopped", reason="money"),
                (here, {**moved, "move-to": "stopped", "move-reason": "money"}),
            ),
            "change its plan and contact": Act(
                Adoption,
                lambda user: adoptions.change_plan(
                    user,
                    self._adoption(),
                    planned_start=None,
                    contact_role="changed",
                    is_announced=False,
                ),
                (here, {"action": "plan", "plan-contact_role": "changed"}),
            ),
            "agree for the taker that a stop is told": agree(taker),
            "agree for the giver that a stop is told": agree(giver),
            "write the taker's own version": Act(
                Revision,
                None,
                (
                    reverse("wagtailadmin_pages:edit", args=[self.version.pk]),
                    practice_form(self.version, title="Changed", adaptations=streamfield([])),
                ),
            ),
            "tell those who took it over": Act(
                MaterialEdit,
                lambda user: telling.tell_of_edit(user, self.told),
                (url("practice_travels", self.told.pk), {"action": "tell"}),
            ),
        }

    def _adoption(self) -> Adoption:
        return Adoption.objects.get(pk=self.adoption.pk)

    def _outcomes(self) -> dict[str, Act]:
        here = url("adoption", self.adoption.pk)

        def report(months: int) -> Act:
            told = {"against_aim": "better", "reached": 7, "counted_how": "lists"}
            posted = {f"outcome{months}-{name}": value for name, value in told.items()}
            return Act(
                Outcome,
                lambda user: outcomes.report(user, self._adoption(), months, told),
                (here, {"action": "report", "months": months, **posted}),
            )

        def answer(by: Any) -> Act:
            data = {
                "answer-partnership": by.pk,
                "answer-text": "So it was.",
                "answer-language": "en",
            }
            return Act(
                OutcomeAnswer,
                lambda user: outcomes.answer(user, self.outcome, by, "So it was.", "en"),
                (here, {"action": "answer", "months": "12", **data}),
            )

        return {
            "report an outcome": report(6),
            "correct what the taker's Israel side reported": report(12),
            "answer an outcome for the taker": answer(self.taker),
            "answer an outcome for the giver": answer(self.giver),
        }

    def _challenges(self) -> dict[str, Act]:
        ending = challenges.Ending(ChallengeStatus.WITHDRAWN)
        post = {
            "title": "They are homesick",
            "slug": "they-are-homesick",
            "summary": "What helps?",
            "problem": rich_text("<p>They are homesick.</p>"),
            "body-count": 0,
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
            "action-publish": "1",
        }
        add = reverse("wagtailadmin_pages:add", args=["stories", "challengepage", 0])
        return {
            "post a challenge": Act(
                ChallengePage, None, (add.replace("/0/", f"/{page_of(self.taker).pk}/"), post)
            ),
            "close a challenge": Act(
                ChallengeFacts,
                lambda user: challenges.close_challenge(self.open, ending, user),
                (url("challenge", self.open), {"act": "close", "status": "withdrawn"}),
            ),
            "open a challenge again": Act(
                ChallengeFacts,
                lambda user: challenges.reopen_challenge(self.closed, user),
                (url("challenge", self.closed), {"act": "reopen"}),
            ),
            "say that a challenge stands": Act(
                ChallengeFacts,
                lambda user: challenges.keep_open(self.open, user),
                (url("challenge", self.open), {"act": "keep"}),
            ),
        }

    def _of_the_network(self) -> dict[str, Act]:
        travels, key = url("practice_travels", self.told.pk), self.told.translation_key
        run = {"run-partnership": self.third.pk, "run-kind": "same_model", "run-source": "a page"}
        review, switch = url("review", key), url("public_forms")
        answer = {"text": "Come.", "form_key": "a-key"}

        def write(message: ContactRequest) -> Act:
            return Act(
                ContactMessage,
                lambda user: contacts.answer_as(message, user, text="Come.", form_key="a-key"),
                (url("contact", message.pk), answer),
            )

        return {
            "record an earlier run": Act(
                EarlierRun,
                lambda user: outcomes.record_earlier_run(
                    user, self.told, EarlierRun(partnership=self.third, source="a page")
                ),
                (travels, {"action": "record", **run}),
            ),
            "take an earlier run away": Act(
                EarlierRun,
                lambda user: outcomes.remove_earlier_run(user, EarlierRun.objects.get()),
                (travels, {"action": "remove", "run": self.run.pk}),
            ),
            "accept an evaluation": Act(
                PracticeFacts,
                lambda user: reviews.accept_practice(user, key, self.seen),
                (review, {"action": "accept", "seen": self.seen}),
            ),
            "send an evaluation back": Act(
                PracticeFacts,
                lambda user: reviews.send_back(user, key, self.seen, "No."),
                (review, {"action": "send_back", "seen": self.seen, "reason": "No."}),
            ),
            "answer a visitor of the giver": write(self.message),
            "answer at the support desk": write(self.support),
            "close all public forms": Act(
                FormsClosure,
                lambda user: close_forms(None, user=user),
                (switch, {"do": "close:all"}),
            ),
            "open the taker's forms again": Act(
                FormsClosure,
                lambda user: open_forms(self.taker, user=user),
                (switch, {"do": f"open:{self.taker.pk}"}),
            ),
        }


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows_of(model: type[Model]) -> list[Any]:
    return list(model._default_manager.order_by("pk").values_list())


def done_by_service(stage: Stage, act: Act, who: str) -> bool:
    """Whether somebody gets an act done by its service; refusals of any kind are told as such."""
    assert act.service is not None
    user, before = stage.user(who), rows_of(act.changes)
    with undone():
        try:
            act.service(user)
        except (PermissionDenied, adoptions.AdoptionRefused):
            assert rows_of(act.changes) == before
            return False
        return rows_of(act.changes) != before


def done_on_screen(act: Act, client: Client) -> bool:
    """Whether somebody gets an act done by posting to its screen, whatever the screen shows."""
    address, data = act.screen
    before = rows_of(act.changes)
    with undone():
        response = client.post(address, data)
        assert response.status_code in (200, 302, 403, 404, 422), response.status_code
        return rows_of(act.changes) != before
