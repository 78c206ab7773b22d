"""What a practice's own page says of its travels: how well tested, from where, and the way on.

Pages of practices lean on this, so it knows the other models only; the whole family is told by
`stories.travel`.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse

from partnerships.presentation.public import PublicScope
from portal.blocks import plain_text
from portal.fields import Translated
from stories.evidence_words import in_words
from stories.models.adoptions import EarlierRun
from stories.models.lineage import AdoptionSource, LineageEntry
from stories.sections import part_heading

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from stories.models import PracticePage


@dataclass(frozen=True, slots=True)
class Adaptation:
    """What a Partnership changed in one part, and why, in the language of its page."""

    heading: StrOrPromise
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """From what a practice was made: named where that is or was public, and the version."""

    title: Translated
    partnership: Translated
    url: str
    version_on: datetime.datetime | None


def adaptations_of(page: PracticePage) -> tuple[Adaptation, ...]:
    """Return what its people say they changed; parts about which they say nothing are left out."""
    return tuple(
        Adaptation(part_heading(block.value.get("section") or ""), text)
        for block in page.adaptations
        if (text := plain_text(str(block.value.get("text") or "")).strip())
    )


def visible_by_key(
    pages: Any, keys: Any, language: str, scope: PublicScope
) -> dict[uuid.UUID, PracticePage]:
    """Return the visible page of each practice, in the reader's language where there is one.

    One query; only what a line shows of a page is read, since the recipe itself is long.
    """
    found: dict[uuid.UUID, PracticePage] = {}
    visible = (
        pages.live()
        .filter(scope.hidden, translation_key__in=keys, alias_of=None)
        .select_related("locale")
        .only(*_SHOWN, "locale__language_code")
    )
    for page in visible.order_by("pk"):
        known = found.get(page.translation_key)
        if known is None or (known.language != language == page.language):
            found[page.translation_key] = page
    return found


_SHOWN = ("title", "slug", "path", "depth", "url_path", "translation_key", "is_demo", "adaptations")


def origins_of(
    page: PracticePage, scope: PublicScope, request: HttpRequest | None = None
) -> list[Origin]:
    """Return from what a practice was made, as the public may read it (two queries at most).

    A Partnership that does not show itself is not named, nor what it told when that is not public.
    """
    teller = Q(pk=OuterRef("parent__partnership"))
    sources = list(
        AdoptionSource.objects.filter(adoption=page.translation_key)
        .annotate(
            is_teller_shown=Q(parent__partnership=None)
            | Exists(scope.partnerships().filter(teller))
        )
        .select_related("parent")
    )
    if not sources:
        return []
    keys = [source.parent_id for source in sources]
    pages = visible_by_key(type(page)._default_manager, keys, page.language, scope)
    origins = []
    for source in sources:
        told, entry = pages.get(source.parent_id), source.parent
        if told is not None:
            title = Translated({told.language: told.title})
        elif entry.was_public and source.is_teller_shown:
            title = Translated(entry.titles)
        else:
            continue
        url = (told.get_url(request) or "") if told is not None else ""
        name = entry.partnership_name if source.is_teller_shown else Translated()
        origins.append(Origin(title, name, url, source.revision_at))
    return origins


def has_travelled(key: uuid.UUID) -> bool:
    """Whether a practice was taken over or taken from others, or ran earlier (one query)."""
    runs = EarlierRun.objects.filter(practice_key=key).values_list("practice_key")
    return LineageEntry.objects.filter(pk=key).values_list("pk").union(runs).exists()


def travel_context(
    page: PracticePage, scope: PublicScope, request: HttpRequest | None
) -> Mapping[str, Any]:
    """Return what the page's template shows of evidence and travels."""
    key = page.translation_key
    changes = adaptations_of(page)
    return {
        "evidence": page.tested,
        "tested": in_words(page.tested),
        "travelled_url": reverse("lineage:travelled", args=[key]) if has_travelled(key) else "",
        "bring_url": reverse("wagtailadmin_bring", args=[key]),
        "origins": origins_of(page, scope, request),
        "adaptations": changes,
    }
