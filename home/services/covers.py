"""Pictures drawn by code: a cover for each topic, good enough for a front page.

Each is a calm landscape of flat shapes; nobody is shown, so that it may be public without consent.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1600, 1000  # the units in which covers are drawn
OUTPUT = (1200, 750)  # pixels of the finished picture
_SCALE = 1.5  # drawn larger and scaled down, for smooth edges

Colour = tuple[int, int, int]
Palette = tuple[Colour, Colour, Colour, Colour, Colour]


def _rgb(value: str) -> Colour:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _palette(*values: str) -> Palette:
    first, second, third, fourth, fifth = (_rgb(value) for value in values)
    return first, second, third, fourth, fifth


#: Sky above, sky below, then three colours of the motif.
PALETTES: tuple[Palette, ...] = (
    _palette("#f7e3bf", "#f3b98a", "#1d5c7a", "#d98a2b", "#fff7e6"),
    _palette("#dcebf0", "#f6e7cf", "#27588f", "#c8553d", "#fffaf0"),
    _palette("#e9efdc", "#f5d9a8", "#2f6f5e", "#b5577d", "#fff9ea"),
    _palette("#e8e2f0", "#f7d6c4", "#3b5b92", "#e0a526", "#fff8ef"),
)


class _Canvas:
    """A drawing surface in units of the finished picture."""

    def __init__(self, palette: Palette, seed: str) -> None:
        self.palette = palette
        self.random = random.Random(seed)  # noqa: S311 (a drawing, no secret)
        top, bottom = palette[0], palette[1]
        column = Image.new("RGB", (1, HEIGHT))
        for y in range(HEIGHT):
            t = y / (HEIGHT - 1)
            shade = tuple(round(a + (b - a) * t) for a, b in zip(top, bottom, strict=True))
            column.putpixel((0, y), shade)
        self.image = column.resize((round(WIDTH * _SCALE), round(HEIGHT * _SCALE)))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> list[float]:
        return [x0 * _SCALE, y0 * _SCALE, x1 * _SCALE, y1 * _SCALE]

    def disc(self, x: float, y: float, r: float, fill: Colour, alpha: int = 255) -> None:
        self.draw.ellipse(self._box(x - r, y - r, x + r, y + r), fill=(*fill, alpha))

    def ring(self, x: float, y: float, r: float, width: float, fill: Colour) -> None:
        box = self._box(x - r, y - r, x + r, y + r)
        self.draw.ellipse(box, outline=(*fill, 255), width=round(width * _SCALE))

    def box(
        self, x: float, y: float, w: float, h: float, fill: Colour, r: float = 0, alpha: int = 255
    ) -> None:
        box = self._box(x, y, x + w, y + h)
        self.draw.rounded_rectangle(box, radius=r * _SCALE, fill=(*fill, alpha))

    def shape(self, points: list[tuple[float, float]], fill: Colour, alpha: int = 255) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.draw.polygon(scaled, fill=(*fill, alpha))

    def line(self, points: Sequence[tuple[float, float]], fill: Colour, width: float) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.draw.line(scaled, fill=(*fill, 255), width=round(width * _SCALE), joint="curve")

    def arc(
        self, x: float, y: float, r: float, start: float, end: float, fill: Colour, width: float
    ) -> None:
        box = self._box(x - r, y - r, x + r, y + r)
        self.draw.arc(box, start, end, fill=(*fill, 255), width=round(width * _SCALE))

    def hills(self, base: float, height: float, fill: Colour, waves: float, phase: float) -> None:
        points = [
            (x, base - height * (0.5 + 0.5 * math.sin(phase + waves * x / WIDTH * math.tau)))
            for x in range(0, WIDTH + 20, 20)
        ]
        self.shape([*points, (WIDTH, HEIGHT), (0, HEIGHT)], fill)

    def finish(self) -> Image.Image:
        return self.image.resize(OUTPUT, Image.Resampling.LANCZOS).filter(
            ImageFilter.UnsharpMask(radius=1, percent=40)
        )


def _ground(c: _Canvas) -> None:
    c.hills(860, 120, _mix(c.palette[2], c.palette[1], 0.55), 0.9, c.random.uniform(0, 6))
    c.hills(930, 90, _mix(c.palette[2], c.palette[1], 0.25), 1.3, c.random.uniform(0, 6))


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    r, g, b = (round(x + (y - x) * share) for x, y in zip(first, second, strict=True))
    return r, g, b


def _summer(c: _Canvas) -> None:
    x = c.random.randint(500, 1100)
    c.disc(x, 430, 210, c.palette[4], 120)
    c.disc(x, 430, 160, c.palette[3])
    c.hills(760, 200, _mix(c.palette[2], c.palette[1], 0.6), 0.8, c.random.uniform(0, 6))
    c.hills(880, 180, _mix(c.palette[2], c.palette[1], 0.3), 1.1, c.random.uniform(0, 6))
    c.hills(980, 150, c.palette[2], 0.7, c.random.uniform(0, 6))


def _school(c: _Canvas) -> None:
    _ground(c)
    for x, fill in ((300, c.palette[2]), (860, c.palette[3])):
        c.box(x, 400, 440, 460, fill, 18)
        c.shape([(x - 30, 410), (x + 220, 270), (x + 470, 410)], _mix(fill, (0, 0, 0), 0.15))
        for row in range(3):
            for column in range(4):
                c.box(x + 40 + column * 95, 450 + row * 115, 65, 75, c.palette[4], 8, 235)


def _family(c: _Canvas) -> None:
    _ground(c)
    for x, w, fill in ((260, 420, c.palette[2]), (760, 560, c.palette[3])):
        top = 520 if w == 420 else 450
        c.box(x, top, w, 900 - top, fill, 14)
        c.shape([(x - 40, top + 10), (x + w / 2, top - 190), (x + w + 40, top + 10)], fill)
        for column in range(2 if w == 420 else 3):
            c.box(x + 60 + column * 170, top + 80, 110, 130, c.palette[4], 10)
            c.line(
                [(x + 115 + column * 170, top + 80), (x + 115 + column * 170, top + 210)], fill, 8
            )


def _letters(c: _Canvas) -> None:
    for index in range(5):
        x, y = 180 + index * 250, 260 + (index % 2) * 190 + c.random.randint(-30, 30)
        fill = (c.palette[2], c.palette[3], c.palette[4])[index % 3]
        flap = _mix(fill, (255, 255, 255), 0.22) if index % 3 != 2 else c.palette[3]
        c.box(x + 14, y + 18, 380, 250, (0, 0, 0), 14, 26)
        c.box(x, y, 380, 250, fill, 14)
        c.shape([(x + 10, y + 8), (x + 370, y + 8), (x + 190, y + 140)], flap)


def _music(c: _Canvas) -> None:
    for index in range(9):
        fill = (c.palette[2], c.palette[3])[index % 2]
        c.arc(560, 980, 180 + index * 90, 200, 330, fill, 16)
    for index in range(6):
        x, y = 420 + index * 175, 360 + round(120 * math.sin(index * 1.3))
        fill = (c.palette[3], c.palette[2])[index % 2]
        c.disc(x, y, 46, fill)
        c.line([(x + 40, y), (x + 40, y - 190)], fill, 14)


def _medicine(c: _Canvas) -> None:
    _ground(c)
    heart = [
        (
            800 + 20 * 16 * math.sin(t) ** 3,
            430
            - 20 * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t))
            + 20 * math.cos(4 * t),
        )
        for t in [math.tau * i / 90 for i in range(90)]
    ]
    c.disc(800, 440, 400, c.palette[4], 150)
    c.shape(heart, c.palette[3])
    pulse = [(430, 450), (640, 450), (700, 340), (770, 570), (840, 390), (880, 450), (1170, 450)]
    c.line(pulse, c.palette[4], 20)


def _kitchen(c: _Canvas) -> None:
    c.box(0, 740, WIDTH, 260, c.palette[2])
    for x, r, fill in ((520, 250, c.palette[3]), (1080, 210, c.palette[4])):
        points = [
            (x + r * math.cos(a), 540 + r * 0.95 * math.sin(a))
            for a in [math.pi * i / 40 for i in range(41)]
        ]
        c.shape(points, fill)
        c.box(x - r - 20, 520, 2 * r + 40, 40, _mix(fill, (0, 0, 0), 0.1), 20)
        for steam in (-70, 0, 70):
            wave = [(x + steam + 22 * math.sin(y / 36), 480 - y) for y in range(0, 220 + steam, 6)]
            c.line(wave, _mix(c.palette[4], c.palette[0], 0.2), 14)


def _hands(c: _Canvas) -> None:
    for index, r in enumerate((330, 330)):
        c.ring(640 + index * 320, 500, r, 92, (c.palette[2], c.palette[3])[index])
    c.arc(640, 500, 330, 290, 330, c.palette[2], 92)
    c.disc(800, 500, 70, c.palette[4])


def _table(c: _Canvas) -> None:
    c.box(180, 420, 1240, 260, c.palette[2], 130)
    for index in range(6):
        x = 300 + index * 200
        for y, fill in ((330, c.palette[3]), (770, c.palette[3])):
            c.disc(x, y, 62, fill)
        c.disc(x, 550, 58, c.palette[4])
        c.disc(x, 550, 34, _mix(c.palette[4], c.palette[3], 0.35))


def _screen(c: _Canvas) -> None:
    for row in range(2):
        for column in range(3):
            x, y = 220 + column * 400, 180 + row * 340
            fill = (c.palette[2], c.palette[3])[(row + column) % 2]
            c.box(x, y, 360, 300, fill, 26)
            c.disc(x + 180, y + 125, 58, c.palette[4])
            c.box(x + 85, y + 200, 190, 130, c.palette[4], 60)
            c.box(x, y + 300, 360, 34, c.palette[1] if row else c.palette[0], 0)


def _garden(c: _Canvas) -> None:
    _ground(c)
    for index in range(9):
        x, top = 160 + index * 160, 330 + c.random.randint(0, 220)
        c.line([(x, 900), (x, top)], c.palette[2], 14)
        for leaf in range(3):
            y = top + 90 + leaf * 120
            for side in (-1, 1):
                c.shape(
                    [(x, y), (x + side * 90, y - 60), (x + side * 70, y + 20)],
                    _mix(c.palette[2], c.palette[4], 0.25),
                )
        c.disc(x, top, 48, (c.palette[3], c.palette[4])[index % 2])


def _road(c: _Canvas) -> None:
    c.hills(620, 160, _mix(c.palette[2], c.palette[1], 0.6), 0.9, 1.0)
    c.hills(760, 150, _mix(c.palette[2], c.palette[1], 0.35), 1.2, 3.0)
    path = [(150 + i * 13, 860 - 420 * (i / 100) + 120 * math.sin(i / 13)) for i in range(101)]
    for index in range(0, 100, 4):
        c.line(path[index : index + 3], c.palette[4], 22)
    c.disc(*path[0], 62, c.palette[2])
    c.disc(*path[-1], 62, c.palette[3])
    c.disc(*path[0], 24, c.palette[4])
    c.disc(*path[-1], 24, c.palette[4])


def _stage(c: _Canvas) -> None:
    c.box(0, 700, WIDTH, 300, c.palette[2])
    for x, fill in ((380, c.palette[4]), (800, c.palette[3]), (1220, c.palette[4])):
        c.shape([(x - 30, 0), (x + 30, 0), (x + 260, 760), (x - 260, 760)], fill, 120)
        c.disc(x, 760, 90, fill)
    for row in range(3):
        for column in range(24):
            shade = _mix(c.palette[2], (0, 0, 0), 0.2 + row * 0.1)
            c.disc(40 + column * 68 + row * 30, 880 + row * 50, 30, shade)


def _book(c: _Canvas) -> None:
    _ground(c)
    for side, fill in ((-1, c.palette[4]), (1, _mix(c.palette[4], c.palette[1], 0.3))):
        x = 800 + side * 480
        c.shape([(800, 320), (x, 250), (x, 760), (800, 830)], fill)
        for row in range(5):
            y = 370 + row * 80
            tilt = -14
            start, end = (800 + side * 70, y + 20), (800 + side * 400, y + 20 + tilt * 3)
            c.line([start, end], (c.palette[2], c.palette[3])[side > 0], 18)
    c.line([(800, 320), (800, 830)], c.palette[2], 14)


def _light(c: _Canvas) -> None:
    _ground(c)
    for x, fill in ((620, c.palette[2]), (980, c.palette[3])):
        c.disc(x, 330, 230, c.palette[4], 110)
        c.disc(x, 330, 150, c.palette[4], 160)
        c.box(x - 55, 450, 110, 420, fill, 16)
        flame = [
            (x + 58 * math.sin(a) * (1 - math.cos(a)) / 1.3, 320 - 110 * math.cos(a))
            for a in [math.tau * i / 60 for i in range(61)]
        ]
        c.shape(flame, _rgb("#e8892b"))


def _circle(c: _Canvas) -> None:
    for index in range(14):
        angle = math.tau * index / 14
        x, y = 800 + 470 * math.cos(angle), 500 + 330 * math.sin(angle)
        c.line([(x, y), (800, 500)], _mix(c.palette[1], c.palette[2], 0.35), 6)
        c.disc(x, y, 62, (c.palette[2], c.palette[3])[index % 2])
    c.disc(800, 500, 110, c.palette[4])


_TOPICS: dict[str, Callable[[_Canvas], None]] = {
    "summer": _summer,
    "school": _school,
    "family": _family,
    "letters": _letters,
    "music": _music,
    "medicine": _medicine,
    "kitchen": _kitchen,
    "hands": _hands,
    "table": _table,
    "screen": _screen,
    "garden": _garden,
    "road": _road,
    "stage": _stage,
    "book": _book,
    "light": _light,
    "circle": _circle,
}
TOPICS = tuple(_TOPICS)


#: How a drawing is seen: as it is, from the other side, nearer.
_VIEWS: tuple[Callable[[Image.Image], Image.Image], ...] = (
    lambda image: image,
    ImageOps.mirror,
    lambda image: image.resize(
        OUTPUT, Image.Resampling.LANCZOS, box=(120, 105, OUTPUT[0] - 216, OUTPUT[1] - 105)
    ),
)


def draw_cover(topic: str, variant: int = 0, view: int = 0) -> bytes:
    """Return the cover of a topic as JPEG bytes (1200 × 750 pixels).

    `variant` chooses the palette and the small differences, `view` from where it is seen; the same
    arguments give the same bytes. Raises KeyError for a topic that is not in `TOPICS`.
    """
    canvas = _Canvas(PALETTES[variant % len(PALETTES)], f"{topic}-{variant}")
    _TOPICS[topic](canvas)
    buffer = io.BytesIO()
    image = _VIEWS[view % len(_VIEWS)](canvas.finish())
    image.save(buffer, "JPEG", quality=86, optimize=True)
    return buffer.getvalue()
