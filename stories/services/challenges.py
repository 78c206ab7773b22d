"""How a challenge ends and begins anew: by its owners, one at a time, and by the clock."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from partnerships.enums import Role
from partnerships.models import RoleAssignment
from partnerships.permissions import standing_of
from portal.each import for_each
from portal.models import User
from search.services.writer import write_pages
from stories.enums import AdoptionState, ChallengeStatus
from stories.models import Adoption, ChallengeFacts, ChallengePage
from stories.public_words import address_problem

if TYPE_CHECKING:
    from portal.permissions import Person

#: Who keeps the challenges of a Partnership; chairs and professionals don't.
KEEPERS = (Role.COORDINATOR, Role.EDITOR)
#: An open challenge of which nothing was heard for so long counts as stale, told so long before.
STALE_AFTER = datetime.timedelta(days=180)
TOLD_BEFORE = datetime.timedelta(days=14)
#: The endings that its owners choose.
ENDINGS = (
    ChallengeStatus.SOLVED_BY_ADOPTION,
    ChallengeStatus.SOLVED_OTHERWISE,
    ChallengeStatus.WITHDRAWN,
)
CLOSED, REOPENED, CONFIRMED = (f"stories.challenge.{verb}" for verb in ("close", "reopen", "keep"))


@dataclass(frozen=True, slots=True)
class Ending:
    """How a challenge ended: by which adoption, and a sentence (`note`) in `language`."""

    status: ChallengeStatus
    adoption: uuid.UUID | None = None
    note: str = ""
    language: str = ""


def may_keep(user: Person, facts: ChallengeFacts) -> bool:
    """Whether `user` acts for the Partnership whose challenge it is."""
    standing = standing_of(user)
    return standing.acts_for_all or bool(standing.sides_of(KEEPERS, facts.partnership_id))


def close_challenge(key: uuid.UUID, ending: Ending, user: Person) -> ChallengeFacts:
    """End a challenge; of two who do so at once the first decides.

    Raises PermissionDenied for who does not keep it, ValidationError where it is not open, or the
    ending lacks what it needs.
    """
    with transaction.atomic():
        facts = _taken(key, user)
        if not facts.is_open:
            raise ValidationError(_("Somebody has closed it already. Look at the page again."))
        if ending.status not in ENDINGS:
            raise ValidationError(_("Choose how it ended."))
        if problem := address_problem(ending.note):
            raise ValidationError({"note": problem})
        if ending.status == ChallengeStatus.SOLVED_BY_ADOPTION:
            adoption = solving_adoptions(facts.partnership_id).filter(pk=ending.adoption).first()
            if adoption is None:
                raise ValidationError(_("Choose what you brought over that solved it."))
            facts.adoption, facts.solved_by = adoption, adoption.pk
        facts.status = ending.status
        facts.closed_on = timezone.localdate()
        facts.closed_by = user if isinstance(user, User) else None
        facts.closing_note = ending.note.strip()[:300]
        facts.closing_language = ending.language if facts.closing_note else ""
        facts.save()
        _tell([facts], CLOSED, user)
    return facts


def reopen_challenge(key: uuid.UUID, user: Person) -> ChallengeFacts:
    """Let a closed challenge be open again; raises as `close_challenge` does."""
    with transaction.atomic():
        facts = _taken(key, user)
        if facts.is_open:
            raise ValidationError(_("It is open already. Look at the page again."))
        facts.status = ChallengeStatus.OPEN
        facts.closed_on = facts.closed_by = facts.solved_by = facts.warned_on = None
        facts.adoption = facts.stop_noted_at = None
        facts.closing_note = facts.closing_language = ""
        facts.news_on = timezone.localdate()
        facts.save()
        _tell([facts], REOPENED, user)
    return facts


def keep_open(key: uuid.UUID, user: Person) -> ChallengeFacts:
    """Note that an open challenge is as it is told, so that it does not become stale."""
    with transaction.atomic():
        facts = _taken(key, user)
        if not facts.is_open:
            raise ValidationError(_("Somebody has closed it already. Look at the page again."))
        facts.news_on, facts.warned_on = timezone.localdate(), None
        facts.save(update_fields=["news_on", "warned_on"])
        _tell([facts], CONFIRMED, user)
    return facts


def stays_solved(key: uuid.UUID, user: Person) -> ChallengeFacts:
    """Note that a challenge is solved though what solved it was stopped since."""
    with transaction.atomic():
        facts = _taken(key, user)
        if not facts.is_in_doubt:
            raise ValidationError(_("Nothing is in doubt here. Look at the page again."))
        facts.stop_noted_at = timezone.now()
        facts.save(update_fields=["stop_noted_at"])
        _tell([facts], CONFIRMED, user)
    return facts


def solving_adoptions(partnership_id: int) -> QuerySet[Adoption]:
    """Return what a Partnership brought over that can have solved something: it runs, or ran."""
    return Adoption.objects.filter(
        partnership=partnership_id, state__in=[AdoptionState.RUNNING, AdoptionState.COMPLETED]
    ).select_related("practice")


def in_doubt() -> QuerySet[ChallengeFacts]:
    """Return the challenges whose owners have to say whether they are solved still."""
    return ChallengeFacts.objects.filter(
        adoption__state=AdoptionState.STOPPED, stop_noted_at=None
    ).order_by("closed_on", "pk")


def close_stale(today: datetime.date) -> int:
    """Close what nobody spoke of for half a year and was told of it in time; return how many.

    One that fails keeps no other back; raises RowsFailed at the end.
    """
    due = ChallengeFacts.objects.filter(
        status=ChallengeStatus.OPEN,
        news_on__lte=today - STALE_AFTER,
        warned_on__lte=today - TOLD_BEFORE,
    )

    def close(key: uuid.UUID) -> bool:
        with transaction.atomic():
            facts = due.select_for_update().filter(pk=key).first()  # its owners may have come
            if facts is None:
                return False
            facts.status, facts.closed_on = ChallengeStatus.STALE, today
            facts.save(update_fields=["status", "closed_on"])
            _tell([facts], CLOSED, None)
            return True

    return for_each("challenges: stale ones", list(due.values_list("pk", flat=True)), close)


def soon_stale(today: datetime.date) -> QuerySet[ChallengeFacts]:
    """Return the open challenges whose owners have to be told that they will count as stale."""
    return ChallengeFacts.objects.filter(
        status=ChallengeStatus.OPEN,
        news_on__lte=today - (STALE_AFTER - TOLD_BEFORE),
        warned_on=None,
    )


def keepers_of(partnership_id: int) -> list[User]:
    """Return who is written to about a Partnership's challenges.

    Its coordinators, else its editors, else network staff.
    """
    rows = RoleAssignment.objects.current().filter(user__is_active=True)
    for condition in (
        Q(role=Role.COORDINATOR, partnership=partnership_id),
        Q(role=Role.EDITOR, partnership=partnership_id),
        Q(role=Role.NETWORK_STAFF),
    ):
        if found := list(User.objects.filter(pk__in=rows.filter(condition).values("user"))):
            return sorted(found, key=lambda user: user.pk)
    return []


def _taken(key: uuid.UUID, user: Person) -> ChallengeFacts:
    """Return the facts, locked until the transaction ends, for somebody who keeps them."""
    facts = ChallengeFacts.objects.select_for_update().get(pk=key)
    if not may_keep(user, facts):
        raise PermissionDenied(_("You act for your own Partnership; this is beyond it."))
    return facts


def _tell(changed: Iterable[ChallengeFacts], action: str, user: Any) -> None:
    """Let the library follow, and the history of the pages tell it."""
    by_key = {facts.pk: facts for facts in changed}
    for key, pages in ChallengePage.live_by_key(by_key).items():
        write_pages(pages)
        status = by_key[key].get_status_display()
        log(pages[0], action, user=user, data={"status": str(status)})
