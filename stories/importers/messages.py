"""What people are told about rows and pages."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from portal.importing.importer import Row
from portal.importing.merging import TAGS
from stories.practice_gate import RequiredField

from .columns import FIELD_COLUMNS
from .rows import StoryLike

_COLUMN_OF_FIELD = {told.field: told.column.name for told in FIELD_COLUMNS} | {
    name: name for name in ("title", "summary", "body", "concepts", "program")
}
_COLUMN_OF_FIELD[TAGS] = "tags"


def comes_as_story(missing: Iterable[RequiredField]) -> str:
    """Return why a practice row becomes a story: the fields it lacks."""
    return _(
        "A practice needs %(fields)s: without it the row comes in as a story. Columns: %(columns)s."
    ) % {
        "fields": "; ".join(str(required.label) for required in missing),
        "columns": ", ".join(required.field for required in missing),
    }


def why_draft(page: StoryLike) -> str:
    """Return why new texts were not published although that was asked."""
    if page.live:
        return _(
            "The page has a draft that waits: the file's texts were added to the draft, and are"
            " not published."
        )
    return _("The page was taken down or is being edited: the file's texts went into its draft.")


def changed_meanwhile(error: Exception) -> str:
    """Return what is told when something right when checked is wrong when written."""
    reason = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return _("The portal changed while the import ran (%(reason)s). Start it again.") % {
        "reason": reason
    }


def column_of(field: str) -> str | None:
    """Return the column that fills a field; None for what concerns the whole row."""
    return None if field == NON_FIELD_ERRORS else _COLUMN_OF_FIELD.get(field, field)


def note_errors(row: Row, error: ValidationError) -> None:
    """Refuse the row for each thing that a model's validation found, by column."""
    whole = {NON_FIELD_ERRORS: error.messages}
    by_field = error.message_dict if hasattr(error, "error_dict") else whole
    for name, messages in by_field.items():
        for message in messages:
            row.refuse(column_of(name), str(message))
