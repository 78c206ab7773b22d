"""The blocks of a page's text; one StreamBlock is reused by all content pages."""

from .body import BodyBlock, plain_text, searchable_text
from .links import LinkBlock, LinkValue
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

__all__ = [
    "BodyBlock",
    "CalloutBlock",
    "DocumentBlock",
    "FactsBlock",
    "GalleryBlock",
    "HeadingBlock",
    "LinkBlock",
    "LinkValue",
    "ParagraphBlock",
    "PictureBlock",
    "QuestionsBlock",
    "QuoteBlock",
    "VoicesBlock",
    "plain_text",
    "searchable_text",
]
