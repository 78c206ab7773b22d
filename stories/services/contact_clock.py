"""What is done about visitors' messages by the clock: escalation, and forgetting."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from partnerships.services.routing import Receiver, RouteKind, staff
from portal.each import for_each
from portal.models import OutgoingMail, User
from stories.models import ContactMessage, ContactRecipient, ContactRequest
from stories.models.contacts import KEPT_DAYS
from stories.services.contacts import write_to

#: Messages that one run of the job gives to staff; more wait for the next.
AT_ONCE = 100


def escalate(now: datetime.datetime | None = None) -> int:
    """Give each message that nobody answered in time to the network's staff, once.

    Returns how many; raises RowsFailed when all others are through.
    """
    moment = now or timezone.now()
    people = staff()
    late = ContactMessage.objects.waiting().filter(escalated_at=None, due_at__lte=moment)
    keys = list(late.order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    return for_each(
        "contact: what nobody answered",
        keys if people else [],
        lambda key: _escalate(key, people, moment),
    )


def _escalate(key: int, people: list[User], moment: datetime.datetime) -> bool:
    with transaction.atomic():
        mine = ContactMessage.objects.filter(
            pk=key, settled_at=None, escalated_at=None, due_at__isnull=False
        )
        if not mine.update(escalated_at=moment):
            return False
        message = ContactMessage.objects.select_related("request__partnership").get(pk=key)
        kind = "late" if message.request.route != RouteKind.STAFF else "reminder"
        for person in people:
            write_to(Receiver(person.email, person), message, kind)
    return True


def forget(now: datetime.datetime | None = None) -> int:
    """Delete texts, names and addresses after `KEPT_DAYS`; return of how many messages."""
    moment = now or timezone.now()
    border = moment - datetime.timedelta(days=KEPT_DAYS)
    old = ContactRequest.objects.filter(created_at__lt=border, forgotten_at=None)
    count = 0
    while keys := list(old.values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            messages = ContactMessage.objects.filter(request__in=keys)
            answers = [f"contact:answer:{pk}" for pk in messages.values_list("pk", flat=True)]
            OutgoingMail.objects.filter(key__in=answers).delete()  # one may be younger
            messages.update(text="")
            ContactRecipient.objects.filter(request__in=keys).update(email="", user=None)
            count += ContactRequest.objects.filter(pk__in=keys).update(
                name="", email="", place="", forgotten_at=moment
            )
    OutgoingMail.objects.filter(key__startswith="contact:", created_at__lt=border).delete()
    return count
