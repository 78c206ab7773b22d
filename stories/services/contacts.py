"""Passes visitors' messages on and answers back, by mail, without showing anybody's address.

A link in a mail is a signed token: it opens the exchange (GET shows, POST writes), names whom it
was sent to, and dies when the texts are forgotten.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from partnerships.enums import Role
from partnerships.models import Community, Membership, Partnership
from partnerships.permissions import standing_of
from partnerships.services.routing import Receiver, Route, route_for
from partnerships.services.working_days import after_working_days
from portal.mail import queue_mail
from portal.models import User
from stories.contact_times import DAY, usual_days
from stories.models import ContactMessage, ContactRecipient, ContactRequest
from stories.models.contacts import KEPT_DAYS

SALT = "stories.contact"
#: Unanswered after so many working days a message goes to the network's staff.
WORKING_DAYS = 3
#: In a day: messages with one address, to one Partnership, and in all.
MOST_OF_SENDER, MOST_TO_PARTNERSHIP, MOST_IN_ALL = 5, 60, 400
#: In a day, messages that one side of an exchange may write in it.
MOST_IN_EXCHANGE = 20
RECENT = datetime.timedelta(days=365)


class ContactRefused(Exception):
    """It can't be passed on; the message says why, to the visitor."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a visitor wrote into the form; `form_key` is the form's own.

    The same letter counts once for a form, however often it is sent. One that was corrected after
    the browser's “back” comes with the same key and other words: nothing of it may be lost.
    """

    form_key: str
    name: str
    email: str
    place: str
    text: str
    language: str
    shows_address: bool = False
    community: Community | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The page that a message is about; nothing for the support desk."""

    key: uuid.UUID | None = None
    title: str = ""
    partnership: Partnership | None = None


# Links ------------------------------------------------------------------------------------------


def reply_token(request: ContactRequest, recipient: ContactRecipient | None) -> str:
    """Return the token by which a recipient, or the visitor (None), opens the exchange."""
    return signing.dumps([request.key.hex, recipient.pk if recipient else 0], salt=SALT)


def read_token(token: str) -> tuple[ContactRequest, ContactRecipient | None] | None:
    """Return the exchange that a token opens and who holds it; None for one that opens nothing."""
    try:
        key, pk = signing.loads(token, salt=SALT, max_age=(KEPT_DAYS + 1) * DAY)
        request = ContactRequest.objects.select_related("partnership").get(key=key)
        if not pk:
            return request, None
        recipient = ContactRecipient.objects.select_related("user").get(request=request, pk=pk)
        return (request, recipient) if still_answers(request, recipient) else None
    except (signing.BadSignature, ValueError, TypeError):
        return None
    except (ContactRequest.DoesNotExist, ContactRecipient.DoesNotExist):
        return None


def still_answers(request: ContactRequest, recipient: ContactRecipient) -> bool:
    """Whether a recipient answers today: by a role in force, or as a mailbox that is still told."""
    user = recipient.user
    if user is not None:
        if not user.is_active:
            return False
        standing = standing_of(user)
        if standing.acts_for_all:
            return True
        if request.partnership_id in standing.partnership_ids([Role.COORDINATOR]):
            return True
    return bool(recipient.email) and _is_mailbox(request.partnership, recipient.email)


def _is_mailbox(partnership: Partnership | None, email: str) -> bool:
    """Whether an address is told of the Partnership, or of one of its communities, today."""
    if partnership is None:
        return False
    if partnership.contact_email.lower() == email.lower():
        return True
    told = Membership.objects.current().filter(partnership=partnership)
    return told.filter(contact_email__iexact=email).exists()


def _reply_url(request: ContactRequest, recipient: ContactRecipient | None, language: str) -> str:
    with override(language):
        path = reverse("contact_reply", args=[reply_token(request, recipient)])
    return settings.BASE_URL + path


# A visitor writes -------------------------------------------------------------------------------


def send(letter: Letter, about: About, route: Route) -> ContactRequest:
    """Keep a visitor's message and write to those who answer; the same letter counts once.

    Other words from the same form and sender go on in the exchange that it began. Raises
    ContactRefused over the day's limits, or where nobody can be reached.
    """
    if not route.receivers:
        raise ContactRefused(_("At the moment nobody can be reached by this form."))
    sender = (letter.email.lower(), letter.name, letter.place)
    key = _key_of(letter.form_key, str(about.key), *sender)
    known = ContactRequest.objects.filter(form_key=key).first()
    if known is None:
        _check_limits(letter, about)
        try:
            return _begin(key, letter, about, route)
        except IntegrityError:  # the same form, a moment ago
            known = ContactRequest.objects.get(form_key=key)
    reply(
        known,
        None,
        text=letter.text,
        form_key=letter.form_key,
        shows_address=letter.shows_address,
    )
    return known


def _key_of(*parts: object) -> str:
    """Return what a letter is known by: the same parts give the same key."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _begin(key: str, letter: Letter, about: About, route: Route) -> ContactRequest:
    now = timezone.now()
    with transaction.atomic():
        request = ContactRequest.objects.create(
            form_key=key,
            page_key=about.key,
            page_title=about.title,
            partnership=about.partnership,
            community=letter.community,
            name=letter.name,
            email=letter.email,
            place=letter.place,
            language=letter.language,
            route=route.kind,
            created_at=now,
        )
        message = ContactMessage.objects.create(
            request=request,
            form_key=_message_key(
                request, None, letter.form_key, letter.text, letter.shows_address
            ),
            text=letter.text,
            shows_address=letter.shows_address,
            created_at=now,
            due_at=due_after(now, route),
        )
        for receiver in route.receivers:
            write_to(receiver, message, "contact")
    return request


def due_after(moment: datetime.datetime, route: Route) -> datetime.datetime:
    """Return by when a message is to be answered, by the calendar of those who are asked."""
    return after_working_days(moment, WORKING_DAYS, route.time_zone, route.calendar_code)


def _message_key(
    request: ContactRequest,
    recipient: ContactRecipient | None,
    form_key: str,
    text: str,
    shows_address: bool,
) -> str:
    """Return the key of a message: of this exchange and writer, this form and these words."""
    return _key_of(request.pk, recipient.pk if recipient else 0, form_key, text, shows_address)


def _check_limits(letter: Letter, about: About) -> None:
    if not settings.RATE_LIMITS:
        return
    today = ContactRequest.objects.filter(created_at__gte=timezone.now() - DAY)
    of_sender = today.filter(email__iexact=letter.email).count() >= MOST_OF_SENDER
    to_them = (
        about.partnership is not None
        and today.filter(partnership=about.partnership).count() >= MOST_TO_PARTNERSHIP
    )
    if of_sender or to_them or today.count() >= MOST_IN_ALL:
        raise ContactRefused(
            _("So many messages came in today that no more are passed on. Come back tomorrow.")
        )


def write_to(receiver: Receiver, message: ContactMessage, kind: str) -> None:
    """Queue a mail with the message to somebody who may answer it."""
    request = message.request
    recipient, _is_new = ContactRecipient.objects.get_or_create(
        request=request, email=receiver.email, defaults={"user": receiver.user}
    )
    language = receiver.user.preferred_language if receiver.user else request.language
    queue_mail(
        key=f"contact:{kind}:{message.pk}:{recipient.pk}",
        template="contact",
        user=receiver.user,
        to=receiver.email,
        language=language,
        context={
            "kind": kind,
            "request": request,
            "message": message,
            "sender_email": request.email if message.shows_address else "",
            "reply_url": _reply_url(request, recipient, language),
            "kept_days": KEPT_DAYS,
        },
        is_sensitive=True,
    )


# Both write on ----------------------------------------------------------------------------------


def reply(
    request: ContactRequest,
    recipient: ContactRecipient | None,
    *,
    text: str,
    form_key: str,
    shows_address: bool = False,
) -> ContactMessage:
    """Write on in an exchange, as a recipient or as the visitor (None).

    The same words sent twice by one form count once; other words are a message of their own.
    An answer of a recipient answers all that waits in the exchange. Raises ContactRefused when
    the exchange is over or too much was written in a day.
    """
    with transaction.atomic():
        request = ContactRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        key = _message_key(request, recipient, form_key, text, shows_address)
        known = request.messages.filter(form_key=key).first()
        if known:
            return known
        if request.is_forgotten:
            raise ContactRefused(_("This exchange is over: its texts were deleted."))
        today = request.messages.filter(created_at__gte=timezone.now() - DAY)
        own = today.filter(recipient=None) if recipient is None else today.exclude(recipient=None)
        if own.count() >= MOST_IN_EXCHANGE:
            raise ContactRefused(_("So much was written today. Please go on tomorrow."))
        now = timezone.now()
        route = route_for(request.partnership, request.community)
        message = ContactMessage.objects.create(
            request=request,
            recipient=recipient,
            form_key=key,
            text=text,
            shows_address=shows_address,
            created_at=now,
            due_at=None if recipient else due_after(now, route),
        )
        if recipient is None:
            receivers = [
                Receiver(each.email, each.user) for each in _who_goes_on(request) if each.email
            ]
            # Whoever was told first may be gone since: then it goes to who answers today.
            for receiver in receivers or route.receivers:
                write_to(receiver, message, "reply")
        else:
            request.messages.waiting().update(settled_at=now)
            if request.answered_at is None:
                request.answered_at = now
                request.save(update_fields=["answered_at"])
            _write_back(message, recipient)
    return message


def need_no_answer(request: ContactRequest) -> int:
    """Say that what waits in an exchange needs no answer (“thank you”); return how many."""
    with transaction.atomic():
        request = ContactRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        return request.messages.waiting().update(settled_at=timezone.now())


def _who_goes_on(request: ContactRequest) -> list[ContactRecipient]:
    """Return who hears what the visitor writes next: who answered last, else all."""
    able = [
        recipient
        for recipient in request.recipients.select_related("user")
        if still_answers(request, recipient)
    ]
    last = request.messages.exclude(recipient=None).order_by("-created_at", "-pk").first()
    if last is not None and last.recipient in able:
        return [last.recipient]
    return able


def _write_back(message: ContactMessage, recipient: ContactRecipient) -> None:
    request = message.request
    queue_mail(
        key=f"contact:answer:{message.pk}",
        template="contact_answer",
        to=request.email,
        language=request.language,
        context={
            "request": request,
            "message": message,
            "answerer_email": recipient.email if message.shows_address else "",
            "reply_url": _reply_url(request, None, request.language),
            "kept_days": KEPT_DAYS,
        },
        is_sensitive=True,
    )


# In the admin -----------------------------------------------------------------------------------


def requests_of(user: Any) -> QuerySet[ContactRequest]:
    """Return the messages that `user` may see: staff all, coordinators those of their own."""
    standing = standing_of(user)
    rows = ContactRequest.objects.all()
    if standing.acts_for_all:
        return rows
    own = Q(partnership__in=standing.partnership_ids([Role.COORDINATOR]))
    email = getattr(user, "email", "")
    told = Membership.objects.current().filter(contact_email__iexact=email)
    mailbox = Q(partnership__contact_email__iexact=email) | Q(partnership__memberships__in=told)
    written = Q(recipients__user=user, recipients__email=email)
    return rows.filter(own | (written & mailbox)).distinct()


def answer_as(request: ContactRequest, user: User, *, text: str, form_key: str) -> ContactMessage:
    """Answer from the admin; raises PermissionDenied for messages to others."""
    if not requests_of(user).filter(pk=request.pk).exists():
        raise PermissionDenied
    recipient, _is_new = ContactRecipient.objects.get_or_create(
        request=request, email=user.email, defaults={"user": user}
    )
    return reply(request, recipient, text=text, form_key=form_key)


# What is known of answers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """How a Partnership answers: days in the middle of all, and when it last did."""

    usual: int | None
    last: datetime.datetime | None


def answer_times(partnership: Partnership | None) -> AnswerTimes:
    """Return what the answers of the past year say (None: of the support desk); one query."""
    answered = ContactRequest.objects.filter(
        partnership=partnership, answered_at__gte=timezone.now() - RECENT
    ).order_by("-answered_at")
    if partnership is None:
        answered = answered.filter(page_key=None)
    times = list(answered.values_list("created_at", "answered_at")[:500])
    usual = usual_days(answer - asked for asked, answer in times if answer is not None)
    return AnswerTimes(usual, times[0][1] if times else None)
