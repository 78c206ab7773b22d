"""The process that reads one file: `python -m search.documents.child PATH EXTENSION LIMITS`.

It writes a JSON object a line: pieces of text as they are read, at last how it ended. Whoever
started it keeps the pieces that came when it is killed. It has no environment, no database and no
settings; memory and processor time are limited before anything of the file is looked at.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from search.documents.formats import read_pieces
from search.documents.reading import BROKEN, COSTLY, EMPTY, READ, Limits, Progress, Unreadable


def _tell(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def restrict(memory: int, seconds: int, wall_seconds: float) -> None:
    """Limit this process: bytes of address space, seconds of processor time, no files written.

    It ends by itself a little after `wall_seconds`, in case whoever watches it is gone.
    """
    signal.setitimer(signal.ITIMER_REAL, wall_seconds + 5)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: Path, extension: str, limits: Limits) -> None:
    """Read the file and tell what came of it; nothing that a file holds raises here."""
    progress = Progress()
    state, error, has_text = EMPTY, "", False
    try:
        for piece in read_pieces(path, extension, limits, progress):
            has_text = has_text or bool(piece.strip())
            _tell(text=piece, pages=progress.pages)
        # Where no page could be read, nobody knows whether there is text.
        state = READ if has_text else BROKEN if progress.is_cut else EMPTY
        error = "None of its pages can be read." if state == BROKEN else ""
    except Unreadable as refusal:
        state, error = refusal.state, str(refusal)
    except MemoryError:
        state, error = COSTLY, "It takes too much memory."
    _tell(state=state, error=error, pages=progress.pages, is_cut=progress.is_cut)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    arguments = json.loads(sys.argv[3])
    restrict(*(arguments.pop(name) for name in ("memory", "seconds", "wall_seconds")))
    main(Path(sys.argv[1]), sys.argv[2], Limits(**arguments))
