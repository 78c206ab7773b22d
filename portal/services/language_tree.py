"""The skeleton of the site in every language: real pages, never aliases (TRAPS 7).

Page types with `is_skeleton` (front page, lists, Partnerships, communities) exist in each language
that has a `Locale`. A page that nobody has written yet has the fact's name as its title, no text,
and the `translation_key` of its twins; its template says that it is unwritten and shows the facts.

It runs by itself: when a `Locale` or a skeleton page is made (`portal.signal_handlers`), and by
`manage.py ensure_language_tree`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from wagtail.models import Locale, Page, Site, get_page_models

from portal.models import PortalPage, WriteBatch
from portal.services.bulk_pages import BulkPageWriter

logger = logging.getLogger(__name__)

_paused: ContextVar[bool] = ContextVar("language_tree_paused", default=False)


@contextmanager
def paused() -> Iterator[None]:
    """Make no twins by signal inside the block: for code that writes all languages itself."""
    token = _paused.set(True)
    try:
        yield
    finally:
        _paused.reset(token)


def is_paused() -> bool:
    """Whether the signals leave the trees alone at the moment."""
    return _paused.get()


def skeleton_types() -> list[type[PortalPage]]:
    """Return the page types that exist in every language."""
    return [
        model for model in get_page_models() if issubclass(model, PortalPage) and model.is_skeleton
    ]


def ensure_language_tree(locale: Locale) -> int:
    """Make every skeleton page that `locale` lacks; returns how many were made.

    The twins of the default language are the model where there are several. Idempotent.
    """
    missing = _sources_missing_in(locale)
    made = 0
    for level in sorted({page.depth for page in missing}):
        made += _write_twins([page for page in missing if page.depth == level], locale)
    return made


def ensure_twins(pages: Iterable[PortalPage], batch: WriteBatch | None = None) -> int:
    """Make the twins of these skeleton pages in all other languages; returns how many.

    Pages that were written unseen bring their `batch`, so that their twins show with them. A
    language whose tree lacks the page above is left to `ensure_language_tree`.
    """
    own = [page for page in pages if page.is_skeleton and not page.alias_of_id]
    if not own:
        return 0
    there = set(
        Page.objects.filter(translation_key__in=[page.translation_key for page in own]).values_list(
            "translation_key", "locale_id"
        )
    )
    made = 0
    for locale in Locale.objects.all():
        lacking = [page for page in own if (page.translation_key, locale.pk) not in there]
        if lacking:
            made += _write_twins(lacking, locale, batch)
    return made


def publish_untouched_twins(page: PortalPage) -> int:
    """Publish the twins of a live page that nobody has edited since they were made as drafts.

    A Partnership's page that was prepared as a draft goes live in all languages together; a twin
    that somebody works on is left to them.
    """
    published = 0
    drafts = Page.objects.filter(
        translation_key=page.translation_key, live=False, first_published_at=None, alias_of=None
    ).exclude(pk=page.pk)
    for twin in drafts.specific():
        revision = twin.latest_revision
        if revision is None or revision.user_id or twin.revisions.count() > 1:
            continue
        try:
            revision.publish()
        except ValidationError:  # the other page is published whatever keeps this one back
            logger.warning("“%s” stays a draft beside “%s”", twin.url_path, page.url_path)
        else:
            published += 1
    return published


@dataclass(frozen=True, slots=True)
class TreeProblem:
    """Something that a language tree must not have."""

    code: str
    message: str


def language_tree_problems() -> list[TreeProblem]:
    """Return what is wrong with the trees: aliases across languages, missing skeleton pages."""
    problems = [
        TreeProblem("alias", f"{page.url_path} is an alias of a page of another language.")
        for page in cross_language_aliases()
    ]
    for locale in Locale.objects.all():
        problems += [
            TreeProblem("missing", f"{page.url_path} has no page in “{locale.language_code}”.")
            for page in _sources_missing_in(locale)
        ]
    return problems


def cross_language_aliases() -> list[Page]:
    """Return pages that mirror a page of another language: an English text at a Hebrew address."""
    aliases = Page.objects.filter(alias_of__isnull=False)
    return list(aliases.exclude(locale=F("alias_of__locale")))


def _sources_missing_in(locale: Locale) -> list[PortalPage]:
    """Return one page of each skeleton thing that `locale` lacks, the default language's first."""
    default = Locale.get_default()
    there = Page.objects.filter(locale=locale).values("translation_key")
    sources: dict[object, PortalPage] = {}
    for model in skeleton_types():
        pages = model.objects.filter(alias_of=None).exclude(translation_key__in=there)
        for page in pages.select_related("locale").order_by("pk"):
            known = sources.get(page.translation_key)
            if known is None or (page.locale_id == default.pk != known.locale_id):
                sources[page.translation_key] = page
    return sorted(sources.values(), key=lambda page: page.path)


def _write_twins(sources: list[PortalPage], locale: Locale, batch: WriteBatch | None = None) -> int:
    """Write a twin in `locale` of each page whose page above has one there; returns how many."""
    parents = _parents_in(locale, sources)
    made = 0
    with transaction.atomic(), BulkPageWriter(batch=batch, validated=True) as writer:
        for source in sources:
            parent = parents.get(source.path[: -source.steplen])
            if parent is not None:
                writer.add(_twin_of(source, locale, parent), parent, publish=source.live)
                made += 1
    if any(parent.depth == 1 for parent in parents.values()):
        Site.clear_site_root_paths_cache()
    return made


def _parents_in(locale: Locale, sources: list[PortalPage]) -> dict[str, Page]:
    """Return the page under which each source's twin stands, by the path of the source's parent."""
    paths = {source.path[: -source.steplen] for source in sources}
    above = list(Page.objects.filter(path__in=paths))
    twins = {
        page.translation_key: page
        for page in Page.objects.filter(
            locale=locale, translation_key__in=[page.translation_key for page in above]
        )
    }
    found: dict[str, Page] = {}
    for page in above:
        twin = page if page.depth == 1 else twins.get(page.translation_key)
        if twin is not None:
            found[page.path] = twin
    return found


def _twin_of(source: PortalPage, locale: Locale, parent: Page) -> PortalPage:
    """Return the unsaved page of `locale` for the same thing as `source`, without any text."""
    language = locale.language_code
    return type(source)(
        locale=locale,
        translation_key=source.translation_key,
        slug=language if parent.depth == 1 else source.slug,
        show_in_menus=source.show_in_menus,
        reference=source.reference,
        original_language=source.original_language or source.language,
        is_demo=source.is_demo,
        **source.skeleton_values(language),
    )
