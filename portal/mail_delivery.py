"""Takes mails out of the outbox: each once, again when the server was away, never when in doubt.

A mail is claimed by one UPDATE, sent outside any transaction, and marked. If the process or the
connection dies after the text began to go out, nobody knows whether the server accepted it: the
mail becomes UNKNOWN and stays so until a person resends it (`manage.py mail_queue --resend`). The
Message-ID is made from the key, so that a mail that did arrive twice can be told as one.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import logging
import random
import smtplib
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from portal.liveness import stop_requested
from portal.models import MailState, OutgoingMail
from portal.tasks import enqueue_on_commit, retrying_task

logger = logging.getLogger("portal.mail")

#: Mails that one task sends; more wait for the next one, so that other tasks get their turn.
MAILS_A_TASK = 100
FIRST_WAIT = datetime.timedelta(minutes=1)
LONGEST_WAIT = datetime.timedelta(hours=1)
#: A mail that could not be handed over for so long has failed: a weekend, and a day beside it.
GIVE_UP_AFTER = datetime.timedelta(days=3)
#: A mail that somebody has had in hand for so long was left by a process that died.
SENDING_LEASE = datetime.timedelta(minutes=15)
#: Texts are kept so long, those of sensitive mails that were not sent shorter: a person has the
#: two days after the last attempt to see to the server and send them.
KEEP_TEXT = datetime.timedelta(days=90)
KEEP_SENSITIVE_TEXT = GIVE_UP_AFTER + datetime.timedelta(days=2)
CHUNK = 500


class _ServerAway(Exception):
    """The server can't be talked to now; other mails need not try."""


@retrying_task(max_attempts=3, backoff=60)
def deliver_due_mail() -> int:
    """Send the mails that are due; returns how many were sent."""
    sent, is_more = deliver_due(MAILS_A_TASK)
    if is_more:
        enqueue_on_commit(deliver_due_mail)
    return sent


def due_mail() -> QuerySet[OutgoingMail]:
    """Return the mails that are to be tried now, those that wait longest first.

    A time further ahead than any wait was written before the clock was set back.
    """
    now = timezone.now()
    return OutgoingMail.objects.filter(
        Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_WAIT * 2),
        state=MailState.QUEUED,
    ).order_by("next_attempt_at", "pk")


def deliver_due(limit: int | None = None) -> tuple[int, bool]:
    """Send up to `limit` due mails over one connection.

    Returns how many were sent, and whether the limit ended it. A server that is away ends it too,
    and puts off all that is due by a minute.
    """
    mark_unknown()
    sent = tried = 0
    connection: BaseEmailBackend | None = None
    try:
        while not stop_requested():
            if limit is not None and tried >= limit:
                return sent, True
            mail = _claim_next()
            if mail is None:
                break
            tried += 1
            try:
                if connection is None:
                    connection = _connect(mail)
                sent += _send(mail, connection)
            except _ServerAway:
                due_mail().update(next_attempt_at=timezone.now() + FIRST_WAIT)
                break
    finally:
        if connection is not None:
            # What was accepted stays accepted, however the server says goodbye.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.close()
    return sent, False


def mark_unknown() -> int:
    """Mark mails whose sender died with them as UNKNOWN; returns how many."""
    left = OutgoingMail.objects.filter(
        state=MailState.SENDING, claimed_at__lt=timezone.now() - SENDING_LEASE
    )
    keys = list(left.values_list("key", flat=True))
    if not keys:
        return 0
    logger.error(
        "Unknown whether these mails were sent; `manage.py mail_queue --resend` sends them: %s",
        ", ".join(keys),
    )
    return left.filter(key__in=keys).update(
        state=MailState.UNKNOWN, error="The process that sent it died before it could say so."
    )


def resend(mails: QuerySet[OutgoingMail]) -> int:
    """Queue mails that failed, or of which nobody knows, once more; returns how many.

    Those whose text was forgotten stay as they are.
    """
    now = timezone.now()
    count = (
        mails.filter(state__in=(MailState.FAILED, MailState.UNKNOWN))
        .exclude(text="", html="")
        .update(state=MailState.QUEUED, next_attempt_at=now, created_at=now, error="")
    )
    if count:
        enqueue_on_commit(deliver_due_mail)
    return count


def forget_old_texts() -> int:
    """Delete the texts of mails that were done with long ago; returns how many.

    The rows stay: their keys keep a mail from being sent a second time.
    """
    now = timezone.now()
    old = (
        OutgoingMail.objects.filter(
            Q(created_at__lt=now - KEEP_TEXT)
            | Q(is_sensitive=True, created_at__lt=now - KEEP_SENSITIVE_TEXT)
        )
        .exclude(state__in=(MailState.QUEUED, MailState.SENDING))
        .exclude(text="", html="")
    )
    total = 0
    while not stop_requested():
        chunk = list(old.values_list("pk", flat=True)[:CHUNK])
        if not chunk:
            break
        total += OutgoingMail.objects.filter(pk__in=chunk).update(text="", html="")
    return total


def message_id(key: str) -> str:
    """Return the Message-ID of the mail with this key; the same each time it is sent."""
    digest = hashlib.sha256(f"{settings.BASE_URL} {key}".encode()).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{domain}>"


def build_message(mail: OutgoingMail) -> EmailMultiAlternatives:
    """Return the mail as it goes out: one sender, one recipient, marked as sent by a machine."""
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={
            "Message-ID": message_id(mail.key),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": mail.language,
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


# One mail ------------------------------------------------------------------------------------


def _claim_next() -> OutgoingMail | None:
    """Take the next due mail in hand; None if there is none."""
    while pk := due_mail().values_list("pk", flat=True).first():
        taken = (
            due_mail()
            .filter(pk=pk)
            .order_by()
            .update(state=MailState.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1)
        )
        if taken:
            return OutgoingMail.objects.get(pk=pk)
    return None


def _connect(mail: OutgoingMail) -> BaseEmailBackend:
    """Return an open connection; raises _ServerAway after putting `mail` off."""
    try:
        connection: BaseEmailBackend = get_connection(settings.MAIL_DELIVERY_BACKEND)
        connection.open()
    except Exception as error:  # down, no such host, wrong password, full disk
        _put_off(mail, error)
        raise _ServerAway from error
    except BaseException:  # we are to end
        _let_go(mail)
        raise
    return connection


def _send(mail: OutgoingMail, connection: BaseEmailBackend) -> bool:
    """Send one claimed mail and mark it; returns whether it was sent.

    Raises _ServerAway, after marking the mail, when the connection is of no use any more.
    """
    smtp = getattr(connection, "connection", None)
    if not isinstance(smtp, smtplib.SMTP):
        smtp = None
    with _noting_data(smtp) as has_begun:
        try:
            done = connection.send_messages([build_message(mail)])
        except smtplib.SMTPRecipientsRefused as error:
            code = next((code for code, _ in error.recipients.values()), 0)
            (_fail if code >= 500 else _put_off)(mail, error)
        except smtplib.SMTPSenderRefused as error:
            _put_off(mail, error)  # our own address or account: a person mends it meanwhile
        except smtplib.SMTPResponseException as error:
            (_fail if error.smtp_code >= 500 else _put_off)(mail, error)
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            _fail(mail, error)  # an address or header that can't be written
        except Exception as error:  # hung up, timed out, or a fault of our own
            if has_begun():
                _finish(mail, state=MailState.UNKNOWN, error=_told(error))
                logger.error("Unknown whether mail %s was sent: %s", mail.key, error)
            else:
                _put_off(mail, error)
            raise _ServerAway from error
        except BaseException:  # we are to end
            if not has_begun():
                _let_go(mail)
            raise
        else:
            if done == 0:
                _put_off(mail, RuntimeError("the mail backend sent nothing"))
                return False
            forgotten = {"text": "", "html": ""} if mail.is_sensitive else {}
            _finish(mail, state=MailState.SENT, sent_at=timezone.now(), error="", **forgotten)
            return True
    if smtp is not None and smtp.sock is None:  # the server hung up with its answer
        raise _ServerAway
    return False


@contextlib.contextmanager
def _noting_data(smtp: smtplib.SMTP | None) -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether the text of a mail began to go out in this block."""
    begun = False
    if smtp is None:
        yield lambda: False
        return
    send_data = smtp.data

    def data(message: Any) -> Any:
        nonlocal begun
        begun = True
        return send_data(message)

    smtp.data = data  # type: ignore[assignment,method-assign]
    try:
        yield lambda: begun
    finally:
        del smtp.data


def _let_go(mail: OutgoingMail) -> None:
    """Give back a mail of which nothing went out."""
    _finish(mail, state=MailState.QUEUED, next_attempt_at=timezone.now())


def _put_off(mail: OutgoingMail, error: BaseException) -> None:
    """Try it again later, or give up after three days."""
    now = timezone.now()
    if now - mail.created_at > GIVE_UP_AFTER:
        _fail(mail, error)
        return
    wait = min(FIRST_WAIT * 2 ** min(mail.attempts - 1, 10), LONGEST_WAIT)
    wait *= random.uniform(1, 1.25)  # noqa: S311
    _finish(mail, state=MailState.QUEUED, next_attempt_at=now + wait, error=_told(error))
    logger.warning(
        "Mail %s not sent in attempt %d; next in %.0f s: %s",
        mail.key,
        mail.attempts,
        wait.total_seconds(),
        type(error).__name__,
    )


def _fail(mail: OutgoingMail, error: BaseException) -> None:
    _finish(mail, state=MailState.FAILED, error=_told(error))
    # What a server says of a recipient names the address: that stays with the mail.
    logger.error("Mail %s failed in attempt %d: %s", mail.key, mail.attempts, type(error).__name__)


def _finish(mail: OutgoingMail, **values: object) -> None:
    """Write how an attempt ended, if nobody has begun another one since."""
    written = OutgoingMail.objects.filter(
        pk=mail.pk, attempts=mail.attempts, state__in=(MailState.SENDING, MailState.UNKNOWN)
    ).update(**values)
    if not written:
        logger.warning("Mail %s was taken in hand by somebody else meanwhile.", mail.key)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
