"""What is done about visitors' messages by the clock: escalation, and forgetting."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils import timezone

from partnerships.services.routing import Receiver, RouteKind, staff
from portal.models import OutgoingMail
from stories.models import ContactMessage, ContactRecipient, ContactRequest
from stories.models.contacts import KEPT_DAYS
from stories.services.contacts import write_to


def escalate(now: datetime.datetime | None = None) -> int:
    """Give what nobody answered in time to the network's staff, once; return how many."""
    moment = now or timezone.now()
    people = staff()
    late = ContactRequest.objects.filter(
        answered_at=None, escalated_at=None, forgotten_at=None, due_at__lte=moment
    )
    count = 0
    for request in list(late.order_by("due_at")[:100]) if people else []:
        with transaction.atomic():
            claimed = late.filter(pk=request.pk).update(escalated_at=moment)
            first = request.messages.order_by("pk").first()
            if not claimed or first is None:
                continue
            kind = "late" if request.route != RouteKind.STAFF else "reminder"
            for person in people:
                write_to(Receiver(person.email, person), first, kind)
            count += 1
    return count


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
