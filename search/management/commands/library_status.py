"""`manage.py library_status`: how many rows there are and what still waits, as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.services.status import LibraryStatus, library_status


class Command(BaseCommand):
    """Print rows, rows that wait for the worker, and each engine's lag."""

    help = "Prints rows and lag by engine as JSON; --wait until nothing waits any more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether and how long to wait."""
        parser.add_argument("--wait", action="store_true", help="wait until nothing is left to do")
        parser.add_argument(
            "--timeout", type=float, default=600, help="give up waiting after so many seconds (600)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the state; with --wait exit with 1 if the time runs out first."""
        status = library_status()
        deadline = time.monotonic() + options["timeout"]
        while options["wait"] and not status.is_drained and time.monotonic() < deadline:
            time.sleep(0.25)
            status = library_status()
        self._print(status)
        if options["wait"] and not status.is_drained:
            sys.exit(1)

    def _print(self, status: LibraryStatus) -> None:
        self.stdout.write(json.dumps(status.as_dict()))
