"""How well practices answer a problem: pure functions over data that was read beforehand.

Shared problem concepts count three, whom it concerns two, words one, limits that are kept half;
what breaks a limit is out, and which limit is told. Everything is deterministic: ties go by how
well tested a practice is, then by its key.
"""

from __future__ import annotations

import math
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from search.understanding import GLOSS_WEIGHT

from .limits import LimitKind, Needs, Verdict, verdicts
from .wanted import BROADER, KnownConcept, Wanted, Word, broader_of
from .weak_words import is_weak

CONCEPTS, AUDIENCE, WORDS, FIT = 3.0, 2.0, 1.0, 0.5
#: What scores less has too little to do with the problem to be shown.
LEAST = 0.5
#: A word in the title or summary counts whole, elsewhere less, in another form half of that.
IN_BODY, OTHER_FORM = 0.6, 0.5
#: A word that so large a part of the practices has (of so many at least) is no reason for one.
MOST_HAVE, FEWEST_COMPARED = 0.4, 8
#: Words score 1 where they share so much (sum of idf), however little the others share.
FULL_WORDS = 12.0
#: What the nearest in meaning adds to the words (where vectors are on), and how near is a reason.
MEANING, NEAR_ENOUGH = 0.3, 0.6
#: A shared word is named as a reason where it tells at least so much of the one that tells most.
TELLING = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """The terms of one thing in one language, as the library holds them."""

    head: frozenset[str]
    body: frozenset[str]
    keys: frozenset[str]

    def strength(self, word: Word) -> float:
        """Return how surely a word stands in it (0 to 1), as it is or in the other language."""
        own = self._strength(word)
        if own >= GLOSS_WEIGHT or not word.others:
            return own
        told = max(min(map(self._strength, each)) for each in word.others)
        return max(own, GLOSS_WEIGHT * told)

    def has(self, word: Word) -> bool:
        """Whether a word stands in it, in any form."""
        return self._strength(word) > 0

    def is_headed_by(self, word: Word) -> bool:
        """Whether a word, in any form or language, stands where one reads what the thing is."""
        forms = (
            {each.term, *each.keys} for each in (word, *(w for one in word.others for w in one))
        )
        return any(each & (self.head | self.keys) for each in forms)

    def _strength(self, word: Word) -> float:
        if word.term in self.head:
            return 1.0
        if word.term in self.body:
            return IN_BODY
        forms = {word.term, *word.keys}
        if forms & self.keys or forms & self.head:
            return OTHER_FORM
        return IN_BODY * OTHER_FORM if forms & self.body else 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A practice that may answer: what it is about, its words in every language, what it takes."""

    key: uuid.UUID
    concepts: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    texts: tuple[Text, ...] = ()
    needs: Needs = field(default_factory=Needs)
    evidence: int = 0
    mentor_offer: str = ""

    def has(self, word: Word) -> bool:
        """Whether it has a word as it is, not only what it is called in the other language."""
        return any(text.has(word) for text in self.texts)

    def is_headed_by(self, word: Word) -> bool:
        """Whether a word stands in its title or summary, or is what it is about."""
        return any(text.is_headed_by(word) for text in self.texts)

    def strength(self, word: Word) -> float:
        """Return how surely it has a word, in any of its languages."""
        return max((text.strength(word) for text in self.texts), default=0.0)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score and what made it.

    `words` are those that it has itself, `translated` those that it has in the other language only.
    `is_near`: it is similar in meaning.
    """

    candidate: Candidate
    score: float
    concepts: tuple[str, ...]
    audiences: tuple[str, ...]
    words: tuple[str, ...]
    verdicts: Mapping[LimitKind, Verdict]
    translated: tuple[str, ...] = ()
    is_near: bool = False

    @property
    def blocked_by(self) -> tuple[LimitKind, ...]:
        """The limits that it breaks."""
        return tuple(kind for kind, verdict in self.verdicts.items() if verdict == Verdict.BLOCK)


def rank(
    wanted: Wanted,
    candidates: Sequence[Candidate],
    known: Mapping[str, KnownConcept],
    near: Mapping[uuid.UUID, float] | None = None,
) -> tuple[list[Scored], Counter[LimitKind]]:
    """Return what answers, the best first, and how many others each limit kept out.

    `near` tells how near practices are in meaning (0 to 1), where that was asked.
    """
    near = near or {}
    strengths = [_strengths(wanted.words, candidate) for candidate in candidates]
    weights, common = _weights(wanted.words, strengths)
    excluded: Counter[LimitKind] = Counter()
    kept = []
    for candidate, strong in zip(candidates, strengths, strict=True):
        nearness = near.get(candidate.key, 0.0)
        scored = score(wanted, candidate, strong, weights, known, common, nearness)
        if scored.score < LEAST:
            continue
        if scored.blocked_by:
            excluded.update(scored.blocked_by)
        else:
            kept.append(scored)
    kept.sort(key=lambda one: (-one.score, -one.candidate.evidence, one.candidate.key))
    return kept, excluded


def score(
    wanted: Wanted,
    candidate: Candidate,
    strengths: Mapping[str, float],
    weights: Mapping[str, float],
    known: Mapping[str, KnownConcept],
    common: frozenset[str],
    nearness: float = 0.0,
) -> Scored:
    """Return how well one practice answers.

    `strengths` say how surely it has each word, `weights` how much each tells. `common` are weak
    words and those that most practices have: they count, and are not named as reasons.
    """
    about, concepts = _shared(wanted.concepts, candidate.concepts, known)
    whom, audiences = _shared(wanted.audiences, candidate.audiences, known)
    raw, words = 0.0, []
    for word in wanted.words:
        part = weights.get(word.term, 0.0) * strengths.get(word.term, 0.0)
        if part:
            raw += part
            if word.term not in common:
                words.append((part, word))
    told = dict(verdicts(wanted.limits, candidate.needs))
    text = min(1.0, raw / FULL_WORDS) + MEANING * nearness
    total = CONCEPTS * about + AUDIENCE * whom + WORDS * text
    if total >= LEAST:  # limits say how well something fits, never that it is an answer
        total += FIT * _kept(told)
    best = sorted(words, key=lambda each: (-each[0], each[1].text))
    telling = [word for part, word in best if part >= TELLING * best[0][0]]
    if concepts or whom:  # there are better reasons than what both mention by the way
        telling = [word for word in telling if word.weight > 1 or candidate.is_headed_by(word)]
    own = [word.text for word in telling if candidate.has(word)]
    translated = [word.text for word in telling if not candidate.has(word)]
    return Scored(
        candidate,
        round(total, 6),
        concepts,
        audiences,
        tuple(dict.fromkeys(own)),
        told,
        tuple(dict.fromkeys(translated)),
        is_near=nearness >= NEAR_ENOUGH,
    )


def _shared(
    wanted: Mapping[str, float], has: frozenset[str], known: Mapping[str, KnownConcept]
) -> tuple[float, tuple[str, ...]]:
    """Return how much of what is wanted it has (0 to 1), and the concepts that it shares."""
    total = sum(wanted.values())
    if not total:
        return 0.0, ()
    above = {each for key in has for each in broader_of(key, known)}
    found, shared = 0.0, []
    for key, sureness in wanted.items():
        if key in has:
            found += sureness
            shared.append((-sureness, key))
        elif key in above or any(each in has for each in broader_of(key, known)):
            found += sureness * BROADER
    return found / max(1.0, total), tuple(key for _order, key in sorted(shared))


def _strengths(words: Iterable[Word], candidate: Candidate) -> dict[str, float]:
    """Return how surely a practice has each word, those that it has at all."""
    found = {word.term: candidate.strength(word) for word in words}
    return {term: strength for term, strength in found.items() if strength}


def _weights(
    words: Iterable[Word], strengths: Sequence[Mapping[str, float]]
) -> tuple[dict[str, float], frozenset[str]]:
    """Return how much each word tells (the fewer practices have it, the more), and common ones."""
    weights, common = {}, set()
    for word in words:
        having = sum(word.term in has for has in strengths)
        if having:
            weights[word.term] = word.weight * math.log(1 + len(strengths) / having)
        is_frequent = len(strengths) >= FEWEST_COMPARED and having > MOST_HAVE * len(strengths)
        if is_frequent or is_weak(word.plain):
            common.add(word.term)
    return weights, frozenset(common)


def _kept(told: Mapping[LimitKind, Verdict]) -> float:
    """Return how well the told limits are kept (0 to 1): a stretch counts half."""
    if not told:
        return 0.0
    worth = {Verdict.OK: 1.0, Verdict.STRETCH: 0.5}
    return sum(worth.get(verdict, 0.0) for verdict in told.values()) / len(told)
