"""What every engine answers to the same questions; it runs on the database that the suite has."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page, PageViewRestriction

from portal.library import Audience, Number
from portal.models import ConceptSynonym
from portal.visibility import Viewer
from search.engines import DatabaseEngine, HeldBitmaps, LibraryEngine
from search.lexicon import forget_lexicon
from search.models import LibraryEntry, LibraryFacet, LibraryNumber
from search.query import FACET_NAMES, EngineAnswer, LibraryQuery, Sort
from search.services.library import find
from search.services.versions import touch_pages
from tests.factories import (
    CommunityFactory,
    ConceptFactory,
    LibraryIndexPageFactory,
    MembershipFactory,
    PartnershipFactory,
    PracticePageFactory,
    StoryPageFactory,
    UserFactory,
    page_of,
)
from tests.search.elastic import engine_in_step
from tests.search.test_api import HOSTILE

pytestmark = pytest.mark.django_db


ELASTICSEARCH = pytest.param(
    "elasticsearch", marks=[pytest.mark.engines, pytest.mark.requires("elasticsearch")]
)


@pytest.fixture(params=["database", "bitmaps", ELASTICSEARCH])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LibraryEngine:
    """Each engine in turn; the library answers from it."""
    made: LibraryEngine
    if request.param == "elasticsearch":
        made = engine_in_step()
    else:
        held = HeldBitmaps(in_transactions=True) if request.param == "bitmaps" else None
        made = DatabaseEngine(held=held)
    monkeypatch.setattr("search.services.library.get_engine", lambda: made)
    return made


def story(title: str, summary: str = "-", body: str = "-", **fields: Any) -> Any:
    """Publish a story and return its page."""
    return StoryPageFactory(
        title=title, summary=summary, body=[{"type": "paragraph", "value": body}], **fields
    )


def translation_of(page: Any, title: str, language: str = "he", **fields: Any) -> Any:
    """Publish a page's translation."""
    partnership = page.get_parent().specific.partnership
    return StoryPageFactory(
        title=title,
        parent=page_of(partnership, language),
        language=language,
        translation_key=page.translation_key,
        original_language=page.language,
        **{"summary": "-", "body": [], **fields},
    )


def keys(pages: Iterable[Any]) -> list[uuid.UUID]:
    return [page.translation_key for page in pages]


def matched(answer: EngineAnswer) -> list[uuid.UUID]:
    return [match.thing_key for match in answer.matches]


def stories(text: str = "", **more: Any) -> LibraryQuery:
    return LibraryQuery(text=text, types=["success"], **more)


# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("Volunteers teach English", "volunteering"),
        ("Volunteers teach English", "VOLUNTEER teaches"),
        ("Families of Kiryat Shmona", "family"),
        ("The café of Be'er Sheva", "cafe beer sheva"),
        ("Be’er Sheva’s choir", "Be'er Sheva"),
        ('חיילי צה"ל במשלחת', "צהל"),
        ("חיילי צה״ל במשלחת", 'צה"ל'),
        ("שָׁלוֹם מקריית שמונה", "שלום"),
        ("שלום", "שָׁלוֹם"),
        ("P2G and G2", "p2g"),
        ("2024 to 2026", "2024"),
        ("Straße und İstanbul", "strasse istanbul"),
        ("Beit-Shean/Cleveland", "cleveland beit shean"),
    ],
)
def test_words_are_found_in_any_form(engine: LibraryEngine, told: str, asked: str) -> None:
    page = story(told)
    story("Something else")
    assert matched(engine.search(stories(asked))) == keys([page])


def test_all_words_are_demanded_wherever_they_stand(engine: LibraryEngine) -> None:
    both = story("Kitchen evening", summary="with teenagers", body="<p>and grandparents</p>")
    story("Kitchen morning")
    answer = engine.search(stories("teenager kitchen"))
    assert matched(answer) == keys([both])
    assert not answer.is_widened
    answer = engine.search(stories("kitchen teenager grandparents"))
    assert matched(answer)[0] == both.translation_key
    assert answer.total == 2
    assert answer.is_widened


def test_whole_question_finds_what_it_is_about(engine: LibraryEngine) -> None:
    best = story("Letters between teens", body="<p>They keep writing after the trip.</p>")
    story("Painting a wall")
    question = "How can we keep our teens writing letters to each other once the journey is over?"
    answer = engine.search(stories(question))
    assert matched(answer)[0] == best.translation_key
    assert answer.is_widened


def test_word_that_is_typed_again_and_again_is_what_a_question_is_about(
    engine: LibraryEngine,
) -> None:
    about = story("One", body="<p>Bread from two ovens.</p>")
    beside = story("Two", body="<p>Music and a dance.</p>")
    for number in range(6):
        story(f"Another {number}", body="<p>Painting a wall.</p>")
    once = "How do we share bread, with music, or with a dance?"
    assert matched(engine.search(stories(once))) == keys([beside, about])
    often = "Bread, and how to share bread: is there bread with music, or with a dance?"
    assert matched(engine.search(stories(often))) == keys([about, beside])


def test_phrase_in_a_question_that_nothing_has_is_read_as_words(engine: LibraryEngine) -> None:
    page = story("A choir of the valley", body="<p>They sang the song of the northern well.</p>")
    story("Painting a wall")
    as_it_stands = find(stories('who sang the "northern well" in a tent'))
    assert [hit.page_id for hit in as_it_stands.hits] == [page.pk]
    assert not as_it_stands.is_unquoted
    other = find(stories('who sang the "northern song" in a tent'))
    assert [hit.page_id for hit in other.hits] == [page.pk]
    assert other.is_unquoted
    assert "<mark>song</mark>" in other.hits[0].snippet
    assert find(stories('who sang the "northern song" in a tent', exact=True)).total == 0
    for text in ('"northern song"', 'who sang the "northern song" -valley'):
        assert find(stories(text)).total == 0, text


def test_question_finds_what_is_told_in_the_other_language_only(engine: LibraryEngine) -> None:
    page = story("A new mayor", summary="After the elections", body="<p>Nobody knew us.</p>")
    story("Painting a wall")
    answer = engine.search(stories("ראש עיר חדש אחרי הבחירות", lang="he"))
    assert matched(answer)[0] == page.translation_key
    assert engine.search(stories("ראש עיר", lang="he", exact=True)).total == 0


def test_all_words_somewhere_are_before_one_word_with_many_names(engine: LibraryEngine) -> None:
    concept = ConceptFactory(key="teens", label={"en": "Teens", "he": "בני נוער"})
    for text in ("adolescents", "high school students", "teenage group"):
        ConceptSynonym.objects.create(concept=concept, language="en", text=text, grade="exact")
    names = "Adolescents, a teenage group, high school students"
    one = story(f"Teens: {names}", summary=names, body=f"<p>{names}</p>")
    both = story("A kitchen", summary="Teens bake", body="<p>Bread and soup.</p>")
    answer = engine.search(stories("teens bread kitchen"))
    assert matched(answer) == keys([both, one])


def test_nothing_is_found_where_no_word_fits(engine: LibraryEngine) -> None:
    story("Painting a wall")
    for text in ("xylophone", "xylophone zeppelin", "?!", "🙂"):
        answer = engine.search(stories(text))
        assert (answer.total, answer.matches) == (0, ())


def test_title_counts_more_than_summary_and_body(engine: LibraryEngine) -> None:
    in_body = story("One", summary="Two", body="<p>A quilt of many hands, sewn in spring.</p>")
    in_summary = story("Three", summary="A quilt of many hands", body="<p>Sewn in spring.</p>")
    in_title = story("A quilt of many hands", summary="Four", body="<p>Sewn in spring.</p>")
    assert matched(engine.search(stories("quilt"))) == keys([in_title, in_summary, in_body])


def test_text_with_most_of_a_question_is_before_a_title_with_one_word(
    engine: LibraryEngine,
) -> None:
    around = "<p>We met twice a week from autumn until spring, and families came along.</p>"
    more = "families came along and met " * 6
    told = f"<p>We turned clay into a lantern below the orchard. {more}</p>"
    in_title = story("A lighthouse", summary="Told twice", body=around)
    in_text = story("An evening", summary="Told twice", body=told)
    for number in range(4):
        story(f"Other {number}", summary="Told twice", body=around)
    asked = stories("the lighthouse, with clay, lantern and orchard")
    assert matched(engine.search(asked)) == keys([in_text, in_title])


def test_phrase_does_not_go_from_one_text_to_the_next(engine: LibraryEngine) -> None:
    page = story("Bread and salt", summary="Kitchen garden", body="<p>Winter quilt</p>")
    for text in ("bread and salt", "kitchen garden", "winter quilt"):
        assert matched(engine.search(stories(f'"{text}"'))) == keys([page])
    for text in ("salt kitchen", "garden winter"):
        assert engine.search(stories(f'"{text}"')).total == 0, text


def test_names_of_the_partnership_find_what_it_tells(engine: LibraryEngine) -> None:
    partnership = PartnershipFactory(name={"en": "Safed", "he": "צפת"})
    page = story("A concert", parent=page_of(partnership))
    story("Another concert")
    assert matched(engine.search(stories("concert safed"))) == keys([page])
    assert matched(engine.search(stories("concert צפת"))) == keys([page])


def test_concepts_find_in_every_language(engine: LibraryEngine) -> None:
    concept = ConceptFactory(key="teens", label={"en": "Teens", "he": "בני נוער"})
    for text, grade in (("adolescents", "exact"), ("youngsters", "loose")):
        ConceptSynonym.objects.create(concept=concept, language="en", text=text, grade=grade)
    page = story("A concert", concepts=[concept])
    for text in ("teens", "נוער", "adolescents"):
        assert matched(engine.search(stories(text))) == keys([page])
    assert engine.search(stories("youngsters")).total == 0


def test_words_for_a_partnership_find_partnerships_first(engine: LibraryEngine) -> None:
    pages = [page_of(PartnershipFactory(slug=slug)) for slug in ("one", "two")]
    page_of(PartnershipFactory(slug="draft")).unpublish()
    akko = CommunityFactory(slug="akko", name={"en": "Akko", "he": "עכו"})
    MembershipFactory(partnership=pages[1].partnership, community=akko)
    text = "our partnership with Israel is a region, a city and a sister"
    PracticePageFactory(parent=pages[0], title="Three cities and a sister in Israel", summary=text)
    story("Our sister, our region, our partnership", text, parent=pages[0])
    story("השותפות שלנו: עיר ועוד עיר תאומה", parent=pages[0])
    for number in range(12):  # a word that half of all have tells nothing
        story(f"A concert {number}", parent=pages[0])
    forget_lexicon()
    for words in (
        "sister city",
        "sister cities in Israel",
        "sister region",
        "Israel partnership",
        "our Israel partnership",
        "ערים תאומות",
        "עיר תאומה",
        "השותפות שלנו",
        "השותפות שלנו בישראל",
        "P2K",
        "שותפות 2000",
    ):
        hits = find(LibraryQuery(text=words)).hits
        assert {hit.page_id for hit in hits[:2]} == {page.pk for page in pages}, words
    for words in ("sister city of Akko", "our Israel partnership akko", "ערים תאומות לעכו"):
        assert find(LibraryQuery(text=words)).hits[0].page_id == pages[1].pk, words


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_is_answered(engine: LibraryEngine, text: str) -> None:
    engine.search(LibraryQuery(text=text))
    engine.suggest(LibraryQuery(text=text))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    text=st.text(
        alphabet=st.one_of(
            st.characters(codec="utf-8"),
            st.sampled_from("\"'%:*()^-+&|!~\\/\x00{}[]<>=?.,;_ \u05f4\u05f3\u202eaא"),
        ),
        max_size=80,
    )
)
def test_any_text_is_answered(engine: LibraryEngine, text: str) -> None:
    engine.search(LibraryQuery(text=text))
    engine.suggest(LibraryQuery(text=text))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet=st.characters(exclude_characters="\x00", codec="utf-8"), max_size=40))
def test_any_title_can_be_indexed(engine: LibraryEngine, text: str) -> None:
    page = story(f"Marker {text}")
    assert page.translation_key in matched(engine.search(stories("marker", page_size=100)))
    page.delete()


def with_evidence(page: Any, level: str) -> Any:
    """Let the row of a page tell this level of evidence, as it would of a practice."""
    facets = LibraryFacet.objects.filter(entry__page_id=page.pk, name="evidence")
    assert facets.update(value=level) == 1
    touch_pages([page.pk])
    return page


def test_better_tested_is_first_among_equals_only(engine: LibraryEngine) -> None:
    day = timezone.now() - datetime.timedelta(days=30)
    pages = {
        level: with_evidence(story("A quilt", first_published_at=day), level)
        for level in ("counted", "told", "confirmed", "described", "repeated")
    }
    order = ["confirmed", "repeated", "counted", "described", "told"]
    wanted = keys(pages[level] for level in order)
    assert matched(engine.search(stories("quilt"))) == wanted
    boss = Viewer.of(UserFactory(is_superuser=True))  # the database counts, not its bitmaps
    assert matched(engine.search(stories("quilt", viewer=boss))) == wanted
    untested = story("A quilt with birds", first_published_at=day)
    assert matched(engine.search(stories("quilt birds flowers")))[0] == untested.translation_key


def test_of_several_levels_of_evidence_the_best_counts(engine: LibraryEngine) -> None:
    day = timezone.now() - datetime.timedelta(days=30)
    best = with_evidence(story("A quilt", first_published_at=day), "confirmed")
    several = with_evidence(story("A quilt", first_published_at=day), "repeated")
    entry = LibraryEntry.objects.get(page_id=several.pk)
    LibraryFacet.objects.create(entry=entry, name="evidence", value="counted")
    touch_pages([several.pk])
    assert matched(engine.search(stories("quilt"))) == keys([best, several])


# Filters and counts -----------------------------------------------------------------------------


@pytest.fixture
def library() -> dict[str, Any]:
    """Stories and practices of two Partnerships about two topics."""
    home = page_of(PartnershipFactory(slug="home", with_members=True))
    away = page_of(PartnershipFactory(slug="away"))
    arts = ConceptFactory(key="arts", kind="topic")
    sport = ConceptFactory(key="sport", kind="topic")
    teens = ConceptFactory(key="teens", kind="audience")
    return {
        "a": story("Alpha", parent=home, concepts=[arts, teens]),
        "b": story("Beta", parent=home, concepts=[sport]),
        "c": story("Gamma", parent=away, concepts=[arts, sport]),
        "d": PracticePageFactory(title="Delta", parent=away, concepts=[teens]),
        "e": PracticePageFactory(title="Epsilon", parent=home),
    }


TOLD = ("success", "practice")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "abcde"),
        ({"types": ["success"]}, "abc"),
        ({"types": ["success", "practice"]}, "abcde"),
        ({"types": ["resource"]}, ""),
        ({"concepts": ["arts"]}, "ac"),
        ({"concepts": ["arts", "teens"]}, "acd"),
        ({"facets": {"topic": ["arts"], "audience": ["teens"]}}, "a"),
        ({"facets": {"topic": ["arts", "sport"]}}, "abc"),
        ({"facets": {"topic": ["teens"]}}, ""),
        ({"partnerships": ["home"]}, "abe"),
        ({"partnerships": ["home", "away"]}, "abcde"),
        ({"partnerships": ["home"], "types": ["practice"]}, "e"),
        ({"partnerships": ["nobody"]}, ""),
        ({"languages": ["en"]}, "abcde"),
        ({"languages": ["he"]}, ""),
        ({"facets": {"outcome": ["worked"]}}, "de"),
        ({"text": "alpha", "concepts": ["arts"]}, "a"),
        ({"text": "alpha", "concepts": ["sport"]}, ""),
    ],
)
def test_filters_narrow(
    engine: LibraryEngine, library: dict[str, Any], filters: dict[str, Any], expected: str
) -> None:
    query = LibraryQuery(**{"types": TOLD, "sort": Sort.TITLE, "page_size": 100, **filters})
    answer = engine.search(query)
    assert set(matched(answer)) == {library[name].translation_key for name in expected}
    assert answer.total == len(expected)


def counted(answer: EngineAnswer, facet: str) -> dict[str, int]:
    return dict(answer.facets[facet])


def test_all_facets_are_counted(engine: LibraryEngine, library: dict[str, Any]) -> None:
    answer = engine.search(LibraryQuery(types=TOLD))
    assert set(answer.facets) == set(FACET_NAMES)
    assert counted(answer, "topic") == {"arts": 2, "sport": 2}
    assert counted(answer, "audience") == {"teens": 2}
    assert counted(answer, "concept") == {"arts": 2, "sport": 2, "teens": 2}
    assert counted(answer, "partnership") == {"home": 3, "away": 2}
    assert counted(answer, "type") == {"success": 3, "practice": 2, "partnership": 2}
    assert counted(answer, "language") == {"en": 5}
    assert counted(answer, "outcome") == {"worked": 2}


def test_counts_ignore_the_own_filter_and_obey_the_others(
    engine: LibraryEngine, library: dict[str, Any]
) -> None:
    answer = engine.search(
        LibraryQuery(types=["success"], partnerships=["home"], facets={"topic": ["arts"]})
    )
    assert answer.total == 1
    assert counted(answer, "topic") == {"arts": 1, "sport": 1}
    assert counted(answer, "partnership") == {"home": 1, "away": 1}
    assert counted(answer, "type") == {"success": 1}
    assert counted(answer, "audience") == {"teens": 1}


def test_counts_obey_the_words(engine: LibraryEngine, library: dict[str, Any]) -> None:
    answer = engine.search(LibraryQuery(text="gamma"))
    assert counted(answer, "topic") == {"arts": 1, "sport": 1}
    assert counted(answer, "partnership") == {"away": 1}


def test_counts_are_there_where_nothing_is_found(
    engine: LibraryEngine, library: dict[str, Any]
) -> None:
    answer = engine.search(LibraryQuery(types=["resource"], partnerships=["home"]))
    assert answer.total == 0
    assert counted(answer, "type")["success"] == 2
    assert counted(answer, "partnership") == {}


def test_counts_can_be_left_out(engine: LibraryEngine, library: dict[str, Any]) -> None:
    assert engine.search(LibraryQuery(with_facets=False)).facets == {}


def test_every_value_is_counted(engine: LibraryEngine) -> None:
    parent = page_of(PartnershipFactory())
    for number in range(30):
        concept = ConceptFactory(key=f"topic_{number}", kind="topic")
        story(f"Story {number}", parent=parent, concepts=[concept])
    assert len(counted(engine.search(stories()), "topic")) == 30


# Translations -----------------------------------------------------------------------------------


def test_translations_are_one_thing(engine: LibraryEngine) -> None:
    concept = ConceptFactory(key="arts", kind="topic")
    page = story("Painting a wall", concepts=[concept])
    translation_of(page, "ציור על קיר", concepts=[concept])
    for text in ("", "painting", "ציור", "painting ציור"):
        answer = engine.search(stories(text))
        assert matched(answer) == keys([page])
        assert answer.total == 1
        assert counted(answer, "type")["success"] == 1
        assert counted(answer, "topic") == {"arts": 1}
    assert counted(engine.search(stories()), "language") == {"en": 1, "he": 1}


def test_thing_is_shown_in_the_readers_language(engine: LibraryEngine) -> None:
    page = story("Whittling a flute")
    translation_of(page, "גילוף של חליל")
    only_english = story("Whittling a spoon")
    for lang, title in (("en", "Whittling a flute"), ("he", "גילוף של חליל")):
        hits = {hit.thing_key: hit for hit in find(stories("whittling", lang=lang)).hits}
        assert hits[page.translation_key].title == title
        assert hits[page.translation_key].language == lang
        assert hits[only_english.translation_key].language == "en"
    [hit] = find(stories("whittling flute", lang="he")).hits
    assert hit.reasons == ("translation",)
    [hit] = find(stories(lang="en", languages=["he"])).hits
    assert hit.title == "גילוף של חליל"


def test_hidden_translation_is_not_shown_nor_searched(engine: LibraryEngine) -> None:
    page = story("Whittling a flute")
    hidden = translation_of(page, "גילוף של חליל")
    hidden.unpublish()
    assert engine.search(stories("גילוף")).total == 0
    [hit] = find(stories("whittling", lang="he")).hits
    assert hit.language == "en"
    assert counted(engine.search(stories()), "language") == {"en": 1}


# Who sees what ----------------------------------------------------------------------------------


def restrict(page: Any, kind: str, groups: Sequence[Group] = ()) -> None:
    restriction = PageViewRestriction.objects.create(
        page=Page.objects.get(pk=page.pk), restriction_type=kind
    )
    restriction.groups.set(groups)


def test_only_what_is_visible_is_found_and_counted(engine: LibraryEngine) -> None:
    parent = page_of(PartnershipFactory(slug="home"))
    seen = story("Open story", parent=parent)
    story("Draft story", parent=parent, live=False)
    story("Withdrawn story", parent=parent).unpublish()
    restrict(story("Members story", parent=parent), "login")
    restrict(story("Secret story", parent=parent), "password")
    group = Group.objects.create(name="some")
    restrict(story("Group story", parent=parent), "groups", [group])
    closed = page_of(PartnershipFactory(slug="closed"))
    story("Below a closed page", parent=closed)
    restrict(closed, "login")
    for text in ("", "story"):
        answer = engine.search(stories(text))
        assert matched(answer) == keys([seen])
        assert answer.total == 1
        assert counted(answer, "partnership") == {"home": 1}
    assert engine.suggest(LibraryQuery(text="sto")) == keys([seen])

    user = UserFactory()
    user.groups.add(group)
    answer = engine.search(stories(viewer=Viewer.of(user), page_size=100))
    titles = set(
        LibraryEntry.objects.filter(thing_key__in=matched(answer)).values_list("title", flat=True)
    )
    assert titles == {"Open story", "Members story", "Group story", "Below a closed page"}


def test_rows_for_the_network_are_for_those_who_sign_in(engine: LibraryEngine) -> None:
    page = story("Network story")
    entries = LibraryEntry.objects.filter(page=page)
    entries.update(audience=Audience.NETWORK)
    touch_pages([page.pk])
    assert engine.search(stories("network")).total == 0
    assert engine.search(stories("network", viewer=Viewer.of(UserFactory()))).total == 1
    entries.update(audience=Audience.PARTNERSHIPS)
    touch_pages([page.pk])
    assert engine.search(stories("network", viewer=Viewer.of(UserFactory()))).total == 0
    boss = Viewer.of(UserFactory(is_superuser=True))
    assert engine.search(stories("network", viewer=boss)).total == 1


# Order and pages --------------------------------------------------------------------------------


def test_order_by_date_and_title(engine: LibraryEngine) -> None:
    now = timezone.now()
    pages = [
        story(title, first_published_at=now - datetime.timedelta(days=days) if days else None)
        for title, days in [("beta", 3), ("Alpha", 1), ("delta", None), ("Gamma", 2)]
    ]
    beta, alpha, delta, gamma = pages
    assert matched(engine.search(stories())) == keys([alpha, gamma, beta, delta])
    assert matched(engine.search(stories(sort=Sort.DATE))) == keys([alpha, gamma, beta, delta])
    assert matched(engine.search(stories(sort=Sort.TITLE))) == keys([alpha, beta, delta, gamma])


def test_titles_are_in_the_order_in_which_they_are_shown(engine: LibraryEngine) -> None:
    """Whichever language of a thing has the words."""
    last, first = story("Zither"), story("Accordion")
    translation_of(last, "אבוב")
    translation_of(first, "תוף", summary="אבוב")
    for lang, languages, wanted in (
        ("en", [], [first, last]),
        ("he", [], [last, first]),
        ("en", ["he"], [last, first]),
    ):
        query = stories("אבוב", lang=lang, languages=languages, sort=Sort.TITLE)
        assert matched(engine.search(query)) == keys(wanted), (lang, languages)


def test_best_tested_first_and_what_is_not_tested_last(engine: LibraryEngine) -> None:
    counted = PracticePageFactory(title="Counted")
    described = PracticePageFactory(
        title="Described",
        results=[{"type": "result", "value": {"indicator": "a", "after": "b", "method": "c"}}],
    )
    story = StoryPageFactory(title="Only told")
    query = LibraryQuery(types=["practice", "success"], sort=Sort.TESTED)
    assert matched(engine.search(query)) == keys([counted, described, story])


def test_what_is_hidden_tells_nothing_of_how_well_tested_a_thing_is(engine: LibraryEngine) -> None:
    def tested(page: Any, value: float) -> None:
        entry = LibraryEntry.objects.get(page_id=page.pk)
        LibraryNumber.objects.update_or_create(
            entry=entry, name=Number.TESTED, defaults={"value": value}
        )
        touch_pages([page.pk])

    first, second = story("First"), story("Second")
    hidden = translation_of(second, "שני")
    for page, value in ((first, 3), (second, 1), (hidden, 9)):
        tested(page, value)
    restrict(hidden, "login")
    assert matched(engine.search(stories(sort=Sort.TESTED))) == keys([first, second])
    hidden.unpublish()
    assert matched(engine.search(stories(sort=Sort.TESTED))) == keys([first, second])


def test_translation_is_no_news(engine: LibraryEngine) -> None:
    now = timezone.now()
    old = story("Old", first_published_at=now - datetime.timedelta(days=900))
    new = story("New", first_published_at=now - datetime.timedelta(days=1))
    translation_of(old, "ישן", first_published_at=now)
    assert matched(engine.search(stories())) == keys([new, old])
    assert find(stories(lang="he")).hits[1].date == old.first_published_at


def test_pages_follow_one_another_without_gap(engine: LibraryEngine) -> None:
    parent = page_of(PartnershipFactory())
    pages = [story(f"Story {number}", parent=parent) for number in range(7)]
    for text in ("", "story"):
        seen: list[uuid.UUID] = []
        for number in (1, 2, 3):
            answer = engine.search(stories(text, page=number, page_size=3))
            assert answer.total == 7
            seen += matched(answer)
        assert len(seen) == 7
        assert set(seen) == set(keys(pages))
        beyond = engine.search(stories(text, page=9, page_size=3))
        assert (beyond.total, beyond.matches) == (7, ())


# Suggestions ------------------------------------------------------------------------------------


def test_suggestions_begin_as_typed(engine: LibraryEngine) -> None:
    wall = story("Painting a wall")
    story("Writing letters", body="<p>painting</p>")
    translation = translation_of(wall, "ציור על קיר")
    for text in ("p", "paint", "Painting a w", "wal", "צי", "PAINTING WALL"):
        found = engine.suggest(LibraryQuery(text=text, types=["success"]))
        assert found == keys([wall]), text
    assert translation.translation_key == wall.translation_key
    assert engine.suggest(LibraryQuery(text="")) == []
    assert engine.suggest(LibraryQuery(text="ainting")) == []


def test_titles_that_begin_as_typed_come_first(engine: LibraryEngine) -> None:
    within, long, short = story("My salt"), story("Salt for a long winter"), story("Saltworks")
    translation_of(within, "Salty")  # of its rows the best one counts
    other = story("Our salt")
    for text, order in (
        ("sal", [within, short, long, other]),
        ("salt f", [long]),
        ("salt", [within, short, long, other]),
        ("winter salt", [long]),
    ):
        assert engine.suggest(LibraryQuery(text=text)) == keys(order), text
    assert engine.suggest(LibraryQuery(text="sal", page_size=1)) == keys([within])
    hebrew = LibraryQuery(text="sal", languages=["en"])
    assert engine.suggest(hebrew) == keys([short, long, within, other])


def test_names_of_a_place_suggest_its_pages_not_what_is_told_there(engine: LibraryEngine) -> None:
    page = page_of(PartnershipFactory(name={"en": "Safed", "he": "צפת"}))
    story("A concert", parent=page)
    for text in ("safe", "צפ"):
        assert engine.suggest(LibraryQuery(text=text)) == keys([page])


# What is shown ----------------------------------------------------------------------------------


class Late:
    """An engine that lags behind: what it finds is hidden before it is shown."""

    name = "late"

    def __init__(self, engine: LibraryEngine, hidden: list[Any]) -> None:
        self.engine = engine
        self.hidden = hidden

    def search(self, query: LibraryQuery) -> EngineAnswer:
        """Answer, and then hide."""
        answer = self.engine.search(query)
        for page in self.hidden:
            page.unpublish()
        return answer


def test_hits_are_looked_at_again_before_they_are_shown(
    engine: LibraryEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that lags behind shows nothing that is hidden by now, and does not count it."""
    shown, hidden = story("First story"), story("Second story")
    late = Late(engine, [hidden])
    monkeypatch.setattr("search.services.library.get_engine", lambda: late)
    result = find(stories("story"))
    assert [hit.thing_key for hit in result.hits] == keys([shown])
    assert (result.total, result.engine) == (1, "database")
    assert [(one.value, one.count) for one in result.facets["type"]] == [("success", 1)]


def test_page_says_that_nothing_is_left_of_what_an_engine_still_finds(
    engine: LibraryEngine, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    LibraryIndexPageFactory(title="Library")
    late = Late(engine, [story("First story"), story("Second story")])
    monkeypatch.setattr("search.services.library.get_engine", lambda: late)
    html = client.get("/en/library/", {"q": "story", "type": "success"}).content.decode()
    soup = BeautifulSoup(html, "html.parser")
    [count] = soup.select(".listing__count")
    assert count.get_text(strip=True) == "0 results"
    assert "Nothing fits all of this" in html
    assert "First story" not in html  # nor among what comes close


def test_found_words_are_marked_in_their_form(engine: LibraryEngine) -> None:
    story(
        "Volunteers & friends",
        body="<p>" + "Nothing here. " * 60 + "Then a volunteer taught English &amp; more.</p>",
    )
    [hit] = find(stories("volunteering taught")).hits
    assert hit.title_html == "<mark>Volunteers</mark> &amp; friends"
    assert "a <mark>volunteer</mark> <mark>taught</mark> English &amp; more" in hit.snippet
    assert hit.snippet.startswith("… ")
    assert hit.reasons == ("title", "body")


@pytest.mark.parametrize(
    ("typed", "written", "shown"),
    [
        ("afterschool", "an after-school club", "an <mark>after</mark>-<mark>school</mark> club"),
        ("בית ספר", "ליד בית הספר שלהם", "<mark>הספר</mark>"),
        ("מתנדבות", "באו מתנדבים/ות מכאן", "<mark>מתנדבים</mark>/ות"),
        ("מוזיקה", "ערב של המוסיקה שלנו", "<mark>המוסיקה</mark>"),
    ],
)
def test_the_piece_of_the_text_shows_what_was_found_in_any_form(
    engine: LibraryEngine, typed: str, written: str, shown: str
) -> None:
    """What the terms in the table say of a text decides whether it is looked through."""
    story("An evening", body="<p>" + "Nothing here. " * 60 + f"{written}.</p>")
    [hit] = find(stories(typed)).hits
    assert hit.reasons == ("body",)
    assert shown in hit.snippet
    assert hit.snippet.startswith("… ")


def test_number_of_queries_does_not_depend_on_what_is_found(engine: LibraryEngine) -> None:
    parent = page_of(PartnershipFactory(with_members=True))
    concept = ConceptFactory(key="arts", kind="topic")
    query = stories("story arts", concepts=["arts"], page_size=100)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            find(query)
        return len(queries)

    for number in range(2):
        story(f"Story {number}", parent=parent, concepts=[concept])
    find(query)
    before = count()
    for number in range(20):
        story(f"Story {number}", parent=parent, concepts=[concept])
    find(query)
    assert count() == before


def test_engine_is_in_order(engine: LibraryEngine) -> None:
    story("Anything")
    assert engine.verify(thorough=True) == []
    assert engine.lag() == 0


# Numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"at_most": {"lead_time": 8}}, "ab"),
        ({"at_most": {"lead_time": 7.99}}, "a"),
        ({"at_least": {"lead_time": 8}}, "bc"),
        ({"at_most": {"lead_time": 8}, "at_least": {"lead_time": 8}}, "b"),
        ({"at_most": {"age_from": 15}, "at_least": {"age_to": 15}}, "bc"),
        ({"at_most": {"age_from": 15, "lead_time": 8}, "at_least": {"age_to": 15}}, "b"),
        ({"untold": ["age_from"]}, "a"),
        ({"untold": ["age_from"], "at_least": {"lead_time": 8}}, ""),
        ({"at_most": {"duration": 0}}, ""),
    ],
)
def test_numbers_limit_what_is_found(
    engine: LibraryEngine, limits: dict[str, Any], expected: str
) -> None:
    parent = page_of(PartnershipFactory())
    told = {
        "a": {"lead_time_weeks": 4},
        "b": {"lead_time_weeks": 8, "age_from": 14, "age_to": 17},
        "c": {"lead_time_weeks": 30, "age_from": 12},
    }
    made = {
        name: PracticePageFactory(title=f"Practice {name}", parent=parent, **fields)
        for name, fields in told.items()
    }
    story("A story without any number", parent=parent)
    for text in ("", "practice"):
        answer = engine.search(LibraryQuery(text=text, **limits))
        assert set(matched(answer)) == {made[name].translation_key for name in expected}
        assert answer.total == len(expected)
        assert counted(answer, "type") == ({"practice": len(expected)} if expected else {})
