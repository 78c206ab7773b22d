"""`manage.py recompute_evidence`: says anew how well tested every practice is."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from search.services.refresh import refresh_stale
from stories.models import PracticePage
from stories.services.evidence import follow_evidence
from stories.services.facts import record_facts

#: Pages whose facts are written in one transaction.
CHUNK = 100


class Command(BaseCommand):
    """Read what practices tell and what others reported, and write the library's word on it."""

    help = (
        "Computes how well tested every public practice is, from nothing but what is recorded, and"
        " builds the rows of the library anew that said otherwise. Prints the counts as JSON."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the facts anew, then the rows whose level is another one."""
        pages = PracticePage.objects.live().filter(alias_of=None).order_by("pk")
        keys = list(pages.values_list("pk", flat=True))
        for start in range(0, len(keys), CHUNK):
            with transaction.atomic():
                record_facts(pages.filter(pk__in=keys[start : start + CHUNK]))
        counts = follow_evidence()
        while refresh_stale():
            pass
        if options["verbosity"]:
            self.stdout.write(json.dumps(counts, sort_keys=True))
