"""Cells with a thing a line (steps, costs …) and the blocks that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.importing.columns import (
    Cell,
    Choice,
    Flag,
    Language,
    Number,
    Text,
    Whole,
    looks_like_address,
    shortened,
    web_address,
)
from portal.importing.lines import Lines, Part
from portal.importing.problems import CellRefused
from portal.importing.texts import block, rich_text
from stories.enums import CURRENCIES, CostCategory, CostPayer, StepSide

_WEEKS = re.compile(r"[Tt]?\s*(?:[-\u2212\u2013]\s*(\d{1,3})|\+\s*(\d{1,3})|0?)\Z")


@dataclass(frozen=True)
class WeeksBefore(Cell):
    """When a step is, from the first day T: "T-8" is eight weeks before, "T+2" two after."""

    def read(self, text: str) -> int:
        match = _WEEKS.match(text)
        if not match:
            raise CellRefused(
                _("“%(text)s” is not a time such as T-8, T or T+2 (weeks).")
                % {"text": shortened(text)}
            )
        before, after = match.groups()
        return int(before) if before else -int(after or 0)


@dataclass(frozen=True)
class Currency(Cell):
    """One of the currencies that the cost table offers."""

    def read(self, text: str) -> str:
        codes = [code for code, _label in CURRENCIES]
        if text.upper() not in codes:
            raise CellRefused(
                _("“%(text)s” is none of: %(values)s.")
                % {"text": shortened(text), "values": ", ".join(codes)}
            )
        return text.upper()

    @property
    def form(self) -> str:
        return ", ".join(code for code, _label in CURRENCIES)


@dataclass(frozen=True)
class Place(Cell):
    """A web address, or in words where a thing can be had."""

    def read(self, text: str) -> str:
        return web_address().read(text) if looks_like_address(text) else Text(255).read(text)

    def empty(self) -> str:
        return ""


@dataclass(frozen=True)
class BlockLines(Lines):
    """Lines of which each becomes a block; `make` returns the block's value."""

    block_type: str = ""
    make: Callable[[dict[str, Any]], dict[str, Any]] = dict

    def blocks(self, lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the lines as a StreamField keeps them."""
        return [block(self.block_type, self.make(line)) for line in lines]


def _renamed(**names: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a maker that renames the parts of a line to fields of the block."""
    return lambda line: {names.get(part.replace(" ", "_"), part): v for part, v in line.items()}


def _step(line: dict[str, Any]) -> dict[str, Any]:
    value = dict(line)
    return {"weeks_before": value.pop("when"), **value, "text": rich_text(line["text"])}


def _difficulty(line: dict[str, Any]) -> dict[str, Any]:
    return {"difficulty": line["difficulty"], "answer": rich_text(line["answer"])}


def _resource(line: dict[str, Any]) -> dict[str, Any]:
    where = line["where"]
    is_address = looks_like_address(where)
    return {
        "title": line["title"],
        "document": None,
        "address": where if is_address else "",
        "language": line["language"],
        "licence": line["licence"],
        "note": "" if is_address else where,
    }


STEPS = BlockLines(
    (
        Part("when", WeeksBefore()),
        Part("side", Choice(StepSide), default="both"),
        Part("title", Text(), required=True),
        Part("text", Text()),
        Part("duration", Text()),
        Part("materials", Text()),
        Part("tip", Text()),
    ),
    "step",
    _step,
)
ROLES = BlockLines(
    (
        Part("side", Choice(StepSide), default="both"),
        Part("role", Text(), required=True),
        Part("people", Whole()),
        Part("hours", Whole()),
        Part("volunteer", Flag()),
        Part("skills", Text()),
    ),
    "role",
    _renamed(volunteer="is_volunteer"),
)
COSTS = BlockLines(
    (
        Part("category", Choice(CostCategory), required=True),
        Part("item", Text(255)),
        Part("payer", Choice(CostPayer), required=True),
        Part("amount", Number(0, 99_999_999.99, places=2), required=True),
        Part("currency", Currency(), required=True),
        Part("year", Whole(1990, 2100), required=True),
        Part("each run", Flag(), default=True),
        Part("in kind", Flag()),
    ),
    "cost",
    _renamed(each_run="is_each_run", in_kind="is_in_kind"),
)
RESULTS = BlockLines(
    (
        Part("indicator", Text(), required=True),
        Part("before", Text()),
        Part("after", Text(), required=True),
        Part("method", Text(), required=True),
        Part("people", Whole(0, None)),
        Part("period", Text()),
    ),
    "result",
    _renamed(before="baseline"),
)
DIFFICULTIES = BlockLines(
    (Part("difficulty", Text(), required=True), Part("answer", Text(), required=True)),
    "difficulty",
    _difficulty,
)
RESOURCES = BlockLines(
    (
        Part("title", Text(), required=True),
        Part("where", Place()),
        Part("language", Language()),
        Part("licence", Text()),
    ),
    "resource",
    _resource,
)
