"""The PDF of the demonstration: its text can be taken out again, in both languages."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader

from home.services.demo.pdf import pdf_file


def test_text_of_both_languages_comes_out_in_its_order() -> None:
    content = pdf_file(
        [
            ["# Cards (tested)", "What to buy, and what not."],
            ["# כרטיסי מתכון", "אגוזים, שומשום וכשרות"],
        ],
        "Cards",
    )
    reader = PdfReader(BytesIO(content), strict=True)
    english, hebrew = (page.extract_text() for page in reader.pages)
    assert english.splitlines() == ["Cards (tested)", "What to buy, and what not."]
    assert [line.strip() for line in hebrew.splitlines()] == [
        "כרטיסי מתכון",
        "אגוזים, שומשום וכשרות",
    ]
    assert reader.metadata is not None
    assert reader.metadata.title == "Cards"
    assert reader.root_object["/Lang"] == "en"
