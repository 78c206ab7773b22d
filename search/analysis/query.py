"""Reads what a person typed: words, "phrases", -exclusions and OR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from . import english, hebrew_words
from .hebrew import first_yod_keys
from .tokens import Token, compound, joined, tokens
from .tree import KEY, TYPED, Alternative, Group, TextQuery

#: Longer texts are cut before they are analysed (characters).
MAX_TEXT = 10_000
#: So many different words or phrases of a query are looked at, and so many that must not occur.
MAX_GROUPS = 40
MAX_EXCLUDED = 10
#: Part of a key form in the score: the word as it was typed counts more.
KEY_WEIGHT = 0.5
#: Words that were typed next to one another raise the score by this part of a phrase's.
BOOST_WEIGHT = 0.3
#: Boosts are looked up for so many words: a longer text is no phrase.
_BOOSTED_WORDS = 12
#: A phrase is cut after so many words.
_PHRASE_WORDS = 20
#: So many words of phrases are looked at in all: engines limit how much one question may hold.
_PHRASES_WORDS = 160

#: Little words: indexed as all others, but not demanded of a hit.
STOP_WORDS = english.LITTLE_WORDS | hebrew_words.LITTLE_WORDS

_QUOTES = '"\u201c\u201d\u201e\u05f4\u00ab\u00bb'
_HEBREW = "\u05d0-\u05ea"
#: A phrase stands between quotes that are outside of words; inside one they are gershayim (צה"ל).
_UNIT = re.compile(
    rf"""
    (?P<or>(?<!\S)(?:OR|\|{{1,2}})(?!\S))
    | (?<![^\s(|])(?P<minus>-?)[{_QUOTES}]
      (?P<phrase>(?:[^{_QUOTES}]|(?<=[{_HEBREW}])[{_QUOTES}](?=[{_HEBREW}])){{1,300}})
      [{_QUOTES}](?=[\s).,;:!?|]|$)
    | (?P<excluded>(?<!\S)-(?=[^\W_])\S+)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A piece of what was typed, in order: an operator, or words."""

    kind: str  # "words", "phrase", "excluded" or "or"
    text: str = ""
    start: int = 0  # of words: where they stand


def _units(text: str) -> Iterator[_Unit]:
    at = 0
    for match in _UNIT.finditer(text):
        if match.start() > at:
            yield _Unit("words", text[at : match.start()], at)
        at = match.end()
        if match["or"]:
            yield _Unit("or")
        elif match["phrase"] is not None:
            yield _Unit("excluded" if match["minus"] else "phrase", match["phrase"])
        else:
            yield _Unit("excluded", match["excluded"][1:])
    if at < len(text):
        yield _Unit("words", text[at:], at)


def plain_pieces(text: str) -> list[tuple[int, str]]:
    """Return the pieces that stand outside of phrases and exclusions, and where each begins."""
    units = _units(text[:MAX_TEXT])
    return [(unit.start, unit.text) for unit in units if unit.kind == "words"]


def plain_runs(text: str) -> list[list[Token]]:
    """Return the words that stand outside of phrases and exclusions, little ones too, by run."""
    return [run for _start, piece in plain_pieces(text) if (run := list(tokens(piece)))]


def unquoted(text: str) -> str:
    """Return a text with the words of its quoted phrases as plain words; exclusions stay."""
    return _UNIT.sub(
        lambda match: (
            match.group() if match["phrase"] is None or match["minus"] else f" {match['phrase']} "
        ),
        text[:MAX_TEXT],
    )


def read_query(text: str) -> TextQuery:
    """Return what to look up for what a reader typed; never raises, whatever it holds.

    `"a phrase"` is demanded as it stands, `-word` and `-"a phrase"` must not occur, `a OR b` is
    either of them. Other words are wanted, all of them if possible; little words (how, the, של)
    are left out unless there is nothing else. A text of nothing but exclusions is read as words.
    """
    text = text[:MAX_TEXT]
    groups, excluded, boosts = _read(list(_units(text)), with_little=False)
    if not groups:
        groups, excluded, boosts = _read(list(_units(text)), with_little=True)
    if not groups and excluded:
        groups, excluded, boosts = _read([_Unit("words", text)], with_little=True)
    return TextQuery(
        groups=tuple(_first(groups[:MAX_GROUPS])),
        excluded=tuple(excluded[:MAX_EXCLUDED]),
        boosts=tuple(dict.fromkeys(boosts))[: _BOOSTED_WORDS - 1],
    )


def _first(groups: Sequence[Group]) -> Iterator[Group]:
    """Yield the groups without the phrases that are too many."""
    words = 0
    for group in groups:
        words += sum(len(one.terms) for one in group.alternatives if len(one.terms) > 1)
        if words <= _PHRASES_WORDS or len(group.typed.terms) == 1:
            yield group


def _read(
    units: Sequence[_Unit], with_little: bool
) -> tuple[list[Group], list[Alternative], list[Alternative]]:
    groups: list[Group] = []
    excluded: list[Alternative] = []
    boosts: list[Alternative] = []
    joins = False  # whether OR stands before what comes
    last = 0  # the place of the group that has what was typed last
    for unit in units:
        if unit.kind == "or":
            joins = bool(groups)
            continue
        found = list(tokens(unit.text))
        if unit.kind == "excluded":
            if found:
                excluded.append(_phrase(found))
        elif unit.kind == "phrase":
            if found:
                phrase = Group((_phrase(found),), is_required=True)
                last, joins = _add(groups, phrase, last if joins else None), False
        else:
            telling = [token for token in found if with_little or token.word not in STOP_WORDS]
            for token in telling:
                group = Group(alternatives_of(token))
                last, joins = _add(groups, group, last if joins else None), False
            boosts += _neighbours(unit.text, telling)
            _join_compounds(unit.text, telling, groups)
        if len(groups) > 4 * MAX_GROUPS:
            break
    return groups, excluded, boosts


def _phrase(found: Sequence[Token]) -> Alternative:
    return Alternative(tuple(token.term for token in found[:_PHRASE_WORDS]))


def _add(groups: list[Group], group: Group, joined_to: int | None) -> int:
    """Add a group, or its alternatives to the one at the place `joined_to`; return its place.

    A word that is there already is counted.
    """
    if joined_to is not None:
        other = groups[joined_to]
        both = tuple(dict.fromkeys([*other.alternatives, *group.alternatives]))
        required = other.is_required and group.is_required
        groups[joined_to] = replace(other, alternatives=both, is_required=required)
        return joined_to
    for place, known in enumerate(groups):
        if replace(known, times=1) == group:
            groups[place] = replace(known, times=known.times + 1)
            return place
    groups.append(group)
    return len(groups) - 1


def alternatives_of(token: Token) -> tuple[Alternative, ...]:
    """Return the ways in which a typed word is looked up: as it stands, and by its keys."""
    forms = dict.fromkeys((*token.keys, *first_yod_keys(token.term)))
    keys = (Alternative((key,), KEY_WEIGHT, KEY) for key in forms)
    return (Alternative((token.term,), 1.0, TYPED), *keys)


def _neighbours(text: str, found: Sequence[Token]) -> list[Alternative]:
    """Return the pairs of words that were typed next to one another, as boosts."""
    return [
        Alternative((first.term, second.term), BOOST_WEIGHT)
        for first, second in pairwise(found)
        if first.term != second.term and not text[first.end : second.start].strip(" \t-\u05be")
    ][: _BOOSTED_WORDS - 1]


def _join_compounds(text: str, found: Sequence[Token], groups: list[Group]) -> None:
    """Let hyphened words be found written as one: each half's group takes the whole."""
    for first, second in pairwise(found[:MAX_GROUPS]):
        if not joined(text, first, second):
            continue
        whole = Alternative((compound(first, second),), KEY_WEIGHT, KEY)
        for place, group in enumerate(groups):
            is_half = group.typed.terms in ((first.term,), (second.term,))
            if is_half and not group.is_required and whole not in group.alternatives:
                alternatives = (*group.alternatives, whole)
                groups[place] = replace(group, alternatives=alternatives)
