"""`manage.py run_schedule`: runs the jobs that are due, once or each minute."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.liveness import GRACE_SECONDS, LEASE_SECONDS, Stop
from portal.schedule import Scheduler, load_jobs


class Command(BaseCommand):
    """Any number of them may run; each job is run by one of them at a time."""

    help = "Runs the jobs that are due now; with --loop each minute until SIGTERM or SIGINT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the loop, single jobs, and the times, which tests shorten."""
        parser.add_argument("--loop", action="store_true", help="go on, each whole minute")
        parser.add_argument("--job", metavar="NAME", action="append", help="run it, due or not")
        parser.add_argument("--list", action="store_true", help="name the jobs and end")
        parser.add_argument(
            "--lease",
            type=float,
            default=LEASE_SECONDS,
            help="seconds after which a silent scheduler counts as dead (default %(default)s)",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE_SECONDS,
            help="seconds a job gets to come to its end after SIGTERM (default %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run; without --loop a failed job is an error that names it."""
        jobs = load_jobs()
        if options["list"]:
            for job in jobs.values():
                when = f"daily at {job.at:%H:%M}" if job.at else f"every {job.every}"
                self.stdout.write(f"{job.name}: {when}")
            return
        if unknown := set(options["job"] or ()) - set(jobs):
            raise CommandError(f"There is no job {', '.join(sorted(unknown))}.")
        with Stop(options["grace"]) as stop:
            scheduler = Scheduler(stop, lease=options["lease"])
            if options["loop"]:
                scheduler.loop()
            elif failed := scheduler.run_once(options["job"]):
                raise CommandError(f"Failed: {', '.join(failed)}.")
