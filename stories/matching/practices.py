"""The practices that answer a problem, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.library import Facet
from portal.visibility import PUBLIC, Viewer
from search.query import LibraryHit, LibraryQuery
from search.services.labels import labels_of
from search.services.library import hits_of
from search.services.similar import nearness_to
from stories.enums import MentorOffer, PracticeOutcome

from .candidates import Read, contact_roles, read_candidates
from .limits import LimitKind, Limits
from .reasons import Because, reasons_of
from .scoring import Scored, rank
from .wanted import KnownConcept, known_concepts, read_problem

#: So many practices are shown, failed attempts included.
MATCHES = 10
TITLE, TEXT = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem as it is told: title, the rest of the text, concepts that were chosen, limits."""

    title: str
    text: str = ""
    concepts: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def texts(self) -> list[tuple[str, float]]:
        """The texts with their weights: a title tells more than the rest."""
        return [(self.title, TITLE), (self.text, TEXT)]


@dataclass(frozen=True, slots=True)
class Match:
    """A practice that answers, in the language in which it is shown, and why it is here."""

    hit: LibraryHit
    score: float
    because: tuple[Because, ...]
    outcome: str
    tellers: tuple[str, ...] = ()
    contact_role: str = ""
    offers_to_mentor: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether it is an attempt that did not work."""
        return self.outcome == PracticeOutcome.FAILED


@dataclass(frozen=True, slots=True)
class Matches:
    """What answers, attempts that failed apart, and how many others each limit kept out."""

    worked: tuple[Match, ...] = ()
    failed: tuple[Match, ...] = ()
    excluded: tuple[tuple[LimitKind, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.worked or self.failed)

    @property
    def excluded_most(self) -> tuple[LimitKind, int] | None:
        """The limit that kept most practices out, if any did."""
        return self.excluded[0] if self.excluded else None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The bare answer: scored practices by rank, before anything is made to be shown."""

    scored: tuple[Scored, ...]
    excluded: Counter[LimitKind]
    known: Mapping[str, KnownConcept]
    read: Read


def rank_practices(
    problem: Problem,
    language: str,
    viewer: Viewer = PUBLIC,
    without: Iterable[str] = (),
    limit: int = MATCHES,
) -> Ranking:
    """Return the practices that answer `problem`, the best first; a fixed number of queries."""
    known = known_concepts(language)
    wanted = read_problem(problem.texts, problem.concepts, problem.limits, known)
    near = nearness_to(f"{problem.title}\n{problem.text}", viewer)
    read = read_candidates(wanted, known, viewer, language, without, near)
    scored, excluded = rank(wanted, read.candidates, known, near)
    return Ranking(tuple(scored[:limit]), excluded, known, read)


def match_practices(
    problem: Problem,
    language: str,
    viewer: Viewer = PUBLIC,
    without: Iterable[str] = (),
) -> Matches:
    """Return at most `MATCHES` practices that answer `problem`, with reasons.

    Everything is what `viewer` may see, in the reader's `language`; `without` are slugs of
    Partnerships whose practices are left out (one's own). A fixed number of queries.
    """
    ranking = rank_practices(problem, language, viewer, without)
    query = LibraryQuery(lang=language, viewer=viewer)
    hits = {hit.thing_key: hit for hit in hits_of([s.candidate.key for s in ranking.scored], query)}
    slugs = {slug for hit in hits.values() for slug in hit.partnerships}
    names = labels_of(Facet.PARTNERSHIP, slugs, language) if slugs else {}
    roles = contact_roles([hit.page_id for hit in hits.values()])
    matches = [
        Match(
            hit=hits[scored.candidate.key],
            score=scored.score,
            because=reasons_of(scored, ranking.known),
            outcome=ranking.read.outcomes[scored.candidate.key],
            tellers=tuple(names[slug] for slug in hits[scored.candidate.key].partnerships),
            contact_role=roles.get(hits[scored.candidate.key].page_id, ""),
            offers_to_mentor=scored.candidate.mentor_offer == MentorOffer.OPEN,
        )
        for scored in ranking.scored
        if scored.candidate.key in hits
    ]
    excluded = sorted(ranking.excluded.items(), key=lambda one: (-one[1], one[0].value))
    return Matches(
        worked=tuple(match for match in matches if not match.has_failed),
        failed=tuple(match for match in matches if match.has_failed),
        excluded=tuple(excluded),
    )
