"""`manage.py publish_scheduled`: stands before Wagtail's, which stops at the first refusal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.services.scheduled_publishing import publish_due


class Command(BaseCommand):
    """Does at once what the scheduler does each minute."""

    help = "Publishes and takes down what is due now (run_schedule does it each minute)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was done; a refusal is told to the page's editors."""
        outcome = publish_due()
        for what, keys in (
            ("published", outcome.published),
            ("taken down", outcome.expired),
            ("refused", outcome.refused),
        ):
            for key in keys:
                self.stdout.write(f"{what}: {key}")
