"""The picture of a tie: a thread from each community through one knot, drawn from two counts.

Both sides get the same width, height and weight, whatever their number: communities abroad on the
left, places in Israel on the right, in every language (as Latin and Hebrew script begin).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

WIDTH, HEIGHT, MARGIN = 120, 64, 6
#: More threads than this merge before the eye; a Partnership with more still gets this many.
MOST_THREADS = 20


@dataclass(frozen=True, slots=True)
class Thread:
    """One community's thread: the path to the knot and the bead at its end.

    Numbers are text, so that no language's decimal comma gets into the drawing.
    """

    path: str
    x: str
    y: str
    radius: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawing, in a box of `WIDTH` by `HEIGHT`."""

    israel: tuple[Thread, ...]
    abroad: tuple[Thread, ...]
    width: int = WIDTH
    height: int = HEIGHT


def _side(count: int, end: int) -> tuple[Thread, ...]:
    """Return the threads of one side, spread over the height, ending at x = `end`."""
    count = max(1, min(count, MOST_THREADS))
    middle = HEIGHT / 2
    room = HEIGHT - 2 * MARGIN
    radius = round(max(1.7, 4.6 - count * 0.22), 1)
    threads = []
    for place in range(count):
        y = round(middle if count == 1 else MARGIN + room * place / (count - 1), 1)
        # Outer beads stand a little nearer to the knot, so that each side is a gentle bow.
        bow = abs(y - middle) / middle * 9
        x = round(end + bow if end < WIDTH / 2 else end - bow, 1)
        bend = round(x + (WIDTH / 2 - x) * 0.55, 1)
        path = f"M{x} {y}C{bend} {y} {bend} {middle:g} {WIDTH // 2} {middle:g}"
        threads.append(Thread(path, str(x), str(y), str(radius)))
    return tuple(threads)


@cache
def draw_threads(israel: int, abroad: int) -> Drawing:
    """Return the picture of a tie between so many places in Israel and communities abroad."""
    return Drawing(israel=_side(israel, WIDTH - MARGIN), abroad=_side(abroad, MARGIN))
