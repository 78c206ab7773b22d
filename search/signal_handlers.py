"""The writer of the library: hears every save of a page, inside the page's own transaction.

Wagtail's `page_published` and its kin come after the commit, and not at all for a page that is
added live, moved or expired (docs/adr/0004); `post_save` is sent for each, with the base class as
sender for some of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F
from django.db.models.signals import post_delete, post_migrate, post_save, pre_migrate
from django.dispatch import receiver
from wagtail.models import Page, PageViewRestriction

from portal.library import library_changed, pages_shown, pages_updated, pages_written
from search.engines import DatabaseEngine
from search.models import ExchangeRate, LibraryClock
from search.query import COST_NUMBERS
from search.services.stamps import note_analysis
from search.services.versions import (
    hide_page,
    raise_below,
    raise_facet,
    raise_numbers,
    raise_pages,
    touch_pages,
)
from search.services.writer import can_be_described, write_pages
from search.tasks import refresh_soon

#: Fields that say nothing about what the public reads. A save of only these is a draft's, a lock's
#: or the tree's own; the instance then may hold texts that are not published.
UNTOLD_FIELDS = frozenset(
    {
        "draft_title",
        "expire_at",
        "expired",
        "go_live_at",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_created_at",
        "live_revision",
        "locked",
        "locked_at",
        "locked_by",
        "numchild",
        "owner",
    }
)


@receiver(post_save)
def keep_library(
    sender: Any,
    instance: Any,
    raw: bool = False,
    created: bool = False,
    update_fields: frozenset[str] | None = None,
    **kwargs: Any,
) -> None:
    """Write what the library holds of a saved page; runs inside `Page.save`'s transaction."""
    if raw or not issubclass(sender, Page):
        return
    if update_fields is not None and update_fields <= UNTOLD_FIELDS:
        return
    if not created and _addresses_below_changed(instance) and raise_below(instance):
        refresh_soon()
    if not can_be_described(instance.specific_class):
        return
    if not instance.live or instance.alias_of_id:
        hide_page(instance)
        return
    # A base page has no texts, and a partial save may carry others than it stores.
    is_whole = isinstance(instance, instance.specific_class) and update_fields is None
    page = instance if is_whole else instance.specific_class._default_manager.get(pk=instance.pk)
    if write_pages([page]).stale:
        refresh_soon()


def _addresses_below_changed(page: Page) -> bool:
    """Whether pages under `page` still have the address from before it was moved or renamed.

    Wagtail corrects them after this save, all by the same prefix, so one child tells.
    """
    if not page.numchild:
        return False
    child = (
        Page.objects.filter(path__startswith=page.path, depth=page.depth + 1)
        .values_list("url_path", flat=True)
        .first()
    )
    return child is not None and not child.startswith(page.url_path)


@receiver(post_save, sender=PageViewRestriction)
@receiver(post_delete, sender=PageViewRestriction)
def note_restriction(
    sender: Any, instance: PageViewRestriction, raw: bool = False, **kwargs: Any
) -> None:
    """Let engines outside the database order things anew by what the public sees of them.

    Who may see what is asked for with each search.
    """
    if raw:
        return
    path = Page.objects.filter(pk=instance.page_id).values_list("path", flat=True).first()
    if path:
        below = Page.objects.filter(path__startswith=path).order_by()
        touch_pages(below.values_list("pk", flat=True))


@receiver(library_changed)
def keep_names(sender: Any, facet: str, keys: Iterable[str], **kwargs: Any) -> None:
    """After a rename: one UPDATE of versions here, the texts are refreshed by the worker."""
    LibraryClock.objects.filter(pk=1).update(names=F("names") + 1)
    if raise_facet(facet, keys):
        refresh_soon()


@receiver(pages_written)
def keep_library_of_many(sender: Any, pages: Sequence[Page], **kwargs: Any) -> None:
    """Write the rows of a chunk of the bulk writer, inside its transaction."""
    if write_pages(pages).stale:
        refresh_soon()


@receiver(pages_shown)
def note_shown_pages(sender: Any, page_ids: Iterable[int], **kwargs: Any) -> None:
    """Raise the versions of rows that were built unseen and show from now on."""
    touch_pages(page_ids)


@receiver(pages_updated)
def note_updated_pages(sender: Any, page_ids: Iterable[int], **kwargs: Any) -> None:
    """Let rows wait whose pages got new texts; the sender writes most of them right after."""
    if raise_pages(page_ids):
        refresh_soon()


@receiver(post_save, sender=ExchangeRate)
@receiver(post_delete, sender=ExchangeRate)
def keep_costs(sender: Any, raw: bool = False, **kwargs: Any) -> None:
    """Let all rows with costs wait to be built anew: they are compared by the rates in force."""
    if not raw and raise_numbers(COST_NUMBERS):
        refresh_soon()


@receiver(pre_migrate)
def release_full_text(
    sender: Any, using: str = "default", plan: Sequence[Any] = (), **kwargs: Any
) -> None:
    """Let go of the texts' table if the library is migrated; `post_migrate` takes hold anew."""
    if sender.label == "search" and any(step.app_label == "search" for step, _back in plan):
        DatabaseEngine(using).release()


@receiver(post_migrate)
def keep_full_text(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Make the database's full-text structures, which migrations can drop without a word."""
    if sender.label == "search":
        DatabaseEngine(using).install()
        note_analysis(using)
