"""Small functions over text and numbers."""

from __future__ import annotations

import pytest

from portal.text import harmless_cell, isolate, whole_number


@pytest.mark.parametrize(
    ("text", "digits", "number"),
    [
        ("7", 11, 7),
        ("0", 11, 0),
        ("12345678901", 11, 12_345_678_901),
        ("123456789012", 11, None),
        ("1000", 3, None),
        ("", 11, None),
        ("-1", 11, None),
        ("1.5", 11, None),
        (" 7", 11, None),
        ("7\x00", 11, None),
        ("٧", 11, None),
        ("²", 11, None),
    ],
)
def test_a_number_is_read_where_nothing_else_stands(
    text: str, digits: int, number: int | None
) -> None:
    assert whole_number(text, digits) == number


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1"])
def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_quoted(text: str) -> None:
    assert harmless_cell(text) == f"'{text}"
    assert harmless_cell("teens") == "teens"


def test_an_isolated_text_is_held_by_a_pair_of_marks() -> None:
    assert isolate("שלום") == "\u2068שלום\u2069"
