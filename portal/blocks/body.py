"""The one StreamBlock of running text."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.rich_text import get_text_for_indexing

from .links import LinkBlock
from .media import DocumentBlock, GalleryBlock, PictureBlock
from .text import (
    CalloutBlock,
    FactsBlock,
    HeadingBlock,
    ParagraphBlock,
    QuestionsBlock,
    QuoteBlock,
    VoicesBlock,
)


class BodyBlock(blocks.StreamBlock):
    """What a page's text can be made of."""

    paragraph = ParagraphBlock(group=_("Words"))
    heading = HeadingBlock(group=_("Words"))
    quote = QuoteBlock(group=_("Words"))
    voices = VoicesBlock(group=_("Words"))
    callout = CalloutBlock(group=_("Words"))
    facts = FactsBlock(group=_("Words"))
    questions = QuestionsBlock(group=_("Words"))
    picture = PictureBlock(group=_("Pictures and files"))
    gallery = GalleryBlock(group=_("Pictures and files"))
    document = DocumentBlock(group=_("Pictures and files"))
    link = LinkBlock(group=_("Pictures and files"))


def plain_text(html: str) -> str:
    """Return the words of rich text, without markup."""
    return get_text_for_indexing(str(html))


def searchable_text(*streams: Any) -> str:
    """Return the words of StreamField values without markup, a line a piece."""
    return "\n".join(
        plain_text(part)
        for stream in streams
        for part in stream.stream_block.get_searchable_content(stream)
    )
