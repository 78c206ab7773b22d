"""`import_content stories`: practices, challenges and stories from a table."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.importing.batches import LOG_ACTION, log_imported, show_all, unseen_batch
from portal.importing.columns import Column
from portal.importing.importer import Importer, ImportRefused, Row, Tally
from portal.importing.merging import TAGS, Merge, merge
from portal.importing.problems import Problem, Severity
from portal.models import WriteBatch
from portal.services.bulk_pages import OWN_FIELDS, BulkPageWriter
from portal.services.page_indexes import let_others_write
from portal.services.page_updates import PageGone, PageUpdates, check_update, newest_content
from search.services.refresh import CHUNK as LIBRARY_CHUNK
from search.services.refresh import refresh_stale
from stories.models import PracticePage, StoryPage
from stories.practice_gate import missing_fields

from .columns import COLUMNS
from .existing import Existing, TagKeys, wanted_content
from .links import Told, TranslationLinks
from .messages import changed_meanwhile, column_of, comes_as_story, note_errors, why_draft
from .rows import Lookups, StoryLike, Target, as_story, missing_in


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
        self.tag_keys = TagKeys()

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
            if row.is_refused:  # settling may refuse it
                continue  # type: ignore[unreachable]
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
            missing = missing_in(row, cast("PracticePage", target.new_page()))
            if missing:
                row.warn("type", comes_as_story(missing))
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
            note_errors(row, error)
        told_already: set[str] = set()
        if isinstance(page, PracticePage):
            told_already = {f"practice_{required.code}" for required in missing_fields(page)}
        for problem in page.own_publication_problems():
            if problem.code not in told_already:
                row.refuse(column_of(problem.field), str(problem.message))

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
        page._cached_parent_obj = target.parent
        current = newest_content(page)
        wanted = wanted_content(target)
        if target.tags is not None:
            wanted[TAGS] = self.tag_keys.items(target.tags, current, make_tags)
        result = merge(type(page), there.base(page), current, wanted)
        for name in result.replaced:
            row.warn(
                column_of(name),
                _(
                    "An editor changed this since the last import; the file's text replaces it (the"
                    " page's history keeps the other)."
                ),
            )
        publish = self._publishes(page, there)
        if self.publish and result.changed and not publish:
            row.warn(None, why_draft(page))
        if result.changed or self._is_to_publish(page, there):
            try:
                check_update(page, result.changed, publish=publish)
            except ValidationError as error:
                note_errors(row, error)
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
            updates = PageUpdates(
                batch, action=LOG_ACTION, data={"batch": self.batch, **self.origin}
            )
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
                    [Problem(Severity.ERROR, None, None, changed_meanwhile(error))]
                ) from None
        if len(updates):
            refresh_library_now()

    def _write_chunk(
        self, rows: Sequence[Row], writer: BulkPageWriter, updates: PageUpdates, log: _ImportLog
    ) -> Tally:
        there = Existing({row["reference"] for row in rows})
        new: list[tuple[Row, Target]] = []
        updated = unchanged = 0
        for row in rows:
            target = self.lookups.target(row)
            page = there.page_for(row)
            if target is None or row.is_refused:
                raise ImportRefused(row.problems)
            target = self._settled(row, target, page)
            if page is None:
                new.append((row, target))
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
        # Siblings together: what the writer asks of a parent, it asks once a chunk.
        for row, target in sorted(new, key=lambda pair: pair[1].parent.path):
            self._add(row, target, writer, log)
        return Tally(len(new), updated, unchanged)

    def _add(self, row: Row, target: Target, writer: BulkPageWriter, log: _ImportLog) -> None:
        page = self._new_page(row, target)
        try:
            writer.add(page, target.parent, tags=target.tags or (), publish=self.publish)
        except (ValidationError, ValueError) as error:
            row.refuse(None, changed_meanwhile(error))
            raise ImportRefused(row.problems) from None
        log.add(page, row)

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


def refresh_library_now() -> None:
    """Build the library's rows of changed pages anew, without waiting for the worker."""
    while refresh_stale(limit=LIBRARY_CHUNK):
        let_others_write(time.monotonic())


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
