"""The Partnerships that know about a problem: whom to ask, and why them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from partnerships.enums import PartnershipStatus
from partnerships.models import Partnership
from partnerships.presentation.public import PublicScope
from portal.visibility import PUBLIC, Viewer
from search.query import LibraryHit, LibraryQuery
from search.services.library import hits_of
from stories.enums import MentorOffer
from stories.models.facts import PracticeFacts

from .practices import Problem, rank_practices
from .reasons import Because, reasons_of
from .scoring import Scored

#: Each further practice of a Partnership adds this part of the one before.
NEXT = 0.5
#: So many practices of a Partnership are named as reasons.
NAMED_PRACTICES = 3
MENTOR, THEME = 0.25, 0.5
#: So many practices are looked at: those of all Partnerships that have an answer.
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class KnowsAbout:
    """A practice of a Partnership that answers, and why it does."""

    hit: LibraryHit
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class PartnershipMatch:
    """A Partnership that knows about a problem: by which practices, and what else speaks for it."""

    partnership: Partnership
    score: float
    practices: tuple[KnowsAbout, ...]
    because: tuple[Because, ...]


def match_partnerships(
    problem: Problem,
    language: str,
    viewer: Viewer = PUBLIC,
    without: Iterable[str] = (),
    limit: int = 5,
) -> tuple[PartnershipMatch, ...]:
    """Return the active Partnerships that know most about `problem`, the best first.

    `without` are slugs of Partnerships to leave out (the one that asks, those that were asked
    enough). Deterministic: ties go by slug. Limits of the problem don't keep anybody out: who
    broke one knows about it too. A fixed number of queries.
    """
    left_out = set(without)
    bare = Problem(problem.title, problem.text, problem.concepts)
    ranking = rank_practices(bare, language, viewer, limit=LOOKED_AT)
    of_slug: dict[str, list[Scored]] = defaultdict(list)
    for scored in ranking.scored:
        for slug in ranking.read.partnerships[scored.candidate.key]:
            of_slug[slug].append(scored)
    active = PublicScope.of(viewer).partnerships().filter(status=PartnershipStatus.ACTIVE)
    partnerships = [
        partnership
        for partnership in active.exclude(slug__in=left_out).prefetch_related("themes")
        if partnership.slug in of_slug
    ]
    mentors = set(
        PracticeFacts.objects.filter(
            pk__in=[scored.candidate.key for scored in ranking.scored],
            mentor_offer=MentorOffer.OPEN,
        ).values_list("pk", flat=True)
    )
    meant = {key for scored in ranking.scored for key in scored.concepts}
    found = []
    for partnership in partnerships:
        own = of_slug[partnership.slug]
        themes = [theme for theme in partnership.themes.all() if theme.key in meant]
        because, more = [], 0.0
        if mentors & {scored.candidate.key for scored in own}:
            because.append(Because("mentor", _("they offer to mentor"), ()))
            more += MENTOR
        if themes:
            labels = tuple(theme.label.in_language(language) or theme.key for theme in themes)
            because.append(Because("themes", _("their themes:"), labels))
            more += THEME
        total = sum(scored.score * NEXT**place for place, scored in enumerate(own)) + more
        found.append((round(total, 6), partnership, own, tuple(because)))
    found.sort(key=lambda one: (-one[0], one[1].slug))
    chosen = found[:limit]
    keys: list[uuid.UUID] = [
        scored.candidate.key
        for _total, _of, own, _why in chosen
        for scored in own[:NAMED_PRACTICES]
    ]
    query = LibraryQuery(lang=language, viewer=viewer)
    hits = {hit.thing_key: hit for hit in hits_of(list(dict.fromkeys(keys)), query)}
    return tuple(
        PartnershipMatch(
            partnership=partnership,
            score=total,
            practices=tuple(
                KnowsAbout(hits[scored.candidate.key], reasons_of(scored, ranking.known))
                for scored in own[:NAMED_PRACTICES]
                if scored.candidate.key in hits
            ),
            because=because,
        )
        for total, partnership, own, because in chosen
    )
