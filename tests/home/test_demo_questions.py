"""The demonstration's questions: one answered and a note, one to moderate, one open; all go."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from home.services.demo.questions import read_questions, write_questions
from home.services.demo.reading import DEMO_DIR, DemoRefused
from home.services.demo.remove import remove_demo
from partnerships.models import Partnership
from portal.models import Concept, OutgoingMail
from stories.models import Answer, Question, QuestionEvent, QuestionState, ResourcePage
from tests import factories as make
from tests.site_tree import build_site


@pytest.fixture
def loaded(db: None) -> None:
    """Load the questions onto Partnerships that have pages."""
    build_site()
    known = _Everything()
    entries = read_questions(DEMO_DIR, known, known)
    slugs = {entry["partnership"] for entry in entries} | {
        one["partnership"] for entry in entries for one in entry["asked"]
    }
    for slug in slugs:
        make.page_of(make.PartnershipFactory(slug=slug))
    for key in {key for entry in entries for key in entry["concepts"]}:
        make.ConceptFactory(key=key)
    partnerships = {row.slug: row for row in Partnership.objects.all()}
    concepts = {row.key: row for row in Concept.objects.all()}
    assert write_questions(entries, partnerships, concepts) == 3
    assert write_questions(entries, partnerships, concepts) == 0


class _Everything(set[str]):
    def __contains__(self, key: object) -> bool:
        return True


def test_three_stand_each_in_its_state_and_nothing_is_mailed(loaded: None) -> None:
    states = set(Question.objects.values_list("state", flat=True))
    assert states == {QuestionState.CLOSED, QuestionState.WAITING, QuestionState.OPEN}
    assert not Question.objects.filter(is_demo=False).exists()
    assert not OutgoingMail.objects.exists()
    assert set(Answer.objects.values_list("language", flat=True)) == {"en", "he"}
    note = ResourcePage.objects.get()
    assert (note.live, note.is_demo) == (True, True)
    html = Client().get(note.url).content.decode()
    assert 'lang="he" dir="rtl"' in html
    assert '<meta name="robots" content="noindex">' in html


def test_they_go_with_the_demonstration(loaded: None) -> None:
    remove_demo()
    for model in (Question, Answer, QuestionEvent, ResourcePage):
        assert not model.objects.exists()


def test_faults_are_named_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "questions.yaml").write_text(
        "[{reference: x, partnership: nowhere, concepts: [none], asked: [{partnership: y}]}]"
    )
    with pytest.raises(DemoRefused) as refused:
        read_questions(tmp_path, {"a"}, {"b"})
    assert len(refused.value.problems) == 3
    assert read_questions(tmp_path / "missing", set(), set()) == []
