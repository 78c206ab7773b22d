"""The network's review of practices: accepted with day and person, or sent back with a reason.

A review holds for the evaluations that were there when it was made: another evaluator, address or
file clears it (`stories.services.facts.review_anew`). Network staff review, nobody else.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from portal.mail import queue_mail
from stories.models import PracticeFacts, PracticePage
from stories.permissions import require_staff
from stories.services.evidence import evidence_changed
from stories.services.telling import people_of

if TYPE_CHECKING:
    from portal.models import User

ACCEPTED, SENT_BACK = (f"stories.review.{verb}" for verb in ("accept", "send_back"))


class ReviewState(models.TextChoices):
    """Where the review of a practice stands."""

    WAITING = "waiting", gettext_lazy("evaluated by others, waits")
    SENT_BACK = "sent_back", gettext_lazy("sent back")
    ACCEPTED = "accepted", gettext_lazy("reviewed")
    OTHERS = "others", gettext_lazy("not reviewed, no evaluation by others")


class ReviewRefused(ValidationError):
    """It can't be reviewed like this; the message says why."""


def practices_to_review(state: str = ReviewState.WAITING) -> models.QuerySet[PracticeFacts]:
    """Return the practices that are live in some language, by where their review stands."""
    live = PracticePage.objects.live().filter(alias_of=None).values("translation_key")
    rows = PracticeFacts.objects.filter(pk__in=live)
    if state == ReviewState.ACCEPTED:
        return rows.filter(accepted_at__isnull=False).order_by("-accepted_at", "pk")
    if state == ReviewState.SENT_BACK:
        return rows.filter(sent_back_at__isnull=False).order_by("-sent_back_at", "pk")
    open_ones = rows.filter(accepted_at=None, sent_back_at=None).order_by("first_told_on", "pk")
    if state == ReviewState.OTHERS:
        return open_ones.filter(external_evaluator="")
    return open_ones.exclude(external_evaluator="")


def original_pages(keys: Iterable[uuid.UUID]) -> dict[uuid.UUID, PracticePage]:
    """Return the live page of each practice, the one first told where it is live (one query)."""
    return {key: pages[0] for key, pages in PracticePage.live_by_key(keys).items()}


def accept_practice(user: User, key: uuid.UUID, seen: str) -> PracticeFacts:
    """Note that `user` reviewed a practice with its evaluations, and found them in order.

    `seen` is the digest of the evaluations that the person read. Raises PermissionDenied for
    everybody but network staff, ReviewRefused when there are others by now, or somebody else
    accepted it.
    """
    with transaction.atomic():
        facts, page = _taken(user, key, seen)
        if facts.accepted_at:
            raise ReviewRefused(_("Somebody else has accepted it meanwhile."))
        facts.accepted_at, facts.accepted_by = timezone.now(), user
        facts.sent_back_at = facts.sent_back_by = None
        facts.sent_back_reason = ""
        _reviewed(facts, page, user, ACCEPTED)
    return facts


def send_back(user: User, key: uuid.UUID, seen: str, reason: str) -> PracticeFacts:
    """Send a practice back to its people with a reason; one that was accepted is so no more.

    Raises as `accept_practice` does, and ReviewRefused without a reason.
    """
    with transaction.atomic():
        facts, page = _taken(user, key, seen)
        if not reason.strip():
            raise ReviewRefused({"reason": _("Say what they should know or change.")})
        facts.sent_back_at, facts.sent_back_by = timezone.now(), user
        facts.sent_back_reason = reason.strip()
        facts.accepted_at = facts.accepted_by = None
        _reviewed(facts, page, user, SENT_BACK)
    return facts


def _taken(user: User, key: uuid.UUID, seen: str) -> tuple[PracticeFacts, PracticePage]:
    """Return the facts, locked until the transaction ends, and the page that is read."""
    require_staff(user)
    facts = PracticeFacts.objects.select_for_update(of=("self",)).get(pk=key)
    page = original_pages([key]).get(key)
    if page is None:
        raise ReviewRefused(_("This practice is not public at present."))
    if seen != facts.evaluation_digest:
        raise ReviewRefused(_("The evaluations have changed meanwhile. Read them again."))
    return facts, page


def _reviewed(facts: PracticeFacts, page: PracticePage, user: User, action: str) -> None:
    names = ("accepted_at", "accepted_by", "sent_back_at", "sent_back_by", "sent_back_reason")
    facts.save(update_fields=names)
    evidence_changed([facts.pk])
    data = {"reason": facts.sent_back_reason} if facts.sent_back_reason else None
    log(page, action, user=user, data=data)
    moment = facts.accepted_at or facts.sent_back_at
    for person in people_of([facts.partnership])[facts.partnership_id]:
        queue_mail(
            key=f"review:{facts.pk}:{moment and moment.isoformat()}:{person.pk}",
            user=person,
            template="practice_review",
            context=_mail(facts, page),
        )


def _mail(facts: PracticeFacts, page: PracticePage) -> dict[str, Any]:
    path = reverse("wagtailadmin_practice_travels", args=[page.pk])
    return {
        "title": page.title,
        "is_accepted": facts.accepted_at is not None,
        "evaluator": facts.external_evaluator,
        "reason": facts.sent_back_reason,
        "url": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
    }
