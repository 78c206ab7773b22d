"""What a row changes on a page that exists: the file's changes go in, editors' edits stay.

Three versions are compared, field by field, as revisions keep them: what the last import wrote
(`base`), what the newest draft holds (`current`) and what the row says (`wanted`). A field that the
file says as it did before keeps what editors made of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from wagtail.fields import RichTextField, StreamField

from portal.models import PortalPage

TAGS = "portal_page_tags"
_BLOCK_KEY = re.compile(r' data-block-key="[^"]*"')
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>")


@dataclass(slots=True)
class Merge:
    """The fields to change, and those of them where an editor's later words are replaced."""

    changed: dict[str, Any] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)


def merge(
    model: type[PortalPage],
    base: Mapping[str, Any] | None,
    current: Mapping[str, Any],
    wanted: Mapping[str, Any],
) -> Merge:
    """Return what to change so that `current` takes what the file changed since `base`."""
    result = Merge()
    for name, value in wanted.items():
        new = comparable(model, name, value)
        now = comparable(model, name, current.get(name))
        if new == now:
            continue
        if base is not None:
            then = comparable(model, name, base.get(name))
            if new == then:
                continue  # the file says what it said before: the difference is an editor's
            if now != then:
                result.replaced.append(name)
        result.changed[name] = value
    return result


def comparable(model: type[PortalPage], name: str, value: Any) -> Any:
    """Return a field's value from a revision without what differs by chance (ids, block keys)."""
    if name == TAGS:
        return {item["tag"] for item in value or ()}
    try:
        model_field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return value
    if isinstance(model_field, StreamField):
        blocks = json.loads(value) if isinstance(value, str) and value else value
        return _without_ids(blocks or [])
    if isinstance(model_field, RichTextField):
        return _EMPTY_PARAGRAPH.sub("", _BLOCK_KEY.sub("", value or ""))
    if isinstance(model_field, models.ManyToManyField):
        return set(value or ())
    return value


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        if "type" in value and "value" in value:
            return {"type": value["type"], "value": _without_ids(value["value"])}
        return {key: _without_ids(item) for key, item in value.items()}
    if isinstance(value, str):
        return _EMPTY_PARAGRAPH.sub("", _BLOCK_KEY.sub("", value))
    return value
