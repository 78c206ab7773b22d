"""What came of it: reported when due, answered by both ends, and what the library makes of it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import override

from partnerships.enums import Role
from portal.library import Facet
from search.models import LibraryFacet
from search.services.refresh import refresh_stale
from stories.adoption_waiting import outcomes_that_wait
from stories.enums import EvidenceLevel
from stories.models import EarlierRun, FormerReport, Outcome, PracticePage
from stories.services.adoptions import AdoptionRefused, add_parent, move
from stories.services.corrections import remove_source
from stories.services.evidence import evidence_by_key, follow_evidence
from stories.services.outcomes import (
    answer,
    missing_outcomes,
    outcomes_of,
    record_earlier_run,
    remove_earlier_run,
    report,
    told_before,
)
from stories.services.telling import people_of, remind_of_outcomes
from stories.standing_counts import adoption_counts
from tests.factories import locale_of, page_of
from tests.stories.adopting import (
    TOLD,
    person,
    practice,
    reported,
    running,
    staff,
    taken,
)

pytestmark = pytest.mark.django_db


def facet(page: PracticePage) -> set[str]:
    """Return the levels that the library holds of a practice once the worker has been."""
    refresh_stale()
    return set(
        LibraryFacet.objects.filter(
            name=Facet.EVIDENCE, entry__thing_key=page.translation_key
        ).values_list("value", flat=True)
    )


def ago(days: int) -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=days)


# Reporting ----------------------------------------------------------------------------------------


def test_outcomes_are_due_six_and_twelve_months_after_the_start() -> None:
    adoption = running(taken(), ago(200))
    [due] = outcomes_of(adoption)
    assert (due.months, due.is_missing) == (6, True)
    assert [due.months for due in missing_outcomes([adoption], ago(-200))] == [6, 12]
    reported(adoption, 6)
    assert [due.months for due in missing_outcomes([adoption])] == []
    assert outcomes_of(taken()) == []


def test_what_was_stopped_before_its_day_is_owed_nowhere_and_may_be_reported() -> None:
    source, today = practice(), timezone.localdate()
    early, late = (running(taken(source), ago(220)) for _ in range(2))
    user = person(of=early.partnership)
    move(user, early, "stopped", on=ago(200), reason="money")
    move(person(of=late.partnership), late, "stopped", on=ago(10), reason="money")
    assert [due.adoption for due in missing_outcomes([early, late])] == [late]
    counts = {count.key: count for count in adoption_counts()}
    own = [early.partnership_id, late.partnership_id]
    assert dict(counts["outcomes_due"].counter(own, today)) == {late.partnership_id: 1}
    for adoption, total in ((early, 0), (late, 1)):
        [group] = outcomes_that_wait(person(of=adoption.partnership), today)
        assert (group.total, len(group.lines)) == (total, total)
    hearers = people_of([late.partnership])[late.partnership_id]
    assert remind_of_outcomes(today) == len(hearers)
    report(user, early, 6, TOLD)
    assert [due.is_missing for due in outcomes_of(early)] == [False]


def test_a_report_is_kept_with_who_and_when_and_the_newest_counts() -> None:
    adoption = running(taken())
    user = person(Role.EDITOR, adoption.partnership)
    told = {
        **TOLD,
        "against_aim": "better",
        "cost_amount": Decimal("900.00"),
        "cost_currency": "USD",
        "cost_year": 2025,
        "lesson": "מתחילים מוקדם.",
        "lesson_language": "he",
    }
    outcome = report(user, adoption, 6, told)
    assert (outcome.user, outcome.role, outcome.lesson_language) == (user, Role.EDITOR, "he")
    first_at = outcome.at
    report(user, adoption, 6, told)  # the same again
    assert Outcome.objects.get().at == first_at
    assert not FormerReport.objects.exists()
    assert Outcome.objects.get().corrected_on is None
    other = person(of=adoption.partnership)
    report(other, adoption, 6, {**told, "against_aim": "worse", "cost_amount": None})
    outcome = Outcome.objects.get()
    assert (outcome.against_aim, outcome.user, outcome.role) == ("worse", other, Role.COORDINATOR)
    assert outcome.at > first_at
    [former] = outcome.former_reports.all()
    assert (former.user, former.role, former.reported_at) == (user, Role.EDITOR, first_at)
    assert former.told["cost_amount"] == "900.00"
    assert ("one lesson", "מתחילים מוקדם.") in told_before(former)
    assert ("held against the aim", "better than the aim") in told_before(former)
    assert outcome.corrected_on == timezone.localdate(outcome.at)
    assert outcome.aims_before == ["better than the aim"]
    with pytest.raises(AdoptionRefused):
        report(user, adoption, 6, {**told, "against_aim": "splendid"})
    assert FormerReport.objects.count() == 1
    assert Outcome.objects.get().against_aim == "worse"


def test_a_correction_counts_for_how_well_tested_it_is() -> None:
    source = practice()
    adoption = running(taken(source))
    reported(adoption, against_aim="better")
    assert facet(source) == {EvidenceLevel.REPEATED}
    reported(adoption, against_aim="worse")
    assert facet(source) == {EvidenceLevel.COUNTED}


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("counted_how", {"against_aim": "same", "reached": 30}),
        ("against_aim", {"against_aim": "splendid"}),
        ("against_aim", {"against_aim": ""}),
        ("cost_amount", {"against_aim": "same", "cost_amount": Decimal(5)}),
        ("lesson_language", {"against_aim": "same", "lesson": "Begin early."}),
        ("cost_year", {"against_aim": "same", "cost_year": 3000}),
        ("lesson", {"against_aim": "same", "lesson": "Write to a@b.co", "lesson_language": "en"}),
        ("context", {"against_aim": "same", "context": "Call +972 50 123 4567"}),
        ("counted_how", {"against_aim": "same", "counted_how": "lists of ruth@example.org"}),
    ],
)
def test_what_does_not_hold_is_told_by_field(field: str, told: dict[str, Any]) -> None:
    adoption = running(taken())
    with pytest.raises(AdoptionRefused) as refused:
        report(person(of=adoption.partnership), adoption, 12, told)
    assert field in refused.value.error_dict
    assert not Outcome.objects.exists()


def test_nothing_is_reported_before_its_time() -> None:
    early, waiting = running(taken(), ago(100)), taken()
    for adoption, months in ((early, 6), (waiting, 6), (early, 9)):
        with pytest.raises(AdoptionRefused):
            report(person(of=adoption.partnership), adoption, months, TOLD)


def test_only_those_who_took_it_over_report_and_either_end_answers() -> None:
    source = practice()
    adoption = running(taken(source))
    giver = person(of=source.partnership)
    with pytest.raises(PermissionDenied):
        report(giver, adoption, 12, TOLD)
    outcome = reported(adoption, against_aim="worse")
    answer(giver, outcome, source.partnership, "It rained all week.", "en")
    answer(giver, outcome, source.partnership, "It rained.", "en")
    answer(person(of=adoption.partnership), outcome, adoption.partnership, "It did.", "en")
    assert sorted(each.text for each in outcome.answers.all()) == ["It did.", "It rained."]
    with pytest.raises(PermissionDenied):
        answer(giver, outcome, adoption.partnership, "In their name", "en")
    with pytest.raises(AdoptionRefused):
        answer(giver, outcome, source.partnership, "  ", "en")
    with override("he"), pytest.raises(AdoptionRefused, match="יהיו גלויים") as refused:
        answer(giver, outcome, source.partnership, "כתבו אל a@b.co", "he")
    assert "text" in refused.value.error_dict


# The library --------------------------------------------------------------------------------------


def test_the_level_rises_with_what_others_report_and_falls_with_a_failure() -> None:
    source = practice()
    assert facet(source) == {EvidenceLevel.COUNTED}
    adoptions = [running(taken(source)) for _ in range(3)]
    reported(adoptions[0])
    assert facet(source) == {EvidenceLevel.REPEATED}
    for adoption in adoptions[1:]:
        reported(adoption, against_aim="better")
    assert facet(source) == {EvidenceLevel.CONFIRMED}
    failed = reported(running(taken(source)), against_aim="worse", context="in wartime")
    assert facet(source) == {EvidenceLevel.COUNTED}
    answer(person(of=source.partnership), failed, source.partnership, "We know why.", "en")
    assert facet(source) == {EvidenceLevel.CONFIRMED}


def test_only_the_partnership_that_told_a_practice_answers_for_it() -> None:
    first, second = practice(), practice()
    adoption = running(taken(first))
    add_parent(person(of=adoption.partnership), adoption, second)
    failed = reported(adoption, against_aim="worse")

    def answered() -> list[bool]:
        keys = [first.translation_key, second.translation_key]
        levels = evidence_by_key(keys)
        return [levels[key].counter_examples[0].is_answered for key in keys]

    assert answered() == [False, False]
    answer(person(of=adoption.partnership), failed, adoption.partnership, "It rained.", "en")
    answer(person(of=second.partnership), failed, second.partnership, "We know why.", "en")
    assert answered() == [False, True]
    remove_source(staff(), adoption, adoption.sources.get(parent=second.translation_key).pk)
    [run] = evidence_by_key([first.translation_key])[first.translation_key].counter_examples
    assert not run.is_answered
    answer(person(of=first.partnership), failed, first.partnership, "We changed it.", "en")
    [run] = evidence_by_key([first.translation_key])[first.translation_key].counter_examples
    assert run.is_answered


def test_the_last_outcome_of_an_adoption_is_the_one_that_counts() -> None:
    source = practice()
    adoption = running(taken(source))
    reported(adoption, 6, against_aim="worse")
    assert facet(source) == {EvidenceLevel.COUNTED}
    reported(adoption, 12, against_aim="same")
    assert facet(source) == {EvidenceLevel.REPEATED}


def test_an_outcome_counts_for_every_parent_and_for_its_translations() -> None:
    source, second = practice(), practice()
    page_of(source.partnership, "he")
    copy = source.copy_for_translation(locale_of("he"))
    copy.save_revision().publish()
    adoption = running(taken(source))
    reported(adoption)
    assert facet(second) == {EvidenceLevel.COUNTED}
    add_parent(person(of=adoption.partnership), adoption, second)
    assert facet(second) == facet(source) == {EvidenceLevel.REPEATED}
    levels = LibraryFacet.objects.filter(
        name=Facet.EVIDENCE, entry__thing_key=source.translation_key
    )
    assert levels.count() == 2


def test_earlier_runs_are_recorded_by_staff_alone_and_repeat_but_never_confirm() -> None:
    source = practice()
    runs = [EarlierRun(place={"en": f"Town {n}"}, year=2019, source="a brochure") for n in range(4)]
    with pytest.raises(PermissionDenied):
        record_earlier_run(person(of=source.partnership), source, runs[0])
    user = staff()
    for run in runs:
        record_earlier_run(user, source, run)
    assert facet(source) == {EvidenceLevel.REPEATED}
    for run in runs:
        with pytest.raises(PermissionDenied):
            remove_earlier_run(person(of=source.partnership), run)
        remove_earlier_run(user, run)
    assert facet(source) == {EvidenceLevel.COUNTED}
    for wrong in (
        EarlierRun(source="nowhere"),
        EarlierRun(partnership=source.partnership, source="at home"),
    ):
        with pytest.raises(AdoptionRefused):
            record_earlier_run(user, source, wrong)


def test_an_evaluation_by_others_confirms_once_the_network_reviewed_it() -> None:
    block = {
        "type": "resource",
        "value": {
            "title": "Evaluation",
            "address": "https://example.org/evaluation",
            "evaluator": "an institute",
        },
    }
    source = practice(
        evidence=[block],
        results=[
            {
                "type": "result",
                "value": {"indicator": "letters", "after": "17", "method": "counted"},
            }
        ],
    )
    assert facet(source) == {EvidenceLevel.DESCRIBED}
    source.facts.accepted_at = timezone.now()
    source.facts.save()
    assert follow_evidence()["changed"] == 1
    assert facet(source) == {EvidenceLevel.CONFIRMED}


def test_an_evaluation_that_is_only_attached_counts_nothing() -> None:
    block = {"type": "resource", "value": {"title": "Survey", "address": "https://example.org/s"}}
    told = {"indicator": "letters", "after": "17", "method": "counted"}
    source = practice(evidence=[block], results=[{"type": "result", "value": told}])
    assert facet(source) == {EvidenceLevel.DESCRIBED}
    source.facts.accepted_at = timezone.now()
    source.facts.save()
    assert follow_evidence()["changed"] == 0
    source.results = [("result", {**told, "baseline": "3"})]
    source.save_revision().publish()
    assert facet(source) == {EvidenceLevel.COUNTED}


def test_two_years_without_a_confirmation_lower_it_by_the_clock_alone() -> None:
    source = practice(last_confirmed_on=ago(700))
    assert facet(source) == {EvidenceLevel.COUNTED}
    assert follow_evidence()["changed"] == 0
    PracticePage.objects.update(last_confirmed_on=ago(800))
    source.facts.__class__.objects.update(last_confirmed_on=ago(800))
    assert follow_evidence()["changed"] == 1
    assert facet(source) == {EvidenceLevel.DESCRIBED}


def test_the_command_gives_the_same_from_an_empty_library(capsys: Any) -> None:
    first, second = practice(), practice()
    reported(running(taken(first)))
    before = {page.pk: facet(page) for page in (first, second)}
    LibraryFacet.objects.filter(name=Facet.EVIDENCE).delete()
    for page in (first, second):
        type(page.facts).objects.filter(pk=page.translation_key).update(has_counted_result=False)
    call_command("recompute_evidence")
    assert '"counted": 1' in capsys.readouterr().out
    assert {page.pk: facet(page) for page in (first, second)} == before
    call_command("recompute_evidence")
    assert '"changed": 0' in capsys.readouterr().out


def test_many_practices_take_as_many_queries_as_two(django_assert_num_queries: Any) -> None:
    pages = [practice() for _ in range(8)]
    for page in pages[:4]:
        reported(running(taken(page)))
    keys = [page.translation_key for page in pages]
    for some in (keys[:2], keys):
        with django_assert_num_queries(4):
            evidence_by_key(some)
