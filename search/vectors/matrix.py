"""All vectors in one file that every process of the machine maps into its memory.

The worker writes it beside the database (`DATA_DIR/var/vectors/`), each time under another name;
processes look for the newest one. Four hundred bytes a row: 40 MB for 100,000, shared by all. A
file may be some seconds behind the table: what it finds is looked up in the table before it shows.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from search.vectors import SIZE
from search.vectors.encoder import Vector

ROW = np.dtype([("entry", "<i8"), ("thing", "u1", 16), ("scale", "<f4"), ("vector", "i1", SIZE)])
#: A process looks for a newer file after so many seconds.
LOOK_EVERY = 3.0
#: Rows are multiplied in pieces: the numbers are widened on the way (12 MB at a time).
_PIECE = 8192
#: The file before the newest one may still be opened by somebody.
_KEPT = 2


def quantised(vector: Vector) -> tuple[bytes, float]:
    """Return a unit vector as int8 and the scale that undoes it."""
    scale = float(np.abs(vector).max()) / 127 or 1.0
    return np.round(vector / scale).astype(np.int8).tobytes(), scale


def directory() -> Path:
    """Where the files stand."""
    return Path(settings.VAR_DIR) / "vectors"


def files() -> list[Path]:
    """Return the files, the newest first: each has a number above those before it.

    Clocks of a file system may be set back, or too coarse to tell two files apart.
    """
    found = [path for path in directory().glob("vectors.*.*.npy") if _number(path) is not None]
    return sorted(found, key=lambda path: (_number(path) or 0, path.name), reverse=True)


def name_of(path: Path) -> str:
    """Return the name under which a file was written."""
    return path.name.split(".")[2]


def _number(path: Path) -> int | None:
    number = path.name.split(".")[1]
    return int(number) if number.isdecimal() else None


def write(name: str, rows: Iterable[tuple[int, uuid.UUID, float, bytes]], count: int) -> Path:
    """Write a file of (entry, thing, scale, int8 vector) under `name`, whole or not at all."""
    directory().mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=directory(), suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            found = np.zeros(count, dtype=ROW)
            written = 0
            for place, (entry, thing, scale, data) in enumerate(rows):
                if place >= count:
                    break
                vector = np.frombuffer(data, dtype=np.int8)
                found[place] = (entry, np.frombuffer(thing.bytes, dtype=np.uint8), scale, vector)
                written += 1
            np.save(file, found[:written])
        number = max((_number(path) or 0 for path in files()), default=0) + 1
        path = directory() / f"vectors.{number:08d}.{name}.npy"
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    before = directory().glob("vectors-*.npy")  # as files were called before they had numbers
    for old in [*files()[_KEPT:], *before]:
        old.unlink(missing_ok=True)
    return path


class Matrix:
    """The vectors of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: Any = np.load(path, mmap_mode="r")

    def __len__(self) -> int:
        return len(self.rows)

    def likeness(self, vector: Vector) -> Vector:
        """Return the cosine of each row with a unit vector."""
        parts = []
        for start in range(0, len(self.rows), _PIECE):
            piece = self.rows[start : start + _PIECE]
            parts.append((piece["vector"].astype(np.float32) @ vector) * piece["scale"])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def around(
        self, vector: Vector, limit: int
    ) -> tuple[list[tuple[int, uuid.UUID, float]], float]:
        """Return (entry, thing, cosine) of the most alike rows, the best first, and the middle.

        The middle is the median cosine of all rows: with this model unrelated texts have 0.8.
        """
        likeness = self.likeness(vector)
        if limit < len(likeness):
            best = np.argpartition(-likeness, limit)[:limit]
        else:
            best = np.arange(len(likeness))
        best = best[np.argsort(-likeness[best], kind="stable")]
        found = [
            (
                int(self.rows["entry"][place]),
                uuid.UUID(bytes=self.rows["thing"][place].tobytes()),
                float(likeness[place]),
            )
            for place in best
        ]
        return found, float(np.median(likeness)) if len(likeness) else 0.0


class _Newest:
    """The newest file, opened once and looked for again now and then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked = -LOOK_EVERY
        self._matrix: Matrix | None = None

    def get(self) -> Matrix | None:
        now = time.monotonic()
        with self._lock:
            if now - self._looked >= LOOK_EVERY:
                self._looked = now
                # One that goes away between the look and the opening is tried again next time.
                with contextlib.suppress(OSError, ValueError):
                    self._open(files())
            return self._matrix

    def _open(self, found: list[Path]) -> None:
        if not found:
            self._matrix = None
        elif self._matrix is None or self._matrix.path != found[0]:
            self._matrix = Matrix(found[0])

    def forget(self) -> None:
        with self._lock:
            self._looked = -LOOK_EVERY
            self._matrix = None


_newest = _Newest()


def newest() -> Matrix | None:
    """Return the vectors as they stand, or None before the worker has written any."""
    return _newest.get()


def forget() -> None:
    """Look for a file anew at once: for tests, and for who has just written one."""
    _newest.forget()
