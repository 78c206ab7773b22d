"""Reply links: who gets one, what is stored of it, when it is over, and why."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from partnerships.enums import Role, Side
from partnerships.models import FormsClosure, Partnership, RoleAssignment
from partnerships.services.closures import closure_of
from portal.fields import default_language
from portal.mail import queue_mail
from stories.models import (
    Answer,
    AskedPartnership,
    LinkEnd,
    Question,
    QuestionState,
    QuestionStep,
    ReplyLink,
)
from stories.questions.rights import Seat, may_end_links, require_right
from stories.services.question_steps import note

_signer = signing.Signer(salt="stories.reply-link")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is written to for a Partnership: a coordinator's account, else its mailbox."""

    email: str
    language: str
    seat: Seat
    user: Any = None


def recipients_of(asked: AskedPartnership) -> list[Recipient]:
    """Return who gets the question: all coordinators, else the Partnership's own mailbox."""
    partnership = asked.partnership
    found: dict[int, Recipient] = {}
    for assignment in (
        RoleAssignment.objects.current()
        .filter(partnership=partnership, role=Role.COORDINATOR, user__is_active=True)
        .select_related("user")
        .order_by("side", "pk")
    ):
        user = assignment.user
        seat = Seat(Role.COORDINATOR, partnership.pk, assignment.side)
        found.setdefault(user.pk, Recipient(user.email, user.preferred_language, seat, user))
    if found:
        return list(found.values())
    if partnership.contact_email:
        seat = Seat(Role.COORDINATOR, partnership.pk)
        return [Recipient(partnership.contact_email, default_language(), seat)]
    return []


def unreachable() -> set[int]:
    """Return the Partnerships (primary keys) that nobody can be asked in.

    Nobody coordinates them and they have no mailbox, or their forms are closed (the panic switch),
    so that no link could be answered. Two queries.
    """
    if closure_of(None) is not None:
        return set(Partnership.objects.values_list("pk", flat=True))
    coordinated = RoleAssignment.objects.current().filter(
        partnership=OuterRef("pk"), role=Role.COORDINATOR, user__is_active=True
    )
    closed = FormsClosure.objects.filter(partnership=OuterRef("pk"))
    silent = Q(~Exists(coordinated), contact_email="") | Exists(closed)
    return set(Partnership.objects.filter(silent).values_list("pk", flat=True))


def send_question(asked: AskedPartnership, now: datetime.datetime) -> int:
    """Send the question to an asked Partnership, each reader with an own link; returns how many."""
    recipients = recipients_of(asked)
    for recipient in recipients:
        send_link(asked, recipient, now)
    return len(recipients)


def send_link(
    asked: AskedPartnership,
    recipient: Recipient,
    now: datetime.datetime,
    *,
    remark: str = "",
) -> ReplyLink:
    """Make a reply link and queue the mail that carries it; the only place that sees the secret."""
    secret = secrets.token_urlsafe(32)
    link = ReplyLink.objects.create(
        asked=asked,
        user=recipient.user,
        address_digest="" if recipient.user else _digest(recipient.email.lower()),
        role=recipient.seat.role,
        side=recipient.seat.side,
        secret_digest=_digest(secret),
        created_at=now,
    )
    question = asked.question
    queue_mail(
        key=f"question_asked:{link.pk}",
        user=recipient.user,
        to=recipient.email,
        language=recipient.language,
        template="question_asked",
        context={
            "question": question,
            "asked": asked,
            "role": recipient.seat.role.label,  # lazy: in the reader's language
            "closes_on": question.closes_at,
            "remark": remark,
            "reply_url": reply_url(secret, recipient.language),
        },
        is_sensitive=True,
    )
    return link


def reply_url(secret: str, language: str) -> str:
    """Return the address at which a link's secret is answered, in a reader's language."""
    with override(language):
        path = reverse("questions:reply", args=[_signer.sign(secret)])
    return f"{settings.BASE_URL}{path}"


def find_link(token: str) -> ReplyLink | None:
    """Return the link of an address, whether it still works or not; None for a made-up one."""
    try:
        secret = _signer.unsign(token)
    except signing.BadSignature:
        return None
    return (
        ReplyLink.objects.filter(secret_digest=_digest(secret))
        .select_related("asked__question__partnership", "asked__partnership", "user")
        .first()
    )


def why_over(link: ReplyLink, now: datetime.datetime) -> str:
    """Return why a link no longer works, for its reader; "" while it works.

    It is bound to Partnership and role: it ends with the role, whoever holds the mail.
    """
    if link.ended_at is not None:
        if link.ended_why == LinkEnd.ANSWERED:
            answer = Answer.objects.filter(asked=link.asked_id).first()
            if answer is not None:
                return _("Your Partnership answered this question already (%(role)s).") % {
                    "role": answer.get_role_display()
                }
        return str(link.get_ended_why_display())
    question = link.asked.question
    if question.state != QuestionState.OPEN or (question.closes_at and now >= question.closes_at):
        return str(LinkEnd.CLOSED.label)
    if seat_of_link(link) is None:
        return _("You no longer have the role for which this link was sent.")
    return ""


def seat_of_link(link: ReplyLink) -> Seat | None:
    """Return the seat from which a link answers now; None where it is no longer its reader's.

    It never reaches beyond the side for which it was sent, nor beyond those that the role has now:
    of a link for both sides, a role that was narrowed meanwhile leaves the one that it kept.
    """
    partnership = link.asked.partnership
    seat = Seat(Role(link.role), partnership.pk, link.side)
    if link.user is None:
        is_theirs = _digest(partnership.contact_email.lower()) == link.address_digest
        return seat if is_theirs else None
    if not link.user.is_active:
        return None
    held = RoleAssignment.objects.current().filter(
        user=link.user, partnership=partnership, role=link.role
    )
    sides = set(held.values_list("side", flat=True))
    if "" in sides or sides >= set(Side.values):
        return seat  # of both sides, so of each
    if link.side:
        return seat if link.side in sides else None
    return next((replace(seat, side=side) for side in sides), None)


def end_links(links: Any, why: LinkEnd, now: datetime.datetime) -> int:
    """End those of `links` (a queryset) that still work; returns how many."""
    return int(links.filter(ended_at=None).update(ended_at=now, ended_why=why))


def end_links_of(question: Question, why: LinkEnd, now: datetime.datetime) -> int:
    """End all reply links of a question."""
    return end_links(ReplyLink.objects.filter(asked__question=question), why, now)


def revoke_links(user: Any, asked: AskedPartnership, now: datetime.datetime) -> int:
    """End the links of an asked Partnership by hand; it can still answer when signed in."""
    require_right(may_end_links(user, asked))
    ended = end_links(asked.reply_links.all(), LinkEnd.REVOKED, now)
    if ended:
        note(asked.question, QuestionStep.LINKS_ENDED, now, actor=user, asked=asked)
    return ended
