"""What imports of facts share: facts have no drafts, their pages show them or hide them.

New facts are written together with their pages, a few in a transaction, unseen. What changes on
facts that are there already is written in the one short transaction that shows the pages.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page

from partnerships.models.pages.facts import FactPage
from partnerships.public import PublicScope
from portal.fields import default_language
from portal.importing.batches import LOG_ACTION, log_facts, log_imported, show_all, unseen_batch
from portal.importing.importer import Importer, ImportRefused, Row, Tally
from portal.importing.problems import Problem, Severity
from portal.library import library_changed
from portal.models import LoadedRow, WriteBatch
from portal.services.bulk_pages import BulkPageWriter
from portal.services.language_tree import paused
from portal.services.page_updates import PageGone, PageUpdates, newest_content

from .values import (
    FactMerge,
    FieldColumn,
    column_for,
    json_plain,
    merge_values,
    replaced_warning,
    set_value,
    value_of,
)

#: New facts in one transaction; a Partnership brings groups and rights with it.
CHUNK = 5


@dataclass(slots=True)
class FactChange:
    """A fact that a row makes or changes, with what the file says of it."""

    fact: Any
    row: Row
    changed: dict[str, Any]
    old_names: dict[str, str] = field(default_factory=dict)


class FactImporter(Importer):
    """Imports one kind of fact with a page in every language."""

    model: ClassVar[type[models.Model]]
    page_model: ClassVar[type[FactPage]]
    fields: ClassVar[tuple[FieldColumn, ...]]
    #: Fields that `more_wanted` fills, since their cells name other rows.
    looked_up: ClassVar[tuple[str, ...]] = ()
    #: Values that a fact always has: a blank cell leaves them as they are.
    never_blank: ClassVar[tuple[str, ...]] = ()
    #: The name of the library's facet whose rows tell of such a fact.
    facet: ClassVar[str]

    # What each kind says of itself -----------------------------------------------------------

    @abstractmethod
    def more_wanted(self, row: Row) -> dict[str, Any]:
        """Return what the row says beyond `fields`, as JSON: `looked_up` fields, other rows."""

    @abstractmethod
    def relations_of(self, fact: Any) -> dict[str, Any]:
        """Return what the database has of other rows, by the same keys."""

    def adjust(self, row: Row, fact: Any, current: dict[str, Any], wanted: dict[str, Any]) -> None:
        """Change `wanted` where the row can't have all that it says; warn of it."""

    @abstractmethod
    def write_relations(self, fact: Any, changed: dict[str, Any], *, is_new: bool) -> None:
        """Write what changed of other rows."""

    @abstractmethod
    def new_fact(self, row: Row) -> Any:
        """Return an unsaved fact; refuse the row where something it needs is missing."""

    @abstractmethod
    def parents(self, fact: Any) -> dict[int, Page]:
        """Return the page under which the fact's page stands, by locale."""

    @abstractmethod
    def shown_keys(self, scope: PublicScope) -> set[int]:
        """Return the primary keys of the facts that the public sees."""

    @abstractmethod
    def facet_key(self, fact: Any) -> str:
        """Return the key that library rows have in `facet`."""

    # Checking --------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load what rows are compared with."""
        self.locales = list(Locale.objects.all())
        self.shown = self.shown_keys(PublicScope.of())
        self.bases = {
            row.reference: row.values
            for row in LoadedRow.objects.filter(kind=f"import {self.kind}")
        }
        self.slugs: set[tuple[Any, str]] = set()
        #: What the file says of each row that the last import did not say so.
        self.told: dict[str, dict[str, Any]] = {}

    def check(self, rows: Sequence[Row]) -> Tally:
        """Judge rows against the facts as they are."""
        there = self._there(rows)
        created = updated = unchanged = 0
        for row in rows:
            self.check_reference(row)
            change = self._change(row, there.get(row["reference"]))
            if row.is_refused:
                continue
            if change is None:
                unchanged += 1
            elif change.fact.pk is None:
                created += 1
            else:
                updated += 1
        return Tally(created, updated, unchanged)

    def _there(self, rows: Sequence[Row]) -> dict[str, Any]:
        found = self.model._default_manager.filter(
            reference__in=[row["reference"] for row in rows]
        ).order_by("-pk")
        return {fact.reference: fact for fact in found}  # type: ignore[attr-defined]

    def _change(self, row: Row, fact: Any | None) -> FactChange | None:
        """Return what the row makes or changes; None when nothing, or when it is refused."""
        wanted = json_plain(
            {told.key: row[told.column.name] for told in self.fields if told.column.name in row}
            | self.more_wanted(row)
        )
        for key in self.never_blank:
            if key in wanted and not wanted[key]:
                del wanted[key]
        if fact is None:
            return self._new(row, wanted)
        self.check_existing(row, fact)
        if row.is_refused:
            return None
        current = json_plain(
            {key: value_of(fact, key) for key in self._own_keys()} | self.relations_of(fact)
        )
        self.adjust(row, fact, current, wanted)
        self._note(row, wanted)
        merge = merge_values(self.bases.get(row["reference"]), current, wanted)
        if not merge.changed:
            return None
        return self._changed(row, fact, merge)

    def check_existing(self, row: Row, fact: Any) -> None:
        """Refuse a row that can't be brought upon the fact that has its reference."""

    def _new(self, row: Row, wanted: dict[str, Any]) -> FactChange | None:
        fact = self.new_fact(row)
        if row.is_refused:
            return None
        fact.reference = row["reference"]
        self._set(fact, wanted)
        fact.slug = self._slug(row, fact)
        self._validate(row, fact)
        self._note(row, wanted)
        return None if row.is_refused else FactChange(fact, row, wanted)

    def _note(self, row: Row, wanted: dict[str, Any]) -> None:
        base = self.bases.get(row["reference"], {})
        if any(base.get(key, base) != value for key, value in wanted.items()):
            self.told[row["reference"]] = {**base, **wanted}

    def _changed(self, row: Row, fact: Any, merge: FactMerge) -> FactChange | None:
        if not self.publish and fact.pk in self.shown:
            row.refuse(
                None,
                _("The public sees this already, and facts have no drafts: add --publish."),
            )
            return None
        for key in merge.replaced:
            row.warn(self._column(key), replaced_warning())
        old_names = dict(fact.name)
        self._set(fact, merge.changed)
        self._validate(row, fact)
        return None if row.is_refused else FactChange(fact, row, merge.changed, old_names)

    def _set(self, fact: Any, values: dict[str, Any]) -> set[str]:
        keys = self._own_keys()
        return {set_value(fact, key, value) for key, value in values.items() if key in keys}

    def _own_keys(self) -> set[str]:
        return {told.key for told in self.fields} | set(self.looked_up)

    def _slug(self, row: Row, fact: Any) -> str:
        """Return an address of its own: of the English name, else of the reference."""
        name = fact.name.get(default_language(), "")
        base = (slugify(name) or slugify(row["reference"]) or self.kind)[:110]
        slug, number = base, 1
        while (self.slug_scope(fact), slug) in self.slugs or self.slug_is_taken(fact, slug):
            number += 1
            slug = f"{base}-{number}"
        self.slugs.add((self.slug_scope(fact), slug))
        return slug

    def slug_scope(self, fact: Any) -> Any:
        """Return what a slug must be the only one of its kind in; None: everywhere."""
        return None

    def slug_is_taken(self, fact: Any, slug: str) -> bool:
        """Whether another fact, or a page beside its own, has the slug."""
        return self.model._default_manager.filter(slug=slug).exists()

    def _validate(self, row: Row, fact: Any) -> None:
        try:
            fact.full_clean(exclude={"slug", "key"}, validate_unique=False)
        except ValidationError as error:
            whole = {NON_FIELD_ERRORS: error.messages}
            told = error.message_dict if hasattr(error, "error_dict") else whole
            for name, messages in told.items():
                for message in messages:
                    row.refuse(self._column(name), str(message))

    def _column(self, key: str) -> str | None:
        for told in self.fields:
            if told.key == key:
                return told.column.name
        known = {column.name for column in self.columns}
        key = key.removesuffix("_id")
        return column_for(self.fields, key) or (key if key in known else None)

    # Writing ---------------------------------------------------------------------------------

    def write(self, chunks: Iterator[list[Row]]) -> Iterator[Tally]:
        """Write new facts with their pages unseen, then show them and all changes at once."""
        with unseen_batch(self.kind, self.file) as batch:
            self.batch = str(batch.pk)
            self.slugs.clear()
            changes: list[FactChange] = []
            for rows in chunks:
                yield self._write_chunk(batch, rows, changes)
            updates = PageUpdates(
                batch, action=LOG_ACTION, data={"batch": self.batch, **self.origin}
            )
            self._add_titles(changes, updates)
            try:
                show_all(batch, updates, lambda: self._write_changes(batch, changes))
            except (PageGone, ValidationError) as error:
                raise ImportRefused([Problem(Severity.ERROR, None, None, str(error))]) from None
        self.after(changes)

    def after(self, changes: Sequence[FactChange]) -> None:
        """Do what follows from changed facts and needs no part of the transaction."""

    def _write_chunk(
        self, batch: WriteBatch, rows: Sequence[Row], changes: list[FactChange]
    ) -> Tally:
        there = self._there(rows)
        new: list[FactChange] = []
        updated = 0
        for row in rows:
            change = self._change(row, there.get(row["reference"]))
            if row.is_refused:
                raise ImportRefused(row.problems)
            if change is None:
                continue
            if change.fact.pk is None:
                new.append(change)
            else:
                changes.append(change)
                updated += 1
        for start in range(0, len(new), CHUNK):
            self._write_new(batch, new[start : start + CHUNK])
        return Tally(len(new), updated, len(rows) - len(new) - updated)

    def _write_new(self, batch: WriteBatch, new: Sequence[FactChange]) -> None:
        with transaction.atomic(), paused():
            for change in new:
                change.fact.save()
                self.write_relations(change.fact, change.changed, is_new=True)
            log_facts(batch, [(c.fact, self._log_data(c.row)) for c in new], created=True)
            with BulkPageWriter(batch=batch, validated=True) as writer:
                pages = [(page, c.row) for c in new for page in self._add_pages(writer, c.fact)]
            log_imported(batch, [(page, self._log_data(row)) for page, row in pages])

    def _add_pages(self, writer: BulkPageWriter, fact: Any) -> Iterable[FactPage]:
        shared: dict[str, Any] = {}
        for locale_id, parent in self.parents(fact).items():
            code = next(locale.language_code for locale in self.locales if locale.pk == locale_id)
            page = self.page_model(
                title=fact.name.in_language(code),
                slug=fact.slug,
                reference=fact.reference,
                original_language=default_language(),
                **{self.page_model.fact_field: fact},
                **shared,
            )
            shared = {"translation_key": page.translation_key}
            writer.add(page, parent, publish=self.publish)
            yield page

    def _log_data(self, row: Row) -> dict[str, Any]:
        return {**self.origin, "row": row.number, "reference": row["reference"]}

    def _add_titles(self, changes: Iterable[FactChange], updates: PageUpdates) -> None:
        """Let pages that are called as their fact was follow its new name."""
        for change in changes:
            if not any(key.startswith("name.") for key in change.changed):
                continue
            fact = change.fact
            pages = self.page_model._default_manager.filter(
                **{self.page_model.fact_field: fact}, alias_of=None
            ).select_related("latest_revision", "locale")
            for page in pages:
                code = page.locale.language_code
                old = change.old_names.get(code) or change.old_names.get(default_language())
                new = fact.name.in_language(code)
                if newest_content(page)["title"] == old != new:
                    updates.add(
                        page,
                        {"title": new},
                        publish=page.live and not page.has_unpublished_changes,
                        data={"row": change.row.number, "reference": change.row["reference"]},
                    )

    def _write_changes(self, batch: WriteBatch, changes: Sequence[FactChange]) -> None:
        """Write what changes on facts that were there; inside the transaction that shows all."""
        if changes:
            names = [model_field.name for model_field in self.model._meta.concrete_fields]
            own = [name for name in names if name not in ("id", "key", "slug", "reference")]
            self.model._default_manager.bulk_update(
                [change.fact for change in changes], own, batch_size=50
            )
            for change in changes:
                self.write_relations(change.fact, change.changed, is_new=False)
            log_facts(batch, [(c.fact, self._log_data(c.row)) for c in changes], created=False)
            keys = sorted({self.facet_key(change.fact) for change in changes})
            library_changed.send(type(self), facet=self.facet, keys=keys)
        now = timezone.now()
        LoadedRow.objects.bulk_create(
            [
                LoadedRow(
                    kind=f"import {self.kind}",
                    reference=reference,
                    values=values,
                    loaded_at=now,
                )
                for reference, values in self.told.items()
            ],
            update_conflicts=True,
            unique_fields=["kind", "reference"],
            update_fields=["values", "loaded_at"],
        )
