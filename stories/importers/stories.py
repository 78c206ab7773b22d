"""`import_content stories`: practices, challenges and stories from a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from taggit.models import Tag
from wagtail.models import PageLogEntry, Revision, WorkflowState

from portal.importing.batches import LOG_ACTION, log_imported, show_all, unseen_batch
from portal.importing.columns import Column
from portal.importing.importer import Importer, ImportRefused, Row, Tally
from portal.importing.merging import TAGS, Merge, merge
from portal.importing.problems import Problem, Severity
from portal.models import WriteBatch
from portal.services.bulk_pages import OWN_FIELDS, BulkPageWriter
from portal.services.page_updates import PageGone, PageUpdates, check_update
from stories.models import ChallengePage, PracticePage, StoryPage
from stories.practice_gate import RequiredField, missing_fields

from .columns import COLUMNS, FIELD_COLUMNS, StoryType
from .links import Told, TranslationLinks
from .rows import Lookups, StoryLike, Target, as_story

PAGE_MODELS: tuple[type[StoryLike], ...] = (PracticePage, ChallengePage, StoryPage)
_COLUMN_OF_FIELD = {told.field: told.column.name for told in FIELD_COLUMNS} | {
    name: name for name in ("title", "summary", "body", "concepts", "program")
}
_COLUMN_OF_FIELD[TAGS] = "tags"


class StoryImporter(Importer):
    """Imports what `type` says: a practice, a challenge or a story (`success`).

    A practice that lacks one of the twelve fields comes in as a story, with a warning.
    """

    kind: ClassVar[str] = "stories"
    columns: ClassVar[tuple[Column, ...]] = COLUMNS

    def prepare(self) -> None:
        """Load Partnerships, concepts and programs."""
        self.lookups = Lookups()
        self.links = TranslationLinks()

    # Checking --------------------------------------------------------------------------------

    def check(self, rows: Sequence[Row]) -> Tally:
        """Judge rows against the portal as it is, and say what they would come to."""
        there = Existing(
            {row["reference"] for row in rows}
            | {row["translation_of"] for row in rows if row.get("translation_of")}
        )
        self.links.add_pages(there.pages.values())
        created = updated = unchanged = 0
        for row in rows:
            self.check_reference(row)
            target = self.lookups.target(row)
            if target is None or row.is_refused:
                continue
            page = there.page_for(row)
            target = self._settled(row, target, page)
            if row.is_refused:
                continue
            self._remember(row, target, page)
            if page is None:
                self._validate_new(row, target)
                created += 1
                continue
            result = self._merged(row, target, page, there)
            if result is None or row.is_refused:
                continue
            if result.changed or self._is_to_publish(page, there):
                updated += 1
            else:
                unchanged += 1
        return Tally(created, updated, unchanged)

    def _settled(self, row: Row, target: Target, page: StoryLike | None) -> Target:
        """Return the target in the type that the row can have: of the page, or a story."""
        if page is not None:
            return self._settled_on_page(row, target, page)
        if target.page_type is PracticePage:
            missing = self._missing(row, target.new_page())
            if missing:
                row.warn("type", _comes_as_story(missing))
                return as_story(row, target)
        return target

    def _settled_on_page(self, row: Row, target: Target, page: StoryLike) -> Target:
        if page.locale.language_code != row["language"]:
            row.refuse(
                "reference",
                _("“%(reference)s” is a page in another language (%(language)s).")
                % {"reference": row["reference"], "language": page.locale.language_code},
            )
        elif page.path[: -page.steplen] != target.parent.path:
            row.refuse(
                "partnership",
                _("“%(reference)s” stands under another Partnership; move the page in the admin.")
                % {"reference": row["reference"]},
            )
        elif target.page_type is PracticePage and isinstance(page, StoryPage):
            row.warn(
                "type",
                _(
                    "The practice was imported as a story before, and stays one: its page keeps its"
                    " type. Delete the story to import the practice."
                ),
            )
            return as_story(row, target)
        elif target.page_type is not type(page):
            row.refuse(
                "type",
                _("“%(reference)s” is of another type (%(type)s); a page keeps its type.")
                % {"reference": row["reference"], "type": page._meta.verbose_name},
            )
        return target

    def _missing(self, row: Row, page: Any) -> list[RequiredField]:
        """Return which of the twelve a practice lacks; a translation has the neutral ones."""
        is_translation = bool(row.get("translation_of"))
        return [
            required
            for required in missing_fields(page)
            if not (required.is_neutral and is_translation)
        ]

    def _remember(self, row: Row, target: Target, page: StoryLike | None) -> None:
        self.links.rows[row["reference"]] = Told(
            row=row.number,
            language=row["language"],
            page_type=target.page_type,
            translation_of=row.get("translation_of", ""),
            key=page.translation_key if page else None,
            original_language=page.original_language if page else "",
        )

    def _validate_new(self, row: Row, target: Target) -> None:
        page = target.new_page()
        page.slug, page.live, page.is_gate_deferred = "checked-when-written", False, True
        if not row["body"] and target.page_type is not PracticePage:
            row.refuse("body", _("The cell is empty."))
        try:
            page.full_clean(exclude=OWN_FIELDS | {"slug"}, validate_unique=False)
        except ValidationError as error:
            _refuse(row, error)
        neutral = (
            {f"practice_{required.code}" for required in missing_fields(page)}
            if isinstance(page, PracticePage)
            else set()
        )
        for problem in page.own_publication_problems():
            if problem.code not in neutral:
                row.refuse(_column(problem.field), str(problem.message))

    def check_together(self) -> Iterable[Problem]:
        """Judge which rows translate which."""
        return self.links.check(self._first_rows)

    # Existing pages --------------------------------------------------------------------------

    def _merged(
        self, row: Row, target: Target, page: StoryLike, there: Existing, make_tags: bool = False
    ) -> Merge | None:
        """Return what the row changes on its page; None when it may not. Notes problems."""
        if page.locked:
            row.refuse("reference", _("The page is locked by an editor."))
            return None
        current = page.latest_revision.content
        result = merge(
            type(page), there.base(page), current, wanted_content(target, page, there, make_tags)
        )
        for name in result.replaced:
            row.warn(
                _COLUMN_OF_FIELD.get(name, name),
                _(
                    "An editor changed this since the last import; the file's text replaces it (the"
                    " page's history keeps the other)."
                ),
            )
        publish = self._publishes(page, there)
        if self.publish and result.changed and not publish:
            row.warn(None, _why_draft(page))
        if result.changed or self._is_to_publish(page, there):
            content = {**current, **result.changed}
            try:
                check_update(page, content, publish=publish)
            except ValidationError as error:
                _refuse(row, error)
        return result

    def _publishes(self, page: StoryLike, there: Existing) -> bool:
        """Whether the new texts of a page go live: not over drafts, not after a withdrawal."""
        if not self.publish or page.pk in there.in_workflow:
            return False
        if page.live:
            return not page.has_unpublished_changes
        return page.first_published_at is None and there.is_untouched(page)

    def _is_to_publish(self, page: StoryLike, there: Existing) -> bool:
        """Whether an earlier import's draft goes live although the row says nothing new."""
        return not page.live and self._publishes(page, there)

    # Writing ---------------------------------------------------------------------------------

    def write(self, chunks: Iterator[list[Row]]) -> Iterator[Tally]:
        """Write new pages unseen, then show them and all changes at once."""
        with unseen_batch(self.kind, self.file) as batch:
            self.batch = str(batch.pk)
            updates = PageUpdates(action=LOG_ACTION, data={"batch": self.batch, **self.origin})
            with BulkPageWriter(batch=batch, validated=True) as writer:
                log = _ImportLog(batch, self.origin)
                for rows in chunks:
                    yield self._write_chunk(rows, writer, updates, log)
                    log.write()
                writer.flush()
                log.write()
            try:
                show_all(batch, updates)
            except (PageGone, ValidationError) as error:
                raise ImportRefused(
                    [Problem(Severity.ERROR, None, None, _changed_meanwhile(error))]
                ) from None

    def _write_chunk(
        self, rows: Sequence[Row], writer: BulkPageWriter, updates: PageUpdates, log: _ImportLog
    ) -> Tally:
        there = Existing({row["reference"] for row in rows})
        created = updated = unchanged = 0
        for row in rows:
            target = self.lookups.target(row)
            page = there.page_for(row)
            if target is None or row.is_refused:
                raise ImportRefused(row.problems)
            target = self._settled(row, target, page)
            if page is None:
                new = self._new_page(row, target)
                try:
                    writer.add(new, target.parent, tags=target.tags or (), publish=self.publish)
                except (ValidationError, ValueError) as error:
                    row.refuse(None, _changed_meanwhile(error))
                    raise ImportRefused(row.problems) from None
                log.add(new, row)
                created += 1
                continue
            result = self._merged(row, target, page, there, make_tags=True)
            if result is None or row.is_refused:
                raise ImportRefused(row.problems)
            if result.changed or self._is_to_publish(page, there):
                updates.add(
                    page,
                    result.changed,
                    publish=self._publishes(page, there),
                    data={"row": row.number, "reference": row["reference"]},
                )
                updated += 1
            else:
                unchanged += 1
        return Tally(created, updated, unchanged)

    def _new_page(self, row: Row, target: Target) -> StoryLike:
        page = target.new_page()
        page.reference = row["reference"]
        if target.concepts:
            page.concepts = [self.lookups.concepts_by_id[pk] for pk in target.concepts]
        told = self.links.rows[row["reference"]]
        if told.key is not None:
            page.translation_key = told.key
        page.original_language = told.original_language or row["language"]
        return page


class Existing:
    """The pages that rows of a chunk name, with what the last import wrote on them."""

    def __init__(self, references: Iterable[str]) -> None:
        self._by_language: dict[tuple[str, str], StoryLike] = {}
        self.pages: dict[str, StoryLike] = {}
        wanted = set(references)
        for model in PAGE_MODELS:
            found = model._default_manager.filter(reference__in=wanted, alias_of=None)
            for page in found.select_related("latest_revision", "locale").order_by("pk"):
                self.pages.setdefault(page.reference, page)
                self._by_language.setdefault((page.reference, page.locale.language_code), page)
        self._bases = self._imported({page.pk for page in self._by_language.values()})
        self.in_workflow = {
            int(object_id)
            for object_id in WorkflowState.objects.active()
            .filter(object_id__in=[str(pk) for pk in self._bases])
            .values_list("object_id", flat=True)
        }

    @staticmethod
    def _imported(page_ids: set[int]) -> dict[int, tuple[int, Mapping[str, Any]] | None]:
        """Return by page the revision that an import wrote last, and its content."""
        newest: dict[int, int] = {}
        entries = PageLogEntry.objects.filter(page_id__in=page_ids, action=LOG_ACTION)
        for page_id, revision_id in (
            entries.exclude(revision=None).order_by("pk").values_list("page_id", "revision_id")
        ):
            newest[page_id] = revision_id
        contents = dict(
            Revision.objects.filter(pk__in=newest.values()).values_list("pk", "content")
        )
        return {
            page_id: (revision, contents[revision])
            if (revision := newest.get(page_id)) in contents and revision is not None
            else None
            for page_id in page_ids
        }

    def page_for(self, row: Row) -> StoryLike | None:
        """Return the row's page: in its language, else whichever has its reference."""
        reference = row["reference"]
        return self._by_language.get((reference, row["language"])) or self.pages.get(reference)

    def base(self, page: StoryLike) -> Mapping[str, Any] | None:
        """Return the page's content as the last import left it."""
        found = self._bases.get(page.pk)
        return found[1] if found else None

    def is_untouched(self, page: StoryLike) -> bool:
        """Whether nobody saved the page since the last import."""
        found = self._bases.get(page.pk)
        return bool(found) and found[0] == page.latest_revision_id  # type: ignore[index]


class _ImportLog:
    """Log entries of new pages, written once the writer has given them their keys."""

    def __init__(self, batch: WriteBatch, origin: Mapping[str, Any]) -> None:
        self.batch = batch
        self.origin = origin
        self._waiting: list[tuple[Any, dict[str, Any]]] = []

    def add(self, page: StoryLike, row: Row) -> None:
        data = {**self.origin, "row": row.number, "reference": row["reference"]}
        self._waiting.append((page, data))

    def write(self) -> None:
        written = [(page, data) for page, data in self._waiting if page.pk]
        if written:
            log_imported(self.batch, written)
            self._waiting = [(page, data) for page, data in self._waiting if not page.pk]


def wanted_content(
    target: Target, page: StoryLike, there: Existing, make_tags: bool
) -> dict[str, Any]:
    """Return the fields that the row gives, as a revision keeps them."""
    whole = target.new_page().serializable_data()
    wanted = {name.removesuffix("_id"): whole[name.removesuffix("_id")] for name in target.fields}
    if target.concepts is not None:
        wanted["concepts"] = target.concepts
    if target.tags is not None:
        wanted[TAGS] = _tag_items(target.tags, page, make_tags)
    return wanted


def _tag_items(names: Iterable[str], page: StoryLike, make: bool) -> list[dict[str, Any]]:
    had = {item["tag"]: item for item in page.latest_revision.content.get(TAGS) or ()}
    items = []
    for name in names:
        tag = Tag.objects.filter(name__iexact=name).first()
        if tag is None and make:
            tag = Tag.objects.create(name=name)
        tag_id: Any = tag.pk if tag else f"new: {name}"
        items.append(had.get(tag_id) or {"pk": None, "tag": tag_id, "content_object": page.pk})
    return items


def _comes_as_story(missing: Iterable[RequiredField]) -> str:
    return _(
        "A practice needs %(fields)s: without it the row comes in as a story. Columns: %(columns)s."
    ) % {
        "fields": "; ".join(str(required.label) for required in missing),
        "columns": ", ".join(required.field for required in missing),
    }


def _why_draft(page: StoryLike) -> str:
    if page.live:
        return _(
            "The page has a draft that waits: the file's texts were added to the draft, and are"
            " not published."
        )
    return _("The page was taken down or is being edited: the file's texts went into its draft.")


def _changed_meanwhile(error: Exception) -> str:
    reason = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    return _("The portal changed while the import ran (%(reason)s). Start it again.") % {
        "reason": reason
    }


def _column(field: str) -> str | None:
    return None if field == NON_FIELD_ERRORS else _COLUMN_OF_FIELD.get(field, field)


def _refuse(row: Row, error: ValidationError) -> None:
    whole = {NON_FIELD_ERRORS: error.messages}
    by_field = error.message_dict if hasattr(error, "error_dict") else whole
    for name, messages in by_field.items():
        for message in messages:
            row.refuse(_column(name), str(message))


__all__ = ["StoryImporter", "StoryType"]
