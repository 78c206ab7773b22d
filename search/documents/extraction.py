"""Starts the process that reads a document, watches it, and ends it when it costs too much."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from django.conf import settings

from search.documents.formats import READERS
from search.documents.reading import BROKEN, COSTLY, READ, UNSUPPORTED, Limits

#: Address space (bytes), processor time and time by the wall (seconds) of one document.
MEMORY = 768 * 1024 * 1024
SECONDS = 20
WALL_SECONDS = 60.0
#: Larger files are not read (bytes).
MAX_FILE = 50 * 1024 * 1024
#: JSON writes a letter of Hebrew in six characters; a piece may be one letter in a line of its own.
_BYTES_A_CHARACTER = 40
_COPY_BLOCK = 1 << 20
#: How a process ends that took too long.
_STOPPED = (signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM)


@dataclass(frozen=True, slots=True)
class Costs:
    """All that one document may cost."""

    memory: int = MEMORY
    seconds: int = SECONDS
    wall_seconds: float = WALL_SECONDS
    file: int = MAX_FILE
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of reading a document: its state, and its text if it has any.

    `pages` are those of the file (a workbook's sheets; 0 where nobody knows). `is_cut`: the text
    is not all of it.
    """

    state: str
    text: str = ""
    pages: int = 0
    is_cut: bool = False
    error: str = ""


def can_be_read(extension: str) -> bool:
    """Whether files with this extension (without the dot) are read at all."""
    return extension.lower() in READERS


def extract(file: IO[bytes], extension: str, costs: Costs | None = None) -> Extraction:
    """Return the text of a file; nothing in it raises here, whatever it holds.

    Raises OSError when this machine can't start a process or write a temporary file.
    """
    costs = costs or Costs()
    extension = extension.lower()
    if not can_be_read(extension):
        return Extraction(UNSUPPORTED, error=f"Files of the kind “{extension}” are not read.")
    # A file without a name: nothing is left of it, even if this process is killed.
    with tempfile.TemporaryFile(prefix="document-") as copy:
        while block := file.read(_COPY_BLOCK):
            copy.write(block)
            if copy.tell() > costs.file:
                return Extraction(COSTLY, error="The file is too large.")
        copy.flush()
        return _read(copy.fileno(), extension, costs)


def _read(descriptor: int, extension: str, costs: Costs) -> Extraction:
    arguments = {
        **asdict(costs.limits),
        **{name: getattr(costs, name) for name in ("memory", "seconds", "wall_seconds")},
    }
    command = [
        *(sys.executable, "-m", "search.documents.child"),
        *(f"/dev/fd/{descriptor}", extension, json.dumps(arguments)),
    ]
    most = costs.limits.characters * _BYTES_A_CHARACTER + (1 << 20)
    with _process(command, descriptor) as process:
        output, was_stopped = _output(process, time.monotonic() + costs.wall_seconds, most)
        if was_stopped:
            _kill(process)
        status = process.wait()
    return _result(output, was_stopped or -status in _STOPPED)


@contextmanager
def _process(command: list[str], descriptor: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own, which is gone when the block ends, however it ends.

    Of what is open here it gets `descriptor` alone.
    """
    process = subprocess.Popen(  # noqa: S603  our own module, and a path that we made
        command,
        cwd=settings.BASE_DIR,
        env={"LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},  # no secrets
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[descriptor],
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            _kill(process)
            process.wait()
        if process.stdout:
            process.stdout.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _output(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bool]:
    """Return what the process wrote, and whether it had to be stopped (too long, too much)."""
    stream = process.stdout
    if stream is None:  # never: it was started with a pipe
        return b"", True
    descriptor = stream.fileno()
    output = bytearray()
    while True:
        left = deadline - time.monotonic()
        ready = select.select([descriptor], [], [], max(left, 0))[0] if left > 0 else []
        if not ready:
            return bytes(output), True
        block = os.read(descriptor, 1 << 16)
        if not block:
            return bytes(output), False
        output += block
        if len(output) > most:
            return bytes(output), True


def _lines(output: bytes) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        try:
            yield json.loads(line)
        except ValueError:  # the last one, when the process was killed while it wrote
            return


def _result(output: bytes, was_stopped: bool) -> Extraction:
    """Return what the lines tell; without the last one, what came until the process ended."""
    pieces: list[str] = []
    pages, end = 0, None
    for line in _lines(output):
        if "state" in line:
            end = line
        else:
            pieces.append(line["text"])
        pages = line["pages"]
    text = "\n".join(pieces).strip()
    if end is not None:
        is_cut = end["is_cut"] or bool(text and end["state"] != READ)  # it failed on the way
        return Extraction(READ if text else end["state"], text, pages, is_cut, end["error"])
    if was_stopped:
        error = "It takes too long to read."
        return Extraction(READ if text else COSTLY, text, pages, bool(text), error)
    return Extraction(BROKEN, pages=pages, error="Reading it made the reader fail.")
