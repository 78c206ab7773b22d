"""A database that older code filled is right once the portal has started with this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal import preparation
from portal.library import Facet
from search.models import LibraryFacet
from search.services.refresh import refresh_stale
from stories.enums import EvidenceLevel
from stories.models import PracticeFacts
from tests.stories.adopting import practice, reported, running, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_directory(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.WHITENOISE_USE_FINDERS = True


def levels() -> dict[Any, str]:
    rows = LibraryFacet.objects.filter(name=Facet.EVIDENCE)
    return dict(rows.values_list("entry__thing_key", "value"))


def test_what_older_code_did_not_keep_is_there_after_the_start() -> None:
    counted, repeated = practice(), practice()
    reported(running(taken(repeated)))
    refresh_stale()
    kept = list(PracticeFacts.objects.order_by("pk").values())
    # As a migration leaves what it adds, and a library built without the facet.
    PracticeFacts.objects.update(
        has_counted_result=False, external_evaluator="", first_told_on=None
    )
    LibraryFacet.objects.filter(name=Facet.EVIDENCE).delete()
    preparation.prepare(lambda message: None, demo=False)
    assert list(PracticeFacts.objects.order_by("pk").values()) == kept
    assert levels()[counted.translation_key] == EvidenceLevel.COUNTED
    assert levels()[repeated.translation_key] == EvidenceLevel.REPEATED
    LibraryFacet.objects.filter(name=Facet.EVIDENCE).delete()
    preparation.prepare(lambda message: None, demo=False)
    assert levels() == {}  # nothing changed: a start takes no time for it


def test_changed_rules_are_applied_by_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    preparation.prepare(lambda message: None, demo=False)
    stamp = preparation.current_stamp(demo=False)
    said: list[str] = []
    monkeypatch.setattr(
        preparation, "current_stamp", lambda demo: {**stamp, "evidence": "other rules"}
    )
    preparation.prepare(said.append, demo=False)
    assert [line for line in said if "how well tested" in line]
    assert not [line for line in said if "Migrating" in line]
