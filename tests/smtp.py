"""A mail server on loopback that keeps what it accepts, and can be as bad as real ones are."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Any


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Manners:
    """How the server answers: full replies, or "" for hanging up without one.

    While `may_answer` is not set, it keeps a mail and does not say so.
    """

    greeting: str = "220 catcher ready"
    mail: str = "250 fine"
    recipient: dict[str, str] = field(default_factory=dict)
    data: str = "354 go on"
    accepted: str = "250 accepted"
    may_answer: threading.Event = field(default_factory=_set_event, repr=False)


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def reply(self, text: str) -> bool:
        """Send a reply; returns whether the conversation goes on."""
        if text:
            self.wfile.write(text.encode() + b"\r\n")
        return bool(text) and not text.startswith("421")

    def handle(self) -> None:
        catcher = self.server.catcher
        manners = catcher.manners
        catcher.connections += 1
        if not self.reply(manners.greeting):
            return
        sender, recipients = "", []
        while line := self.rfile.readline().decode(errors="replace").strip():
            command = line.upper()
            if command.startswith(("EHLO", "HELO", "RSET", "NOOP")):
                going = self.reply("250 catcher")
            elif command.startswith("MAIL FROM:"):
                sender, recipients = line[10:].split(">")[0].strip("< "), []
                going = self.reply(manners.mail)
            elif command.startswith("RCPT TO:"):
                recipient = line[8:].split(">")[0].strip("< ")
                answer = manners.recipient.get(recipient, "250 known")
                if answer.startswith("250"):
                    recipients.append(recipient)
                going = self.reply(answer)
            elif command == "DATA":
                going = self.reply(manners.data)
                if manners.data.startswith("354"):
                    catcher.keep(sender, recipients, self.read_text())
                    manners.may_answer.wait(60)
                    going = self.reply(manners.accepted)
            elif command == "QUIT":
                self.reply("221 bye")
                return
            else:
                going = self.reply("502 what?")
            if not going:
                return

    def read_text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    catcher: SmtpCatcher


class SmtpCatcher:
    """Runs while its `with` block does, on `port` (0: a free one); accepted mails are `mails`."""

    def __init__(self, port: int = 0) -> None:
        self.manners = Manners()
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        self._server = _Server(("127.0.0.1", port), _Conversation)
        self._server.catcher = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def keep(self, sender: str, recipients: list[str], text: bytes) -> None:
        """Take a mail in, as a server does once it has answered 250."""
        if not self.manners.accepted or self.manners.accepted.startswith("250"):
            message: Any = email.message_from_bytes(text, policy=email.policy.default)
            self.mails.append(message)
            self.envelopes.append((sender, list(recipients)))

    def __enter__(self) -> SmtpCatcher:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """Return the text of a part ("plain" or "html") of a caught mail."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())
