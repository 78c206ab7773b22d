"""`make demo-reset`: throws away what `make run` loaded and what was edited since."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.management.commands.run import running_mark
from portal.preparation import current_stamp, forget_stamp, read_stamp


class Command(BaseCommand):
    """Empty the demo's database and media; the next `make run` loads the network anew."""

    help = "Empties the database and media that `make run` filled. Never in production."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse (CommandError) unless this database was filled by `make run` and rests."""
        if not settings.DEMO:
            raise CommandError("These are not the demo's settings: nothing was thrown away.")
        before = read_stamp()
        if before.get("database") != current_stamp(demo=False)["database"] or (
            "network" not in before
        ):
            raise CommandError("`make run` did not fill this database: nothing was thrown away.")
        with running_mark().open("w") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CommandError("The portal is running: end it first.") from None
            forget_stamp()
            self._empty_database()
            shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
            (Path(settings.VAR_DIR) / "demo-accounts.json").unlink(missing_ok=True)
        self.stdout.write("Thrown away; `make run` loads the network anew.")

    def _empty_database(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")
            return
        connection.close()
        name = str(connection.settings_dict["NAME"])
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)
