"""`manage.py load_network`: the real network of Partnerships, in all languages."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from home.services.accounts import NotAllowedHere, accounts_file, make_demo_accounts
from home.services.network import load_demonstration, load_network, timed


class Command(BaseCommand):
    """Load what the data files say; what people changed stays."""

    help = "Loads the network of Partnerships from the portal's data files; may run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what goes beyond the sourced facts."""
        parser.add_argument("--demo", action="store_true", help="load the demonstration too")
        parser.add_argument(
            "--demo-accounts",
            action="store_true",
            help="make accounts to try the portal with; their passwords go to var/",
        )
        parser.add_argument(
            "--again", action="store_true", help="load although the files did not change"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, with a line a step."""
        if (options["demo"] or options["demo_accounts"]) and not settings.DEMO:
            raise CommandError("A demonstration is loaded under `make run`, never in production.")
        say = timed(self._say)
        if not load_network(say, again=options["again"]):
            say("the network is loaded already")
        if options["demo"] and not load_demonstration(say, again=options["again"]):
            say("the demonstration is loaded already")
        if options["demo_accounts"]:
            try:
                accounts = make_demo_accounts()
            except NotAllowedHere as error:
                raise CommandError(str(error)) from None
            say(f"{len(accounts)} demo accounts: {accounts_file()}")

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()
