"""How old a report is, and whether it is answered: by what it judged, not by its last wording."""

from __future__ import annotations

import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from partnerships.presentation.public import PublicScope
from stories.credits import credits_section
from stories.enums import EvidenceLevel
from stories.models import Outcome
from stories.services.evidence import evidence_by_key
from stories.services.outcomes import answer
from tests.stories.adopting import person, practice, reported, running, taken
from tests.stories.test_outcomes import ago, facet

pytestmark = pytest.mark.django_db


def aged(outcome: Outcome, days: int) -> None:
    """Let an outcome be told so many days ago."""
    at = timezone.now() - datetime.timedelta(days=days)
    Outcome.objects.filter(pk=outcome.pk).update(at=at, counted_at=at, judged_at=at)


@pytest.mark.parametrize(
    ("corrected", "is_new"),
    [
        ({"context": "two towns, in wartime"}, False),
        ({"lesson": "Begin early.", "lesson_language": "en"}, False),
        ({"counted_how": "Lists, of the teachers."}, False),
        ({"counted_how": "photographs"}, True),
        ({"reached": 31}, True),
        ({"against_aim": "better"}, True),
    ],
)
def test_a_correction_of_words_does_not_make_a_report_new(
    corrected: dict[str, Any], is_new: bool
) -> None:
    source = practice(last_confirmed_on=ago(900))
    adoption = running(taken(source), ago(1200))
    aged(reported(adoption), 800)
    assert facet(source) == {EvidenceLevel.COUNTED}
    reported(adoption, **corrected)
    level = EvidenceLevel.REPEATED if is_new else EvidenceLevel.COUNTED
    assert facet(source) == {level}
    assert Outcome.objects.get().corrected_on == timezone.localdate()


def test_an_answer_holds_until_it_is_judged_otherwise() -> None:
    source = practice()
    adoption = running(taken(source))
    failed = reported(adoption, against_aim="worse")
    aged(failed, 60)
    answer(person(of=source.partnership), failed, source.partnership, "We know why.", "en")

    def is_answered() -> bool:
        key = source.translation_key
        return evidence_by_key([key])[key].counter_examples[0].is_answered

    reported(adoption, against_aim="worse", context="two towns, in wartime")
    assert is_answered()
    reported(adoption, against_aim="worse", reached=12)
    assert is_answered()
    reported(adoption, against_aim="same")
    reported(adoption, against_aim="worse")
    assert not is_answered()


def test_a_partnership_is_credited_with_its_last_outcome_whatever_was_worded_anew() -> None:
    first, second = (running(taken()) for _ in range(2))
    second.partnership = first.partnership
    second.save()
    for adoption, days in ((first, 90), (second, 60)):
        aged(reported(adoption, 6, against_aim="worse"), days)
        aged(reported(adoption, 12, against_aim="better"), days - 1)
    reported(first, 6, against_aim="worse", context="two towns, in wartime")

    def credited() -> list[tuple[Any, int]]:
        extra = credits_section(first.partnership, "en", PublicScope.of(), None)
        assert extra is not None
        rows = [credit.outcome for credit in extra.values["rows"]]
        return [(outcome.adoption_id, outcome.months) for outcome in rows]

    assert credited() == [(second.pk, 12), (first.pk, 12)]
    reported(first, 6, against_aim="worse", reached=31)
    assert credited() == [(first.pk, 12), (second.pk, 12)]


def test_an_upgrade_takes_the_ages_of_reports_from_what_was_corrected() -> None:
    adoption = running(taken())
    outcome = reported(adoption, 6, against_aim="better")
    for told in ({"against_aim": "worse"}, {"reached": 9}, {"context": "in wartime"}):
        outcome = reported(adoption, 6, **{"against_aim": "worse", "reached": 9, **told})
    alone = reported(adoption, 12)
    known = {each.pk: (each.counted_at, each.judged_at) for each in (outcome, alone)}
    Outcome.objects.update(counted_at=timezone.now(), judged_at=timezone.now())
    import_module("stories.migrations.0014_outcome_ages").fill_ages(apps, None)
    found = Outcome.objects.values_list("pk", "counted_at", "judged_at")
    assert {pk: (counted, judged) for pk, counted, judged in found} == {
        **known,
        alone.pk: (alone.at, alone.at),
    }
