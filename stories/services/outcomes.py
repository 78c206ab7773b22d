"""What came of a practice taken over: reported 6 and 12 months after its start, answered, due."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partnerships.models import Partnership
from portal.models import User
from portal.text import language_name
from stories.enums import AdoptionState, AgainstAim
from stories.evidence import add_months
from stories.models import (
    Adoption,
    EarlierRun,
    FormerReport,
    LineageEntry,
    Outcome,
    OutcomeAnswer,
    PracticePage,
)
from stories.permissions import acts_on_side, require_actor, require_staff
from stories.public_words import address_problem
from stories.services.adoptions import AdoptionRefused, require_end
from stories.services.evidence import evidence_changed

if TYPE_CHECKING:
    from portal.permissions import Person

#: What a report says; everything else of an outcome is set by code.
REPORTED = (
    "reached",
    "counted_how",
    "against_aim",
    "context",
    "cost_amount",
    "cost_currency",
    "cost_year",
    "lesson",
    "lesson_language",
)

#: Of that, what is told in own words and shows publicly.
SHOWN_WORDS = ("counted_how", "context", "lesson")


@dataclass(frozen=True, slots=True)
class OutcomeDue:
    """An outcome that an adoption owes: of which month, since when, and the report if there is."""

    adoption: Adoption
    months: int
    due_on: datetime.date
    outcome: Outcome | None = None

    @property
    def is_missing(self) -> bool:
        """Whether it is not reported."""
        return self.outcome is None

    @property
    def is_owed(self) -> bool:
        """Whether it is asked for: not reported, and not stopped before its day.

        Those who stopped before may report all the same.
        """
        ended_on = self.adoption.ended_on
        is_stopped = self.adoption.state == AdoptionState.STOPPED
        return self.is_missing and not (is_stopped and ended_on and ended_on < self.due_on)


def outcomes_of(adoption: Adoption, today: datetime.date | None = None) -> list[OutcomeDue]:
    """Return the outcomes that are reported or due; prefetch `outcomes` for many adoptions."""
    day = today or timezone.localdate()
    reported = {outcome.months: outcome for outcome in adoption.outcomes.all()}
    if adoption.started_on is None:
        return []
    found = []
    for months in Outcome.MONTHS:
        due_on = add_months(adoption.started_on, months)
        if months in reported or due_on <= day:
            found.append(OutcomeDue(adoption, months, due_on, reported.get(months)))
    return found


def missing_outcomes(
    adoptions: Iterable[Adoption], today: datetime.date | None = None
) -> Iterator[OutcomeDue]:
    """Yield the outcomes that are owed: for mails, counts and what waits, one rule."""
    for adoption in adoptions:
        for due in outcomes_of(adoption, today):
            if due.is_owed:
                yield due


def may_report(user: Person, adoption: Adoption, outcome: Outcome | None) -> bool:
    """Whether `user` may report of an adoption, or correct the `outcome` that was reported."""
    return acts_on_side(user, adoption.partnership_id, outcome.side if outcome else "")


def report(user: User, adoption: Adoption, months: int, told: Mapping[str, Any]) -> Outcome:
    """Record what came of an adoption after so many months; the newest report counts.

    What a second one corrects is kept (`FormerReport`); one that says the same changes nothing, and
    one that only words it otherwise makes it no newer: the evidence ages by `counted_at`, and an
    answer holds until another judgement (`judged_at`).
    Raises AdoptionRefused by field for what can't be: before it is due, a number without how it
    was counted, a lesson without its language; and for a report of the other side, which is its
    own words.
    """
    actor = require_actor(user, adoption.partnership_id)
    values = {name: told[name] for name in REPORTED if name in told}
    with transaction.atomic():
        row = Adoption.objects.select_for_update().get(pk=adoption.pk)
        _refuse_early(row, months)
        outcome = Outcome.objects.filter(adoption=row, months=months).first() or Outcome(
            adoption=row, months=months
        )
        if outcome.pk and not may_report(user, row, outcome):
            raise AdoptionRefused(
                _("The other side reported this, and changes its report itself. You can answer it.")
            )
        former = _former(outcome) if outcome.pk else None
        judged, counted = outcome.against_aim, outcome.count
        for name, value in values.items():
            setattr(outcome, name, value)
        _check(outcome)
        if former is not None:
            if former.told == _told(outcome):
                return outcome
            former.save()
            outcome.at = timezone.now()
            if outcome.against_aim != judged:
                outcome.judged_at = outcome.counted_at = outcome.at
            elif outcome.count != counted:
                outcome.counted_at = outcome.at
        outcome.user, outcome.role, outcome.side = user, actor.role, actor.side
        outcome.save()
        evidence_changed(_parents_of(row))
    return outcome


def _told(outcome: Outcome) -> dict[str, Any]:
    """Return what an outcome says, field by field, as JSON keeps it; what is empty is left out."""
    told = {name: getattr(outcome, name) for name in REPORTED}
    kept = {name: value for name, value in told.items() if value not in ("", None)}
    amount = kept.get("cost_amount")
    if amount is not None:
        kept["cost_amount"] = str(Decimal(amount).quantize(Decimal("0.01")))
    return kept


def _former(outcome: Outcome) -> FormerReport:
    """Return an outcome as it stands, unsaved, before it is corrected."""
    return FormerReport(
        outcome=outcome,
        reported_at=outcome.at,
        against_aim=outcome.against_aim,
        told=_told(outcome),
        user=outcome.user,
        role=outcome.role,
        side=outcome.side,
    )


def told_before(former: FormerReport) -> list[tuple[str, str]]:
    """Return what a former report said, as labels and words."""
    lines = []
    for name in REPORTED:
        if name in former.told:
            label = str(Outcome._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            value = former.told[name]
            if name == "against_aim":
                value = AgainstAim(value).label
            elif name == "lesson_language":
                value = language_name(value)
            lines.append((label, str(value)))
    return lines


def answer(
    user: User, outcome: Outcome, partnership: Partnership, text: str, language: str
) -> OutcomeAnswer:
    """Let a Partnership of either end answer an outcome; a second answer replaces the first.

    Each side of a Partnership has an answer of its own, and who acts for both has another.
    """
    actor = require_end(user, outcome.adoption, partnership)
    if not text.strip():
        raise AdoptionRefused({"text": _("Write the answer.")})
    if problem := address_problem(text):
        raise AdoptionRefused({"text": problem})
    with transaction.atomic():
        Adoption.objects.select_for_update().get(pk=outcome.adoption_id)
        given, _is_new = OutcomeAnswer.objects.update_or_create(
            outcome=outcome,
            partnership=partnership,
            side=actor.side,
            defaults={
                "at": timezone.now(),
                "text": text.strip(),
                "language": language,
                "user": user,
                "role": actor.role,
            },
        )
        evidence_changed(_parents_of(outcome.adoption))
    return given


def record_earlier_run(user: User, practice: PracticePage, run: EarlierRun) -> EarlierRun:
    """Record a run that a public source tells of (network staff only)."""
    require_staff(user)
    run.practice_key = practice.translation_key
    run.recorded_by = user
    if run.partnership is None and not run.place:
        raise AdoptionRefused({"place": _("Say where it ran: a Partnership or a place.")})
    if run.partnership and run.partnership == practice.partnership:
        raise AdoptionRefused(
            {"partnership": _("A run of its own Partnership says nothing about elsewhere.")}
        )
    if run.year and run.year > timezone.localdate().year:
        raise AdoptionRefused({"year": _("That year has not come yet.")})
    with transaction.atomic():
        run.save()
        evidence_changed([practice.translation_key])
    return run


def remove_earlier_run(user: User, run: EarlierRun) -> None:
    """Take an earlier run away again (network staff only)."""
    require_staff(user)
    with transaction.atomic():
        key = run.practice_key
        run.delete()
        evidence_changed([key])


def _refuse_early(adoption: Adoption, months: int) -> None:
    if months not in Outcome.MONTHS:
        raise AdoptionRefused(_("Outcomes are reported after 6 and after 12 months."))
    if adoption.started_on is None:
        raise AdoptionRefused(_("It has not started yet, so nothing can have come of it."))
    due_on = add_months(adoption.started_on, months)
    if due_on > timezone.localdate():
        raise AdoptionRefused(
            _("This is due on %(day)s; report it then.") % {"day": date_format(due_on)}
        )


def _check(outcome: Outcome) -> None:
    try:
        outcome.full_clean(exclude=["user", "role", "side"])
    except ValidationError as refusal:
        raise AdoptionRefused(refusal.message_dict) from None
    errors = {}
    if outcome.reached is not None and not outcome.counted_how.strip():
        errors["counted_how"] = _("Say how they were counted.")
    if outcome.cost_amount is not None and not (outcome.cost_currency and outcome.cost_year):
        errors["cost_amount"] = _("Give the currency and the year, too.")
    if outcome.lesson.strip() and not outcome.lesson_language:
        errors["lesson_language"] = _("Say in which language the lesson is written.")
    for name in SHOWN_WORDS:
        if problem := address_problem(getattr(outcome, name)):
            errors[name] = problem
    if errors:
        raise AdoptionRefused(errors)


def _parents_of(adoption: Adoption) -> list[Any]:
    return list(
        LineageEntry.objects.filter(taken_by__adoption=adoption).values_list("pk", flat=True)
    )
