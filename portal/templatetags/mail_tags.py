"""Tags for `templates/mail/`: names of another direction inside a mail."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.fields import Translated, text_direction
from portal.text import isolate, language_of_script

register = template.Library()


@register.simple_tag(takes_context=True)
def isolated(context: Context, value: Any) -> str:
    """Show a name so that its direction stays its own, in plain text and in HTML.

    `{% isolated page.title as title %}{% blocktranslate %}… {{ title }} …`. Mail programs know
    `dir` better than `<bdi>`; plain text gets the invisible isolates U+2068 and U+2069.
    """
    reader = get_language() or settings.LANGUAGE_CODE
    if isinstance(value, Translated):
        own = value.language_for(reader)
        text = value.get(own, "")
    else:
        text = str(value or "")
        own = language_of_script(text)
    if not text or text_direction(own) == text_direction(reader):
        return text
    if context.autoescape:
        return format_html('<span lang="{}" dir="{}">{}</span>', own, text_direction(own), text)
    return isolate(text)


@register.filter
def in_own_lines(value: Any) -> SafeString:
    """Show what somebody wrote, in HTML: each line a paragraph of its own language and direction.

    Many mail programs know no `dir="auto"`, and it would take the first line's for all.
    """
    reader = get_language() or settings.LANGUAGE_CODE
    lines = [line.strip() for line in str(value or "").splitlines()]
    return format_html_join(
        "",
        '<p lang="{}" dir="{}" style="margin:0 0 8px">{}</p>',
        (
            (own, text_direction(own), line)
            for line in lines
            if line
            for own in [language_of_script(line) or reader]
        ),
    )


@register.simple_tag(takes_context=True)
def isolated_lines(context: Context, value: Any) -> str:
    """Show what somebody wrote, in plain text: like `isolated`, each line on its own.

    An isolate ends with its line, so one round the whole text would hold the first line only.
    """
    return "\n".join(isolated(context, line) for line in str(value or "").splitlines())
