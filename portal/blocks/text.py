"""Blocks made of words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from portal.fields import language_choices

RICH_TEXT_BASIC = ["bold", "italic", "link", "document-link", "ol", "ul"]


def language_block() -> blocks.ChoiceBlock:
    """Return a choice of language; empty means the page's own."""
    return blocks.ChoiceBlock(
        choices=language_choices,
        required=False,
        label=_("language"),
        help_text=_("Only when it differs from the page's."),
    )


class HeadingBlock(blocks.CharBlock):
    """A heading inside the text (an h2)."""

    class Meta:
        icon = "title"
        label = _("Heading")
        description = _("A heading that parts the text.")
        template = "blocks/heading.html"
        form_classname = "title"
        preview_value = "How the first meeting went"


class ParagraphBlock(blocks.RichTextBlock):
    """Running text with links and lists."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("features", RICH_TEXT_BASIC)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Paragraph")
        description = _("Running text with links and lists.")
        template = "blocks/paragraph.html"
        preview_value = (
            "<p>Twelve families met on a Sunday, each in its own kitchen, and cooked the same"
            " soup.</p><ul><li>An hour by video</li><li>One recipe in two languages</li></ul>"
        )


class QuoteBlock(blocks.StructBlock):
    """Somebody's words, in the language in which they were said."""

    text = blocks.TextBlock(label=_("words"))
    role = blocks.CharBlock(
        required=False,
        label=_("who said it"),
        help_text=_("A role, such as “a host mother in Akko”; a name only if the person wishes."),
    )
    language = language_block()

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        description = _("Somebody's words, kept in their own language.")
        template = "blocks/quote.html"
        preview_value = {
            "text": "באנו כאורחים ונשארנו משפחה.",
            "role": "a host mother",
            "language": "he",
        }


class CalloutBlock(blocks.StructBlock):
    """A remark that stands out: a tip, a warning, something learned."""

    kind = blocks.ChoiceBlock(
        choices=[
            ("tip", _("tip")),
            ("warning", _("take care")),
            ("lesson", _("what we learned")),
        ],
        default="tip",
        label=_("kind"),
    )
    text = ParagraphBlock(label=_("text"))

    class Meta:
        icon = "info-circle"
        label = _("Remark")
        description = _("A tip, a warning or a lesson that stands out.")
        template = "blocks/callout.html"
        preview_value = {"kind": "tip", "text": "<p>Fix the date before you book the hall.</p>"}


class FactsBlock(blocks.StructBlock):
    """A short list of terms and their values."""

    heading = blocks.CharBlock(required=False, label=_("heading"))
    facts = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("term", blocks.CharBlock(label=_("what"))),
                ("value", blocks.CharBlock(label=_("value"))),
            ]
        ),
        label=_("facts"),
    )

    class Meta:
        icon = "list-ul"
        label = _("Facts")
        description = _("A short list such as “When: every second summer”.")
        template = "blocks/facts.html"
        preview_value = {
            "heading": "At a glance",
            "facts": [{"term": "When", "value": "every second summer"}],
        }


class QuestionsBlock(blocks.StructBlock):
    """Questions with their answers."""

    heading = blocks.CharBlock(required=False, label=_("heading"))
    questions = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(label=_("question"))),
                ("answer", ParagraphBlock(label=_("answer"))),
            ]
        ),
        label=_("questions"),
    )

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        description = _("Questions that readers ask, each with its answer.")
        template = "blocks/questions.html"
        preview_value = {
            "heading": "Before you host",
            "questions": [
                {
                    "question": "Do we have to keep kosher?",
                    "answer": "<p>No; tell us how you eat.</p>",
                }
            ],
        }


class VoicesBlock(blocks.StructBlock):
    """The same thing told by each side, side by side, each in its own language."""

    heading = blocks.CharBlock(required=False, label=_("heading"))
    voices = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("community", blocks.CharBlock(label=_("community"))),
                ("language", language_block()),
                ("text", ParagraphBlock(label=_("text"))),
            ]
        ),
        min_num=2,
        label=_("voices"),
    )

    class Meta:
        icon = "group"
        label = _("Voices of the sides")
        description = _("The same thing told by each side, side by side.")
        template = "blocks/voices.html"
        preview_value = {
            "heading": "What stayed with us",
            "voices": [
                {
                    "community": "Cleveland",
                    "language": "en",
                    "text": "<p>The singing at dinner.</p>",
                },
                {"community": "בית שאן", "language": "he", "text": "<p>השקט אחרי שנסעו.</p>"},
            ],
        }
