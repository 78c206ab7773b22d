"""Three-way comparison of file, database and what the file said last time."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from portal.models import Concept, LoadedRow
from portal.services.loading import RowLoader
from portal.services.vocabulary_load import load_concepts

pytestmark = pytest.mark.django_db


def loaded_before(**values: object) -> RowLoader:
    LoadedRow.objects.create(kind="thing", reference="one", values=values)
    return RowLoader("thing")


def test_new_row_is_written_whole_and_remembered() -> None:
    loader = RowLoader("thing")
    wanted = {"name": {"en": "A"}, "day": datetime.date(2020, 1, 1)}
    assert loader.changes("one", wanted, None) == {"name": {"en": "A"}, "day": "2020-01-01"}
    loader.save()
    assert LoadedRow.objects.get().values == {"name": {"en": "A"}, "day": "2020-01-01"}
    assert loader.report.created == 1


def test_value_nobody_changed_follows_the_file() -> None:
    loader = loaded_before(name="A", size=1)
    assert loader.changes("one", {"name": "B", "size": 1}, {"name": "A", "size": 1}) == {
        "name": "B"
    }
    loader.save()
    assert LoadedRow.objects.get().values == {"name": "B", "size": 1}
    assert loader.report.updated == 1


def test_value_somebody_changed_stays_whatever_the_file_says() -> None:
    loader = loaded_before(name="A")
    assert loader.changes("one", {"name": "B"}, {"name": "Mine"}) is None
    assert loader.report.kept == 1


def test_row_somebody_deleted_does_not_come_back() -> None:
    assert loaded_before(name="A").changes("one", {"name": "B"}, None) is None


def test_row_somebody_made_before_the_file_did_is_theirs() -> None:
    loader = RowLoader("thing")
    assert loader.changes("one", {"name": "B"}, {"name": "Mine"}) is None
    loader.save()
    assert not LoadedRow.objects.exists()


def test_list_keeps_what_people_added_and_removed() -> None:
    loader = loaded_before(names=["a", "b", "c"])
    wanted, current = {"names": ["a", "b", "d"]}, {"names": ["b", "c", "mine"]}
    assert loader.changes("one", wanted, current) == {"names": ["b", "mine", "d"]}


def test_nothing_to_do_writes_nothing() -> None:
    loader = loaded_before(name="A", day="2020-01-01")
    current = {"name": "A", "day": datetime.date(2020, 1, 1)}
    assert loader.changes("one", {"name": "A", "day": "2020-01-01"}, current) is None
    assert str(loader.report) == "0 new, 0 changed"


def test_concept_keeps_the_label_and_synonyms_of_an_editor() -> None:
    load_concepts()
    concept = Concept.objects.get(key="mifgash")
    concept.label = {"en": "Meeting", "he": "מפגש"}
    concept.save()
    concept.synonyms.filter(text="mifgashim").delete()
    concept.synonyms.create(text="get-together", language="en", grade="exact")
    report = load_concepts()
    assert (report.created, report.updated) == (0, 0)
    concept.refresh_from_db()
    assert concept.label["en"] == "Meeting"
    texts = set(
        concept.synonyms.filter(grade="exact", language="en").values_list("text", flat=True)
    )
    assert texts == {"mifgash", "get-together"}


def test_synonym_may_change_its_grade(tmp_path: Path) -> None:
    row = {"key": "mifgash", "kind": "program_type", "en": "Encounter", "he": "מפגש"}
    for changes in (
        {"exact_en": ["mifgash"], "loose_en": ["meeting"]},
        {"exact_en": ["mifgash", "meeting"], "loose_en": []},
    ):
        path = tmp_path / "concepts.json"
        path.write_text(json.dumps([row | changes]), encoding="utf-8")
        load_concepts(path)
    found = Concept.objects.get(key="mifgash").synonyms.filter(grade="exact")
    assert set(found.values_list("text", flat=True)) == {"mifgash", "meeting"}
