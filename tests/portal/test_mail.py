"""The outbox: each mail once, in the reader's language, however badly the mail server behaves."""

from __future__ import annotations

import datetime
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.fields import Translated
from portal.liveness import Interrupted
from portal.mail import MailRefused, queue_mail, render_mail
from portal.mail_delivery import (
    deliver_due,
    due_mail,
    forget_old_texts,
    mark_unknown,
    message_id,
)
from portal.models import MailState, OutgoingMail
from tests.factories import UserFactory
from tests.smtp import Manners, SmtpCatcher, text_of

if TYPE_CHECKING:
    from tests.conftest import OtherProcesses

pytestmark = pytest.mark.django_db

CONTEXT = {
    "title": "Summer camp",
    "due_at": datetime.datetime(2026, 7, 1, 12, 0, tzinfo=datetime.UTC),
    "is_expiry": False,
    "reasons": ["Steps are missing."],
    "edit_url": "http://testserver/admin/pages/7/edit/",
}
HOUR = datetime.timedelta(hours=1)


def queue(key: str = "k", to: str = "reader@example.org", **values: Any) -> OutgoingMail:
    values = {"template": "schedule_refused", "context": CONTEXT, **values}
    return queue_mail(key=key, to=to, **values)


def test_a_value_that_is_to_be_called_is_refused() -> None:
    with pytest.raises(MailRefused, match="title"):
        queue(context={**CONTEXT, "title": MailState.QUEUED.label.title})
    assert not OutgoingMail.objects.exists()


def state_of(key: str = "k") -> str:
    return OutgoingMail.objects.get(key=key).state


@pytest.fixture
def catcher(settings: Any) -> Iterator[SmtpCatcher]:
    """A mail server that the outbox delivers to."""
    with SmtpCatcher() as catcher:
        use_smtp(settings, catcher.port)
        yield catcher


def use_smtp(settings: Any, port: int) -> None:
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_TIMEOUT = 2


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# Writing -------------------------------------------------------------------------------------


def test_a_mail_comes_in_the_readers_language_direction_and_time() -> None:
    user = UserFactory(email="noa@example.org", preferred_language="he", time_zone="Asia/Jerusalem")
    mail = queue_mail(key="k", user=user, template="schedule_refused", context=CONTEXT)
    assert (mail.to, mail.language) == ("noa@example.org", "he")
    assert '<html lang="he" dir="rtl">' in mail.html
    assert "15:00" in mail.text and "Asia/Jerusalem" in mail.text
    english = queue(key="english")
    assert '<html lang="en" dir="ltr">' in english.html
    assert "noon" in english.text  # 12:00 UTC


def test_the_mail_of_a_refusal_is_translated() -> None:
    hebrew = render_mail("schedule_refused", CONTEXT, language="he")
    for text in (hebrew.subject, hebrew.text, hebrew.html):
        assert re.search("[\u05d0-\u05ea]", text)
    assert "What is missing" not in hebrew.text
    assert "Not published" not in hebrew.subject


def test_names_of_the_other_direction_are_isolated() -> None:
    context = {**CONTEXT, "title": "מחנה קיץ"}
    english = render_mail("schedule_refused", context, language="en")
    assert "\u2068מחנה קיץ\u2069" in english.text
    assert "\u2068מחנה קיץ\u2069" in english.subject
    assert '<span lang="he" dir="rtl">מחנה קיץ</span>' in english.html
    reasons = ["חסרים צעדים."]
    hebrew = render_mail("schedule_refused", {**context, "reasons": reasons}, language="he")
    assert "\u2068" not in hebrew.text
    assert "<span" not in hebrew.html
    translated = {**CONTEXT, "title": Translated({"en": "Summer camp"})}
    only_english = render_mail("schedule_refused", translated, language="he")
    assert '<span lang="en" dir="ltr">Summer camp</span>' in only_english.html


def test_lines_of_a_hebrew_mail_begin_with_its_direction_but_addresses_stay_bare() -> None:
    lines = render_mail("schedule_refused", CONTEXT, language="he").text.splitlines()
    assert "http://testserver/admin/pages/7/edit/" in lines
    assert "\u200f- \u2068Steps are missing.\u2069" in lines


def test_plain_text_is_not_escaped_and_html_is() -> None:
    context = {**CONTEXT, "title": "Bread & <b>salt</b>"}
    rendered = render_mail("schedule_refused", context, language="en")
    assert "Bread & <b>salt</b>" in rendered.text
    assert "Bread & <b>salt</b>" in rendered.subject
    assert "Bread &amp; &lt;b&gt;salt&lt;/b&gt;" in rendered.html


def test_the_same_key_is_one_mail() -> None:
    first = queue()
    second = queue(to="other@example.org")
    assert second.pk == first.pk
    assert OutgoingMail.objects.get().to == "reader@example.org"


def test_a_mail_is_rolled_back_with_what_caused_it() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue()
        raise ZeroDivisionError
    assert not OutgoingMail.objects.exists()


def test_the_task_is_queued_in_the_same_transaction(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    queue()
    queue()  # the same key: no second task
    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_where_tasks_run_at_once_the_mail_goes_at_the_commit() -> None:
    with transaction.atomic():
        queue()
        assert django_mail.outbox == []
    assert [message.to for message in django_mail.outbox] == [["reader@example.org"]]


@pytest.mark.parametrize(
    "address",
    ["a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "nobody", ""],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(MailRefused):
        queue(to=address)
    if address:
        with pytest.raises(MailRefused):
            queue(reply_to=address)


def test_a_key_has_to_be_one() -> None:
    for key in ("", "x" * 201, "a\nb"):
        with pytest.raises(MailRefused):
            queue(key=key)


def test_a_title_can_not_add_a_header(catcher: SmtpCatcher) -> None:
    queue(context={**CONTEXT, "title": "Camp\r\nBcc: victim@example.org\u2028x"})
    assert deliver_due() == (1, False)
    (message,) = catcher.mails
    assert message["Bcc"] is None
    assert "Camp Bcc: victim@example.org x" in message["Subject"]
    assert catcher.envelopes[0][1] == ["reader@example.org"]


# Delivering ----------------------------------------------------------------------------------


def test_a_mail_arrives_with_plain_headers(catcher: SmtpCatcher, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Portal <portal@example.org>"
    queue(reply_to="office@example.org")
    deliver_due()
    (message,) = catcher.mails
    assert message["From"] == "Portal <portal@example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Reply-To"] == "office@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message["Message-ID"] == message_id("k")
    assert message["Message-ID"].endswith("@example.org>")
    assert "Steps are missing." in text_of(message)
    assert "<li>Steps are missing.</li>" in text_of(message, "html")
    assert state_of() == MailState.SENT


def test_many_mails_go_over_one_connection(catcher: SmtpCatcher) -> None:
    for number in range(5):
        queue(f"k{number}")
    assert deliver_due(limit=3) == (3, True)
    assert deliver_due(limit=3) == (2, False)
    assert catcher.connections == 2
    assert deliver_due() == (0, False)
    assert catcher.connections == 2


def test_a_server_that_is_down_gets_the_mail_once_it_is_up(settings: Any) -> None:
    port = free_port()
    use_smtp(settings, port)
    queue("a")
    queue("b")
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        assert deliver_due() == (0, False)
        assert state_of("a") == state_of("b") == MailState.QUEUED
        assert not due_mail().exists()  # b did not wait for a time-out of its own
        assert OutgoingMail.objects.get(key="b").attempts == 0
        clock.shift(HOUR)
        with SmtpCatcher(port) as catcher:
            assert deliver_due() == (2, False)
            assert deliver_due() == (0, False)
    assert len(catcher.mails) == 2


def test_waiting_grows_and_after_three_days_the_mail_has_failed(settings: Any) -> None:
    use_smtp(settings, free_port())
    queue()
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while state_of() == MailState.QUEUED:
            deliver_due()
            mail = OutgoingMail.objects.get()
            waits.append((mail.next_attempt_at - timezone.now()).total_seconds())
            clock.shift(datetime.timedelta(hours=1, minutes=16))
    assert 60 <= waits[0] <= 75
    assert 120 <= waits[1] <= 150
    assert all(3600 <= wait <= 4500 for wait in waits[7:-1])
    assert mail.state == MailState.FAILED
    assert 55 <= mail.attempts <= 60
    assert "ConnectionRefusedError" in mail.error


FRIDAY_EVENING = datetime.datetime(2026, 1, 9, 17, 0, tzinfo=datetime.UTC)


def _down_for(hours: int, settings: Any, clock: Any) -> None:
    """Let the server be away, while the outbox is looked at each hour and tidied each night."""
    use_smtp(settings, free_port())
    for _hour in range(hours):
        deliver_due()
        forget_old_texts()
        clock.shift(HOUR)


def test_a_server_that_is_down_over_a_weekend_loses_nothing(settings: Any) -> None:
    with time_machine.travel(FRIDAY_EVENING, tick=False) as clock:
        queue("news")
        queue("link", is_sensitive=True)
        _down_for(64, settings, clock)  # until Monday, 9 o'clock
        queue("young")
        with SmtpCatcher() as catcher:
            use_smtp(settings, catcher.port)
            for _hour in range(3):
                deliver_due()
                clock.shift(HOUR)
    assert sorted(mail["Message-ID"] for mail in catcher.mails) == sorted(
        message_id(key) for key in ("news", "link", "young")
    )
    assert all("Steps are missing." in text_of(mail) for mail in catcher.mails)


def test_after_a_longer_time_a_person_still_has_the_texts_to_send(settings: Any) -> None:
    with time_machine.travel(FRIDAY_EVENING, tick=False) as clock:
        queue("link", is_sensitive=True)
        _down_for(4 * 24, settings, clock)
        assert state_of("link") == MailState.FAILED
        with SmtpCatcher() as catcher:
            use_smtp(settings, catcher.port)
            deliver_due()
            assert catcher.mails == []
            call_command("mail_queue", "--resend-all", stdout=StringIO())
            deliver_due()
        assert [text_of(mail).count("Steps are missing.") for mail in catcher.mails] == [1]
        queue("forgotten", is_sensitive=True)
        _down_for(5 * 24 + 2, settings, clock)
        assert OutgoingMail.objects.get(key="forgotten").text == ""


def test_an_unknown_recipient_fails_at_once_and_keeps_nobody_back(catcher: SmtpCatcher) -> None:
    catcher.manners = Manners(recipient={"gone@example.org": "550 no such mailbox"})
    queue("gone", to="gone@example.org")
    queue("there")
    assert deliver_due() == (1, False)
    assert state_of("gone") == MailState.FAILED
    assert state_of("there") == MailState.SENT
    assert "no such mailbox" in OutgoingMail.objects.get(key="gone").error


@pytest.mark.parametrize(
    "manners",
    [
        Manners(greeting="421 too busy"),
        Manners(greeting=""),
        Manners(mail="451 later"),
        Manners(mail="550 we don't know you"),  # our own account is at fault, not the mail
        Manners(mail=""),
        Manners(recipient={"reader@example.org": "451 grey"}),
        Manners(recipient={"reader@example.org": "421 enough"}),
        Manners(recipient={"reader@example.org": ""}),
        Manners(accepted="452 disk full"),
    ],
    ids=str,
)
def test_a_server_that_puts_off_gets_the_mail_again(catcher: SmtpCatcher, manners: Manners) -> None:
    catcher.manners = manners
    queue()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert deliver_due() == (0, False)
        assert state_of() == MailState.QUEUED
        catcher.manners = Manners()
        clock.shift(HOUR)
        assert deliver_due() == (1, False)
    assert len(catcher.mails) == 1


def test_a_text_that_is_refused_fails(catcher: SmtpCatcher) -> None:
    catcher.manners = Manners(accepted="554 looks like spam")
    queue()
    deliver_due()
    assert state_of() == MailState.FAILED


def test_a_server_that_hangs_up_over_the_text_leaves_it_unknown(catcher: SmtpCatcher) -> None:
    catcher.manners = Manners(accepted="")  # it keeps the mail and dies before it says so
    queue("first")
    queue("second")
    deliver_due()
    assert state_of("first") == MailState.UNKNOWN
    assert state_of("second") == MailState.QUEUED
    catcher.manners = Manners()
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        deliver_due()
    assert [message["Message-ID"] for message in catcher.mails] == [
        message_id("first"),
        message_id("second"),
    ]


def test_a_mail_in_the_hands_of_a_dead_process_is_not_sent_again(catcher: SmtpCatcher) -> None:
    queue()
    OutgoingMail.objects.update(
        state=MailState.SENDING, attempts=1, claimed_at=timezone.now() - HOUR
    )
    deliver_due()
    assert state_of() == MailState.UNKNOWN
    assert catcher.mails == []

    call_command("mail_queue", "--resend", "k", stdout=StringIO())
    deliver_due()
    assert state_of() == MailState.SENT
    assert len(catcher.mails) == 1


def test_a_mail_that_another_sender_takes_in_the_same_moment_is_left_to_it(
    catcher: SmtpCatcher,
) -> None:
    queue()
    taken: list[str] = []

    def be_faster(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and not taken:
            taken.append(sql)
            OutgoingMail.objects.update(
                state=MailState.SENDING, attempts=1, claimed_at=timezone.now()
            )
        return execute(sql, *rest)

    with connection.execute_wrapper(be_faster):
        assert deliver_due() == (0, False)
    assert taken
    assert catcher.mails == []


def test_a_mail_that_is_being_sent_is_left_alone(catcher: SmtpCatcher) -> None:
    queue()
    OutgoingMail.objects.update(state=MailState.SENDING, attempts=1, claimed_at=timezone.now())
    assert mark_unknown() == 0
    assert deliver_due() == (0, False)


def test_a_sender_that_is_told_to_end_before_the_text_gives_the_mail_back(
    catcher: SmtpCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: Any, **kwargs: Any) -> None:
        raise Interrupted

    queue()
    monkeypatch.setattr("smtplib.SMTP.mail", interrupt)
    with pytest.raises(Interrupted):
        deliver_due()
    assert state_of() == MailState.QUEUED
    monkeypatch.undo()
    assert due_mail().count() == 1


@pytest.mark.parametrize(
    "now",
    [{"state": MailState.QUEUED}, {"state": MailState.SENDING, "attempts": 2}],
    ids=["resent by a person", "taken in hand since"],
)
def test_a_late_answer_does_not_overwrite_a_newer_attempt(
    catcher: SmtpCatcher, monkeypatch: pytest.MonkeyPatch, now: dict[str, Any]
) -> None:
    queue()
    sent = EmailMultiAlternatives.message

    def meanwhile(self: Any) -> Any:
        OutgoingMail.objects.update(**now)
        return sent(self)

    monkeypatch.setattr(EmailMultiAlternatives, "message", meanwhile)
    deliver_due(limit=1)
    assert state_of() == now["state"]


def test_a_clock_set_back_keeps_no_mail_for_long(catcher: SmtpCatcher) -> None:
    with time_machine.travel(timezone.now() + 24 * HOUR, tick=False):
        queue()
    assert deliver_due() == (1, False)


# Looking after it ----------------------------------------------------------------------------


def test_texts_are_forgotten_and_keys_are_not(catcher: SmtpCatcher) -> None:
    queue("old")
    deliver_due()
    with time_machine.travel(timezone.now() + 24 * 91 * HOUR, tick=False):
        queue("waits")
        assert forget_old_texts() == 1
        assert forget_old_texts() == 0
        queue("old")
    old = OutgoingMail.objects.get(key="old")
    assert (old.text, old.html, old.state) == ("", "", MailState.SENT)
    assert OutgoingMail.objects.get(key="waits").text


def test_a_sensitive_text_goes_as_soon_as_it_is_sent(catcher: SmtpCatcher) -> None:
    queue(is_sensitive=True)
    deliver_due()
    mail = OutgoingMail.objects.get()
    assert (mail.text, mail.html) == ("", "")
    assert "Steps are missing." in text_of(catcher.mails[0])


def test_a_mail_whose_text_is_gone_is_not_resent() -> None:
    queue()
    OutgoingMail.objects.update(state=MailState.FAILED, text="", html="")
    with pytest.raises(CommandError, match="text is gone"):
        call_command("mail_queue", "--resend", "k")


def test_the_command_lists_what_needs_a_person_and_delivers(catcher: SmtpCatcher) -> None:
    queue("fine")
    queue("failed")
    OutgoingMail.objects.filter(key="failed").update(state=MailState.FAILED, error="no such box")
    out = StringIO()
    call_command("mail_queue", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["counts"]["queued"] == 1
    assert [(mail["key"], mail["error"]) for mail in told["mails"]] == [("failed", "no such box")]
    call_command("mail_queue", "--deliver", stdout=StringIO())
    call_command("mail_queue", "--resend-all", stdout=StringIO())
    call_command("mail_queue", "--deliver", stdout=StringIO())
    assert state_of("fine") == state_of("failed") == MailState.SENT


# Mails of packages ---------------------------------------------------------------------------


@pytest.fixture
def outbox_backend(settings: Any) -> None:
    settings.EMAIL_BACKEND = "portal.mail_backend.OutboxBackend"


def test_what_packages_send_goes_through_the_outbox(
    outbox_backend: None, catcher: SmtpCatcher
) -> None:
    send_mail(
        "Reset",
        "Your link",
        "somebody@elsewhere.example",
        ["Noa <a@example.org>", "b@example.org"],
        html_message="<p>Your link</p>",
    )
    assert OutgoingMail.objects.filter(state=MailState.QUEUED).count() == 2
    deliver_due()
    assert [to for _, to in catcher.envelopes] == [["a@example.org"], ["b@example.org"]]
    assert [message["To"] for message in catcher.mails] == ["a@example.org", "b@example.org"]
    assert text_of(catcher.mails[0], "html").strip() == "<p>Your link</p>"
    assert set(OutgoingMail.objects.values_list("text", flat=True)) == {""}


def test_a_package_can_not_smuggle_a_header_in(outbox_backend: None, catcher: SmtpCatcher) -> None:
    with pytest.raises(MailRefused):
        send_mail("s", "t", None, ["a@example.org\nBcc: b@example.org"])


def test_a_subject_of_a_package_stays_one_line(outbox_backend: None, catcher: SmtpCatcher) -> None:
    send_mail("Reset\r\nBcc: b@example.org", "text", None, ["a@example.org"])
    deliver_due()
    assert catcher.mails[0]["Subject"] == "Reset Bcc: b@example.org"
    assert catcher.envelopes[0][1] == ["a@example.org"]


def test_a_password_can_be_reset_while_the_mail_server_is_down(
    outbox_backend: None, settings: Any, client: Client
) -> None:
    use_smtp(settings, free_port())
    user = UserFactory()
    response = client.post(reverse("account_reset_password"), {"email": user.email})
    assert response.status_code == 302
    deliver_due()
    mail = OutgoingMail.objects.get(to=user.email)
    assert (mail.state, mail.is_sensitive) == (MailState.QUEUED, True)
    assert "/accounts/password/reset/key/" in mail.text


def test_a_mail_with_a_file_is_sent_at_once(outbox_backend: None, catcher: SmtpCatcher) -> None:
    message = EmailMultiAlternatives("With file", "text", to=["a@example.org"])
    message.attach("a.txt", "a", "text/plain")
    message.send()
    assert len(catcher.mails) == 1
    assert not OutgoingMail.objects.exists()


# Real processes ------------------------------------------------------------------------------


_QUEUE = (
    "from django.core.mail import send_mail\n"
    "for n in range({count}): send_mail(f'{name} {{n}}', 't', None, ['a@example.org'])"
)
_LATER = (
    "import datetime; from portal.models import OutgoingMail; from django.utils import timezone;"
    "OutgoingMail.objects.filter(state='sending')"
    ".update(claimed_at=timezone.now() - datetime.timedelta(hours=1))"
)


@pytest.mark.drills
def test_a_sender_killed_before_it_could_note_and_two_at_once_send_nothing_twice(
    other_processes: OtherProcesses,
) -> None:
    def shell(code: str) -> None:
        done = other_processes.manage("shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr

    with SmtpCatcher() as catcher:
        environment = {"EMAIL_URL": f"smtp://127.0.0.1:{catcher.port}"}
        shell(_QUEUE.format(name="first", count=1))
        catcher.manners.may_answer.clear()
        sender = other_processes.start("mail_queue", "--deliver", **environment)
        deadline = time.monotonic() + 60
        while not catcher.mails and time.monotonic() < deadline:
            time.sleep(0.1)
        sender.kill()  # the server has the mail, and the outbox does not know it
        sender.communicate(timeout=30)
        catcher.manners.may_answer.set()
        shell(_QUEUE.format(name="then", count=20))
        two = [
            other_processes.start("mail_queue", "--deliver", **environment) for _number in range(2)
        ]
        for process in two:
            _out, error = process.communicate(timeout=120)
            assert process.returncode == 0, error
        shell(_LATER)
        other_processes.manage("mail_queue", "--deliver", **environment)
        listed = json.loads(other_processes.manage("mail_queue", "--json").stdout)
    subjects = sorted(str(mail["Subject"]) for mail in catcher.mails)
    assert subjects == sorted(["first 0", *(f"then {number}" for number in range(20))])
    assert (listed["counts"]["unknown"], listed["counts"]["sent"]) == (1, 20)


@pytest.mark.drills
def test_server_down_then_up_one_mail_arrives_from_the_worker(
    other_processes: OtherProcesses,
) -> None:
    port = free_port()
    environment = {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    queued = other_processes.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.core.mail import send_mail; send_mail('s', 't', None, ['a@example.org'])",
    )
    assert queued.returncode == 0, queued.stderr
    worker = other_processes.start("run_worker", **environment)
    try:
        assert worker.stderr is not None
        while "not sent in attempt 1" not in (line := worker.stderr.readline()):
            assert line, "it ended"
        with SmtpCatcher(port) as catcher:
            other_processes.manage(
                "shell",
                "--no-imports",
                "-c",
                "from django.utils import timezone; from portal.models import OutgoingMail;"
                "OutgoingMail.objects.update(next_attempt_at=timezone.now())",
            )  # instead of waiting for a minute
            ran = other_processes.manage("run_schedule", **environment)
            assert ran.returncode == 0, ran.stderr
            deadline = time.monotonic() + 30
            while not catcher.mails and time.monotonic() < deadline:
                time.sleep(0.2)
            time.sleep(3)
        assert len(catcher.mails) == 1
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert worker.returncode == 0
