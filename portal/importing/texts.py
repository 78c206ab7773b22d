"""Plain text from a file as the portal's rich text: everything is escaped, nothing is trusted."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.utils.html import escape

_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t]*#*\Z")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|#\d+);")


def rich_text(text: str) -> str:
    """Return paragraphs of HTML: blank lines part them, other line breaks stay."""
    paragraphs = (part.strip() for part in _BLANK_LINES.split(text.strip()))
    return "".join(
        "<p>{}</p>".format("<br/>".join(str(escape(line.strip())) for line in part.split("\n")))
        for part in paragraphs
        if part
    )


def stream_text(text: str) -> list[dict[str, Any]]:
    """Return a body stream: paragraphs, and lines that begin with "# " as headings."""
    blocks: list[dict[str, Any]] = []
    words: list[str] = []

    def flush() -> None:
        html = rich_text("\n".join(words))
        words.clear()
        if html:
            blocks.append(block("paragraph", html))

    for line in text.split("\n"):
        if heading := _HEADING.match(line.strip()):
            flush()
            blocks.append(block("heading", heading.group(1)))
        else:
            words.append(line)
    flush()
    return blocks


def block(kind: str, value: Any) -> dict[str, Any]:
    """Return a block as a StreamField keeps it."""
    return {"type": kind, "value": value, "id": str(uuid.uuid4())}


def holds_markup(text: str) -> str:
    """Return the first piece of HTML in a text, which will be shown as it is written."""
    found = _TAG.search(text)
    return found.group() if found else ""
