"""The one door to the library for pages, blocks, feeds and API."""

from __future__ import annotations

from search.query import LibraryQuery, LibraryResult


def find(query: LibraryQuery) -> LibraryResult:
    """Answer `query` with what its viewer may see, in a fixed number of queries.

    A Partnership page gets its stories so:

        find(LibraryQuery(partnerships=[partnership.slug], types=[LibraryType.STORY],
                          lang=page.language, sort=Sort.DATE, page_size=6, with_facets=False)).hits

    Each hit has `title`, `summary`, `url`, `type`, `type_label`, `date`, `language`, `direction`,
    `image` (only one that may be public) and `is_demo`: enough for a card.
    """
    raise NotImplementedError
