"""`manage.py mail_queue`: what the outbox holds, sending it now, and sending a mail once more."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from portal.mail_delivery import deliver_due, resend
from portal.models import MailState, OutgoingMail


class Command(BaseCommand):
    """Lists mails that need a person, and does what the person decides."""

    help = "Counts the outbox by state and lists the mails that failed or may not have been sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what is to be done with them."""
        parser.add_argument("--json", action="store_true", help="print an object")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--deliver", action="store_true", help="send here and now what is due")
        what.add_argument(
            "--resend", metavar="KEY", nargs="+", help="send these once more; they may arrive twice"
        )
        what.add_argument(
            "--resend-all", action="store_true", help="send all once more that failed or may have"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """List, deliver or resend."""
        troubled = OutgoingMail.objects.filter(state__in=(MailState.FAILED, MailState.UNKNOWN))
        if options["deliver"]:
            sent, _ = deliver_due()
            self.stdout.write(f"Sent: {sent}.")
        elif options["resend_all"]:
            self._say_queued(resend(troubled))
        elif options["resend"]:
            chosen = troubled.filter(key__in=options["resend"]).exclude(text="", html="")
            found = set(chosen.values_list("key", flat=True))
            if missing := set(options["resend"]) - found:
                raise CommandError(
                    "Neither failed nor unknown, or its text is gone: " + ", ".join(sorted(missing))
                )
            self._say_queued(resend(chosen))
        else:
            self._list(troubled, as_json=options["json"])

    def _say_queued(self, count: int) -> None:
        self.stdout.write(f"Queued again: {count} {'mail' if count == 1 else 'mails'}.")

    def _list(self, troubled: Any, *, as_json: bool) -> None:
        counts = dict.fromkeys(MailState.values, 0)
        counts.update(
            OutgoingMail.objects.order_by().values_list("state").annotate(count=Count("pk"))
        )
        rows = [
            {
                "key": mail.key,
                "state": mail.state,
                "attempts": mail.attempts,
                "created_at": mail.created_at.isoformat(),
                "error": mail.error,
            }
            for mail in troubled
        ]
        if as_json:
            self.stdout.write(json.dumps({"counts": counts, "mails": rows}, indent=2))
            return
        self.stdout.write(", ".join(f"{state}: {count}" for state, count in counts.items()))
        for row in rows:
            self.stdout.write(f"{row['state']}  {row['created_at']}  {row['key']}  {row['error']}")
