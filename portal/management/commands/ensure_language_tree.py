"""`manage.py ensure_language_tree`: the skeleton of the site in every language."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from wagtail.models import Locale

from portal.fields import language_codes
from portal.services.language_tree import ensure_language_tree, language_tree_problems


class Command(BaseCommand):
    """Make the languages of the settings and the skeleton pages that each of them lacks."""

    help = "Makes the pages that exist in every language; --check only says what is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the languages and the check."""
        parser.add_argument("languages", nargs="*", help="codes; all of LANGUAGES when none given")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 if something is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, or say what is wrong."""
        if options["check"]:
            problems = language_tree_problems()
            for problem in problems:
                self.stderr.write(problem.message)
            if problems:
                raise CommandError(f"{len(problems)} problems in the language trees.")
            self.stdout.write("The language trees are in order.")
            return
        known = language_codes()
        for code in options["languages"] or known:
            if code not in known:
                raise CommandError(f"“{code}” is not in LANGUAGES ({', '.join(known)}).")
            locale, _made = Locale.objects.get_or_create(language_code=code)
            self.stdout.write(f"{code}: {ensure_language_tree(locale)} pages made")
