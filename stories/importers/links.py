"""Which rows and pages are the same thing in several languages."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from wagtail.models import Page

from portal.importing.problems import Problem, Severity
from stories.models import PracticePage, StoryPage

from .rows import StoryLike


@dataclass(slots=True)
class Told:
    """What is remembered of a row (of a page, when `row` is 0): little, since files are large."""

    row: int
    language: str
    page_type: type[StoryLike]
    translation_of: str = ""
    key: uuid.UUID | None = None
    original_language: str = ""
    is_linked: bool = True


class TranslationLinks:
    """Resolves `translation_of`, within the file and to pages of earlier imports."""

    def __init__(self) -> None:
        self.rows: dict[str, Told] = {}
        self.pages: dict[str, Told] = {}

    def add_pages(self, pages: Iterable[StoryLike]) -> None:
        """Remember pages that are there already, by reference."""
        for page in pages:
            self.pages.setdefault(
                page.reference,
                Told(
                    row=0,
                    language=page.locale.language_code,
                    page_type=type(page),
                    key=page.translation_key,
                    original_language=page.original_language or page.locale.language_code,
                ),
            )

    def root(self, reference: str) -> tuple[str, Told] | None:
        """Return the first told of what `reference` is a translation of; None when it is none.

        Raises KeyError when the chain leads to nothing known, ValueError when it is a ring.
        """
        told = self.rows[reference]
        if not told.translation_of:
            return None
        seen = {reference}
        while told.translation_of:
            reference = told.translation_of
            if reference in seen:
                raise ValueError(reference)
            seen.add(reference)
            told = self.rows[reference] if reference in self.rows else self.pages[reference]
        return reference, told

    def check(self, in_file: Container[str]) -> Iterator[Problem]:
        """Yield what is wrong with the links; settles the keys that rows share.

        `in_file` has the references of rows with errors too: those are told of already.
        """
        taken: dict[tuple[str, str], int] = {}
        linked: list[tuple[str, Told, Told]] = []
        for reference, told in self.rows.items():
            try:
                found = self.root(reference)
            except KeyError as error:
                if error.args[0] in in_file:
                    continue
                yield _refuse(told, _("“%(name)s” is neither in this file nor in the portal."))
                continue
            except ValueError:
                yield _refuse(told, _("The rows are translations of each other, in a ring."))
                continue
            if found is None:
                continue
            name, root = found
            if root.language == told.language:
                yield _refuse(told, _("“%(name)s” is in the same language."))
                continue
            if root.page_type is not told.page_type:
                if {root.page_type, told.page_type} != {PracticePage, StoryPage}:
                    yield _refuse(told, _("“%(name)s” is of another type."))
                    continue
                told.is_linked = False
                yield Problem(
                    Severity.WARNING,
                    told.row,
                    "translation_of",
                    _(
                        "One of the two is complete as a practice, the other comes in as a story:"
                        " they are not linked as translations."
                    ),
                )
                continue
            first = taken.setdefault((name, told.language), told.row)
            if first != told.row:
                yield _refuse(told, _("Row %(row)d translates it into this language."), row=first)
                continue
            linked.append((reference, told, root))
        yield from self._settle(linked)

    def _settle(self, linked: list[tuple[str, Told, Told]]) -> Iterator[Problem]:
        """Give originals and translations their common key; one page a language."""
        for _reference, _told, root in linked:
            root.key = root.key or uuid.uuid4()
        keys = [root.key for _reference, _told, root in linked if root.key]
        there: dict[tuple[str, str], str] = {}
        for start in range(0, len(keys), 500):
            pages = Page.objects.filter(translation_key__in=keys[start : start + 500])
            for key, code, title in pages.values_list(
                "translation_key", "locale__language_code", "title"
            ):
                there[str(key), code] = title
        for reference, told, root in linked:
            if told.key is not None and told.key != root.key:
                yield _refuse(told, _("It is in the portal already, as a thing of its own."))
            elif told.key is None and (str(root.key), told.language) in there:
                yield _refuse(told, _("“%(name)s” has a page in this language already."))
            told.key = root.key
            told.original_language = root.original_language or root.language
            self.rows[reference] = told


def _refuse(told: Told, reason: str, row: int = 0) -> Problem:
    return Problem(
        Severity.ERROR,
        told.row,
        "translation_of",
        reason % {"name": told.translation_of, "row": row},
    )
