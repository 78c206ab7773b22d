"""Read API of the stories."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

from django.http import HttpRequest
from django.utils.translation import get_language, override
from ninja import Query, Router, Schema
from pydantic import Field

from partnerships.presentation.public import PublicScope
from portal.fields import language_codes
from portal.problems import Problem, ProblemDetails
from stories.services.evidence import evidence_by_key
from stories.services.outcomes import OutcomeDue
from stories.travel import Member, family_of

router = Router(tags=["practices"])


class LineagePartnership(Schema):
    """The Partnership that tells a practice."""

    slug: str | None
    name: dict[str, str]
    url: str | None


class LineageOutcome(Schema):
    """What came of a practice that was brought over, some months after its start."""

    months: int
    due_on: datetime.date
    reported: bool = Field(description="False: it is due and nobody reported it.")
    against_aim: str | None
    reached: int | None
    counted_how: str | None
    context: str | None
    cost_amount: Decimal | None
    cost_currency: str | None
    cost_year: int | None
    lesson: str | None
    lesson_language: str | None
    answers: int
    corrected_on: datetime.date | None = Field(description="When its report was last corrected.")


class LineageMember(Schema):
    """A practice of the family, as everybody may read it."""

    id: str = Field(description="Its id in a search; “unnamed-…” for one that can't be named.")
    parents: list[str]
    title: dict[str, str] = Field(description="By language; empty for one that can't be named.")
    url: str | None
    public: bool = Field(description="False for a tombstone: its page is not public now.")
    partnership: LineagePartnership | None
    state: str | None = Field(description="How far it is; null for one that began here.")
    since: datetime.date | None
    stopped_because: str | None = Field(description="Why, where both ends agree to tell of it.")
    changed: list[str] = Field(description="The parts that its people say they changed.")
    outcomes: list[LineageOutcome]
    demo: bool


class Lineage(Schema):
    """The family of one practice: its ancestors, and all that was made from them."""

    id: uuid.UUID
    evidence: str | None = Field(description="How well tested it is; see the search's facet.")
    members: list[LineageMember]
    left_out: int


@router.get(
    "/lineage/{key}",
    response={200: Lineage, 400: ProblemDetails, 404: ProblemDetails},
    summary="Where a practice travelled",
)
def lineage(
    request: HttpRequest,
    key: uuid.UUID,
    lang: str = Query("", description="Labels, and the page that is preferred."),
) -> Lineage:
    """Give the practices from which one was made, and those that were made from them."""
    if lang and lang not in language_codes():
        raise Problem("Bad request", detail=f"lang: no such language: {lang[:20]}")
    with override(lang or get_language()):
        family = family_of(key, lang or get_language() or "", PublicScope.of(), request)
        if family is None:
            raise Problem("Not found", status=404, detail="No such practice is public.")
        evidence = evidence_by_key([key]).get(key)
        return Lineage(
            id=key,
            evidence=evidence.level.value if evidence else None,
            members=[
                _member(member, list(family.parents.get(member.id, ())))
                for member in family.members.values()
            ],
            left_out=family.left_out,
        )


def _member(member: Member, parents: list[str]) -> LineageMember:
    return LineageMember(
        id=member.id,
        parents=parents,
        title=dict(member.title),
        url=member.url or None,
        public=member.is_public,
        partnership=LineagePartnership(
            slug=member.partnership_slug or None,
            name=dict(member.partnership),
            url=member.partnership_url or None,
        )
        if member.partnership
        else None,
        state=member.state or None,
        since=member.state_since,
        stopped_because=str(member.stop_reason) or None,
        changed=[str(change.heading) for change in member.adaptations],
        outcomes=[_outcome(due) for due in member.outcomes],
        demo=member.is_demo,
    )


def _outcome(due: OutcomeDue) -> LineageOutcome:
    told = due.outcome
    return LineageOutcome(
        months=due.months,
        due_on=due.due_on,
        reported=told is not None,
        against_aim=told.against_aim if told else None,
        reached=told.reached if told else None,
        counted_how=told.counted_how or None if told else None,
        context=told.context or None if told else None,
        cost_amount=told.cost_amount if told else None,
        cost_currency=told.cost_currency or None if told else None,
        cost_year=told.cost_year if told else None,
        lesson=told.lesson or None if told else None,
        lesson_language=told.lesson_language or None if told else None,
        answers=len(told.answers.all()) if told else 0,
        corrected_on=told.corrected_on if told else None,
    )
