"""`manage.py sync_roles`: groups, rights and members follow the roles in force today."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from partnerships.services.roles import sync_all


class Command(BaseCommand):
    """Terms begin and end by date without anybody saving a row; the scheduler runs this daily."""

    help = "Bring groups, page and file rights, and members in step with the roles of today."

    def handle(self, *args: Any, **options: Any) -> None:
        report = sync_all()
        self.stdout.write(f"{report.added} added to groups, {report.removed} removed")
