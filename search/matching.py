"""Which parts of a thing have what a query wants: the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from search.analysis import TextQuery, index_keys

if TYPE_CHECKING:
    from search.models import LibraryEntry


@dataclass(frozen=True, slots=True)
class Wanted:
    """The alternatives of a query by how they match: words, words in a row, words together."""

    words: frozenset[str]
    phrases: frozenset[tuple[str, ...]]
    together: frozenset[frozenset[str]]

    @property
    def forms(self) -> frozenset[str]:
        """All forms of words that are wanted, alone or with others."""
        return self.words.union(*self.phrases, *self.together)

    @staticmethod
    @lru_cache(maxsize=64)
    def of(query: TextQuery) -> Wanted:
        """Return them for a query."""
        return Wanted._of(query, with_added=True)

    @staticmethod
    @lru_cache(maxsize=64)
    def typed(query: TextQuery) -> Wanted:
        """Return them without what concepts and places added."""
        return Wanted._of(query, with_added=False)

    @staticmethod
    @lru_cache(maxsize=64)
    def in_ascii(query: TextQuery) -> Wanted:
        """Return those that a text of ASCII may have."""
        wanted = Wanted.of(query)
        return Wanted(
            words=frozenset(word for word in wanted.words if word.isascii()),
            phrases=frozenset(each for each in wanted.phrases if "".join(each).isascii()),
            together=frozenset(each for each in wanted.together if "".join(each).isascii()),
        )

    @staticmethod
    def _of(query: TextQuery, with_added: bool) -> Wanted:
        wanted = [a for a in query.alternatives if with_added or not a.is_added]
        return Wanted(
            words=frozenset(a.terms[0] for a in wanted if len(a.terms) == 1),
            phrases=frozenset(a.terms for a in wanted if len(a.terms) > 1 and a.is_phrase),
            together=frozenset(
                frozenset(a.terms) for a in wanted if len(a.terms) > 1 and not a.is_phrase
            ),
        )

    def is_in(self, terms: str, keys: str = "") -> bool:
        """Whether a text, given by its terms and keys, has any of this."""
        found = {*terms.split(), *keys.split()}
        if not self.words.isdisjoint(found) or any(each <= found for each in self.together):
            return True
        row = f" {terms} "
        return any(f" {' '.join(phrase)} " in row for phrase in self.phrases)


def reasons(entry: LibraryEntry, query: TextQuery) -> tuple[str, ...]:
    """Return the parts of an entry's text that have something of `query`, in a fixed order."""
    return tuple(_reasons(entry, query)) if query else ()


def _reasons(entry: LibraryEntry, query: TextQuery) -> Iterator[str]:
    text, wanted, typed = entry.text, Wanted.of(query), Wanted.typed(query)
    if wanted.is_in(text.title_terms, text.title_keys):
        yield "title"
    names_keys = index_keys(text.names) if typed.is_in("", text.names_keys) else ""
    if wanted.is_in(text.names_terms, names_keys):
        yield "names"
    concept_keys = " ".join(set(text.names_keys.split()) - set(names_keys.split()))
    if typed.is_in(text.concept_terms, concept_keys):
        yield "concepts"
    text_keys = set(text.text_keys.split())
    summary_keys = index_keys(entry.summary) if text_keys else ""
    if wanted.is_in(text.summary_terms, summary_keys):
        yield "summary"
    if wanted.is_in(text.body_terms, " ".join(text_keys - set(summary_keys.split()))):
        yield "body"
