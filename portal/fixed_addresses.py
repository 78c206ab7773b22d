"""Addresses right below a language that the portal itself answers: no page may stand there.

They come before the page tree in `portal.urls`, so that a page with such a slug below the front
page would be published and never be reached.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf
from django.urls.resolvers import LocalePrefixPattern
from django.utils.translation import gettext as _
from wagtail.admin.forms.pages import CopyForm
from wagtail.models import Page

#: The depth of front pages; what stands right below them has an address of one word.
HOME_DEPTH = 2
_FIRST_WORD = re.compile(r"\^?([\w-]+)/")


def reserved_slugs() -> frozenset[str]:
    """Return the first words of the addresses that stand below each language."""
    return _reserved_slugs(get_urlconf())


@functools.cache
def _reserved_slugs(urlconf: str | None) -> frozenset[str]:
    return frozenset(
        word
        for entry in get_resolver(urlconf).url_patterns
        if isinstance(entry, URLResolver) and isinstance(entry.pattern, LocalePrefixPattern)
        for below in entry.url_patterns
        for word in _first_words(below)
    )


def _first_words(entry: URLPattern | URLResolver, before: str = "") -> Iterator[str]:
    """Yield the first word of an address, or of those below it where it has none of its own."""
    address = f"{before}{entry.pattern}"
    if found := _FIRST_WORD.match(address):
        yield found[1]
    elif isinstance(entry, URLResolver):
        for below in entry.url_patterns:
            yield from _first_words(below, address)


def is_reserved(slug: str, parent: Page | None) -> bool:
    """Whether a page with this slug below `parent` would stand behind an address of the portal."""
    return parent is not None and parent.depth == HOME_DEPTH and slug in reserved_slugs()


def reserved_error(slug: str) -> ValidationError:
    """Return what is told of such a slug, in the reader's language."""
    return ValidationError(
        _(
            "“%(slug)s” is an address of the portal itself: a page there could not be reached."
            " Choose another, such as “%(other)s”."
        ),
        code="reserved",
        params={"slug": slug, "other": f"{slug}-2"},
    )


class PortalCopyForm(CopyForm):
    """Wagtail's form for copying a page; it refuses the portal's own addresses."""

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean()
        slug = str(cleaned.get("new_slug") or "")
        parent = cleaned.get("new_parent_page") or self.page.get_parent()
        if slug and is_reserved(slug, parent):
            self.add_error("new_slug", reserved_error(slug))
        return cleaned
