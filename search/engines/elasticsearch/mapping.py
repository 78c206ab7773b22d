"""What the index looks like: derived from the names that all engines share.

One document a thing, with a nested row for each language: so the number of documents is the number
of things, and `reverse_nested` counts things within a facet, both exactly (docs/adr/0009).

Terms come ready from `search.analysis`, a blank between them, so a whitespace analyzer is all that
is asked of Elasticsearch: no plugin, no language analyzer, nothing that a reader typed.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from search.engines.fulltext import WORDS
from search.query import CONCEPT, KEY_FACETS, LANGUAGE, MAX_DEPTH, NUMBER_NAMES, TYPE
from search.ranking import WEIGHTS

#: Raise it when documents are built otherwise, though the mapping is the same.
GENERATION = 2

ROWS = "rows"
BEGINNING = "beginning"
#: So many characters of it are held.
MAX_BEGINNING = 100
#: Facets of a row; "concept" holds those of the four that concepts fill.
FACETS = (*KEY_FACETS, CONCEPT)
#: How much a word counts in a text: there is one curve over all texts, and it takes the weights
#: with it, in the length too. As they are, one word in the title would say all but all that can be
#: said (at the usual K1), or leave too little to the text (at one of 3). To this power they keep
#: their order, and leave both their say (measured: docs/adr/0010-words-and-ranking.md).
FIELD_WEIGHTS = {name: weight**0.75 for name, weight in WEIGHTS.items()}
#: What all weights are divided by: Elasticsearch takes none below 1.
LIGHTEST = min(1.0, *FIELD_WEIGHTS.values())
#: How fast more of the same counts less.
K1 = 2.0
#: Where a filter or facet of this name stands.
_COLUMNS = {TYPE: f"{ROWS}.type", LANGUAGE: f"{ROWS}.language"}

_KEYWORD = {"type": "keyword"}
_NUMBER = {"type": "double"}
#: A text of ready terms. It is searched, never shown: the hits are read from the table.
_TERMS = {"type": "text", "analyzer": "whitespace"}
#: What tells which row of the table a nested row is, and how it was sent.
SENT_AS = {
    "entry": {"type": "long"},
    "version": {"type": "long"},
    "checksum": {"type": "keyword", "index": False, "doc_values": False},
}
#: All that is kept to be read: texts and vectors stand in the table.
SOURCE = {"includes": [f"{ROWS}.{name}" for name in SENT_AS]}


def facet_field(name: str) -> str:
    """Return the field of a facet or filter."""
    return _COLUMNS.get(name) or f"{ROWS}.facets.{name}"


def number_field(name: str) -> str:
    """Return the field of a number."""
    return f"{ROWS}.numbers.{name}"


def mapping() -> dict[str, Any]:
    """Return the mapping; a field that is not in it is refused."""
    row: dict[str, Any] = {
        **SENT_AS,
        "live": {"type": "boolean"},
        "audience": _KEYWORD,
        "audience_partnerships": _KEYWORD,
        # Pages above it, and itself: what is restricted is told with each query, and a page that
        # is moved among its siblings keeps them.
        "pages": {"type": "long"},
        "type": _KEYWORD,
        "language": _KEYWORD,
        "date": {"type": "long"},
        "title_length": {"type": "integer"},
        # The words of the title, then of the names: what a title begins with.
        BEGINNING: {**_KEYWORD, "doc_values": False, "ignore_above": MAX_BEGINNING},
        "facets": {"properties": dict.fromkeys(FACETS, _KEYWORD)},
        "numbers": {"properties": dict.fromkeys(sorted(NUMBER_NAMES), _NUMBER)},
        "untold": _KEYWORD,
        **dict.fromkeys(WEIGHTS, _TERMS),
        WORDS: {**_TERMS, "index_prefixes": {"min_chars": 1, "max_chars": 10}},
    }
    return {
        "dynamic": "strict",
        "_source": SOURCE,
        "_meta": {"generation": GENERATION},
        "properties": {
            "thing_key": _KEYWORD,
            # By what things are ordered: the first date (microseconds, as databases compare it;
            # a translation is no news), and the title as a reader of a language is shown it.
            "date": {"type": "long"},
            "titles": {"properties": {code: _KEYWORD for code, _name in settings.LANGUAGES}},
            ROWS: {"type": "nested", "properties": row},
        },
    }


#: The settings of every index. A deleted thing is remembered for an hour, so that nothing that is
#: still on its way brings it back; the feed makes what it sent visible itself.
SETTINGS = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "10s",
    "gc_deletes": "1h",
}


def index_settings() -> dict[str, Any]:
    """Return the settings of a new index of the library's rows."""
    return {
        **SETTINGS,
        "max_result_window": MAX_DEPTH,
        # Weights multiply how often a term stands in a text. Where all are so many times larger,
        # k1 has to be too, for the same curve as with the weights that all engines share.
        "similarity": {"default": {"type": "BM25", "k1": round(K1 / LIGHTEST, 3), "b": 0.75}},
    }
