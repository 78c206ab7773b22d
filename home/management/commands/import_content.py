"""Imports communities, Partnerships, programs or stories from CSV or XLSX (docs/import.md)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partnerships.importers import CommunityImporter, PartnershipImporter, ProgramImporter
from portal.importing.encodings import DECLARABLE
from portal.importing.importer import Importer, run_import
from portal.importing.problems import FileUnusable
from stories.importers import StoryImporter

IMPORTERS: dict[str, type[Importer]] = {
    importer.kind: importer
    for importer in (CommunityImporter, PartnershipImporter, ProgramImporter, StoryImporter)
}
REFUSED, USAGE = 1, 2


class Command(BaseCommand):
    """`import_content KIND FILE`: exit code 0 done, 1 refused and nothing changed, 2 usage."""

    help = (
        "Imports a table: all of it or nothing. Rows are known by their reference, so that a second"
        " import updates."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the contract's arguments."""
        kinds = list(IMPORTERS)
        parser.add_argument("kind", metavar="KIND", choices=kinds, help=", ".join(kinds))
        parser.add_argument("file", metavar="FILE", type=Path, help="CSV or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="check, and write nothing")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="publish, as network staff; without it everything comes as drafts",
        )
        parser.add_argument("--strict", action="store_true", help="refuse what would be a warning")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument(
            "--encoding",
            choices=list(DECLARABLE),
            default="",
            help="of a CSV that is neither UTF-8 nor UTF-16 with a mark",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        importer = IMPORTERS[options["kind"]](publish=options["publish"])
        try:
            report = run_import(
                importer,
                options["file"],
                dry_run=options["dry_run"],
                strict=options["strict"],
                encoding=options["encoding"],
            )
        except FileUnusable as error:
            raise CommandError(str(error), returncode=USAGE) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            for line in report.lines():
                self.stdout.write(line)
        if report.is_refused:
            sys.exit(REFUSED)
