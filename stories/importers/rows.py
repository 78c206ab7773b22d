"""From a row to a page: who tells it, what it is about, which type it can be, which fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from partnerships.lookups import concept_names, partnership_names, the_one
from partnerships.models import Partnership, PartnershipPage, Program
from portal.importing.importer import Row
from portal.importing.lines import Lines
from portal.importing.names import NameIndex
from portal.importing.problems import CellRefused
from portal.importing.texts import block, holds_markup, rich_text, stream_text
from portal.models import Concept
from stories.models import ChallengePage, PracticePage, StoryPage
from stories.practice_gate import RequiredField, missing_fields

from .columns import FIELD_COLUMNS, LONG, PAGE_TYPES

StoryLike = PracticePage | ChallengePage | StoryPage


@dataclass(slots=True)
class Target:
    """What a row wants: where it belongs and what its page is to hold."""

    parent: PartnershipPage
    page_type: type[StoryLike]
    concepts: list[int] | None = None
    tags: list[str] | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def new_page(self) -> StoryLike:
        """Return a page with these fields that is not in the tree yet (without its concepts)."""
        page = self.page_type(**self.fields)
        page.locale = self.parent.locale
        return page


class Lookups:
    """Everything that rows name, loaded once for an import."""

    def __init__(self) -> None:
        self.partnerships = partnership_names()
        self.partnership_labels = {
            partnership.pk: f"{partnership} ({partnership.reference or partnership.slug})"
            for partnership in Partnership.objects.all()
        }
        self.parents: dict[tuple[int, str], PartnershipPage] = {
            (page.partnership_id, page.locale.language_code): page
            for page in PartnershipPage.objects.filter(alias_of=None)
            .select_related("locale")
            .defer("body")
            .order_by("-pk")
        }
        self.concepts = concept_names()
        self.concept_labels = {c.pk: f"{c} ({c.key})" for c in Concept.objects.all()}
        self.concepts_by_id = Concept.objects.in_bulk()
        self.programs: dict[int, NameIndex[int]] = {}
        self.program_labels: dict[int, str] = {}
        for program in Program.objects.all():
            names = self.programs.setdefault(program.partnership_id, NameIndex(2))
            names.add(program.pk, [program.reference, program.slug], 0)
            names.add(program.pk, program.name.values(), 1)
            self.program_labels[program.pk] = str(program)

    def target(self, row: Row) -> Target | None:
        """Return what the row wants, in the type that it names; note errors in the row."""
        try:
            name = row["partnership"]
            partnership = the_one(
                self.partnerships.find(name), name, self.partnerships, self.partnership_labels
            )
        except CellRefused as error:
            row.refuse("partnership", str(error))
            return None
        parent = self.parents.get((partnership, row["language"]))
        if parent is None:
            row.refuse(
                "language",
                _(
                    "The Partnership has no page in this language yet (manage.py"
                    " ensure_language_tree makes it)."
                ),
            )
            return None
        page_type = PAGE_TYPES[row["type"]]
        target = Target(parent=parent, page_type=page_type)
        if "concepts" in row:
            target.concepts = list(dict.fromkeys(self._concepts(row)))
        if "tags" in row:
            target.tags = row["tags"]
        fill_fields(row, target)
        if row.get("program"):
            self._program(row, target, partnership)
        return target

    def _concepts(self, row: Row) -> Iterable[int]:
        for name in row["concepts"]:
            try:
                found = self.concepts.find_whole(name)
                yield the_one(found, name, self.concepts, self.concept_labels)
            except CellRefused as error:
                row.refuse("concepts", str(error))

    def _program(self, row: Row, target: Target, partnership: int) -> None:
        if target.page_type is not StoryPage:
            row.warn("program", _no_place(target.page_type))
            return
        names = self.programs.get(partnership, NameIndex(1))
        try:
            found = names.find_whole(row["program"])
            target.fields["program_id"] = the_one(found, row["program"], names, self.program_labels)
        except CellRefused as error:
            row.refuse("program", str(error))


def fill_fields(row: Row, target: Target) -> None:
    """Set the fields that the row's columns give for the target's type."""
    fields = target.fields
    fields |= {"title": row["title"], "summary": row["summary"]}
    fields["body"] = stream_text(row["body"])
    for told in FIELD_COLUMNS:
        name = told.column.name
        if name not in row:
            continue
        if target.page_type in told.page_types:
            fields[told.field] = told.value(row[name])
        elif not _is_blank(row[name]):
            row.warn(name, _no_place(target.page_type))
    if target.page_type is ChallengePage and not fields.get("problem"):
        # The seven columns have no problem of its own: the text tells it.
        fields["problem"], fields["body"] = rich_text(row["body"]), []
    if "program" in row and target.page_type is StoryPage:
        fields["program_id"] = None
    for name, value in row.values.items():
        if isinstance(value, str) and (markup := holds_markup(value)):
            row.warn(
                name,
                _("The text holds markup (%(markup)s), which will be shown as it is written.")
                % {"markup": markup[:40]},
            )


def missing_in(row: Row, page: PracticePage) -> list[RequiredField]:
    """Return which of the twelve fields a new practice lacks.

    A translation has the neutral ones from the page first told.
    """
    is_translation = bool(row.get("translation_of"))
    return [
        required
        for required in missing_fields(page)
        if not (required.is_neutral and is_translation)
    ]


def as_story(row: Row, target: Target) -> Target:
    """Return the target of a practice row as a story: what it tells goes into the text."""
    silent = Row(row.number, row.values)  # what has no place is told with the missing fields
    story = Target(
        parent=target.parent, page_type=StoryPage, concepts=target.concepts, tags=target.tags
    )
    fill_fields(silent, story)
    with translation.override(row["language"]):
        story.fields["body"] = [*story.fields["body"], *_sections(row)]
    return story


def _sections(row: Row) -> Iterable[Mapping[str, Any]]:
    """Yield the texts that a story has no field for, each under its name."""
    for told in FIELD_COLUMNS:
        name, cell = told.column.name, told.column.cell
        if PracticePage not in told.page_types or not row.get(name):
            continue
        if isinstance(cell, Lines):
            html = "".join(rich_text(_as_words(line)) for line in row[name])
        elif cell is LONG or name == "audience":
            html = rich_text(row[name])
        else:
            continue
        model_field = cast("models.Field[Any, Any]", PracticePage._meta.get_field(told.field))
        label = str(model_field.verbose_name)
        yield block("heading", label[:1].upper() + label[1:])
        yield block("paragraph", html)


def _as_words(line: Mapping[str, Any]) -> str:
    return " – ".join(str(value) for value in line.values() if value not in ("", None, False))


def _is_blank(value: Any) -> bool:
    return value in (None, "", [], False)


def _no_place(page_type: type[StoryLike]) -> str:
    return _("A %(type)s has no such field; it was left out.") % {
        "type": page_type._meta.verbose_name
    }
