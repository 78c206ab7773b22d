"""Mail goes through an outbox: written in the caller's transaction, sent beside the web process.

    queue_mail(key=f"invitation:{invitation.pk}", user=user, template="invitation",
               context={"partnership": partnership})

takes `templates/mail/invitation_subject.txt`, `invitation.txt` and `invitation.html` and writes
the mail in the reader's language, direction and time zone. A mail is sent once for a key, however
often it is queued; it outlives a mail server that is down (`portal.mail_delivery`).
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from portal.fields import text_direction
from portal.mail_delivery import deliver_due_mail
from portal.models import OutgoingMail, User
from portal.tasks import enqueue_on_commit

_RIGHT_TO_LEFT_MARK = "\u200f"
_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_STARTS_WITH_ADDRESS = re.compile(r"\s*(https?://|-- $|$)")
#: What mail programs know the foot of a mail by; its last blank is part of it.
_FOOT = "-- "


class MailRefused(ValueError):
    """This mail can't be sent as it is: no key, no values, or an address that is none."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail as its reader gets it."""

    subject: str
    text: str
    html: str


def queue_mail(
    *,
    key: str,
    template: str,
    context: Mapping[str, Any] | None = None,
    user: User | None = None,
    to: str = "",
    language: str = "",
    reply_to: str = "",
    is_sensitive: bool = False,
) -> OutgoingMail:
    """Write a mail in the caller's transaction; the worker sends it after the commit.

    `key` names what it is about and to whom; a second mail with it is not queued, and the first
    one is returned. `user` gives address, language and time zone; `to` and `language` go before.
    A mail with a link that lets its reader in `is_sensitive`: its text is forgotten once sent.
    Raises MailRefused for a bad key or address.
    """
    found = OutgoingMail.objects.filter(key=key).first()
    if found:
        return found
    language = language or (user.preferred_language if user else "") or settings.LANGUAGE_CODE
    rendered = render_mail(
        template,
        {"user": user, **(context or {})},
        language=language,
        time_zone=user.time_zone if user else settings.TIME_ZONE,
    )
    return store_mail(
        key=key,
        to=to or (user.email if user else ""),
        rendered=rendered,
        language=language,
        user=user,
        reply_to=reply_to,
        is_sensitive=is_sensitive,
    )


def store_mail(
    *,
    key: str,
    to: str,
    rendered: RenderedMail,
    language: str,
    user: User | None = None,
    reply_to: str = "",
    is_sensitive: bool = False,
) -> OutgoingMail:
    """Put a mail that is written already into the outbox; see `queue_mail`."""
    if not key or len(key) > 200 or not key.isprintable():
        raise MailRefused(f"{key[:50]!r} is no key of 1 to 200 characters.")
    for address in filter(None, (to, reply_to)):
        try:
            validate_email(address)
        except ValidationError:
            raise MailRefused(f"{address[:80]!r} is no e-mail address.") from None
    if not to:
        raise MailRefused(f"The mail {key} has no recipient.")
    with transaction.atomic():
        mail, is_new = OutgoingMail.objects.get_or_create(
            key=key,
            defaults={
                "to": to,
                "subject": one_line(rendered.subject)[:500],
                "text": rendered.text,
                "html": rendered.html,
                "language": language,
                "user": user,
                "reply_to": reply_to,
                "is_sensitive": is_sensitive,
            },
        )
        if is_new:
            enqueue_on_commit(deliver_due_mail)
    return mail


def render_mail(
    template: str, context: Mapping[str, Any], *, language: str, time_zone: str = "UTC"
) -> RenderedMail:
    """Return `templates/mail/<template>` in a language; times come in `time_zone`.

    Raises MailRefused for a value that is to be called: some tags would tell its name instead.
    """
    if called := [name for name, value in context.items() if callable(value)]:
        raise MailRefused(f"Of mail {template}, {', '.join(called)} can be called; call it first.")
    with translation.override(language), timezone.override(_zone(time_zone)):
        values = {
            "site_name": settings.SITE_NAME,
            "base_url": settings.BASE_URL,
            "account_url": f"{settings.BASE_URL}{reverse('wagtailadmin_account')}",
            "support_url": f"{settings.BASE_URL}{reverse('contact_support')}",
            "language_code": language,
            "text_direction": text_direction(language),
            "time_zone": time_zone,
            **context,
        }
        subject = one_line(_render_text(f"mail/{template}_subject.txt", values))
        text = _render_text(f"mail/{template}.txt", {**values, "subject": subject})
        html = render_to_string(f"mail/{template}.html", {**values, "subject": subject})
    return RenderedMail(subject, _tidy(text, text_direction(language)), html)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the time zone; UTC where this machine does not know it (any more)."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def one_line(text: str) -> str:
    """Return the text on one line, so that nothing in it can become a header of its own."""
    return " ".join(text.split())


def _render_text(name: str, values: dict[str, Any]) -> str:
    """Render a template of plain text: nothing is escaped."""
    template = get_template(name).template  # type: ignore[attr-defined]
    rendered: str = template.render(Context(dict(values), autoescape=False))
    return rendered


def _tidy(text: str, direction: str) -> str:
    """Return the text without the template's idle lines, each line in its direction.

    A line of a right-to-left mail that begins with a Latin name would be taken for a
    left-to-right one; an invisible mark at its start says otherwise.
    """
    lines = [line if line == _FOOT else line.rstrip() for line in text.strip().splitlines()]
    if direction == "rtl":
        lines = [
            line if _LINE_STARTS_WITH_ADDRESS.match(line) else _RIGHT_TO_LEFT_MARK + line
            for line in lines
        ]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)) + "\n"
