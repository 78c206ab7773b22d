"""The sums of a practice's cost table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from stories.costs import CostLine, CostSum, cost_lines, cost_tables, sum_of
from stories.enums import CostCategory, CostPayer
from stories.models import PracticeCost


def line(amount: str, payer: str = "israel", category: str = "food", **more: Any) -> CostLine:
    return CostLine(
        category=CostCategory(category),
        payer=CostPayer(payer),
        amount=Decimal(amount),
        currency=more.pop("currency", "USD"),
        year=more.pop("year", 2024),
        **more,
    )


def test_travel_is_part_of_the_sum_and_can_be_taken_out() -> None:
    total = sum_of([line("2400", category="travel"), line("600")])
    assert total.each_run == Decimal(3000)
    assert total.without_travel == Decimal(600)


def test_what_is_given_in_kind_is_never_money() -> None:
    total = sum_of([line("500", is_in_kind=True, category="travel"), line("100")])
    assert (total.each_run, total.travel, total.in_kind) == (Decimal(100), Decimal(0), Decimal(500))


def test_what_is_paid_once_stays_out_of_each_run() -> None:
    total = sum_of([line("900", is_each_run=False), line("100")])
    assert (total.each_run, total.once) == (Decimal(100), Decimal(900))


def test_each_payer_has_its_own_row_in_a_fixed_order() -> None:
    [table] = cost_tables(
        [line("3", "other"), line("1", "israel"), line("2", "diaspora"), line("4", "israel")]
    )
    assert [(row.payer, row.sum.each_run) for row in table.payers] == [
        (CostPayer.ISRAEL, 5),
        (CostPayer.DIASPORA, 2),
        (CostPayer.OTHER, 3),
    ]


def test_participants_amounts_count_once_for_each_person_in_the_whole() -> None:
    [table] = cost_tables([line("1000", "diaspora"), line("50", "participant")], group_size=20)
    assert table.whole is not None
    assert table.whole.each_run == Decimal(2000)
    assert table.per_person is not None
    assert table.per_person.each_run == Decimal("100.00")


def test_the_whole_is_unknown_when_participants_pay_and_nobody_said_how_many() -> None:
    [table] = cost_tables([line("1000", "diaspora"), line("50", "participant")])
    assert table.whole is None
    assert table.per_person is None


def test_the_whole_is_known_without_a_group_when_no_participant_pays() -> None:
    [table] = cost_tables([line("1000", "diaspora"), line("50", "israel")])
    assert table.whole == CostSum(each_run=Decimal(1050))
    assert table.per_person is None


def test_a_group_of_nobody_shares_nothing() -> None:
    [table] = cost_tables([line("1000", "diaspora")], group_size=0)
    assert table.per_person is None


def test_a_persons_share_is_rounded_to_the_cent() -> None:
    [table] = cost_tables([line("100")], group_size=3)
    assert table.per_person is not None
    assert table.per_person.each_run == Decimal("33.33")


def test_currencies_are_kept_apart_in_the_order_of_the_lines() -> None:
    tables = cost_tables([line("10", currency="ILS"), line("20"), line("5", currency="ILS")])
    assert [(table.currency, table.whole) for table in tables] == [
        ("ILS", CostSum(each_run=Decimal(15))),
        ("USD", CostSum(each_run=Decimal(20))),
    ]


def test_prices_of_several_years_are_named() -> None:
    [table] = cost_tables([line("10", year=2024), line("20", year=2019), line("5", year=2024)])
    assert table.years == (2019, 2024)


def test_no_lines_give_no_table() -> None:
    assert cost_tables([]) == []


@pytest.mark.parametrize(
    ("more", "attribute"),
    [
        ({"category": "travel"}, "has_travel"),
        ({"is_each_run": False}, "has_once"),
        ({"is_in_kind": True}, "has_in_kind"),
    ],
)
def test_a_column_is_asked_for_only_when_it_says_something(
    more: dict[str, Any], attribute: str
) -> None:
    [plain] = cost_tables([line("10")])
    [special] = cost_tables([line("10", **more)])
    assert not getattr(plain, attribute)
    assert getattr(special, attribute)


def test_a_line_is_read_alike_from_a_block_and_from_a_row() -> None:
    values = {
        "category": "travel",
        "item": "bus",
        "payer": "participant",
        "amount": Decimal("12.50"),
        "currency": "EUR",
        "year": 2023,
        "is_each_run": False,
        "is_in_kind": True,
    }
    assert CostLine.of(values) == CostLine.of(PracticeCost(**values))


def test_unfinished_lines_of_a_draft_are_left_out() -> None:
    done = {"category": "food", "payer": "israel", "amount": 5, "currency": "USD", "year": 2024}
    unfinished = [{**done, "amount": None}, {**done, "category": ""}, {**done, "payer": None}]
    assert [row.amount for row in cost_lines([*unfinished, done])] == [Decimal(5)]
