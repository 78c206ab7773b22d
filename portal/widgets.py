"""Widgets of the admin's forms."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from portal.models.concepts import ConceptKind
from portal.models.users import time_zones


class ConceptCheckboxes(forms.CheckboxSelectMultiple):
    """Concepts to tick, under a heading for each kind."""

    template_name = "portal/widgets/concepts.html"

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        """Return Django's groups of one option each, sorted into kinds."""
        kinds: dict[str, list[Any]] = {}
        ticked = {str(each) for each in value}
        for index, (key, label) in enumerate(self.choices):
            if not key:
                continue
            value_of: Any = key
            kind = value_of.instance.kind
            ticks = str(key) in ticked
            words: Any = label
            option = self.create_option(name, value_of, words, ticks, index, attrs=attrs)
            kinds.setdefault(kind, []).append(option)
        return [
            (ConceptKind(kind).label, sorted(options, key=lambda each: str(each["label"])), index)
            for index, (kind, options) in enumerate(kinds.items())
        ]


@cache
def _time_zone_options() -> str:
    return "".join(
        format_html('<option value="{}">{}</option>', zone, zone) for zone in sorted(time_zones())
    )


class TimeZoneSelect(forms.TextInput):
    """A list of all time zones. Written at once: Django draws each of 600 options by a template."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        own = {"name": name, "lang": "en", "dir": "ltr"}  # the zones' names are English
        shown = self.build_attrs(self.attrs, {**own, **(attrs or {})})
        chosen = format_html('<option value="{}"', value or "")
        options = _time_zone_options()
        if chosen in options:
            options = options.replace(chosen, f"{chosen} selected", 1)
        else:
            options = f"{chosen} selected>{escape(value or '')}</option>{options}"
        return format_html("<select{}>{}</select>", flatatt(shown), SafeString(options))
