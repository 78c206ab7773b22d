"""What editors recommend for a search, as far as its reader may see it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone
from wagtail.models import Page, Site

from portal.fields import text_direction
from portal.visibility import hidden_prefixes, outside
from search.models import LibraryEntry, PromotedPage, PromotedResult
from search.query import LibraryQuery

#: So many pages are shown above the results.
MAX_PROMOTED = 5


@dataclass(frozen=True, slots=True)
class Promoted:
    """A recommended page, in the language in which it is shown."""

    key: str
    title: str
    url: str
    language: str
    summary: str

    @property
    def direction(self) -> str:
        """Writing direction of its language."""
        return text_direction(self.language)


def promoted(query: LibraryQuery) -> list[Promoted]:
    """Return what editors recommend for a search: on its first page, while nothing filters it.

    In the editors' order, each thing once, in the reader's language where it is told in it. Only
    what the query's viewer may see. One query where nothing is recommended.
    """
    if query.page != 1 or query.is_filtered or not query.text.strip():
        return []
    in_force = PromotedResult.objects.recommended(query.text, timezone.localdate())
    chosen = PromotedPage.objects.filter(promotion__in=in_force).order_by(
        "promotion__name", "promotion", "sort_order"
    )
    keys = dict.fromkeys(chosen.values_list("page__translation_key", flat=True))
    if not keys:
        return []
    pages = _visible_pages(query, list(keys))
    summaries = dict(
        LibraryEntry.objects.filter(
            page__in=[page.pk for page in pages.values()], part=""
        ).values_list("page_id", "summary")
    )
    roots = Site.get_site_root_paths()
    found = []
    for key in keys:
        page = pages.get(key)
        if page is None:
            continue
        page._wagtail_cached_site_root_paths = roots
        if page.url:
            found.append(
                Promoted(
                    key=str(key),
                    title=page.title,
                    url=page.url,
                    language=page.locale.language_code,
                    summary=summaries.get(page.pk) or page.search_description,
                )
            )
    return found[:MAX_PROMOTED]


def _visible_pages(query: LibraryQuery, keys: list[object]) -> dict[object, Page]:
    """Return, by translation key, the page that the viewer may see, in the reader's language."""
    hidden = hidden_prefixes(query.viewer)
    in_library = LibraryEntry.objects.filter(part="")
    not_for_viewer = in_library.exclude(pk__in=in_library.visible(query.viewer, hidden))
    by_key: dict[object, list[Page]] = defaultdict(list)
    for page in (
        Page.objects.live()
        .filter(outside(hidden), translation_key__in=keys, alias_of=None)
        .exclude(pk__in=not_for_viewer.exclude(page=None).values("page_id"))
        .select_related("locale")
    ):
        by_key[page.translation_key].append(page)
    return {
        key: min(pages, key=lambda page: (page.locale.language_code != query.lang, page.pk))
        for key, pages in by_key.items()
    }
