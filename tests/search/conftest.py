"""Fixtures of the library's tests."""

from tests.search.elastic import elasticsearch, no_index_left

__all__ = ["elasticsearch", "no_index_left"]
