"""Each rule of the Hebrew normaliser, with the words that it must leave apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from search.analysis import index_keys, index_terms, read_query, tokens
from search.analysis.hebrew import (
    _readings,
    fold_final_forms,
    hebrew_keys,
    plain_spelling,
    with_final_form,
)
from search.analysis.hebrew_words import PLACES, PLACES_FILE
from search.analysis.tokens import HEBREW_WORD


def forms(word: str) -> set[str]:
    """Return every form under which a word is found."""
    bare = fold_final_forms(word)
    return {bare, *hebrew_keys(bare)}


def meet(one: str, other: str) -> bool:
    """Whether a text with one word is found by the other: their forms meet."""
    return not forms(one).isdisjoint(forms(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # full and defective spelling
        ("תוכנית", "תכנית"),
        ("התוכניות", "תכנית"),
        ("קריית", "קרית"),
        ("נהרייה", "נהריה"),
        ("אומנות", "אמנות"),
        ("מוזיקה", "מוסיקה"),
        ("זיכרון", "זכרון"),
        ("ביטחון", "בטחון"),
        ("מקוונים", "מקון"),
        # endings
        ("משלחת", "משלחות"),
        ("משפחה", "משפחות"),
        ("משפחת", "משפחות"),
        ("קהילה", "קהילתי"),
        ("קהילתית", "קהילות"),
        ("מתנדב", "מתנדבות"),
        ("מתנדבים", "מתנדבת"),
        ("שפה", "שפות"),
        ("אזרחית", "אזרחים"),
        # irregular
        ("בית", "בתי"),
        ("בתים", "בית"),
        # prefixes
        ("נוער", "לנוער"),
        ("הנוער", "לנוער"),
        ("משפחות", "ולמשפחות"),
        ("גליל", "בגליל"),
        ("נהריה", "בנהרייה"),
        ("ועדת", "לוועדת"),
        ("שינשינים", "לשינשינים"),
        ("ילדים", "וכשהילדים"),
        ("ספר", "הספר"),
        ("בית", "בבתי"),
        ("מוזיקה", "והמוסיקה"),
        ("עכו", "בעכו"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert meet(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # no prefix: the first letter is the word's own
        ("משפחה", "שפחה"),
        ("שבת", "בת"),
        ("מרכז", "רכז"),
        ("ועדה", "עדה"),
        ("ותיקים", "תיקים"),
        ("בריאות", "ריאות"),
        ("הערכה", "ערכה"),
        ("הכשרה", "כשרה"),
        ("העשרה", "עשרה"),
        ("כתיבה", "תיבה"),
        ("משותף", "שותף"),
        ("משוב", "שוב"),
        ("שותפות", "ותפות"),
        ("מחנה", "חנה"),
        ("בקשה", "קשה"),
        ("מערבי", "ערב"),
        ("המערבית", "ערבית"),
        ("מכללות", "כללים"),
        ("מאמנים", "אמנים"),
        ("מקהלה", "קהל"),
        ("מחלקות", "חלקים"),
        ("משאלות", "שאלות"),
        ("מנהגים", "נהגים"),
        ("מעבדות", "עבד"),
        ("מסעדה", "סעד"),
        ("מטבעות", "טבעות"),
        ("למידה", "מידה"),
        ("לקחים", "קחים"),
        # the ending is the word's own
        ("שירות", "שיר"),
        ("נהריה", "נהר"),
        ("עברית", "עבר"),
        ("זהות", "זה"),
        # full spelling is another word
        ("חודשים", "חדשים"),
        ("עובדים", "עבד"),
        ("סוכנות", "סכנה"),
        ("חוברת", "חבר"),
        ("אורח", "ארח"),
        # short words stay as they are
        ("בת", "ת"),
        ("של", "ל"),
        ("בן", "נ"),
    ],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert not meet(one, other)


@pytest.mark.parametrize(
    "place",
    [
        "ורשה",
        "וורשה",
        "בודפשט",
        "בוסטון",
        "מיאמי",
        "שיקגו",
        "מלבורן",
        "ממפיס",
        "שרלוט",
        "הרטפורד",
        "וושינגטון",
        "מונטריאול",
    ],
)
def test_places_of_the_network_are_left_whole(place: str) -> None:
    bare = plain_spelling(fold_final_forms(place))
    assert forms(place) <= {bare, fold_final_forms(place)}
    for prefix in ("ב", "ל", "וב", "שב"):
        assert meet(place, prefix + place)


def test_places_do_not_take_other_words_with_them() -> None:
    assert meet("רשת", "ורשת")  # a network, and a network: ורשה is a word of its own
    assert meet("ברקשייר", "הברקשייר")
    assert not meet("ורשה", "רשה")
    assert not meet("בוסטון", "וסטון")


def network_words() -> set[str]:
    """Return the Hebrew words of the network's data from which a prefix could be taken."""

    def texts(data: Any) -> Iterator[str]:
        if isinstance(data, str):
            yield data
        elif isinstance(data, dict):
            for value in data.values():
                yield from texts(value)
        elif isinstance(data, list):
            for value in data:
                yield from texts(value)

    files = (settings.BASE_DIR / "partnerships" / "data").glob("*.json")
    read = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    words = {token.term for data in read for text in texts(data) for token in tokens(text)}
    return {word for word in words if not word.isascii() and HEBREW_WORD.fullmatch(word)}


def test_list_of_places_is_that_of_the_networks_data() -> None:
    """Each word of it that could be torn stands in one of the two lists, and no other does."""
    lines = PLACES_FILE.read_text(encoding="utf-8").splitlines()
    peeled = {
        fold_final_forms(word) for line in lines if line[:1] == "=" for word in line[1:].split()
    }
    words = network_words()
    assert PLACES.isdisjoint(peeled)
    assert PLACES | peeled <= words, (PLACES | peeled) - words
    torn = {word for word in words if len(list(_readings(word))) > 1}
    assert torn <= peeled, f"put into search/data/places.txt: {torn - peeled}"


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("מתנדבים/ות", "מתנדבימ מתנדבות"),
        ("מתנדבות.ים", "מתנדבות מתנדבימ"),
        ("מנהל/ת", "מנהל מנהלת"),
        ("חבר/ה", "חבר חברה"),
        ('יו"ר עמית/ה', "יור עמית עמיתה"),
        # no other gender: a sentence's end, a path, Latin letters
        ("מתנדבים. ות", "מתנדבימ ות"),
        ("נוער/מבוגרים", "נוער מבוגרימ"),
        ("teens/ות", "teen ות"),
    ],
)
def test_slash_and_dot_give_both_genders(text: str, terms: str) -> None:
    assert index_terms(text) == terms


@pytest.mark.parametrize(
    ("typed", "written", "is_found"),
    [
        ("ישוב", "יישובים", True),
        ("יישוב", "הישובים", True),
        ("ביישובי", "ישוב", True),
        ("יעוץ", "ייעוץ", True),
        ("ייעוץ", "יעוץ", True),
        ("ים", "יים", False),
        ("ילדים", "לדים", False),
        ("יישוב", "שוב", False),
    ],
)
def test_first_yod_may_be_written_twice(typed: str, written: str, is_found: bool) -> None:
    looked_up = {one.terms[0] for one in read_query(typed).groups[0].alternatives}
    assert looked_up.isdisjoint(forms(written)) is not is_found


def test_written_words_end_in_final_forms() -> None:
    assert [with_final_form(word) for word in ("מודיעינ", "שלומ", "ארצ", "דרכ", "כפ", "גליל")] == [
        "מודיעין",
        "שלום",
        "ארץ",
        "דרך",
        "כף",
        "גליל",
    ]
    assert [with_final_form(word) for word in ("מ", "warm", "ארצ7", "")] == [
        "מ",
        "warm",
        "ארצ7",
        "",
    ]


def test_gershayim_of_every_kind_are_one() -> None:
    assert index_terms("צה\"ל צה״ל צה”ל צהל ג' ג׳ ג") == "צהל צהל צהל צהל ג ג ג"
    assert meet("צהל", "בצהל")


def test_hyphened_words_are_found_written_as_one() -> None:
    assert "afterschool" in index_keys("an after-school club").split()
    assert "בינדורי" in index_keys("מפגש בין-דורי").split()
    assert index_keys("after school") == ""
