"""How long a start takes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import Measurement, portal


def run() -> Iterator[Measurement]:
    """Start on nothing, then again on what the first start left."""
    with portal() as one:
        with one.served() as seconds:
            yield Measurement("first start, packages installed", seconds, "s", limit=200)
        with one.served() as seconds:
            yield Measurement("second start", seconds, "s", limit=5)
