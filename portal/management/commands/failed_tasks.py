"""`manage.py failed_tasks`: the tasks that were tried for the last time, and another try."""

from __future__ import annotations

import json
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.tasks import failed_tasks, retry_failed


class Command(BaseCommand):
    """Lists failed tasks, the newest first, or queues them again."""

    help = "Lists the tasks that failed for good, or queues them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what is to be done with them."""
        parser.add_argument("--json", action="store_true", help="print a list of objects")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--retry", metavar="ID", nargs="+", help="queue these again")
        what.add_argument("--retry-all", action="store_true", help="queue all of them again")

    def handle(self, *args: Any, **options: Any) -> None:
        """List or retry."""
        if options["retry_all"]:
            self._say_queued(retry_failed(failed_tasks()))
        elif options["retry"]:
            self._say_queued(self._retry(options["retry"]))
        else:
            self._list(as_json=options["json"])

    def _retry(self, ids: list[str]) -> int:
        wanted = set()
        for text in ids:
            try:
                wanted.add(uuid.UUID(text))
            except ValueError:
                raise CommandError(f"There is no failed task {text}.") from None
        chosen = failed_tasks().filter(pk__in=wanted)
        if missing := wanted - set(chosen.values_list("pk", flat=True)):
            raise CommandError(f"There is no failed task {', '.join(map(str, missing))}.")
        return retry_failed(chosen)

    def _say_queued(self, count: int) -> None:
        self.stdout.write(f"Queued again: {count} {'task' if count == 1 else 'tasks'}.")

    def _list(self, *, as_json: bool) -> None:
        rows = [
            {
                "id": str(row.pk),
                "task": row.task_path,
                "arguments": row.args_kwargs,
                "attempts": len(row.worker_ids),
                "failed_at": row.finished_at.isoformat() if row.finished_at else None,
                "error": row.traceback.strip().splitlines()[-1] if row.traceback else "",
            }
            for row in failed_tasks()
        ]
        if as_json:
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
        elif not rows:
            self.stdout.write("No task failed.")
        for row in () if as_json else rows:
            self.stdout.write(f"{row['id']}  {row['failed_at']}  {row['task']}  {row['error']}")
