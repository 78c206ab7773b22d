"""How well tested: the one function, row by row, rising and falling."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from stories.enums import EvidenceLevel
from stories.evidence import EvidenceInputs, Lack, Reason, ReportedRun, add_months, evidence_of

TODAY = datetime.date(2026, 11, 28)
LATELY = datetime.date(2026, 3, 1)
TOLD, DESCRIBED, COUNTED, REPEATED, CONFIRMED = EvidenceLevel


def run(place: str, aim: str = "same", *, region: str = "", **more: Any) -> ReportedRun:
    return ReportedRun(
        partnership=place,
        region=region or place,
        against_aim=aim,
        reported_on=more.pop("on", LATELY),
        place=place,
        **more,
    )


def given(**values: Any) -> EvidenceInputs:
    base: dict[str, Any] = {
        "today": TODAY,
        "partnership": "own",
        "has_counted_result": True,
        "last_confirmed_on": LATELY,
    }
    return EvidenceInputs(**base | values)


THREE = (run("a"), run("b", "better"), run("c"))
OLD = datetime.date(2024, 11, 27)

CASES: list[tuple[str, dict[str, Any], EvidenceLevel, list[Reason], list[Lack]]] = [
    ("incomplete", {"is_complete": False}, TOLD, [Reason.INCOMPLETE], [Lack.FIELDS]),
    (
        "described",
        {"has_counted_result": False},
        DESCRIBED,
        [Reason.DESCRIBED],
        [Lack.COUNTED_RESULT, Lack.REPETITION],
    ),
    ("counted", {}, COUNTED, [Reason.COUNTED], [Lack.REPETITION]),
    (
        "an evaluation by others that nobody reviewed counts nothing",
        {"has_counted_result": False, "external_evaluator": "an institute"},
        DESCRIBED,
        [Reason.DESCRIBED],
        [Lack.COUNTED_RESULT, Lack.REPETITION, Lack.REVIEW],
    ),
    (
        "a review of an evaluation that nobody outside made counts nothing",
        {"has_counted_result": False, "is_reviewed": True},
        DESCRIBED,
        [Reason.DESCRIBED],
        [Lack.COUNTED_RESULT, Lack.REPETITION],
    ),
    (
        "a reviewed evaluation by others counts, and a failure elsewhere caps it there",
        {
            "has_counted_result": False,
            "external_evaluator": "an institute",
            "is_reviewed": True,
            "runs": (run("a", "worse"),),
        },
        COUNTED,
        [Reason.EVALUATED_BY_OTHERS, Reason.UNANSWERED_WORSE],
        [Lack.ANSWER],
    ),
    (
        "one adoption as good",
        {"runs": (run("a"),)},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "repeated though nobody at home counted",
        {"has_counted_result": False, "runs": (run("a"),)},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "its own Partnership elsewhere is no other",
        {"runs": (run("own"),)},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION],
    ),
    (
        "an outcome not known repeats nothing",
        {"runs": (run("a", "unknown"),)},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION],
    ),
    ("three in three regions", {"runs": THREE}, CONFIRMED, [Reason.CONFIRMED], []),
    (
        "three in one region",
        {"runs": tuple(run(name, region="north") for name in "abc")},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REGIONS],
    ),
    (
        "one Partnership three times is one",
        {"runs": (run("a"), run("a"), run("a", region="b"))},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "an evaluation by others, reviewed",
        {"external_evaluator": "an institute", "is_reviewed": True},
        CONFIRMED,
        [Reason.EVALUATED_BY_OTHERS],
        [],
    ),
    (
        "an evaluation by others that nobody reviewed",
        {"external_evaluator": "an institute"},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION, Lack.REVIEW],
    ),
    (
        "earlier runs repeat",
        {"earlier_places": ("x", "y")},
        REPEATED,
        [Reason.REPEATED_EARLIER],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "earlier runs never confirm",
        {"earlier_places": tuple("uvwxyz")},
        REPEATED,
        [Reason.REPEATED_EARLIER],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "two outcomes and many earlier runs don't confirm",
        {"runs": THREE[:2], "earlier_places": tuple("uvwxyz")},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "an earlier run at home is none",
        {"earlier_places": ("own",)},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION],
    ),
    (
        "a worse one caps at counted",
        {"runs": (*THREE, run("d", "worse"))},
        COUNTED,
        [Reason.COUNTED, Reason.UNANSWERED_WORSE],
        [Lack.ANSWER],
    ),
    (
        "a worse one lets nobody be counted who did not count",
        {"has_counted_result": False, "runs": (run("a"), run("d", "worse"))},
        DESCRIBED,
        [Reason.DESCRIBED, Reason.UNANSWERED_WORSE],
        [Lack.COUNTED_RESULT, Lack.ANSWER],
    ),
    (
        "an answered one caps nothing",
        {"runs": (*THREE, run("d", "worse", is_answered=True))},
        CONFIRMED,
        [Reason.CONFIRMED],
        [],
    ),
    (
        "a worse one caps an evaluation by others",
        {
            "external_evaluator": "an institute",
            "is_reviewed": True,
            "runs": (run("d", "worse"),),
        },
        COUNTED,
        [Reason.COUNTED, Reason.UNANSWERED_WORSE],
        [Lack.ANSWER],
    ),
    (
        "confirmed long ago falls to repeated",
        {
            "runs": tuple(run(name, on=OLD) for name in "abc"),
            "last_confirmed_on": OLD,
        },
        REPEATED,
        [Reason.REPEATED, Reason.NOT_CONFIRMED_LATELY],
        [Lack.CONFIRMATION],
    ),
    (
        "counted long ago falls to described",
        {"last_confirmed_on": OLD},
        DESCRIBED,
        [Reason.DESCRIBED, Reason.NOT_CONFIRMED_LATELY],
        [Lack.CONFIRMATION, Lack.REPETITION],
    ),
    (
        "repeated long ago falls to what holds",
        {
            "has_counted_result": False,
            "runs": (run("a", on=OLD),),
            "last_confirmed_on": OLD,
        },
        DESCRIBED,
        [Reason.DESCRIBED, Reason.NOT_CONFIRMED_LATELY],
        [Lack.CONFIRMATION, Lack.MORE_REPETITIONS],
    ),
    (
        "another's outcome confirms, too",
        {"runs": (run("a"),), "last_confirmed_on": OLD},
        REPEATED,
        [Reason.REPEATED],
        [Lack.MORE_REPETITIONS],
    ),
    (
        "a worse outcome confirms nothing",
        {"runs": (run("a", "worse", is_answered=True),), "last_confirmed_on": OLD},
        DESCRIBED,
        [Reason.DESCRIBED, Reason.NOT_CONFIRMED_LATELY],
        [Lack.CONFIRMATION, Lack.REPETITION],
    ),
    (
        "on the last day of the 24 months it stands",
        {"last_confirmed_on": datetime.date(2024, 11, 28)},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION],
    ),
    (
        "nobody knows since when",
        {"last_confirmed_on": None},
        COUNTED,
        [Reason.COUNTED],
        [Lack.REPETITION],
    ),
]


@pytest.mark.parametrize(
    ("values", "level", "reasons", "missing"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_level_its_reasons_and_what_is_missing(
    values: dict[str, Any], level: EvidenceLevel, reasons: list[Reason], missing: list[Lack]
) -> None:
    evidence = evidence_of(given(**values))
    assert evidence.level == level
    assert list(evidence.reasons) == reasons
    assert list(evidence.missing) == missing


def test_a_failure_stands_beside_the_level_with_its_context() -> None:
    failed = run("d", "worse", is_answered=True, context="in wartime")
    evidence = evidence_of(given(runs=(*THREE, failed)))
    assert evidence.counter_examples == (failed,)
    assert evidence.repeated_in == 3


def test_runs_known_from_sources_are_counted_apart() -> None:
    evidence = evidence_of(given(runs=(run("a"),), earlier_places=("x", "x", "y", "own")))
    assert (evidence.repeated_in, evidence.earlier_in) == (1, 2)


def test_when_it_was_last_confirmed_is_told_only_where_that_is_long_ago() -> None:
    assert evidence_of(given()).last_confirmed_on is None
    assert evidence_of(given(last_confirmed_on=OLD)).last_confirmed_on == OLD


def test_the_same_inputs_give_the_same_answer_in_any_order() -> None:
    runs = (*THREE, run("d", "worse", is_answered=True))
    one, other = evidence_of(given(runs=runs)), evidence_of(given(runs=runs[::-1]))
    assert (one.level, one.reasons, one.missing) == (other.level, other.reasons, other.missing)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-06-30", 6, "2025-12-30"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2025-12-15", 12, "2026-12-15"),
        ("2024-02-29", 24, "2026-02-28"),
    ],
)
def test_months_are_the_calendars(day: str, months: int, expected: str) -> None:
    assert add_months(datetime.date.fromisoformat(day), months).isoformat() == expected
