"""Remove the demonstration; the sourced facts stay."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from home.services.demo.remove import remove_demo


class Command(BaseCommand):
    """`manage.py remove_demo`: what was invented goes, what has a source stays."""

    help = "Remove every demonstration page, fact and picture."

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove and report."""
        removed = remove_demo(say=self.stdout.write)
        total = sum(removed.values())
        self.stdout.write(f"{total} demonstration rows removed." if total else "Nothing to remove.")
