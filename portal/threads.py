"""The picture of a tie: a thread from each community through one knot, drawn from two counts.

Both sides get the same width, height and weight, whatever their number: communities abroad on the
left, places in Israel on the right, in every language (as Latin and Hebrew script begin). Colours
come from the style sheets, so that no inline style is needed.
"""

from __future__ import annotations

from functools import cache

from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 120, 64, 6
#: More threads than this merge before the eye; a Partnership with more still gets this many.
MOST_THREADS = 20


def _side(count: int, end: int, key: str) -> str:
    """Return the threads and beads of one side, spread over the height, ending at x = `end`."""
    count = max(1, min(count, MOST_THREADS))
    middle = HEIGHT / 2
    room = HEIGHT - 2 * MARGIN
    radius = round(max(1.7, 4.6 - count * 0.22), 1)
    paths, beads = [], []
    for place in range(count):
        y = round(middle if count == 1 else MARGIN + room * place / (count - 1), 1)
        # Outer beads stand a little nearer to the knot, so that each side is a gentle bow.
        bow = abs(y - middle) / middle * 9
        x = round(end + bow if end < WIDTH / 2 else end - bow, 1)
        bend = round(x + (WIDTH / 2 - x) * 0.55, 1)
        paths.append(f"M{x:g} {y:g}C{bend:g} {y:g} {bend:g} {middle:g} {WIDTH // 2} {middle:g}")
        beads.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}"/>')
    return (
        f'<path class="stroke-{key}" fill="none" stroke-width="1.6" d="{"".join(paths)}"/>'
        f'<g class="fill-{key}">{"".join(beads)}</g>'
    )


@cache
def draw_threads(israel: int, abroad: int) -> SafeString:
    """Return the picture of a tie as inline SVG; it is decoration, hidden from screen readers."""
    # One thread a side is a line: nothing stands above and below it.
    top, height = (HEIGHT // 4, HEIGHT // 2) if max(israel, abroad) <= 1 else (0, HEIGHT)
    return SafeString(
        f'<svg class="threads" viewBox="0 {top} {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}"'
        ' aria-hidden="true" focusable="false">'
        f"{_side(abroad, MARGIN, 'abroad')}{_side(israel, WIDTH - MARGIN, 'israel')}"
        f'<circle class="fill-knot" cx="{WIDTH // 2}" cy="{HEIGHT // 2}" r="4.4"/></svg>'
    )
