"""What a challenge's page shows beside its text: practices that answer it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.blocks import plain_text
from portal.visibility import PUBLIC, Viewer
from search.query import LibraryHit, LibraryQuery
from search.services.library import hits_of
from search.services.rates import current_rates

from .limits import Limits, language_codes
from .practices import Matches, Problem, match_practices
from .reasons import LIMIT_LABELS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from stories.models import ChallengePage


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """The practices that answer, and the one that solved it if that is public."""

    matches: Matches
    solved_by: LibraryHit | None = None

    @property
    def excluded_most(self) -> tuple[StrOrPromise, int] | None:
        """The limit that kept most out, in words, and how many."""
        most = self.matches.excluded_most
        return (LIMIT_LABELS[most[0]], most[1]) if most else None


def problem_of(page: ChallengePage) -> Problem:
    """Return a challenge as the matcher reads it: its own words, concepts and limits."""
    neutral = page.neutral
    budget = None
    if neutral.budget_amount is not None:
        amount = current_rates().convert(neutral.budget_amount, neutral.budget_currency or "USD")
        budget = None if amount is None else float(amount)
    texts = [page.summary, page.audience, plain_text(page.problem) if page.problem else ""]
    return Problem(
        title=page.title,
        text="\n".join(text for text in texts if text),
        concepts=tuple(concept.key for concept in page.concepts.all()),
        limits=Limits(
            without_travel=neutral.without_travel,
            ages=(neutral.age_from, neutral.age_to),
            budget=budget,
            languages=language_codes(neutral.languages),
            season=neutral.season,
        ),
    )


def challenge_view(page: ChallengePage, viewer: Viewer = PUBLIC) -> ChallengeView:
    """Return what the page of a challenge shows to `viewer`, others' practices only."""
    partnership = page.partnership
    own = [partnership.slug] if partnership else []
    facts = page.facts
    solved = []
    if facts and facts.solved_by:
        query = LibraryQuery(lang=page.language, viewer=viewer)
        solved = hits_of([facts.solved_by], query)
    return ChallengeView(
        matches=match_practices(problem_of(page), page.language, viewer, own),
        solved_by=solved[0] if solved else None,
    )
