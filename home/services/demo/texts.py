"""Turns the plain texts of the data files into the values of StreamFields and rich text."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.html import escape

from portal.models import PortalDocument


def rich_text(text: str | None) -> str:
    """Return plain text as rich text: blank lines part paragraphs, `- ` lines make a list."""
    parts: list[str] = []
    for paragraph in (text or "").strip().split("\n\n"):
        items: list[str] = []
        words: list[str] = []
        for line in paragraph.splitlines():
            if line.lstrip().startswith("- "):
                items.append(line.lstrip()[2:])
            elif items:
                items[-1] += " " + line.strip()
            else:
                words.append(line.strip())
        if words and "".join(words):
            parts.append(f"<p>{escape(' '.join(words))}</p>")
        if items:
            parts.append("<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>")
    return "".join(parts)


def block(kind: str, value: Any) -> dict[str, Any]:
    """Return one block of a StreamField in its stored form."""
    return {"type": kind, "value": value, "id": str(uuid.uuid4())}


def _list_items(values: list[Any]) -> list[dict[str, Any]]:
    return [{"type": "item", "value": value, "id": str(uuid.uuid4())} for value in values]


def _body_block(part: Any) -> dict[str, Any]:
    if isinstance(part, str):
        return block("paragraph", rich_text(part))
    if "voices" in part:
        voices = [
            {
                "community": voice["community"],
                "language": voice.get("language", ""),
                "text": rich_text(voice["text"]),
            }
            for voice in part["voices"]
        ]
        value = {"heading": part.get("heading", ""), "voices": _list_items(voices)}
        return block("voices", value)
    if "facts" in part:
        facts = [{"term": str(term), "value": str(value)} for term, value in part["facts"]]
        return block("facts", {"heading": part.get("heading", ""), "facts": _list_items(facts)})
    if "questions" in part:
        questions = [
            {"question": question, "answer": rich_text(answer)}
            for question, answer in part["questions"]
        ]
        value = {"heading": part.get("heading", ""), "questions": _list_items(questions)}
        return block("questions", value)
    if "quote" in part:
        value = {
            "text": part["quote"],
            "role": part.get("role", ""),
            "language": part.get("language", ""),
        }
        return block("quote", value)
    if "callout" in part:
        return block("callout", {"kind": part["callout"], "text": rich_text(part["text"])})
    return block("heading", part["heading"])


def body_blocks(parts: list[Any] | None) -> list[dict[str, Any]]:
    """Return the body of a page in its stored form."""
    return [_body_block(part) for part in parts or []]


def steps(items: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the steps of a practice."""
    return [
        block(
            "step",
            {
                "title": item["title"],
                "text": rich_text(item.get("text")),
                "side": item.get("side", "both"),
                "weeks_before": item.get("weeks"),
                "duration": item.get("duration", ""),
                "materials": item.get("materials", ""),
                "tip": item.get("tip", ""),
            },
        )
        for item in items or []
    ]


def roles(items: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return who is needed for a practice."""
    return [
        block(
            "role",
            {
                "side": item.get("side", "both"),
                "role": item["role"],
                "people": item.get("people"),
                "hours": item.get("hours"),
                "is_volunteer": bool(item.get("volunteer")),
                "skills": item.get("skills", ""),
            },
        )
        for item in items or []
    ]


def costs(items: list[list[Any]] | None) -> list[dict[str, Any]]:
    """Return the cost table of a practice."""
    blocks = []
    for category, words, payer, amount, currency, year, *flags in items or []:
        value = {
            "category": category,
            "item": words,
            "payer": payer,
            "amount": f"{amount:.2f}",
            "currency": currency,
            "year": year,
            "is_each_run": "once" not in flags,
            "is_in_kind": "in_kind" in flags,
        }
        blocks.append(block("cost", value))
    return blocks


def results(items: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the results of a practice."""
    return [
        block(
            "result",
            {
                "indicator": item["indicator"],
                "baseline": str(item.get("before", "")),
                "after": str(item["after"]),
                "people": item.get("people"),
                "method": item["method"],
                "period": str(item.get("period", "")),
            },
        )
        for item in items or []
    ]


def difficulties(items: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the difficulties of a practice and their answers."""
    return [
        block(
            "difficulty",
            {"difficulty": item["difficulty"], "answer": rich_text(item["answer"])},
        )
        for item in items or []
    ]


def resources(
    items: list[dict[str, Any]] | None, files: Mapping[str, PortalDocument]
) -> list[dict[str, Any]]:
    """Return the forms, letters and guides of a practice; `files` are those that they name."""
    return [block("resource", _resource(item, files)) for item in items or []]


def evaluations(
    items: list[dict[str, Any]] | None, files: Mapping[str, PortalDocument]
) -> list[dict[str, Any]]:
    """Return the evaluations of a practice; `files` are those that they name."""
    return [
        block("resource", {**_resource(item, files), "evaluator": item.get("evaluator", "")})
        for item in items or []
    ]


def _resource(item: dict[str, Any], files: Mapping[str, PortalDocument]) -> dict[str, Any]:
    language = item.get("language", "")
    return {
        "title": item["title"],
        "document": files[item["file"]].pk if "file" in item else None,
        "address": "",
        "language": language if language in ("en", "he") else "",
        "licence": item.get("licence", ""),
        "note": item.get("note", ""),
    }
