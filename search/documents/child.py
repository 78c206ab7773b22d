"""The process that reads one file: `python -m search.documents.child PATH EXTENSION LIMITS`.

It writes a JSON object a line: pieces of text as they are read, at last how it ended. Whoever
started it keeps the pieces that came when it is killed. It has no environment, no database and no
settings; memory and processor time are limited before anything of the file is looked at.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

from search.documents.formats import (
    COSTLY,
    EMPTY,
    READ,
    Limits,
    Progress,
    Unreadable,
    read_pieces,
)


def _tell(**values: Any) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def restrict(memory: int, seconds: int) -> None:
    """Limit this process: bytes of address space, seconds of processor time, no files written."""
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
        state = READ if has_text else EMPTY
    except Unreadable as refusal:
        state, error = refusal.state, str(refusal)
    except MemoryError:
        state, error = COSTLY, "It takes too much memory."
    _tell(state=state, error=error, pages=progress.pages, is_cut=progress.is_cut)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    arguments = json.loads(sys.argv[3])
    restrict(arguments.pop("memory"), arguments.pop("seconds"))
    main(Path(sys.argv[1]), sys.argv[2], Limits(**arguments))
