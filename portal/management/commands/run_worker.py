"""`manage.py run_worker`: runs queued tasks beside the web process."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.liveness import GRACE_SECONDS, LEASE_SECONDS, Stop
from portal.tasks import queue_is_database
from portal.worker import TaskWorker


class Command(BaseCommand):
    """Start it as often as work is to be done at once; each task is run by one of them."""

    help = "Runs queued tasks until SIGTERM or SIGINT; with --batch until nothing is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the times, which tests shorten."""
        parser.add_argument("--batch", action="store_true", help="end when nothing is due")
        parser.add_argument(
            "--interval", type=float, default=1.0, help="seconds between two looks (default 1)"
        )
        parser.add_argument(
            "--lease",
            type=float,
            default=LEASE_SECONDS,
            help="seconds after which a silent worker counts as dead (default %(default)s)",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE_SECONDS,
            help="seconds a task gets to come to its end after SIGTERM (default %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to end; the exit code is 0 then."""
        if not queue_is_database():
            raise CommandError("TASKS is not the database: tasks run where they are queued.")
        # Our own log says the same in one line a task, and names what failed.
        logging.getLogger("django_tasks").setLevel(logging.CRITICAL)
        with Stop(options["grace"]) as stop:
            TaskWorker(
                stop,
                interval=options["interval"],
                lease=options["lease"],
                batch=options["batch"],
            ).serve()
