"""What a challenge's page shows beside its text: practices that answer it, and how it ended."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.blocks import plain_text
from portal.visibility import PUBLIC, Viewer
from search.query import LibraryHit, LibraryQuery
from search.services.library import hits_of
from search.services.rates import current_rates
from stories.enums import AdoptionState

from .limits import Limits, language_codes
from .practices import Matches, Problem, match_practices
from .reasons import LIMIT_LABELS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from stories.models import ChallengePage


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """The practices that answer, and what solved it as far as that is public.

    `solved_by` is the own version, else what it was brought over from; `origins` are those from
    which the own version was made. `stopped_on`: it was stopped since, and all agreed to say so.
    """

    matches: Matches
    solved_by: LibraryHit | None = None
    origins: tuple[LibraryHit, ...] = ()
    stopped_on: datetime.date | None = None

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
    return ChallengeView(
        matches=match_practices(problem_of(page), page.language, viewer, own),
        **_solution(page, viewer),
    )


def _solution(page: ChallengePage, viewer: Viewer) -> dict[str, Any]:
    """Return what solved it, as far as `viewer` may read it (five queries at most)."""
    facts = page.facts
    if not facts or not facts.solved_by:
        return {}
    adoption = facts.adoption
    sources = list(adoption.sources.select_related("parent")) if adoption else []
    keys = [facts.solved_by, *[source.parent_id for source in sources]]
    hits = hits_of(keys, LibraryQuery(lang=page.language, viewer=viewer))
    own = [hit for hit in hits if hit.thing_key == facts.solved_by]
    others = [hit for hit in hits if hit.thing_key != facts.solved_by]
    found = own + others
    stopped = adoption if adoption and adoption.state == AdoptionState.STOPPED else None
    return {
        "solved_by": found[0] if found else None,
        "origins": tuple(others) if own else (),
        "stopped_on": stopped.ended_on if stopped and stopped.is_stop_agreed else None,
    }
