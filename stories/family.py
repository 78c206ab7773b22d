"""The family of a practice: its ancestors and all that was made from them, as a tree to read.

Pure: who may see what is decided before (`stories.travel`). A practice with several parents stands
in full below the first of them, and is pointed at from the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Branch(Generic[Key]):
    """A line of the list, in reading order: how deep it stands, what follows it.

    `opens`: a list of its children begins; `closes`: so many lists end after it. `is_pointer`: it
    is told in full at another place.
    """

    key: Key
    depth: int
    is_pointer: bool = False
    opens: bool = False
    closes: int = 0

    @property
    def ends(self) -> range:
        """The lists that end after this line, for a template to loop over."""
        return range(self.closes)


def branches(
    roots: Sequence[Key], children: Mapping[Key, Sequence[Key]], shown: Iterable[Key]
) -> list[Branch[Key]]:
    """Return the lines from `roots` down, of the practices that are `shown`.

    However deep it goes, and also where the rows hold a circle.
    """
    told: set[Key] = set()
    wanted = set(shown)
    lines: list[Branch[Key]] = []
    waiting = [(root, 0) for root in reversed(roots) if root in wanted]
    while waiting:
        key, depth = waiting.pop()
        is_pointer = key in told
        told.add(key)
        lines.append(Branch(key, depth, is_pointer))
        if not is_pointer:
            below = [child for child in children.get(key, ()) if child in wanted]
            waiting += [(child, depth + 1) for child in reversed(below)]
    following = [line.depth for line in lines[1:]] + [0]
    return [
        replace(line, opens=after > line.depth, closes=max(0, line.depth - after))
        for line, after in zip(lines, following, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Box(Generic[Key]):
    """Where a practice stands in the picture: its corner, in units of the picture."""

    key: Key
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line from a parent to a child, as the `d` of an SVG path."""

    path: str


@dataclass(frozen=True, slots=True)
class Drawing(Generic[Key]):
    """The picture of a family: its size, boxes and lines."""

    width: int
    height: int
    boxes: tuple[Box[Key], ...]
    lines: tuple[Line, ...]


BOX_WIDTH, BOX_HEIGHT = 190, 46
GAP_X, GAP_Y, MARGIN = 46, 12, 6


def draw(
    lines: Sequence[Branch[Key]],
    parents: Mapping[Key, Sequence[Key]],
    *,
    mirrored: bool = False,
) -> Drawing[Key]:
    """Return the picture of the family in `lines`: a generation a column, the oldest first.

    A child stands one column beyond its furthest parent; `mirrored` begins at the right.
    """
    told = [line for line in lines if not line.is_pointer]
    keys = [line.key for line in told]
    rows, height = _rows(told)
    columns = _columns(keys, parents)
    width = 2 * MARGIN + (max(columns.values(), default=0) + 1) * (BOX_WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + max(height, 1) * (BOX_HEIGHT + GAP_Y) - GAP_Y
    boxes: dict[Key, Box[Key]] = {}
    for key in keys:
        x = MARGIN + columns[key] * (BOX_WIDTH + GAP_X)
        y = MARGIN + round(rows[key] * (BOX_HEIGHT + GAP_Y))
        boxes[key] = Box(key, width - x - BOX_WIDTH if mirrored else x, y)
    ties = [
        _line(boxes[parent], boxes[key], mirrored)
        for key in keys
        for parent in parents.get(key, ())
        if parent in boxes
    ]
    return Drawing(width, height, tuple(boxes.values()), tuple(ties))


def _rows(lines: Sequence[Branch[Key]]) -> tuple[dict[Key, float], int]:
    """Return the row of each key, and how many rows there are.

    One without children has a row of its own, others stand in the middle of theirs.
    """
    rows: dict[Key, float] = {}
    count = sum(1 for line, after in _pairs(lines) if after <= line.depth)
    next_row = count
    below: list[list[float]] = [
        [] for _ in range(max((line.depth for line in lines), default=0) + 2)
    ]
    for line, after in reversed(list(_pairs(lines))):
        if after <= line.depth:
            next_row -= 1
            row = float(next_row)
        else:
            own = below[line.depth + 1]
            row = (own[0] + own[-1]) / 2
            own.clear()
        rows[line.key] = row
        below[line.depth].append(row)
    return rows, count


def _pairs(lines: Sequence[Branch[Key]]) -> Iterable[tuple[Branch[Key], int]]:
    """Yield each line with the depth of the next."""
    return zip(lines, [line.depth for line in lines[1:]] + [0], strict=True)


def _columns(keys: Sequence[Key], parents: Mapping[Key, Sequence[Key]]) -> dict[Key, int]:
    """Return the generation of each key: one more than that of its furthest parent."""
    within = set(keys)
    children: dict[Key, list[Key]] = defaultdict(list)
    waits: dict[Key, int] = {}
    for key in keys:
        own = [parent for parent in parents.get(key, ()) if parent in within]
        waits[key] = len(own)
        for parent in own:
            children[parent].append(key)
    columns = dict.fromkeys(keys, 0)
    ready = [key for key in keys if not waits[key]]
    for key in ready:
        for child in children[key]:
            columns[child] = max(columns[child], columns[key] + 1)
            waits[child] -= 1
            if not waits[child]:
                ready.append(child)
    return columns


def _line(parent: Box, child: Box, mirrored: bool) -> Line:
    start_x = parent.x if mirrored else parent.x + BOX_WIDTH
    end_x = child.x + BOX_WIDTH if mirrored else child.x
    start_y, end_y = parent.y + BOX_HEIGHT // 2, child.y + BOX_HEIGHT // 2
    middle = (start_x + end_x) // 2
    return Line(f"M{start_x} {start_y}C{middle} {start_y} {middle} {end_y} {end_x} {end_y}")
