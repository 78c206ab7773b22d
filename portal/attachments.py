"""Which documents a page attaches, without a query: from its fields, blocks and rich text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import ForeignKey
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

_LINK = re.compile(r"<a\b[^>]*\blinktype=\"document\"[^>]*>")
_ID = re.compile(r"\bid=\"(\d+)\"")


def documents_in(page: Page) -> list[int]:
    """Return the keys of the documents that this instance of a page gives to everybody, each once.

    A document is attached by a field of the page, a block of its text, or a link in the text; what
    only a draft attaches is not in the live instance, and does not count.
    """
    return list(_in_fields(page, set(_names(page)) - _for_network(page)))


def network_documents_in(page: Page) -> list[int]:
    """Return those that it attaches for the network alone (`PortalPage.network_fields`)."""
    closed = _for_network(page)
    return list(_in_fields(page, closed)) if closed else []


def _names(page: Page) -> Iterator[str]:
    return (field.name for field in page._meta.concrete_fields)


def _for_network(page: Any) -> frozenset[str]:
    fields = getattr(page, "network_fields", None)
    return fields() if fields else frozenset()


def _in_fields(page: Page, names: Collection[str]) -> dict[int, None]:
    """Return the keys of the documents in some fields, in the order of the fields."""
    found: dict[int, None] = {}
    for field in page._meta.concrete_fields:
        if field.name not in names:
            continue
        if isinstance(field, ForeignKey) and field.related_model is get_document_model():
            if key := getattr(page, field.attname):
                found[int(key)] = None
        elif isinstance(field, StreamField):
            value = getattr(page, field.attname)
            raw = value.raw_data if value is not None else []
            found.update(dict.fromkeys(_in_value(field.stream_block, raw)))
        elif isinstance(field, RichTextField):
            found.update(dict.fromkeys(_in_rich_text(getattr(page, field.attname))))
    return found


def _in_rich_text(html: Any) -> Iterator[int]:
    for link in _LINK.findall(str(html or "")):
        if key := _ID.search(link):
            yield int(key.group(1))


def _in_value(block: blocks.Block, raw: Any) -> Iterator[int]:
    """Yield what a stored value of a block attaches; the value is not turned into objects."""
    if raw is None:
        return
    if isinstance(block, DocumentChooserBlock):
        yield int(getattr(raw, "pk", raw))
    elif isinstance(block, blocks.RichTextBlock):
        yield from _in_rich_text(getattr(raw, "source", raw))
    elif isinstance(block, blocks.BaseStructBlock):
        for name, child in block.child_blocks.items():
            yield from _in_value(child, raw.get(name))
    elif isinstance(block, blocks.BaseStreamBlock):
        for item in raw:
            if child := block.child_blocks.get(item["type"]):
                yield from _in_value(child, item["value"])
    elif isinstance(block, blocks.ListBlock):
        for item in raw:
            is_item = isinstance(item, dict) and item.get("type") == "item" and "value" in item
            yield from _in_value(block.child_block, item["value"] if is_item else item)
