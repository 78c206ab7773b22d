"""Matching: pure scoring, limits, what a reader may see, reasons, and the Partnerships to ask."""

from __future__ import annotations

import random
import uuid

import pytest
from django.utils.translation import override
from wagtail.models import PageViewRestriction

from search.analysis import tokens
from stories.matching import (
    LimitKind,
    Limits,
    Problem,
    Verdict,
    match_partnerships,
    match_practices,
)
from stories.matching.limits import Needs, verdicts
from stories.matching.scoring import Candidate, Text, rank, score
from stories.matching.wanted import KnownConcept, Wanted, Word
from stories.matching.weak_words import is_weak
from stories.models import PracticeFacts
from tests.factories import (
    ConceptFactory,
    PartnershipFactory,
    PracticePageFactory,
    page_of,
)

KNOWN = {
    key: KnownConcept(key, kind, key.title(), broader)
    for key, kind, broader in (
        ("travel", "topic", ""),
        ("teens_travel", "topic", "travel"),
        ("money", "topic", ""),
        ("teens", "audience", ""),
    )
}


def candidate(number: int, **values: object) -> Candidate:
    return Candidate(key=uuid.UUID(int=number), **values)  # type: ignore[arg-type]


class TestScoring:
    """What counts how much, without a database."""

    def test_concepts_count_more_than_audience_and_audience_more_than_words(self) -> None:
        wanted = Wanted(
            concepts={"money": 1.0},
            audiences={"teens": 1.0},
            words=(Word("quiet", "quiet", (), 1.0),),
        )
        text = Text(frozenset({"quiet"}), frozenset(), frozenset())
        about = candidate(1, concepts=frozenset({"money"}))
        whom = candidate(2, audiences=frozenset({"teens"}))
        words = candidate(3, texts=(text,))
        ranked, _excluded = rank(wanted, [words, whom, about], KNOWN)
        assert [one.candidate.key.int for one in ranked][:2] == [1, 2]

    def test_a_narrower_concept_is_worth_a_part_of_the_broader_one(self) -> None:
        wanted = Wanted(concepts={"travel": 1.0})
        own = candidate(1, concepts=frozenset({"travel"}))
        near = candidate(2, concepts=frozenset({"teens_travel"}))
        ranked, _excluded = rank(wanted, [near, own], KNOWN)
        assert [one.candidate.key.int for one in ranked] == [1, 2]
        assert ranked[0].score > ranked[1].score > 0

    def test_meaning_orders_what_answers_and_is_no_answer_alone(self) -> None:
        one, other = (candidate(number, concepts=frozenset({"money"})) for number in (1, 2))
        near = {other.key: 1.0}
        ranked, _excluded = rank(Wanted(concepts={"money": 1.0}), [one, other], KNOWN, near)
        assert [(each.candidate.key.int, each.is_near) for each in ranked] == [
            (2, True),
            (1, False),
        ]
        assert rank(Wanted(), [other], KNOWN, near)[0] == []

    def test_ties_go_by_evidence_then_by_key_whatever_the_order(self) -> None:
        wanted = Wanted(concepts={"money": 1.0})
        same = [
            candidate(number, concepts=frozenset({"money"}), evidence=evidence)
            for number, evidence in ((1, 0), (2, 3), (3, 3), (4, 1))
        ]
        for seed in range(5):
            random.Random(seed).shuffle(same)
            ranked, _excluded = rank(wanted, same, KNOWN)
            assert [one.candidate.key.int for one in ranked] == [2, 3, 4, 1]

    def test_what_breaks_a_limit_is_out_and_the_limit_is_told(self) -> None:
        wanted = Wanted(concepts={"money": 1.0}, limits=Limits(without_travel=True, budget=100))
        flying = candidate(1, concepts=frozenset({"money"}), needs=Needs(direction="both"))
        dear = candidate(
            2, concepts=frozenset({"money"}), needs=Needs(direction="online", cost=400)
        )
        both = candidate(3, concepts=frozenset({"money"}), needs=Needs(direction="both", cost=400))
        ranked, excluded = rank(wanted, [flying, dear, both], KNOWN)
        assert ranked == []
        assert excluded == {LimitKind.TRAVEL: 2, LimitKind.BUDGET: 2}

    def test_what_has_nothing_to_do_with_it_is_no_match_however_well_it_keeps_limits(self) -> None:
        wanted = Wanted(concepts={"money": 1.0}, limits=Limits(budget=100))
        assert rank(wanted, [candidate(1, needs=Needs(cost=1))], KNOWN)[0] == []


class TestReasons:
    """Words that are named as reasons tell something."""

    def test_numbers_function_words_and_time_tell_nothing(self) -> None:
        problem = "11 families without a car, within 3 weeks; 2nd year: משפחות בלי רכב לפני שנתיים"
        words = {token.word for token in tokens(problem) if not is_weak(token.word)}
        assert words == {"families", "car", "משפחות", "רכב", "שנתיימ"}

    def test_what_most_practices_have_counts_and_is_no_reason(self) -> None:
        common = Text(frozenset({"community"}), frozenset(), frozenset())
        both = Text(frozenset({"community", "quiet"}), frozenset(), frozenset())
        wanted = Wanted(
            concepts={"money": 1.0},
            words=(Word("community", "community", (), 1.0), Word("Quiet", "quiet", (), 1.0)),
        )
        money = frozenset({"money"})
        many = [candidate(n, concepts=money, texts=(common,)) for n in range(1, 10)]
        ranked, _excluded = rank(
            wanted, [*many, candidate(20, concepts=money, texts=(both,))], KNOWN
        )
        assert ranked[0].candidate.key.int == 20
        assert ranked[0].words == ("Quiet",)
        assert {one.words for one in ranked[1:]} == {()}

    def test_what_both_mention_by_the_way_counts_and_is_no_reason_beside_a_better_one(self) -> None:
        aside = Text(frozenset(), frozenset({"answer"}), frozenset())
        told = Text(frozenset({"answer"}), frozenset(), frozenset())
        concepts = frozenset({"money"})
        for weight, text, about, words in (
            (1.0, aside, concepts, ()),
            (1.0, told, concepts, ("answer",)),  # its title or summary says so
            (1.5, aside, concepts, ("answer",)),  # the problem's title asks for it
            (1.0, aside, frozenset[str](), ("answer",)),  # nothing else is to be said
        ):
            wanted = Wanted(concepts={"money": 1.0}, words=(Word("answer", "answer", (), weight),))
            one = candidate(1, concepts=about, texts=(text,))
            scored = score(wanted, one, {"answer": 0.6}, {"answer": 2.0}, KNOWN, frozenset())
            assert scored.words == words
            assert scored.score > score(wanted, one, {}, {}, KNOWN, frozenset()).score

    def test_a_word_is_found_in_the_other_language_and_counts_less_there(self) -> None:
        other = Word("cooking", "cook", (), 1.0)
        more = Word("class", "class", (), 1.0)
        word = Word("סדנה", "סדנה", (), 1.0, ((other, more),))
        own = Text(frozenset({"סדנה"}), frozenset(), frozenset())
        told = Text(frozenset({"cook", "class"}), frozenset(), frozenset())
        part = Text(frozenset({"cook"}), frozenset(), frozenset())
        assert own.strength(word) > told.strength(word) > part.strength(word) == 0
        wanted = Wanted(concepts={"money": 1.0}, words=(word,))
        for text, words, translated in ((own, ("סדנה",), ()), (told, (), ("סדנה",))):
            one = candidate(1, concepts=frozenset({"money"}), texts=(text,))
            [scored] = rank(wanted, [one], KNOWN)[0]
            assert (scored.words, scored.translated) == (words, translated)


class TestLimits:
    """A need beside what there is."""

    @pytest.mark.parametrize(
        ("limits", "needs", "verdict"),
        [
            (Limits(without_travel=True), Needs(direction="online"), Verdict.OK),
            (Limits(without_travel=True), Needs(direction="at_home"), Verdict.OK),
            (Limits(without_travel=True), Needs(direction="to_israel"), Verdict.BLOCK),
            (Limits(without_travel=True), Needs(), Verdict.UNTOLD),
            (Limits(ages=(14, 16)), Needs(ages=(13, 18)), Verdict.OK),
            (Limits(ages=(14, 16)), Needs(ages=(15, 18)), Verdict.STRETCH),
            (Limits(ages=(14, None)), Needs(ages=(None, 13)), Verdict.BLOCK),
            (Limits(ages=(14, 16)), Needs(), Verdict.UNTOLD),
            (Limits(budget=1000), Needs(cost=1000), Verdict.OK),
            (Limits(budget=1000), Needs(cost=1500), Verdict.STRETCH),
            (Limits(budget=1000), Needs(cost=1501), Verdict.BLOCK),
            (Limits(budget=1000), Needs(), Verdict.UNTOLD),
            (Limits(languages=frozenset({"es"})), Needs(languages=frozenset({"es", "he"})), "ok"),
            (Limits(languages=frozenset({"es"})), Needs(languages=frozenset({"he"})), "block"),
            (
                Limits(languages=frozenset({"es", "he"})),
                Needs(languages=frozenset({"he"})),
                "stretch",
            ),
            (Limits(languages=frozenset({"es"})), Needs(), "untold"),
            (Limits(season="summer"), Needs(season="all_year"), Verdict.OK),
            (Limits(season="summer"), Needs(season="winter"), Verdict.STRETCH),
            (Limits(season="summer"), Needs(), Verdict.UNTOLD),
        ],
    )
    def test_a_limit(self, limits: Limits, needs: Needs, verdict: str) -> None:
        assert [told for _kind, told in verdicts(limits, needs)] == [verdict]

    def test_no_limit_no_verdict(self) -> None:
        assert list(verdicts(Limits(), Needs(direction="both", cost=5))) == []


def practice(about: object, **values: object) -> object:
    page = PracticePageFactory(**values)
    page.concepts = [about]
    page.save_revision().publish()
    return page


@pytest.mark.django_db
class TestReading:
    """What is matched is what the reader may see, each thing once."""

    def test_live_ones_match_and_drafts_private_and_others_topics_do_not(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        other = ConceptFactory(key="choirs", kind="topic", label={"en": "Choirs"})
        live = practice(about, title="Seen by all")
        practice(other, title="Of choirs", summary="Sing.", problem="<p>Notes.</p>")
        PracticePageFactory(live=False, title="Draft").concepts.add(about)
        hidden = practice(about, title="Hidden")
        PageViewRestriction.objects.create(page=hidden, restriction_type="login")
        problem = Problem("Xqz", concepts=("homesick",))
        assert [match.hit.title for match in match_practices(problem, "en").worked] == [live.title]

    def test_a_word_that_names_a_concept_in_another_language_finds_it(self) -> None:
        about = ConceptFactory(
            key="homesick", kind="topic", label={"en": "Homesick", "he": "געגועים"}
        )
        page = practice(about, title="Seen by all")
        with override("he"):
            [match] = match_practices(Problem("הרבה געגועים בחורף"), "he").worked
        assert match.hit.thing_key == page.translation_key
        assert "געגועים" in match.because[0].items

    def test_a_word_is_named_that_a_practice_has_in_the_other_language(self) -> None:
        other = ConceptFactory(key="choirs", kind="topic", label={"en": "Choirs"})
        page = practice(other, title="Volunteers lead a summer camp", summary="Volunteers.")
        problem = Problem("מתנדבים", "מחפשים אותם לעונה", concepts=("choirs",))
        found = match_practices(problem, "he")
        assert [match.hit.thing_key for match in found.worked] == [page.translation_key]
        [words] = [reason for reason in found.worked[0].because if reason.kind == "words"]
        assert (words.lead, words.items) == ("it says in the other language:", ("מתנדבים",))

    def test_attempts_that_failed_stand_apart(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        practice(about, title="Fine")
        practice(about, title="Not fine", outcome="failed")
        found = match_practices(Problem("", concepts=("homesick",)), "en")
        assert [match.hit.title for match in found.worked] == ["Fine"]
        assert [match.hit.title for match in found.failed] == ["Not fine"]

    def test_an_empty_answer_says_which_limit_kept_most_out(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        practice(about, direction="both")
        practice(about, direction="to_israel")
        practice(about, direction="online", age_from=60, age_to=80)
        limits = Limits(without_travel=True, ages=(14, 16))
        found = match_practices(Problem("", concepts=("homesick",), limits=limits), "en")
        assert not found
        assert found.excluded_most == (LimitKind.TRAVEL, 2)

    def test_nobody_is_told_more_than_ten(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        parent = page_of(PartnershipFactory())
        for _number in range(12):
            practice(about, parent=parent)
        found = match_practices(Problem("", concepts=("homesick",)), "en")
        assert len(found.worked) == 10

    def test_whatever_is_typed_gives_an_answer(self) -> None:
        practice(ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"}))
        for text in ("", "-", '"', "OR OR", "a" * 9000, "' \x00 ־״", "soup kitchens " * 900):
            match_practices(Problem(text, text), "en")

    def test_the_number_of_queries_does_not_grow(self, django_assert_num_queries: object) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        parents = [page_of(PartnershipFactory()) for _number in range(4)]
        problem = Problem("Soup in kitchens", "classes cook", ("homesick",), Limits(budget=9000))

        def queries(count: int) -> tuple[int, int]:
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            for number in range(count):
                practice(about, parent=parents[number % 4])
            match_practices(problem, "en")  # the lexicon is read once
            with CaptureQueriesContext(connection) as first:
                match_practices(problem, "en")
            with CaptureQueriesContext(connection) as second:
                match_partnerships(problem, "en")
            return len(first), len(second)

        assert queries(2) == queries(20)


@pytest.mark.django_db
class TestPartnerships:
    """Whom to ask."""

    def test_those_that_know_most_come_first_with_their_practices(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        knows, little, none = (PartnershipFactory(slug=slug) for slug in ("aa", "bb", "cc"))
        for page in (page_of(knows), page_of(knows), page_of(little)):
            practice(about, parent=page)
        page_of(none)
        found = match_partnerships(Problem("", concepts=("homesick",)), "en")
        assert [match.partnership.slug for match in found] == ["aa", "bb"]
        assert len(found[0].practices) == 2
        assert found[0].practices[0].because[0].items == ("Homesick",)

    def test_who_is_left_out_ended_or_hidden_is_not_asked(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        for slug, status in (("aa", "active"), ("bb", "ended"), ("cc", "active"), ("dd", "active")):
            page = page_of(PartnershipFactory(slug=slug, status=status))
            practice(about, parent=page)
            if slug == "cc":
                PageViewRestriction.objects.create(page=page, restriction_type="login")
        found = match_partnerships(Problem("", concepts=("homesick",)), "en", without=["aa"])
        assert [match.partnership.slug for match in found] == ["dd"]

    def test_an_offer_to_mentor_decides_between_equals(self) -> None:
        about = ConceptFactory(key="homesick", kind="topic", label={"en": "Homesick"})
        for slug in ("aa", "bb"):
            page = practice(about, parent=page_of(PartnershipFactory(slug=slug)))
            if slug == "bb":
                PracticeFacts.objects.filter(pk=page.translation_key).update(mentor_offer="open")
        found = match_partnerships(Problem("", concepts=("homesick",)), "en")
        assert [match.partnership.slug for match in found] == ["bb", "aa"]
