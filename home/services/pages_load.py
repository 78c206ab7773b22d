"""Writes the front page, the lists and the standard pages of each language from `home/data`.

A page that nobody has edited since it was loaded follows the file; an edited one stays as it is; a
deleted one does not come back.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.utils import timezone
from django.utils.html import escape
from wagtail.fields import RichTextField
from wagtail.models import Locale, Page

from home.models import HomePage
from home.services.demo.texts import body_blocks
from portal.fields import language_codes
from portal.models import LoadedRow, PortalPage
from portal.services.bulk_pages import BulkPageWriter
from portal.services.loading import LoadReport

DATA_DIR = Path(__file__).resolve().parent.parent / "data"
#: A fixed namespace, so that a page has the same key on every machine that loads the network.
NAMESPACE = uuid.UUID("0d0c5f0e-3f0b-4c53-8f5e-6a8b1f2c7d90")


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page in one language, as `pages.yaml` says it; the front page has an empty slug."""

    model: type[PortalPage]
    slug: str
    menu: bool
    locale: Locale
    original_language: str
    text: dict[str, Any]

    @property
    def reference(self) -> str:
        """What the row is known by in `LoadedRow`."""
        return f"{self.locale.language_code}/{self.slug}"

    @property
    def digest(self) -> str:
        """A hash of what the file says, to see whether it changed."""
        said = json.dumps([self.text, self.menu], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def read_pages(path: Path = DATA_DIR / "pages.yaml") -> list[PageEntry]:
    """Read the pages of all languages that have a `Locale`, in the order of the file."""
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    entries = []
    for item in yaml.safe_load(path.read_text(encoding="utf-8")):
        first_told = next(iter(item["text"]))
        for language in sorted(item["text"], key=lambda code: code != first_told):
            if language in locales:
                entries.append(
                    PageEntry(
                        model=apps.get_model(item["type"]),
                        slug=item["slug"],
                        menu=bool(item.get("menu")),
                        locale=locales[language],
                        original_language=first_told,
                        text=item["text"][language],
                    )
                )
    return entries


def load_pages(entries: list[PageEntry]) -> LoadReport:
    """Write the pages that are missing, and those that the file changed and nobody edited."""
    report = LoadReport()
    front = [entry for entry in entries if not entry.slug]
    below = [entry for entry in entries if entry.slug]
    _write_level(front, report)
    _write_level(below, report)
    return report


def key_of(name: str) -> uuid.UUID:
    """Return the `translation_key` of a page that the load makes."""
    return uuid.uuid5(NAMESPACE, name)


def _write_level(entries: list[PageEntry], report: LoadReport) -> None:
    known = {row.reference: row for row in LoadedRow.objects.filter(kind="page")}
    parents = {page.locale_id: page for page in HomePage.objects.all()}
    root = Page.objects.get(depth=1)
    written: list[tuple[PageEntry, PortalPage]] = []
    with BulkPageWriter() as writer:
        for entry in entries:
            parent = parents.get(entry.locale.pk) if entry.slug else root
            there = _page_of(entry, parent)
            row = known.get(entry.reference)
            if there is None and row is None and parent is not None:
                page = entry.model(locale=entry.locale, **_identity(entry), **_fields(entry))
                writer.add(page, parent)
                written.append((entry, page))
                report.created += 1
            elif there is not None and row is not None:
                _follow_file(entry, there, row, report)
            else:  # deleted by somebody, or made by somebody before
                report.kept += 1
    LoadedRow.objects.bulk_create(
        LoadedRow(
            kind="page",
            reference=entry.reference,
            values={"digest": entry.digest, "revision": page.latest_revision_id},
        )
        for entry, page in written
    )


def _page_of(entry: PageEntry, parent: Page | None) -> PortalPage | None:
    """Return the page that stands where the entry's page stands."""
    if parent is None:
        return None
    pages = entry.model.objects.filter(locale=entry.locale).child_of(parent)
    if not entry.model.is_skeleton:  # of these there is one a language, whatever its slug
        pages = pages.filter(slug=entry.slug)
    found: PortalPage | None = pages.first()
    return found


def _identity(entry: PageEntry) -> dict[str, Any]:
    """Return slug and key; the key of a twin in another language goes before our own."""
    twins = entry.model.objects.exclude(locale=entry.locale)
    if not entry.model.is_skeleton:
        twins = twins.filter(slug=entry.slug, depth=3)
    twin = twins.first()
    return {
        "slug": entry.slug or entry.locale.language_code,
        "translation_key": twin.translation_key if twin else key_of(f"page/{entry.slug}"),
        "original_language": entry.original_language,
    }


def _fields(entry: PageEntry) -> dict[str, Any]:
    """Return the fields that the file fills."""
    text = entry.text
    introduction = " ".join(text.get("introduction", "").split())
    if isinstance(entry.model._meta.get_field("introduction"), RichTextField):
        introduction = f"<p>{escape(introduction)}</p>"
    fields = {
        "title": text["title"],
        "introduction": introduction,
        "search_description": text.get("description", ""),
        "show_in_menus": entry.menu,
    }
    if "support" in text:
        fields["shows_support"] = text["support"]
    if "body" in text:
        fields["body"] = json.dumps(body_blocks(text["body"]))
    return fields


def _follow_file(entry: PageEntry, page: PortalPage, row: LoadedRow, report: LoadReport) -> None:
    """Publish what the file says now, unless somebody edited the page since it was loaded."""
    if row.values.get("digest") == entry.digest:
        return
    if page.latest_revision_id != row.values.get("revision"):
        report.kept += 1
        return
    for name, value in _fields(entry).items():
        setattr(page, name, value)
    revision = page.save_revision(log_action=True)
    revision.publish()
    row.values = {"digest": entry.digest, "revision": revision.pk}
    row.loaded_at = timezone.now()
    row.save()
    report.updated += 1


def languages_first() -> list[Locale]:
    """Make the `Locale` rows of all languages and return them, the default one first."""
    return [Locale.objects.get_or_create(language_code=code)[0] for code in language_codes()]
