"""Publishes and takes down what is due, instead of Wagtail's `publish_scheduled`.

Wagtail's stops at the first page that its gate refuses. Here each revision and each expiry has a
`try` and a transaction of its own; what was refused is told to its editors, once, and tried again.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import Error, models, transaction
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.models import DraftStateMixin, Page, Revision

from portal.liveness import stop_requested
from portal.mail import MailRefused, queue_mail
from portal.models import ScheduleRefusal, User

logger = logging.getLogger("portal.publishing")

#: A refused page is tried again after a minute, then less often, at last each quarter of an hour.
FIRST_WAIT = datetime.timedelta(minutes=1)
LONGEST_WAIT = datetime.timedelta(minutes=15)
#: A fault that is not the editor's (a locked database) is told when it has lasted so many attempts.
TOLD_AFTER_FAULTS = 4


@dataclass(slots=True)
class ScheduleOutcome:
    """What one look at the clock did: the objects by what happened to them."""

    published: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Due:
    """One thing to do: `act` does it, in a transaction, and returns whether it was still due."""

    key: str
    due_at: datetime.datetime
    act: Callable[[], bool]
    revision_pk: int | None = None
    model: type[models.Model] | None = None
    object_pk: Any = None


def publish_due() -> ScheduleOutcome:
    """Take down what has expired, then publish what is due; each in its own transaction."""
    outcome = ScheduleOutcome()
    _forget_settled()
    for due, done in (
        *((due, outcome.expired) for due in _due_expiries()),
        *((due, outcome.published) for due in _due_publications()),
    ):
        if stop_requested():
            break
        try:
            with transaction.atomic():
                if due.act():
                    done.append(due.key)
                ScheduleRefusal.objects.filter(key=due.key).delete()
        except Exception as error:  # one page's fault must not keep back the others
            outcome.refused.append(due.key)
            _note_refusal(due, error)
    return outcome


# What is due -----------------------------------------------------------------------------------


def _waiting_keys() -> set[str]:
    """Return the keys of refusals whose next attempt is not due yet."""
    limit = timezone.now()
    ahead = limit + 2 * LONGEST_WAIT  # further ahead: written before the clock was set back
    return set(
        ScheduleRefusal.objects.filter(
            next_attempt_at__gt=limit, next_attempt_at__lt=ahead
        ).values_list("key", flat=True)
    )


def _models_with_drafts() -> list[type[models.Model]]:
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *others]


def _due_expiries() -> Iterator[_Due]:
    waiting = _waiting_keys()
    for model in _models_with_drafts():
        label = model._meta.label_lower
        due = model._default_manager.filter(live=True, expire_at__lt=timezone.now())
        for pk, expire_at in due.order_by("expire_at").values_list("pk", "expire_at"):
            key = f"expire:{label}:{pk}"
            if key not in waiting:
                yield _Due(key, expire_at, partial(_expire, model, pk), None, model, pk)


def _due_publications() -> Iterator[_Due]:
    waiting = _waiting_keys()
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now())
    for pk, at in due.order_by("approved_go_live_at").values_list("pk", "approved_go_live_at"):
        key = f"publish:{pk}"
        if key not in waiting:
            yield _Due(key, at, partial(_publish, pk), revision_pk=pk)


def _expire(model: type[models.Model], pk: Any) -> bool:
    found = (
        model._default_manager.select_for_update()
        .filter(pk=pk, live=True, expire_at__lt=timezone.now())
        .first()
    )
    if found is None:
        return False
    thing: Any = found.specific if isinstance(found, Page) else found
    thing.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


def _publish(pk: int) -> bool:
    revision = (
        Revision.objects.select_for_update()
        .filter(pk=pk, approved_go_live_at__lt=timezone.now())
        .first()
    )
    if revision is None:
        return False
    revision.publish(log_action="wagtail.publish.scheduled")
    expire_at = parse_datetime(revision.content.get("expire_at") or "")
    if expire_at and expire_at < timezone.now():
        # Its whole time passed while nobody looked: it ends as if both had been done in time,
        # and shows at no moment.
        stale = revision.content_object
        thing: Any = type(stale)._default_manager.get(pk=stale.pk)
        thing.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    return True


# What was refused ------------------------------------------------------------------------------


def _forget_settled() -> None:
    """Forget refusals of what is not scheduled any more."""
    for key in ScheduleRefusal.objects.values_list("key", flat=True):
        kind, _, rest = key.partition(":")
        if kind == "publish":
            still = Revision.objects.filter(pk=rest, approved_go_live_at__isnull=False)
        else:
            label, _, pk = rest.rpartition(":")
            try:
                model = apps.get_model(label)
            except LookupError:
                model = None
            still = model._default_manager.filter(pk=pk, live=True) if model else None
        if still is None or not still.exists():
            ScheduleRefusal.objects.filter(key=key).delete()


def _note_refusal(due: _Due, error: Exception) -> None:
    """Remember it, plan the next attempt, and tell the editors; its own faults are only logged."""
    refused = isinstance(error, ValidationError)
    if refused:
        logger.warning("%s was refused: %s", due.key, error)
    else:
        logger.error("%s failed.", due.key, exc_info=error)
    try:
        with transaction.atomic():
            now = timezone.now()
            row, _ = ScheduleRefusal.objects.get_or_create(
                key=due.key, defaults={"error": "", "next_attempt_at": now}
            )
            row.attempts += 1
            row.error = _told(error)
            row.next_attempt_at = now + min(
                FIRST_WAIT * 2 ** min(row.attempts - 1, 10), LONGEST_WAIT
            )
            row.save()
            if refused or row.attempts >= TOLD_AFTER_FAULTS:
                _tell_editors(due, refused=refused)
    except Error:
        logger.exception("The refusal of %s could not be noted.", due.key)


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)[:2000]
    return f"{type(error).__name__}: {error}"[:2000]


def _tell_editors(due: _Due, *, refused: bool) -> None:
    """Queue one mail to each who scheduled, wrote or owns the page, in their language."""
    revision = None
    if due.revision_pk is not None:
        revision = Revision.objects.select_related("user").filter(pk=due.revision_pk).first()
        thing: Any = revision.content_object if revision else None
    else:
        assert due.model is not None  # noqa: S101  an expiry names its model
        thing = due.model._default_manager.filter(pk=due.object_pk).first()
        revision = getattr(thing, "latest_revision", None)
    if thing is None:
        return
    people = [revision.user if revision else None, getattr(thing, "owner", None)]
    for user in dict.fromkeys(people):
        if not isinstance(user, User) or not user.is_active or not user.email:
            continue
        reasons = []
        if refused and due.revision_pk is not None and revision is not None:
            reasons = refusal_reasons(revision, user.preferred_language)
        try:
            queue_mail(
                key=f"schedule-refused:{due.key}:{due.due_at:%Y%m%dT%H%M%S}:{user.pk}",
                template="schedule_refused",
                user=user,
                context={
                    "title": str(revision.object_str if revision else thing),
                    "due_at": due.due_at,
                    "is_expiry": due.revision_pk is None,
                    "reasons": reasons,
                    "edit_url": _edit_url(thing),
                },
            )
        except MailRefused as error:
            logger.warning("Nobody was told of %s: %s", due.key, error)


def refusal_reasons(revision: Revision, language: str) -> list[str]:
    """Return why a revision may not be published, each reason with its field, in a language."""
    with translation.override(language):
        thing = revision.as_object()
        thing.live = True
        try:
            thing.full_clean()
        except ValidationError as error:
            by_field = getattr(error, "error_dict", None)
            if by_field is None:
                return list(error.messages)
            return [
                f"{_field_label(thing, name)}{message}"
                for name, problems in by_field.items()
                for problem in problems
                for message in problem.messages
            ]
    return []


def _field_label(thing: models.Model, name: str) -> str:
    try:
        label = str(thing._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except Exception:  # not a field of the model: the message stands for itself
        return ""
    return f"{label[:1].upper()}{label[1:]}: "


def _edit_url(thing: models.Model) -> str:
    path = AdminURLFinder().get_edit_url(thing)
    return f"{settings.BASE_URL}{path}" if path else ""
