"""Writes the language-neutral facts when the page first told goes live."""

from __future__ import annotations

from stories.models import ChallengeFacts, ChallengePage, PracticeCost, PracticeFacts, PracticePage

#: Fields that the page and its facts have under the same name.
PRACTICE_FIELDS = (
    "outcome",
    "direction",
    "season",
    "age_from",
    "age_to",
    "group_size",
    "lead_time_weeks",
    "duration_days",
    "first_run_year",
    "is_running",
    "last_confirmed_on",
    "activity_languages",
    "mentor_offer",
    "is_looking_for_partners",
    "is_demo",
)
CHALLENGE_FIELDS = (
    "direction",
    "season",
    "age_from",
    "age_to",
    "budget_amount",
    "budget_currency",
    "is_demo",
)
COST_FIELDS = (
    "category",
    "item",
    "payer",
    "amount",
    "currency",
    "year",
    "is_each_run",
    "is_in_kind",
)


def costs_of(page: PracticePage) -> list[PracticeCost]:
    """Return the page's cost lines as unsaved rows of its facts."""
    return [
        PracticeCost(
            practice_id=page.translation_key,
            sort_order=position,
            **{
                field: block.value[field]
                for field in COST_FIELDS
                if block.value.get(field) is not None
            },
        )
        for position, block in enumerate(page.costs)
    ]


def record_practice_facts(page: PracticePage) -> None:
    """Copy what is true in every language from the live original; idempotent.

    Runs inside `Page.save`'s transaction (post_save), so that facts and page agree.
    """
    partnership = page.partnership
    if partnership is None:
        return
    PracticeFacts.objects.update_or_create(
        pk=page.translation_key,
        defaults={
            "partnership": partnership,
            "original_language": page.original_language,
            **{field: getattr(page, field) for field in PRACTICE_FIELDS},
        },
    )
    PracticeCost.objects.filter(practice_id=page.translation_key).delete()
    PracticeCost.objects.bulk_create(costs_of(page))


def record_challenge_facts(page: ChallengePage) -> None:
    """Copy what is true in every language from the live original; idempotent."""
    partnership = page.partnership
    if partnership is None:
        return
    ChallengeFacts.objects.update_or_create(
        pk=page.translation_key,
        defaults={
            "partnership": partnership,
            "original_language": page.original_language,
            **{field: getattr(page, field) for field in CHALLENGE_FIELDS},
        },
    )
