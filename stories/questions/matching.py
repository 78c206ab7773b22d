"""Whom to ask: the matcher's ranking of Partnerships, with its reasons in each language.

The one place that knows the matcher; everything else takes a `Match`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import override

from partnerships.models import Partnership
from portal.fields import language_codes
from stories.matching import PartnershipMatch, Problem, match_partnerships


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a Partnership is proposed: what it tells about the matter ("" where that is no page)."""

    title: str
    language: str
    lines: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what is stored with a question."""
        return {"title": self.title, "language": self.language, "lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class Match:
    """A Partnership to ask; the reasons are in the reader's language."""

    partnership: Partnership
    reasons: tuple[Reason, ...] = ()


def matches_for(
    title: str,
    text: str,
    concepts: Sequence[str],
    language: str,
    *,
    without: Collection[int] = (),
    limit: int = 5,
) -> list[Match]:
    """Return the Partnerships that know most about a question, the best first; deterministic."""
    left_out = Partnership.objects.filter(pk__in=without).values_list("slug", flat=True)
    problem = Problem(title=title, text=text, concepts=tuple(concepts))
    with override(language):
        found = match_partnerships(problem, language, without=set(left_out), limit=limit)
        return [Match(match.partnership, _reasons(match, language)) for match in found]


def _reasons(match: PartnershipMatch, language: str) -> tuple[Reason, ...]:
    told = [
        Reason(
            known.hit.title, known.hit.language, tuple(str(because) for because in known.because)
        )
        for known in match.practices
    ]
    more = [Reason("", language, (str(because).strip(),)) for because in match.because]
    return (*told, *more)


def reasons_in_each_language(
    title: str, text: str, concepts: Sequence[str], keys: Collection[int]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Return the reasons of Partnerships (by primary key) in each language, to be stored.

    The matcher is asked once a language, for these Partnerships alone.
    """
    without = set(Partnership.objects.exclude(pk__in=keys).values_list("pk", flat=True))
    stored: dict[int, dict[str, list[dict[str, Any]]]] = {key: {} for key in keys}
    for language in language_codes():
        for match in matches_for(
            title, text, concepts, language, without=without, limit=len(stored)
        ):
            stored[match.partnership.pk][language] = [one.as_json() for one in match.reasons]
    return stored
