"""What readers of all kinds of files share: their limits, how reading ends, what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

READ = "read"
EMPTY = "empty"
ENCRYPTED = "encrypted"
BROKEN = "broken"
COSTLY = "costly"
UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: characters, pages, rows of a sheet, bytes unpacked."""

    characters: int = 400_000
    pages: int = 500
    rows: int = 20_000
    unpacked: int = 100 * 1024 * 1024


class Unreadable(Exception):
    """The file gives no text: `state` says why in a word, the message in a sentence."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(slots=True)
class Progress:
    """What is known of a file while its pieces are yielded."""

    pages: int = 0
    is_cut: bool = False


#: Yields pieces of text, and tells what it learns on the way.
Reader = Callable[[Path, Limits, Progress], Iterator[str]]
