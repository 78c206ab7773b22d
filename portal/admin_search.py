"""The search of Wagtail's own lists and choosers, freed of texts that break it.

Wagtail's database backends put a text into the database's query language nearly as it was typed:
on SQLite a double quote within a word (צה"ל) or a NUL is a syntax error, and each word nests the
expression deeper, until some hundreds are a RecursionError. Both are taken out before. The library
has its own search (the `search` app).
"""

from __future__ import annotations

import re
from typing import Any

from modelsearch.query import MATCH_NONE, And, Boost, Not, Or, Phrase, PlainText, SearchQuery
from wagtail.search.backends import database
from wagtail.search.backends.base import BaseSearchBackend

#: More words are no name of a page or picture.
MAX_WORDS = 30
#: What SQLite's and PostgreSQL's tokenizers take for a gap, and no query can hold.
_NO_LETTERS = re.compile(r'["\x00-\x1f\x7f\ud800-\udfff]+')


def plain(text: str) -> str:
    """Return the words of a text that can stand in a database's query, the first thirty."""
    return " ".join(_NO_LETTERS.sub(" ", text).split()[:MAX_WORDS])


def plain_query(query: Any) -> Any:
    """Return a query (a text, or one of `modelsearch.query`) whose texts can be asked.

    A part without a word is left out; a query that has none finds nothing.
    """
    if isinstance(query, str):
        return plain(query)
    if not isinstance(query, SearchQuery):
        return query
    return _plain_query(query) or MATCH_NONE


def _plain_query(query: SearchQuery) -> SearchQuery | None:
    match query:
        case PlainText():
            text = plain(query.query_string)
            return PlainText(text, operator=query.operator, boost=query.boost) if text else None
        case Phrase():
            text = plain(query.query_string)
            return Phrase(text) if text else None
        case And() | Or():
            parts = [part for each in query.subqueries if (part := _plain_query(each))]
            return type(query)(parts[:MAX_WORDS]) if parts else None
        case Boost():
            part = _plain_query(query.subquery)
            return Boost(part, query.boost) if part else None
        case Not():
            part = _plain_query(query.subquery)
            return Not(part) if part else None
    return query


class PlainWordsMixin(BaseSearchBackend):
    """Lets a search backend see only texts that it can ask."""

    def _search(
        self, query_compiler_class: type, query: Any, model_or_queryset: Any, **kwargs: Any
    ) -> Any:
        return super()._search(
            query_compiler_class, plain_query(query), model_or_queryset, **kwargs
        )


#: Backends by those that they are made of.
_freed: dict[type, type] = {}


def backend(params: dict[str, Any]) -> BaseSearchBackend:
    """Return the backend of the database in use (`database.SearchBackend`), freed."""
    stock = type(database.SearchBackend(dict(params)))
    if stock not in _freed:
        _freed[stock] = type(f"Plain{stock.__name__}", (PlainWordsMixin, stock), {})
    freed: BaseSearchBackend = _freed[stock](params)
    return freed


#: The name by which a module in WAGTAILSEARCH_BACKENDS is asked for its backend.
SearchBackend = backend
