"""`manage.py rebuild_library`: builds the library anew from the pages."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.engines import DatabaseEngine
from search.services.consistency import CHUNK, rebuild


class Command(BaseCommand):
    """Write every row anew and remove those without a page; pages stay found meanwhile."""

    help = "Builds the library anew from the pages, with progress; may run while people work."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a transaction and the form of the report."""
        parser.add_argument(
            "--chunk", type=int, default=CHUNK, help=f"pages in one transaction ({CHUNK})"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild, and exit with 1 when a page can't be described."""
        started = time.monotonic()
        shown = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown >= 1 or done >= total:
                shown = now
                rate = done / max(now - started, 0.001)
                self.stderr.write(f"{done} of {total} pages, {rate:.0f} a second")

        DatabaseEngine().install()
        result = rebuild(progress, max(1, options["chunk"]))
        seconds = round(time.monotonic() - started, 1)
        if options["json"]:
            report = {
                "rows": result.written,
                "removed": result.removed,
                "failed": result.failed,
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{result.written} rows written, {result.removed} removed, "
                f"{len(result.failed)} failed, {seconds} seconds"
            )
        for page_id, error in result.failed.items():
            self.stderr.write(f"page {page_id}: {error}")
        if result.failed:
            sys.exit(1)
