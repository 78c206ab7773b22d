"""The demonstration's own files: as many as were promised, in both languages, no two alike."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from home.services.demo.reading import DEMO_DIR, LIBRARY_KINDS

TOLD = ("practices", "challenges", "stories")
PARTNERSHIPS_FILE = DEMO_DIR.parent.parent / "partnerships" / "data" / "partnerships.json"
WORDS = range(60, 161)


def entries(kind: str) -> list[dict[str, Any]]:
    """Return all entries of a kind."""
    return [
        entry
        for path in sorted((DEMO_DIR / kind).glob("*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def mapping(name: str) -> dict[str, Any]:
    """Return a file that is one mapping."""
    content: dict[str, Any] = yaml.safe_load((DEMO_DIR / name).read_text(encoding="utf-8"))
    return content


def ways(kind: str) -> list[dict[str, Any]]:
    """Return the ways to take part of one kind."""
    return [
        way for entry in entries("programs") for way in entry.get("ways", []) if way["kind"] == kind
    ]


def slugs() -> set[str]:
    """Return the Partnerships that there are."""
    return {row["reference"] for row in yaml.safe_load(PARTNERSHIPS_FILE.read_text("utf-8"))}


def is_in_both(entry: dict[str, Any]) -> bool:
    """Whether it is told in English and in Hebrew."""
    return {"en", "he"} <= entry["text"].keys()


def test_there_is_as_much_as_was_promised() -> None:
    assert sum(len(entries(kind)) for kind in TOLD) >= 60
    assert len(entries("resources")) >= 12
    programs = entries("programs")
    assert len(programs) >= 40
    assert all(program.get("ways") for program in programs)
    assert len(ways("host")) >= 10
    assert sum(1 for way in ways("host") if way.get("closed")) >= 3
    assert all(way.get("usually_opens") for way in ways("host") if way.get("closed"))


@pytest.mark.parametrize("kind", [*TOLD, "programs", "partnerships"])
def test_some_of_each_kind_is_in_both_languages(kind: str) -> None:
    assert any(is_in_both(entry) for entry in entries(kind))


def test_a_third_of_the_library_is_in_both_languages_and_some_was_hebrew_first() -> None:
    library = [entry for kind in LIBRARY_KINDS for entry in entries(kind)]
    assert sum(map(is_in_both, library)) * 3 >= len(library)
    programs = entries("programs")
    assert sum(map(is_in_both, programs)) * 3 >= len(programs)
    for kind in ("practices", "stories", "challenges"):
        assert Counter(entry["language"] for entry in entries(kind))["he"] >= 3
    # And something is left untranslated, to be shown in its original.
    assert any(set(entry["text"]) == {"he"} for entry in library)


def test_every_partnership_has_a_text_of_its_own_that_is_short() -> None:
    told = entries("partnerships")
    assert {entry["partnership"] for entry in told} == slugs()
    assert sum(map(is_in_both, told)) * 3 >= len(told)
    assert Counter(entry["language"] for entry in told)["he"] >= 4
    for entry in told:
        for language, text in entry["text"].items():
            count = len(" ".join(text["body"]).split())
            assert count in WORDS, (entry["partnership"], language, count)


def test_sixty_communities_of_both_sides_are_told_of() -> None:
    told = mapping("communities.yaml")
    assert len(told) >= 60
    assert sum(1 for texts in told.values() if len(texts) == 2) >= 20
    rows = yaml.safe_load(PARTNERSHIPS_FILE.read_text("utf-8"))
    assert rows
    sentences = [text for texts in told.values() for text in texts.values()]
    assert len(set(sentences)) == len(sentences)


def test_no_two_are_alike() -> None:
    seen: Counter[str] = Counter()
    for kind in (*LIBRARY_KINDS, "partnerships"):
        for entry in entries(kind):
            for text in entry["text"].values():
                seen[text["summary"]] += 1
                seen[text.get("title") or text["summary"] + " (title)"] += 1
                seen.update(part for part in text.get("body") or [] if isinstance(part, str))
    assert [text for text, count in seen.items() if count > 1] == []


def test_budgets_of_practices_are_plausible() -> None:
    for entry in entries("practices"):
        for category, words, payer, amount, currency, year, *flags in entry.get("costs", []):
            where = (entry["reference"], words)
            assert Decimal(amount) >= 0, where
            assert currency in {"ILS", "USD", "EUR", "CAD", "AUD", "ZAR", "GBP"}, where
            assert 2019 <= year <= 2026, where
            assert payer in {"israel", "diaspora", "participant", "other"}, where
            assert set(flags) <= {"once", "in_kind"}, where
            assert category, where


def test_what_went_wrong_is_told_in_every_practice() -> None:
    for entry in entries("practices"):
        for language, text in entry["text"].items():
            where = (entry["reference"], language)
            assert len(text["steps"]) >= 3, where
            assert text["difficulties"], where
            assert text["differently"], where
            assert all(result["method"] for result in text["results"]), where


def test_shares_of_a_budget_fill_it() -> None:
    for slug, years in mapping("numbers.yaml")["budgets"].items():
        for year, shares in years.items():
            assert sum(shares) == 100, (slug, year)


def test_parts_of_a_partnerships_page_are_seen_filled_and_empty() -> None:
    numbers = mapping("numbers.yaml")
    committees = mapping("committees.yaml")
    filled = {
        "budgets": set(numbers["budgets"]),
        "figures": {row["partnership"] for row in numbers["figures"]},
        "twins": {row["partnership"] for row in numbers["twins"]},
        "committees": slugs()
        - {slug for slug, shape in committees["partnerships"].items() if shape == "none"},
        "programs": {entry["partnership"] for entry in entries("programs")},
        "library": {entry["partnership"] for kind in LIBRARY_KINDS for entry in entries(kind)},
    }
    for name, have in filled.items():
        assert have <= slugs(), name
        assert len(have) >= 10, name
        assert slugs() - have, name
    assert set.intersection(*filled.values()), "one page shows everything"


def test_participation_is_told_over_several_years() -> None:
    rows = yaml.safe_load((DEMO_DIR / "participation.yaml").read_text("utf-8"))
    assert sum(1 for row in rows if len(row["years"]) >= 3) >= 5
    assert len({year for row in rows for year in row["years"]}) >= 5


def test_the_files_name_no_host_of_this_machine() -> None:
    for path in Path(DEMO_DIR).rglob("*.yaml"):
        assert "http://" not in path.read_text("utf-8"), path
