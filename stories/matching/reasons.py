"""Why a practice is among the matches: lines for a person, in the active language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .limits import LimitKind, Verdict
from .scoring import Scored
from .wanted import KnownConcept

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: So many matched words are named, those that tell most.
NAMED_WORDS = 5

LIMIT_LABELS: dict[LimitKind, StrOrPromise] = {
    LimitKind.TRAVEL: gettext_lazy("nobody travels"),
    LimitKind.AGES: gettext_lazy("ages"),
    LimitKind.BUDGET: gettext_lazy("budget"),
    LimitKind.LANGUAGES: gettext_lazy("languages"),
    LimitKind.SEASON: gettext_lazy("season"),
}


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: what it says, and the names or words that it says it of.

    `kind` is concepts, audiences, words, meaning (no items), or a verdict on limits (ok, stretch,
    untold). Items of `kind` words stand in the language of the problem.
    """

    kind: str
    lead: str
    items: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.lead} {', '.join(self.items)}".strip()


def reasons_of(scored: Scored, known: Mapping[str, KnownConcept]) -> tuple[Because, ...]:
    """Return the reasons of a scored practice, the weightiest first."""
    return tuple(_reasons(scored, known))


def _reasons(scored: Scored, known: Mapping[str, KnownConcept]) -> Iterator[Because]:
    for kind, keys, lead in (
        ("concepts", scored.concepts, _("both are about:")),
        ("audiences", scored.audiences, _("both are for:")),
    ):
        if keys:
            yield Because(kind, lead, tuple(known[key].label for key in keys))
    if scored.words:
        yield Because("words", _("it has the words:"), scored.words[:NAMED_WORDS])
    if scored.translated:
        yield Because("words", _("it says in the other language:"), scored.translated[:NAMED_WORDS])
    if scored.is_near:
        yield Because("meaning", _("similar in meaning"), ())
    for verdict, lead in (
        (Verdict.OK, _("it keeps the limits:")),
        (Verdict.STRETCH, _("it would have to be adapted:")),
        (Verdict.UNTOLD, _("it does not tell:")),
    ):
        kinds = [kind for kind, told in scored.verdicts.items() if told == verdict]
        if kinds:
            yield Because(verdict.value, lead, tuple(str(LIMIT_LABELS[kind]) for kind in kinds))
