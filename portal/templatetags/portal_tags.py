"""Template tags that every template has at hand."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.fields import Translated, text_direction
from portal.text import language_of_script

register = template.Library()


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
