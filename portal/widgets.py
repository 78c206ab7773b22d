"""Widgets of the admin's forms."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms

from portal.models import ConceptKind


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
            kind = key.instance.kind
            option = self.create_option(name, key, label, str(key) in ticked, index, attrs=attrs)
            kinds.setdefault(kind, []).append(option)
        return [
            (ConceptKind(kind).label, sorted(options, key=lambda each: str(each["label"])), index)
            for index, (kind, options) in enumerate(kinds.items())
        ]


def time_zone_select() -> forms.Select:
    """Return a list of all time zones."""
    zones = sorted(zoneinfo.available_timezones())
    return forms.Select(choices=[(zone, zone) for zone in zones])
