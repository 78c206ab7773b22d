"""From text to terms: what is put into the index, and what is looked up in it.

Everything that engines compare goes through `tokens`, at index time and at query time, and the
marks in a hit are set by it too; so all engines find the same, and no engine's query language ever
sees what a reader typed. A term is made of letters and digits only.

English words are stemmed (`english`). Hebrew words lose points and final forms, and have key forms
beside them (`hebrew`). What a reader typed becomes a tree (`tree`, `query`), to which concepts and
places add their other names (`search.understanding`).
"""

from .query import (
    MAX_GROUPS,
    STOP_WORDS,
    plain_pieces,
    plain_runs,
    read_query,
    unquoted,
)
from .tokens import MAX_TERM, Token, index_forms, index_keys, index_terms, index_words, tokens
from .tree import (
    CONCEPT_SOURCE,
    GLOSS,
    KEY,
    PLACE_SOURCE,
    TYPED,
    Alternative,
    Group,
    NamedThing,
    TextQuery,
)

#: Raised when texts become other terms than before, or rows get another facet: those that another
#: version built are built anew (search.services.stamps).
ANALYSIS_VERSION = 5

__all__ = [
    "ANALYSIS_VERSION",
    "CONCEPT_SOURCE",
    "GLOSS",
    "KEY",
    "MAX_GROUPS",
    "MAX_TERM",
    "PLACE_SOURCE",
    "STOP_WORDS",
    "TYPED",
    "Alternative",
    "Group",
    "NamedThing",
    "TextQuery",
    "Token",
    "index_forms",
    "index_keys",
    "index_terms",
    "index_words",
    "plain_pieces",
    "plain_runs",
    "read_query",
    "tokens",
    "unquoted",
]
