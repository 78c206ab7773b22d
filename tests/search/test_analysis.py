"""Words become terms, and the found ones are marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import (
    MAX_GROUPS,
    MAX_TERM,
    TextQuery,
    index_terms,
    index_words,
    read_query,
    tokens,
    unquoted,
)
from search.analysis.tokens import plain_tokens
from search.highlight import SNIPPET, highlight, snippet


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Volunteers volunteering", "volunt volunt"),
        ("Be'er Be’er Be׳er", "beer beer beer"),
        ("the women's choir", "the women choir"),
        ('צה"ל צה״ל צה”ל', "צהל צהל צהל"),
        ("שָׁלוֹם שלום", "שלומ שלומ"),
        ("ארץ ארצות", "ארצ ארצות"),
        ('say "hello"now', "say hello now"),
        ("café CAFÉ", "cafe cafe"),
        ("a_b-c/d.e", "a b c d e"),
        ("½ ³ ﬁsh", "12 3 fish"),
        ("\x00 % : * ()", ""),
        ("P2G 2024", "p2g 2024"),
    ],
)
def test_terms(text: str, terms: str) -> None:
    assert index_terms(text) == terms


def test_words_are_not_stemmed_and_stand_once() -> None:
    assert index_words("Volunteers and volunteers of Akko") == "volunteers and of akko"


@given(st.text())
def test_terms_are_letters_and_digits_only(text: str) -> None:
    for token in tokens(text):
        assert token.term.isalnum()
        assert token.word.isalnum()
        assert len(token.word) <= MAX_TERM
        assert 0 <= token.start < token.end <= len(text)


@given(st.text())
def test_analysis_is_stable(text: str) -> None:
    """A plain word is the same word again: what is indexed can be looked up."""
    for token in tokens(text):
        assert [again.word for again in tokens(token.word)] == [token.word]


def typed(text: str) -> list[str]:
    """Return what is looked up for a text, as typed: phrases with their words apart."""
    return [" ".join(group.typed.terms) for group in read_query(text).groups]


def test_little_words_are_not_demanded() -> None:
    assert typed("How do we keep the teens") == ["keep", "teen"]
    assert typed("איך שומרים על בני הנוער") == ["שומרימ", "בני", "הנוער"]
    assert typed("to be or not to be") == ["to", "be", "or", "not"]


def test_long_queries_are_cut() -> None:
    words = " ".join(f"word{number}" for number in range(500))
    assert len(read_query(words).groups) == MAX_GROUPS
    assert typed("same " * 500) == ["same"]


def test_marks_stand_round_found_words_and_all_else_is_escaped() -> None:
    assert (
        highlight("Volunteers & <b>", read_query("volunteer"))
        == "<mark>Volunteers</mark> &amp; &lt;b&gt;"
    )
    assert highlight("<mark>", TextQuery()) == "&lt;mark&gt;"
    assert highlight('חיילי צה"ל', read_query("צהל")) == "חיילי <mark>צה&quot;ל</mark>"


def test_snippet_is_the_summary_where_the_words_are_in_it() -> None:
    assert snippet("A quilt", "quilt " * 50, read_query("quilt")) == "A <mark>quilt</mark>"


def test_snippet_is_the_piece_with_the_most_different_words() -> None:
    body = "wool " * 100 + "then wool and silk together " + "wool " * 100
    found = snippet("Summary", body, read_query("wool silk"))
    assert "<mark>silk</mark>" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found.replace("<mark>", "").replace("</mark>", "")) <= SNIPPET + 10


def test_snippet_without_found_words_is_the_summary_or_the_beginning() -> None:
    assert snippet("Summary", "Body", read_query("silk")) == "Summary"
    lines = "every autumn\nThe  host of it\nIt works. \nAn office & a hall;\nwool"
    told = "… autumn · The host of it · It works. An office &amp; a hall; · <mark>wool</mark>"
    assert snippet("", lines, read_query("wool")) == told
    assert snippet("", "First words. " * 50, TextQuery()).startswith("First words. First")
    assert snippet("", "", read_query("silk")) == ""


@given(st.text(), st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_any_text_is_marked_safely(summary: str, body: str, words: list[str]) -> None:
    query = read_query(" ".join(words))
    for html in (highlight(summary, query), snippet(summary, body, query)):
        bare = html.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in bare
        assert ">" not in bare


PLAIN = [
    *("school", "Schools", "children's", "o'clock", "a/b", "x.y", "U.S.", "(half)", "3rd", "1,000"),
    *("under_score", "'quoted'", "co`op", "rock'n'roll", ".", "/", ","),
]


@given(
    st.lists(st.sampled_from(PLAIN), max_size=30),
    st.sampled_from(["school", "children", "oclock", "b", "us", "3rd", "quot", "rocknrol"]),
)
def test_the_quick_way_through_plain_texts_finds_the_same(pieces: list[str], term: str) -> None:
    for text in ("".join(pieces), " ".join(pieces)):
        slow = [token for token in tokens(text) if token.term == term]
        assert list(plain_tokens(text, {term})) == slow


def test_words_count_as_often_as_they_are_typed() -> None:
    query = read_query("bread, breads and a wall, the bread")
    assert [(group.typed.terms, group.times) for group in query.groups] == [
        (("bread",), 3),
        (("wall",), 1),
    ]


def test_quotes_of_phrases_are_taken_out_but_for_those_of_exclusions() -> None:
    text = 'who sang “northern song” of צה"ל -"two words" -one'
    assert unquoted(text).split() == ["who", "sang", "northern", "song", *text.split()[4:]]
    assert unquoted("no quotes") == "no quotes"
