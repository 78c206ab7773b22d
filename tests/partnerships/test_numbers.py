"""Sums of participation say "at least … at most …", and small numbers are not told."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from partnerships.models import BudgetShare, Figure, ParticipationRow
from partnerships.presentation.figures import figure_views
from partnerships.presentation.participation import (
    Span,
    budget_years,
    participation_years,
    span_of,
)


def row(count: int, overlaps: bool = False, **fields: object) -> ParticipationRow:
    """Return a row of participation; of a program unless said otherwise."""
    values: dict[str, object] = {
        "program_id": 1,
        "year": 2024,
        "side": "israel",
        "mode": "in_person",
        "method": "counted",
    }
    return ParticipationRow(count=count, may_overlap=overlaps, **{**values, **fields})


@pytest.mark.parametrize(
    ("rows", "low", "high", "words"),
    [
        ([], 0, 0, "–"),
        ([row(0)], 0, 0, "–"),
        ([row(1200)], 1200, 1200, "1,200"),
        ([row(30), row(20)], 50, 50, "50"),
        ([row(30), row(20, True)], 30, 50, "at least 30, at most 50"),
        ([row(30), row(80, True)], 80, 110, "at least 80, at most 110"),
        ([row(30, True), row(80, True)], 80, 110, "at least 80, at most 110"),
        ([row(4)], 1, 4, "fewer than 5"),
        ([row(5)], 5, 5, "5"),
        ([row(30), row(3)], 31, 34, "at least 31, at most 34"),
    ],
)
def test_a_sum_says_what_is_sure_and_what_is_possible(
    rows: list[ParticipationRow], low: int, high: int, words: str
) -> None:
    span = span_of(rows)
    assert (span.low, span.high) == (low, high)
    assert span.words == words


def test_a_row_of_all_programs_stands_for_the_programs_own_rows() -> None:
    whole = row(100, program_id=None)
    assert span_of([whole, row(60), row(30)]) == Span(100, 100)
    assert span_of([whole, row(60, mode="online")]) == Span(160, 160)
    assert span_of([whole, row(60, side="diaspora")]) == Span(160, 160)


def test_years_come_newest_first_with_sides_in_the_readers_order() -> None:
    rows = [row(10), row(20, side="diaspora"), row(7, year=2023, sources="report\nreport")]
    english, hebrew = participation_years(rows, "en"), participation_years(rows, "he")
    assert [year.year for year in english] == [2024, 2023]
    assert (english[0].first.high, english[0].second.high) == (20, 10)
    assert (hebrew[0].first.high, hebrew[0].second.high) == (10, 20)
    assert english[0].both.high == 30
    assert english[1].sources == ("report",)


def test_budget_bars_stand_beside_one_another_and_the_rest_stays_open() -> None:
    shares = [
        BudgetShare(year=2024, goal="regional_development", percent=Decimal("25.5")),
        BudgetShare(year=2024, goal="personal_connections", percent=Decimal("60")),
    ]
    (year,) = budget_years(shares)
    assert [(share.goal, share.start, share.width) for share in year.shares] == [
        ("personal_connections", "0", "60"),
        ("regional_development", "60", "25.5"),
    ]
    assert year.rest == Decimal("14.5")


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_year_is_written_bare_and_a_count_is_grouped(language: str) -> None:
    day = datetime.date(2014, 1, 1)
    figures = [
        Figure(key="a-year", value=Decimal("1994.00"), kind="year", as_of=day),
        Figure(key="b-people", value=Decimal("1994.00"), as_of=day),
        Figure(key="c-share", value=Decimal("12.50"), as_of=day),
    ]
    with translation.override(language):
        assert [view.value for view in figure_views(figures)] == ["1994", "1,994", "12.5"]
