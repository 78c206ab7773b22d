"""Lets the titles of pages follow the name of the fact they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log
from wagtail.models import Revision

from portal.fields import Translated


@transaction.atomic
def rename_pages(fact: Any, former_name: Mapping[str, str]) -> int:
    """Give the pages of `fact` its new name, where their title was the former one.

    In every language; a title that an editor chose stays. Slugs stay, so that addresses do. Drafts
    follow too, else the next publication would bring the old name back. Returns how many changed.
    """
    changed = 0
    former = Translated(former_name)
    for page in fact.pages.select_related("locale"):
        language = page.locale.language_code
        old, new = former.in_language(language), fact.name.in_language(language)
        if old == new or not new:
            continue
        _rename_drafts(page, old, new)
        fields = [name for name in ("title", "draft_title") if getattr(page, name) == old]
        if not fields:
            continue
        for name in fields:
            setattr(page, name, new)
        page.save(update_fields=fields, clean=False)  # the gate is not asked about a name
        if "title" in fields:
            log(page, "wagtail.rename", data={"title": {"old": old, "new": new}})
        changed += 1
    return changed


def _rename_drafts(page: Any, old: str, new: str) -> None:
    """Change the title in the revisions that may still be published: latest and scheduled."""
    waiting = Q(pk=page.latest_revision_id) | Q(approved_go_live_at__isnull=False)
    for revision in Revision.objects.for_instance(page).filter(waiting):
        if revision.content.get("title") == old:
            revision.content["title"] = new
            revision.object_str = new
            revision.save(update_fields=["content", "object_str"])
