"""Keeps what is remembered of practices that travel, and refuses circles."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from partnerships.models import Partnership
from portal.fields import Translated
from portal.visibility import hidden_prefixes, is_under
from stories.models import AdoptionSource, LineageEntry, PracticePage

#: Parents by child, or children by parent.
Edges = dict[uuid.UUID, list[uuid.UUID]]


def is_public(page: PracticePage) -> bool:
    """Whether everybody can read this page (one query)."""
    return page.live and not is_under(page.path, hidden_prefixes())


def remember(page: PracticePage, partnership: Partnership | None = None) -> LineageEntry:
    """Return the entry of a practice, made from `page` when there is none; idempotent.

    An entry that is there learns of a page that is public now; what was never public stays for its
    own people's eyes.
    """
    owner = partnership or page.partnership
    entry = LineageEntry.objects.filter(pk=page.translation_key).first()
    public = is_public(page)
    if entry is None:
        entry = LineageEntry(pk=page.translation_key, is_demo=page.is_demo)
    elif entry.was_public and not public:
        return entry
    titles = dict(entry.titles)
    if public and not entry.was_public:
        titles = {}  # those of drafts are not for everybody
    entry.titles = Translated({**titles, page.language: page.title})
    entry.was_public = public
    if owner is not None:
        entry.partnership = owner
        entry.partnership_name = Translated(owner.name)
    entry.save()
    return entry


def keep_entry(page: PracticePage) -> None:
    """Let the entry of a practice follow its page; nothing where it never travelled (one query)."""
    if not page.alias_of_id and LineageEntry.objects.filter(pk=page.translation_key).exists():
        remember(page)


def edges() -> tuple[Edges, Edges]:
    """Return all parents by child and all children by parent, in order (one query)."""
    parents: Edges = defaultdict(list)
    children: Edges = defaultdict(list)
    rows = AdoptionSource.objects.order_by("adoption__created_at", "sort_order", "pk")
    for child, parent in rows.values_list("adoption_id", "parent_id"):
        parents[child].append(parent)
        children[parent].append(child)
    return parents, children


def reachable(start: Iterable[uuid.UUID], along: Edges) -> list[uuid.UUID]:
    """Return what can be reached from `start`, the nearest first, without `start`."""
    waiting = list(start)
    seen = set(waiting)
    found = []
    for key in waiting:
        for following in along.get(key, ()):
            if following not in seen:
                seen.add(following)
                found.append(following)
                waiting.append(following)
    return found
