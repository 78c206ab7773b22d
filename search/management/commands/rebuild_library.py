"""`manage.py rebuild_library`: builds the library anew from the pages.

One that was broken off within the last day is gone on with; `--anew` begins at the first page.
With `--engine elasticsearch` it builds Elasticsearch's index anew from the table instead, beside
the one that serves, and switches at the end.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from search.engines import DatabaseEngine, EngineUnavailable, elasticsearch_engine
from search.services.consistency import CHUNK, Progress, broken_off, rebuild


class Command(BaseCommand):
    """Write every row anew and remove those without a page; pages stay found meanwhile."""

    help = "Builds the library anew from the pages, with progress; may run while people work."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a transaction and the form of the report."""
        parser.add_argument(
            "--chunk", type=int, default=CHUNK, help=f"pages in one transaction ({CHUNK})"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--engine",
            choices=["database", "elasticsearch"],
            default="database",
            help="elasticsearch: build its index anew from the table; goes on where it was left",
        )
        parser.add_argument(
            "--anew",
            action="store_true",
            help="begin at the first page, even if a rebuild was broken off lately",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, and exit with 1 when a page can't be described or an engine does not answer."""
        if options["engine"] == "elasticsearch":
            self._rebuild_index(bool(options["json"]))
            return
        started = time.monotonic()
        DatabaseEngine().install()
        anew = bool(options["anew"])
        if (left := broken_off()) and not anew:
            self.stderr.write(
                f"Goes on from page {left.rebuild_page}: {left.rebuild_pages} pages were done until"
                f" {timezone.localtime(left.rebuild_at):%Y-%m-%d %H:%M} (--anew does them again)."
            )
        result = rebuild(self._progress("pages"), max(1, options["chunk"]), anew)
        seconds = round(time.monotonic() - started, 1)
        if options["json"]:
            report = {
                "rows": result.written,
                "pages": result.pages,
                "pages_before": result.before,
                "removed": result.removed,
                "failed": result.failed,
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{result.written} rows of {result.pages} pages written, {result.removed} removed, "
                f"{len(result.failed)} failed, {seconds} seconds"
            )
        for page_id, error in result.failed.items():
            self.stderr.write(f"page {page_id}: {error}")
        if result.failed:
            sys.exit(1)

    def _rebuild_index(self, as_json: bool) -> None:
        """Build Elasticsearch's index anew; raises CommandError when it can't be done."""
        started = time.monotonic()
        try:
            engine = elasticsearch_engine()
            is_done = engine.rebuild(self._progress("things"))
        except (LookupError, EngineUnavailable) as error:
            raise CommandError(f"{error}. What was sent is kept: run it again.") from None
        seconds = round(time.monotonic() - started, 1)
        if not is_done:
            raise CommandError("It was told to end; run it again to go on.")
        if as_json:
            self.stdout.write(json.dumps({"engine": engine.name, "seconds": seconds}))
        else:
            self.stdout.write(f"{engine.name}: a new index serves, {seconds} seconds")

    def _progress(self, what: str) -> Progress:
        """Return what tells, once a second, how many are done."""
        started, shown = time.monotonic(), 0.0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= 1 or done >= total:
                shown = now
                rate = done / max(now - started, 0.001)
                self.stderr.write(f"{done} of {total} {what}, {rate:.0f} a second")

        return progress
