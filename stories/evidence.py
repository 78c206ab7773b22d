"""How well tested a practice is: one pure function, from what is recorded to a level with reasons.

Nobody types a level. It rises with what others report, falls when it is not confirmed for two
years or a failure stays unanswered, and says why. Words for the reader: `stories.evidence_words`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stories.enums import AgainstAim, EvidenceLevel

#: After so long without a confirmation the level falls by one.
STALE_AFTER_MONTHS = 24
#: So many Partnerships, in so many regions, confirm a practice.
CONFIRMING_PARTNERSHIPS = 3
CONFIRMING_REGIONS = 2


class Reason(StrEnum):
    """Why a practice has its level; the words are in `evidence_words`."""

    INCOMPLETE = "incomplete"
    DESCRIBED = "described"
    COUNTED = "counted"
    REPEATED = "repeated"
    REPEATED_EARLIER = "repeated_earlier"
    CONFIRMED = "confirmed"
    EVALUATED_BY_OTHERS = "evaluated_by_others"
    UNANSWERED_WORSE = "unanswered_worse"
    NOT_CONFIRMED_LATELY = "not_confirmed_lately"


class Lack(StrEnum):
    """What is missing for the next level."""

    FIELDS = "fields"
    COUNTED_RESULT = "counted_result"
    REPETITION = "repetition"
    MORE_REPETITIONS = "more_repetitions"
    MORE_REGIONS = "more_regions"
    ANSWER = "answer"
    CONFIRMATION = "confirmation"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """The last outcome that a Partnership reported of its own version.

    `partnership` and `region` are keys that tell two of them apart; `place` and `context` are what
    a reader is told of a failure, empty where the Partnership does not show itself.
    """

    partnership: str
    region: str
    against_aim: str
    reported_on: datetime.date
    is_answered: bool = False
    place: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceInputs:
    """All that decides how well tested a practice is, in no language."""

    today: datetime.date
    partnership: str = ""
    is_complete: bool = True
    has_counted_result: bool = False
    external_evaluator: str = ""
    is_reviewed: bool = False
    reviewed_on: datetime.date | None = None
    last_confirmed_on: datetime.date | None = None
    runs: Sequence[ReportedRun] = ()
    earlier_places: Sequence[str] = ()

    @property
    def is_evaluated_by_others(self) -> bool:
        """Whether the network's reviewers saw an evaluation that others made."""
        return bool(self.external_evaluator and self.is_reviewed)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well tested a practice is, and why.

    `missing` is what the next level takes; `counter_examples` are runs that went worse than the
    aim; `last_confirmed_on` is set where that is so long ago that the level fell. `repeated_in`
    and `earlier_in` count Partnerships, the first by outcomes reported here, the second by public
    sources.
    """

    level: EvidenceLevel
    reasons: tuple[Reason, ...]
    missing: tuple[Lack, ...] = ()
    counter_examples: tuple[ReportedRun, ...] = ()
    last_confirmed_on: datetime.date | None = None
    repeated_in: int = 0
    earlier_in: int = 0
    evaluator: str = ""
    reviewed_on: datetime.date | None = None


def add_months(day: datetime.date, months: int) -> datetime.date:
    """Return the same day so many months later; the last of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    following = datetime.date(year + month // 12, month % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(day.day, last))


def evidence_of(inputs: EvidenceInputs) -> Evidence:
    """Return how well tested a practice is, from what is recorded alone."""
    others = [run for run in inputs.runs if run.partnership != inputs.partnership]
    good = [run for run in others if run.against_aim in (AgainstAim.SAME, AgainstAim.BETTER)]
    worse = tuple(run for run in others if run.against_aim == AgainstAim.WORSE)
    partnerships = {run.partnership for run in good}
    regions = {run.region for run in good}
    earlier = {place for place in inputs.earlier_places if place != inputs.partnership}

    ladder = _Ladder()
    if not inputs.is_complete:
        ladder.climb(EvidenceLevel.TOLD, Reason.INCOMPLETE)
        ladder.lack(Lack.FIELDS)
    else:
        ladder.climb(EvidenceLevel.TOLD, Reason.DESCRIBED)
        ladder.climb(EvidenceLevel.DESCRIBED, Reason.DESCRIBED)
        _own_results(ladder, inputs)
        if any(not run.is_answered for run in worse):
            ladder.cap(Reason.UNANSWERED_WORSE, Lack.ANSWER)
        else:
            _results_of_others(ladder, inputs, partnerships, regions, earlier)
    stale_since = _stale_since(inputs, good)
    if stale_since:
        ladder.fall(Reason.NOT_CONFIRMED_LATELY, Lack.CONFIRMATION)
    return Evidence(
        level=ladder.level,
        reasons=tuple(ladder.reasons),
        missing=tuple(ladder.missing),
        counter_examples=worse,
        last_confirmed_on=stale_since,
        repeated_in=len(partnerships),
        earlier_in=len(earlier),
        evaluator=inputs.external_evaluator,
        reviewed_on=inputs.reviewed_on if inputs.is_evaluated_by_others else None,
    )


@dataclass(slots=True)
class _Ladder:
    """The levels that hold, the strongest last, each with its reason."""

    steps: list[tuple[EvidenceLevel, Reason]] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    missing: list[Lack] = field(default_factory=list)

    @property
    def level(self) -> EvidenceLevel:
        return self.steps[-1][0]

    @property
    def reasons(self) -> list[Reason]:
        return [self.steps[-1][1], *self.notes]

    def climb(self, level: EvidenceLevel, reason: Reason) -> None:
        self.steps.append((level, reason))

    def lack(self, what: Lack) -> None:
        self.missing.append(what)

    def cap(self, reason: Reason, lack: Lack) -> None:
        """Keep what the practice's own people counted, and say what holds it there."""
        self.notes.append(reason)
        self.missing.append(lack)

    def fall(self, reason: Reason, lack: Lack) -> None:
        """Go one level down, to the next that holds."""
        if len(self.steps) > 1:
            self.steps.pop()
        self.notes.append(reason)
        self.missing.insert(0, lack)


def _own_results(ladder: _Ladder, inputs: EvidenceInputs) -> None:
    """Climb for what was counted: by its own people, or by others as the network reviewed it.

    That something is attached as an evaluation, unread, is no count.
    """
    if inputs.has_counted_result:
        ladder.climb(EvidenceLevel.COUNTED, Reason.COUNTED)
    elif inputs.is_evaluated_by_others:
        ladder.climb(EvidenceLevel.COUNTED, Reason.EVALUATED_BY_OTHERS)
    else:
        ladder.lack(Lack.COUNTED_RESULT)


def _results_of_others(
    ladder: _Ladder,
    inputs: EvidenceInputs,
    partnerships: set[str],
    regions: set[str],
    earlier: set[str],
) -> None:
    if partnerships:
        ladder.climb(EvidenceLevel.REPEATED, Reason.REPEATED)
    elif earlier:
        ladder.climb(EvidenceLevel.REPEATED, Reason.REPEATED_EARLIER)
    enough = len(partnerships) >= CONFIRMING_PARTNERSHIPS
    wide = len(regions) >= CONFIRMING_REGIONS
    if enough and wide:
        ladder.climb(EvidenceLevel.CONFIRMED, Reason.CONFIRMED)
    elif inputs.is_evaluated_by_others:
        ladder.climb(EvidenceLevel.CONFIRMED, Reason.EVALUATED_BY_OTHERS)
    if ladder.level == EvidenceLevel.CONFIRMED:
        ladder.missing.clear()
        return
    if ladder.level != EvidenceLevel.REPEATED:
        ladder.lack(Lack.REPETITION)
    else:
        ladder.missing.clear()
        ladder.lack(Lack.MORE_REGIONS if enough else Lack.MORE_REPETITIONS)
    if inputs.external_evaluator:
        ladder.lack(Lack.REVIEW)


def _stale_since(inputs: EvidenceInputs, good: Sequence[ReportedRun]) -> datetime.date | None:
    """Return when it was last confirmed, where that is too long ago; None where it is not."""
    told = [run.reported_on for run in good]
    if inputs.last_confirmed_on:
        told.append(inputs.last_confirmed_on)
    if not told:
        return None
    last = max(told)
    return last if add_months(last, STALE_AFTER_MONTHS) < inputs.today else None


def told_by_page(page: Any) -> dict[str, Any]:
    """Return what the text of a practice page says for its own evidence, as its facts keep it.

    Counted: a result with the state before, after, and how it was counted. `page` is a
    PracticePage, whose module imports this one.
    """
    counted = any(
        str(block.value.get("baseline") or "").strip()
        and str(block.value.get("after") or "").strip()
        and str(block.value.get("method") or "").strip()
        for block in page.results
    )
    outside = next(
        (
            evaluator
            for block in page.evidence
            if (evaluator := str(block.value.get("evaluator") or "").strip())
            and (block.value.get("document") or block.value.get("address"))
        ),
        "",
    )
    first = page.first_published_at
    return {
        "has_counted_result": counted,
        "external_evaluator": outside[:255],
        "evaluation_digest": evaluation_digest(page),
        "first_told_on": first.date() if first else None,
    }


def evaluation_digest(page: Any) -> str:
    """Return what tells the evaluations on a practice page from any others ("" without one).

    A review holds for these alone: another evaluator, address or file, or the same file with
    other content, has to be reviewed anew.
    """
    told = [
        [
            str(block.value.get("title") or ""),
            str(block.value.get("evaluator") or ""),
            str(block.value.get("address") or ""),
            [document.pk, document.file.name, document.file_hash] if document else [],
        ]
        for block in page.evidence
        for document in [block.value.get("document")]
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest() if told else ""
