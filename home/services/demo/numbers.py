"""Writes the demonstration's numbers: shares of budgets, figures, twinned schools.

A Partnership that has rows of a kind, invented or not, keeps them as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from home.services.demo.facts import SOURCE
from partnerships.enums import BudgetGoal
from partnerships.models import BudgetShare, Community, Figure, Partnership, SchoolTwin

#: The order of the shares in the file.
GOALS = (BudgetGoal.PERSONAL_CONNECTIONS, BudgetGoal.REGIONAL_DEVELOPMENT, BudgetGoal.OTHER)
#: What a school is called: real ones are never told of.
SCHOOL_NAME = {"en": "A school (example)", "he": "בית ספר (דוגמה)"}


def _without(model: type[models.Model], partnerships: Mapping[str, Partnership]) -> set[str]:
    """Return the slugs of Partnerships that have no row of that kind."""
    have = set(
        model._default_manager.filter(partnership__isnull=False).values_list(
            "partnership__slug", flat=True
        )
    )
    return set(partnerships) - have


@transaction.atomic
def write_numbers(
    numbers: Mapping[str, Any],
    partnerships: Mapping[str, Partnership],
    communities: Mapping[str, Community],
) -> int:
    """Add budget shares, figures and twinnings where there are none; return how many rows."""
    return (
        _write_budgets(numbers.get("budgets", {}), partnerships)
        + _write_figures(numbers.get("figures", []), partnerships)
        + _write_twins(numbers.get("twins", []), partnerships, communities)
    )


def _write_budgets(
    budgets: Mapping[str, Mapping[int, list[int]]], partnerships: Mapping[str, Partnership]
) -> int:
    free = _without(BudgetShare, partnerships)
    rows = [
        BudgetShare(
            partnership=partnerships[slug],
            year=year,
            goal=goal,
            percent=percent,
            reference=f"demo-budget-{slug}-{year}-{goal}",
            sources=SOURCE,
            is_demo=True,
        )
        for slug, years in budgets.items()
        if slug in free
        for year, shares in years.items()
        for goal, percent in zip(GOALS, shares, strict=True)
    ]
    BudgetShare.objects.bulk_create(rows)
    return len(rows)


def _write_figures(entries: list[dict[str, Any]], partnerships: Mapping[str, Partnership]) -> int:
    free = _without(Figure, partnerships)
    rows = [
        Figure(
            partnership=partnerships[entry["partnership"]],
            key=entry["key"],
            value=entry["value"],
            is_at_least=bool(entry.get("at_least")),
            label=entry["label"],
            definition=entry["definition"],
            as_of=entry["as_of"],
            sort_order=position,
            reference=f"demo-figure-{entry['partnership']}-{entry['key']}",
            sources=SOURCE,
            is_demo=True,
        )
        for position, entry in enumerate(entries)
        if entry["partnership"] in free
    ]
    Figure.objects.bulk_create(rows)
    return len(rows)


def _write_twins(
    entries: list[dict[str, Any]],
    partnerships: Mapping[str, Partnership],
    communities: Mapping[str, Community],
) -> int:
    free = _without(SchoolTwin, partnerships)
    rows = [
        SchoolTwin(
            partnership=partnerships[entry["partnership"]],
            israel_community=communities[entry["israel"]],
            diaspora_community=communities[entry["diaspora"]],
            israel_school=SCHOOL_NAME,
            diaspora_school=SCHOOL_NAME,
            level=entry["level"],
            since_year=entry["since"],
            until_year=entry.get("until"),
            reference=f"demo-twin-{position}",
            sources=SOURCE,
            is_demo=True,
        )
        for position, entry in enumerate(entries)
        if entry["partnership"] in free
    ]
    SchoolTwin.objects.bulk_create(rows)
    return len(rows)
