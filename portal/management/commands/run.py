"""`manage.py run`: the whole portal as one process in the foreground."""

from __future__ import annotations

import fcntl
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.preparation import prepare
from portal.processes import Child, Supervisor, end_with_parent
from portal.web import WebServer, answers, bind


class Command(BaseCommand):
    """Prepare the data if anything changed, then mind web, worker and scheduler."""

    help = "Prepares what changed, then runs web, worker and scheduler until SIGINT or SIGTERM."
    requires_system_checks: list[str] = []  # `migrate` checks; a second start is quick

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what the Makefile and the tests set."""
        parser.add_argument(
            "--without-demo",
            action="store_true",
            help="do not load the network of Partnerships (production never does)",
        )
        parser.add_argument(
            "--end-with-parent",
            action="store_true",
            help="end when the process that started this one dies",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to end; the exit code is 0 then, and 1 if the start failed."""
        if options["end_with_parent"]:
            end_with_parent()
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        listener = bind(settings.HOST, settings.PORT)
        mark = running_mark().open("w")
        fcntl.flock(mark, fcntl.LOCK_SH)
        demo = settings.DEMO and not options["without_demo"]
        shown = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        hinted = False

        def ready() -> bool:
            nonlocal hinted
            status = answers(listener, settings.BASE_URL)
            if status not in (0, 200) and not hinted:
                hinted = True
                self.say(f"/healthz answers {status}: is BASE_URL's host in ALLOWED_HOSTS?")
            return status == 200

        supervisor = Supervisor(
            children=[
                Child("web", WebServer(listener, settings.WEB_WORKERS).run),
                Child("worker", lambda: _command("run_worker")),
                Child("scheduler", lambda: _command("run_schedule", loop=True)),
            ],
            say=self.say,
            ready=ready,
            on_ready=lambda: self.say(f"Serving on http://{shown}:{settings.PORT}/"),
            essential=frozenset({"web"}),
        )
        code = supervisor.run_once(lambda: _refusable(lambda: prepare(self.say, demo=demo)))
        if code is None:
            sys.exit(0)
        if code:
            sys.exit(1 if code < 0 else code)
        sys.exit(supervisor.run())

    def say(self, message: str) -> None:
        """Print one line at once."""
        self.stdout.write(message)
        self.stdout.flush()


def _command(name: str, **options: Any) -> None:
    _refusable(lambda: call_command(name, **options))


def _refusable(target: Callable[[], object]) -> None:
    """Run `target`; what it refuses ends the process with that one line, not a traceback."""
    try:
        target()
    except CommandError as error:
        sys.exit(str(error))


def running_mark() -> Path:
    """Return the file that every running portal of this data directory holds a lock on."""
    return Path(settings.VAR_DIR) / "running.lock"
