"""Template tags and filters that every template has at hand. None touches user or session."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.core.paginator import Page as PaginatorPage
from django.utils import formats
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from wagtail.models import Page

from portal.fields import Translated, text_direction
from portal.listing import FilterSet
from portal.navigation import Frame, build_frame
from portal.text import language_name, language_of_script, plain_number
from portal.threads import draw_threads

register = template.Library()
register.filter(plain_number)


@register.filter
def all_demo(rows: Iterable[Any]) -> bool:
    """Whether every row is invented: then one mark over the table says it."""
    return all(row.is_demo for row in rows)


@register.simple_tag
def localized(value: Any, language: str | None = None) -> SafeString | str:
    """Show a translated text in the reader's language, marked where it is in another one.

    `{% localized partnership.name %}` gives plain text when it is in the reader's language, and
    `<bdi lang="he" dir="rtl">…</bdi>` when only another language is there. A plain string is
    judged by its script.
    """
    reader = language or get_language() or "en"
    if isinstance(value, Translated):
        own = value.language_for(reader)
        text = value.get(own, "")
    else:
        text = str(value or "")
        own = language_of_script(text) if language_of_script(text) == "he" else reader
    if not text:
        return ""
    if own == reader:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', own, text_direction(own), text)


@register.simple_tag
def localized_text(value: Any) -> SafeString | str:
    """Show a translated text of several lines as paragraphs, marked like `localized`."""
    reader = get_language() or settings.LANGUAGE_CODE
    own = value.language_for(reader) if isinstance(value, Translated) else reader
    text = str(value or "")
    if not text:
        return ""
    paragraphs = linebreaks(text, autoescape=True)
    if own == reader:
        return SafeString(paragraphs)
    return format_html(
        '<div lang="{}" dir="{}">{}</div>', own, text_direction(own), SafeString(paragraphs)
    )


@register.simple_tag
def query_of(filters: FilterSet, **changes: str) -> str:
    """Return the end of an address with some filters changed (`FilterSet.query_with`)."""
    return filters.query_with(**changes)


@register.simple_tag
def other_names(value: Any) -> SafeString | str:
    """Show a `Translated` name in the languages that are not the reader's, each marked."""
    if not isinstance(value, Translated):
        return ""
    shown = value.language_for(get_language())
    parts = [
        format_html('<bdi lang="{}" dir="{}">{}</bdi>', code, text_direction(code), text)
        for code, text in value.items()
        if text and code != shown and text != value.get(shown)
    ]
    return SafeString(" · ".join(parts))


@register.simple_tag(takes_context=True)
def site_frame(context: Any) -> Frame:
    """Return navigation, languages and footer of this page (`portal.navigation.Frame`)."""
    request = context.get("request")
    if request is None:
        return Frame()
    page = context.get("page")
    return build_frame(
        request,
        page if isinstance(page, Page) else None,
        is_in_every_language=bool(context.get("is_in_every_language")),
    )


@register.simple_tag
def ancestors_of(page: Page) -> list[dict[str, str]]:
    """Return title and address of the live pages above `page`, the front page first (one query)."""
    if not page.path or page.depth is None or page.depth <= 2:
        return []
    above = page.get_ancestors().live().filter(depth__gt=1)
    return [{"title": one.title, "url": one.get_url() or ""} for one in above]


@register.simple_tag
def threads(israel: int, abroad: int) -> SafeString:
    """Return the picture of a tie between so many places in Israel and communities abroad."""
    return draw_threads(israel, abroad)


@register.filter
def direction_of(language: str) -> str:
    """Return "rtl" or "ltr" for a language code."""
    return text_direction(language or "")


@register.filter
def name_of_language(code: str) -> str:
    """Return a language's name in the reader's language, or the code of an unknown one."""
    return language_name(code or "")


@register.filter
def elided_pages(page_obj: PaginatorPage) -> Iterable[int | str]:
    """Return the page numbers to offer, with … where some are left out."""
    return page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)


@register.filter
def is_page_number(value: Any) -> bool:
    """Whether an entry of `elided_pages` is a number (not the …)."""
    return isinstance(value, int)


@register.filter
def is_address(value: str) -> bool:
    """Whether a source is a web address."""
    return str(value).startswith(("http://", "https://"))


@register.filter
def short_address(value: str) -> str:
    """Return a web address as people read it: host and path, shortened to 60 characters."""
    parts = urlsplit(str(value))
    text = f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"
    return text if len(text) <= 60 else f"{text[:59]}…"


@register.filter
def at_most(value: int, limit: int) -> int:
    """Return the smaller of two numbers (levels of headings)."""
    return min(int(value), int(limit))


@register.filter
def dated(value: datetime.date | None, precision: str = "day") -> str:
    """Return a date as exactly as it is known: "day", "month" or "year"."""
    if value is None:
        return ""
    if precision == "year":
        return str(value.year)
    return formats.date_format(
        value, "YEAR_MONTH_FORMAT" if precision == "month" else "DATE_FORMAT"
    )
