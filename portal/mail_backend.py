"""Django's mail backend of the portal: what packages send goes through the outbox as well."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from portal.mail import MailRefused, RenderedMail, store_mail


class OutboxBackend(BaseEmailBackend):
    """Stores each mail for each of its recipients; the worker delivers it.

    So a mail server that is down breaks neither a password reset nor a workflow. The mails are
    taken for sensitive (most hold a link): their text goes as soon as they are sent. One with
    attachments is too large for the outbox and is sent at once.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store or send the messages; returns how many."""
        for message in email_messages:
            if message.attachments:
                get_connection(
                    settings.MAIL_DELIVERY_BACKEND, fail_silently=self.fail_silently
                ).send_messages([message])
            else:
                self._store(message)
        return len(email_messages)

    def _store(self, message: EmailMessage) -> None:
        alternatives = getattr(message, "alternatives", None) or []
        html = next((str(part[0]) for part in alternatives if part[1] == "text/html"), "")
        text = str(message.body)
        if message.content_subtype == "html":
            text, html = "", text
        for recipient in dict.fromkeys(_bare(address) for address in message.recipients()):
            store_mail(
                key=f"direct:{uuid.uuid4()}",
                to=recipient,
                rendered=RenderedMail(str(message.subject), text, html),
                language=get_language() or settings.LANGUAGE_CODE,
                reply_to=_bare(next(iter(message.reply_to), "")),
                is_sensitive=True,
            )


def _bare(address: str) -> str:
    """Return the address without the name before it; raises MailRefused for more than a line."""
    if not address.isprintable():
        raise MailRefused(f"{address[:80]!r} is no e-mail address.")
    return parseaddr(address)[1]
