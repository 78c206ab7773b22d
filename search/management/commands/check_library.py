"""`manage.py check_library`: does the library say what the pages say?"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from search.services.consistency import compare


class Command(BaseCommand):
    """Compare table, pages and engine; JSON on standard output, exit code 1 on a difference."""

    help = "Compares the library with the pages: missing, extra and different rows, as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the comparison and exit with 1 when something differs."""
        result = compare()
        self.stdout.write(json.dumps(result.as_dict(), ensure_ascii=False))
        if not result.is_clean:
            sys.exit(1)
