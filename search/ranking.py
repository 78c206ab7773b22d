"""What counts how much: one place for all engines.

The score of a row is what the engine's own full text says (BM25, or its nearest kin), each column
of terms with its weight, times gentle factors: they decide between things that match about alike,
and can't lift what matches badly. A thing's score is that of its best row, whatever language.
"""

from __future__ import annotations

from portal.library import Facet, LibraryType, facet_orders
from search.analysis import GLOSS, Alternative, TextQuery

#: Columns of `LibraryText` that are searched, with their weights: the title, then names, concepts
#: and summary, then the body, at last what attached documents say. Columns of keys hold other
#: forms of the words, at less than a half; those of documents stand among the documents' terms.
WEIGHTS = {
    "title_terms": 10.0,
    "names_terms": 6.0,
    "concept_terms": 4.0,
    "summary_terms": 4.0,
    "body_terms": 1.0,
    "title_keys": 4.0,
    "names_keys": 2.0,
    "text_keys": 0.5,
    "documents_terms": 0.4,
}
#: Columns of what a card shows of a thing: its title, names, concepts and summary.
CARD_COLUMNS = ("title_terms", "names_terms", "concept_terms", "summary_terms", "title_keys")
#: Columns that hold the names of concepts in all languages. Other words for a concept are not
#: looked up in them: what has the concept has been found by the word that was typed.
CONCEPT_COLUMNS = ("concept_terms", "names_keys")
#: Nor are words of the other language in names of places: New York is not new.
GLOSS_COLUMNS_LEFT_OUT = (*CONCEPT_COLUMNS, "names_terms")

#: How much a high score of one word is lessened, score / (1 + this × score): what has all of the
#: words somewhere is before what has one of them everywhere (SQLite, which adds up the forms of a
#: word; the others take the best of them).
CURVE = 0.05

#: Who looks for words looks for something to take over, rather than for a place where it is told;
#: a place's own name brings it to the top anyway. A way to take part has the words of its program
#: too, which is before it unless the way itself is asked for.
TYPE_FACTORS = {
    LibraryType.PRACTICE: 1.3,
    LibraryType.RESOURCE: 1.1,
    LibraryType.CHALLENGE: 1.1,
    LibraryType.STORY: 1.0,
    LibraryType.PROGRAM: 0.75,
    LibraryType.OPPORTUNITY: 0.6,
    LibraryType.PARTNERSHIP: 0.45,
    LibraryType.COMMUNITY: 0.35,
}
#: Of today, times 1 + this; of n years ago, 1 + this / (1 + n).
RECENCY = 0.1
#: What is best tested counts as much more (1 + this), what is least tested, or tells nothing of it,
#: nothing; those in between by their place in the order that the facet has.
EVIDENCE = 0.1

#: Score of rows that are pinned because the text is their name; each next one a step less.
PINNED = 1_000_000.0
PINNED_STEP = 1_000.0
#: What is pinned for a name: the page of the Partnership or community itself.
PINNED_TYPES = {
    Facet.PARTNERSHIP: LibraryType.PARTNERSHIP,
    Facet.COMMUNITY: LibraryType.COMMUNITY,
}

#: So many things must have all words of a text of two, of three, of more words or phrases, to leave
#: it at them: else those with some of the words are given too.
_ENOUGH = {2: 1, 3: 3}
_ENOUGH_OF_MANY = 10


def evidence_bonuses() -> dict[str, float]:
    """Return by how much each level of evidence that counts raises the factor of a row."""
    order = facet_orders.get(Facet.EVIDENCE, ())  # the best tested first
    steps = len(order) - 1
    return {value: EVIDENCE * (steps - at) / steps for at, value in enumerate(order) if at < steps}


def columns_left_out(alternative: Alternative) -> tuple[str, ...]:
    """Return the columns in which an alternative is not looked up."""
    if alternative.source == GLOSS:
        return GLOSS_COLUMNS_LEFT_OUT
    return CONCEPT_COLUMNS if alternative.is_added else ()


def enough(text: TextQuery) -> int:
    """Return how many things must have all words of a text to leave it at them.

    0: all words are demanded, whatever is found.
    """
    words = len(text.groups)
    if words < 2 or len(text.required) == words:
        return 0
    return _ENOUGH.get(words, _ENOUGH_OF_MANY)
