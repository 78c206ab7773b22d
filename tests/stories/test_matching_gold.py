"""The gold set: forty challenges whose answers were set by hand before the matcher was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from home.services.demo.load import load_demo
from home.services.network import load_network
from tests.databases import SuiteDatabase
from tests.stories.gold.scoring import challenges, measure


@pytest.fixture(scope="module")
def demonstration(django_db_setup: SuiteDatabase, django_db_blocker: Any) -> Iterator[None]:
    """Load network and demonstration once."""
    with django_db_blocker.unblock():
        load_network(lambda text: None)
        load_demo()
        yield
        django_db_setup.restore()


@pytest.mark.django_db
@pytest.mark.usefixtures("demonstration")
def test_most_hand_set_answers_are_found_and_as_many_in_both_languages() -> None:
    assert len(challenges()) == 40
    found = measure()
    assert min(found.recall.values()) >= 0.8, found.missed
    assert abs(found.recall["en"] - found.recall["he"]) <= 0.1, found.recall
    words = measure(with_concepts=False)
    assert min(words.recall.values()) >= 0.55, words.missed  # nothing ticked: the words alone
    assert abs(words.recall["en"] - words.recall["he"]) <= 0.1, words.recall
