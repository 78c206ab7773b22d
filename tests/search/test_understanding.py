"""What a text is understood to ask for: operators, concepts, places, names."""

from __future__ import annotations

import pytest

from portal.models import ConceptSynonym
from search.analysis import CONCEPT_SOURCE, PLACE_SOURCE, read_query
from search.lexicon import forget_lexicon
from search.query import LibraryQuery
from search.services.library import find
from search.understanding import understand
from tests.factories import (
    CommunityFactory,
    ConceptFactory,
    MembershipFactory,
    PartnershipFactory,
    StoryPageFactory,
    page_of,
)


def wanted(text: str) -> list[str]:
    """Return the groups of a query: alternatives with | between, a demanded one with !."""
    return [
        ("!" if group.is_required else "")
        + "|".join(" ".join(a.terms) for a in group.alternatives if a.source == "typed")
        for group in read_query(text).groups
    ]


@pytest.mark.parametrize(
    ("text", "groups", "excluded"),
    [
        ("teens camp", ["teen", "camp"], []),
        ('"same moon" letters', ["!same moon", "letter"], []),
        ("“same moon”", ["!same moon"], []),
        ("teens -camp", ["teen"], ["camp"]),
        ('teens -"living bridge"', ["teen"], ["live bridg"]),
        ("camp OR kefiada teens", ["camp|kefiada", "teen"], []),
        ('"summer camp" OR kefiada', ["summer camp|kefiada"], []),
        ("camp | kefiada", ["camp|kefiada"], []),
        ("OR camp OR", ["camp"], []),
        ("choir band choir OR dance", ["choir|danc", "band"], []),
        ('"a choir" band "a choir" OR dance', ["a choir|danc", "band"], []),
        ("camp or kefiada", ["camp", "kefiada"], []),
        ("Tzahar - Palm Beach", ["tzahar", "palm", "beach"], []),
        ("after-school", ["after", "school"], []),
        ("-camp", ["camp"], []),
        ('"camp', ["camp"], []),
        ('camp" teens', ["camp", "teen"], []),
        ('חיילי צה"ל', ["חיילי", "צהל"], []),
        ('"חיילי צה"ל" נוער', ["!חיילי צהל", "נוער"], []),
        ('""', [], []),
        ('" "', [], []),
        ("- | OR", [], []),
    ],
)
def test_operators(text: str, groups: list[str], excluded: list[str]) -> None:
    assert wanted(text) == groups
    assert [" ".join(a.terms) for a in read_query(text).excluded] == excluded


@pytest.fixture
def vocabulary(db: None) -> None:
    """Host families in two languages, with synonyms of both grades."""
    hosts = ConceptFactory(
        key="home_hospitality", label={"en": "Home hospitality", "he": "אירוח ביתי"}
    )
    for language, text, grade in (
        ("en", "host family", "exact"),
        ("he", "משפחה מארחת", "exact"),
        ("en", "homestay", "loose"),
    ):
        ConceptSynonym.objects.create(concept=hosts, language=language, text=text, grade=grade)


def added(text: str, prefix: str, **more: object) -> set[str]:
    query = understand(LibraryQuery(text=text, **more)).words  # type: ignore[arg-type]
    return {" ".join(a.terms) for a in query.alternatives if a.source.startswith(prefix)}


@pytest.mark.usefixtures("vocabulary")
def test_concept_adds_its_other_names_in_every_language() -> None:
    for text in ("host families wanted", "host family", "משפחות מארחות לנוער", "למשפחה מארחת"):
        found = added(text, CONCEPT_SOURCE)
        assert "home hospit" in found, text
        assert "אירוח ביתי" in found, text
    assert "host famili" in added("משפחות מארחות", CONCEPT_SOURCE)
    assert "host famili" not in added("host families", CONCEPT_SOURCE)
    assert added("host of the family", CONCEPT_SOURCE) == set()


def keys_of(text: str) -> set[str]:
    query = understand(LibraryQuery(text=text)).words
    return {" ".join(a.terms) for a in query.alternatives if a.source == "key"}


@pytest.mark.django_db
def test_no_prefix_is_taken_from_the_name_of_a_place_or_concept() -> None:
    forget_lexicon()
    assert "רצלונ" in keys_of("ברצלונה")  # a place that nobody knows
    PartnershipFactory(name={"en": "Barcelona", "he": "ברצלונה"})
    PartnershipFactory(name={"en": "Sharon", "he": "שרון"})
    PartnershipFactory(name={"en": "The Sharon", "he": "השרון"})
    ConceptFactory(key="candles", label={"en": "Candles", "he": "הבערה"})
    forget_lexicon()
    assert "רצלונ" not in keys_of("ברצלונה")
    assert "בער" not in keys_of("הבערה")
    assert "ברצלונ" in keys_of("בברצלונה")
    assert "שרונ" in keys_of("השרון")  # both are names: the one is found by the other


@pytest.mark.usefixtures("vocabulary")
def test_concept_is_told_and_can_be_taken_out() -> None:
    [expansion] = understand(LibraryQuery(text="our Host Families!")).expansions
    assert (expansion.key, expansion.label, expansion.typed) == (
        "home_hospitality",
        "Home hospitality",
        "Host Families",
    )
    assert "משפחה מארחת" in expansion.texts
    assert understand(LibraryQuery(text="host families", lang="he")).expansions[0].label == (
        "אירוח ביתי"
    )
    for more in ({"exact": True}, {"without_concepts": ["home_hospitality"]}):
        without = understand(LibraryQuery(text="host families", **more))  # type: ignore[arg-type]
        assert without.expansions == ()
        assert not any(a.source.startswith(CONCEPT_SOURCE) for a in without.words.alternatives)
    assert added('"host families"', CONCEPT_SOURCE) == set()
    assert added("teens -host families", CONCEPT_SOURCE) == set()


@pytest.mark.usefixtures("vocabulary")
def test_loose_synonym_is_offered_not_searched() -> None:
    understood = understand(LibraryQuery(text="homestay"))
    assert understood.expansions == ()
    assert [offer.key for offer in understood.offers] == ["home_hospitality"]
    assert added("homestay", CONCEPT_SOURCE) == set()


@pytest.mark.usefixtures("vocabulary")
def test_new_synonym_is_known_at_once() -> None:
    assert added("bed and breakfast", CONCEPT_SOURCE) == set()
    concept = ConceptFactory(key="other", label={"en": "Guest rooms", "he": "חדרי אורחים"})
    ConceptSynonym.objects.create(
        concept=concept, language="en", text="bed and breakfast", grade="exact"
    )
    assert "guest room" in added("bed and breakfast", CONCEPT_SOURCE)


@pytest.fixture
def places(db: None) -> None:
    """Two Partnerships; Akko with other spellings; one community that is in both."""
    west = PartnershipFactory(slug="west", name={"en": "Western Galilee - Lakes", "he": "מערב"})
    east = PartnershipFactory(slug="east", name={"en": "Eastern Hills", "he": "מזרח"})
    akko = CommunityFactory(slug="akko", name={"en": "Akko", "he": "עכו"})
    for text in ("Acre", "Akka"):
        akko.variants.create(text=text)
    akko.save()
    both = CommunityFactory(slug="springfield", name={"en": "Springfield", "he": "ספרינגפילד"})
    MembershipFactory(partnership=west, community=akko)
    for partnership in (west, east):
        MembershipFactory(partnership=partnership, community=both)
        page_of(partnership)
    forget_lexicon()


def pins(text: str) -> list[tuple[str, str]]:
    return [(t.facet, t.key) for t in understand(LibraryQuery(text=text)).words.names]


@pytest.mark.usefixtures("places")
def test_place_adds_its_other_names() -> None:
    for text in ("concert in Acre", "Akka concert", "קונצרט בעכו"):
        assert "akko" in added(text, PLACE_SOURCE), text
    assert "עכו" in added("concert akko", PLACE_SOURCE)


@pytest.mark.usefixtures("places")
def test_name_pins_the_partnership_then_the_place() -> None:
    expected = [("partnership", "west"), ("community", "akko")]
    for text in (
        "Akko",
        "acre",
        "AKKA",
        "עכו",
        "בעכו",
        "Akko partnership",
        "partnership 2000 akko",
    ):
        assert pins(text) == expected, text
    assert pins("Western Galilee - Lakes") == [("partnership", "west")]
    assert pins("western galilee lakes") == [("partnership", "west")]
    assert pins("springfield akko") == [
        ("partnership", "west"),
        ("community", "springfield"),
        ("community", "akko"),
    ]
    assert pins("Springfield") == [
        ("community", "springfield"),
        ("partnership", "east"),
        ("partnership", "west"),
    ]


@pytest.mark.usefixtures("places")
def test_name_in_a_spelling_that_nobody_wrote_down_pins_too() -> None:
    assert pins("Springfeild") == pins("Springfield")
    for text in ("Akkko", "our partnership with Akkko", "sister city Akkko"):
        assert pins(text) == [("partnership", "west"), ("community", "akko")], text


@pytest.mark.usefixtures("places")
def test_text_that_is_more_than_a_name_pins_nothing() -> None:
    for text in ("akko teens", "spring field trip", "acre of land", "-akko teens", "a concert"):
        assert pins(text) == [], text


@pytest.mark.usefixtures("places")
def test_pinned_page_is_first_whatever_else_has_the_name() -> None:
    page = page_of(PartnershipFactory(slug="third"))
    for number in range(3):
        StoryPageFactory(parent=page, title=f"Akko, Akko and Akko {number}")
    for text in ("akko", "Acre", "עכו", "Akkko"):
        hits = find(LibraryQuery(text=text)).hits
        assert hits[0].type == "partnership", text
        assert hits[0].partnerships == ("west",), text
    stories = find(LibraryQuery(text="akko", types=["success"])).hits
    assert [hit.type for hit in stories] == ["success"] * 3


@pytest.mark.django_db
def test_word_for_a_partnership_is_one_where_nothing_else_is_said() -> None:
    ties = ConceptFactory(key="municipal", label={"en": "Municipal ties", "he": "קשרי רשויות"})
    ConceptSynonym.objects.create(concept=ties, language="en", text="sister city", grade="exact")
    forget_lexicon()
    for text in ("sister cities", "our sister city", "Sister city in Israel"):
        understood = understand(LibraryQuery(text=text))
        [group] = understood.words.groups
        assert ("p2g",) in [alternative.terms for alternative in group.alternatives], text
        assert understood.expansions == ()
        assert [offer.key for offer in understood.offers] == ["municipal"]
    for text in (
        "sister city mayor",
        "sister city OR camp",
        '"sister city"',
        "sister city -camp",
        "city of a sister",
        "Israel partnership for doctors",
    ):
        words = understand(LibraryQuery(text=text)).words
        assert ("p2g",) not in [alternative.terms for alternative in words.alternatives], text
    assert understand(LibraryQuery(text="sister city mayor")).expansions
    exact = understand(LibraryQuery(text="sister city", exact=True)).words
    assert [a.terms for a in exact.alternatives] == [("sister",), ("citi",)]


def test_network_is_found_by_its_old_names(db: None) -> None:
    page = page_of(PartnershipFactory())
    story = StoryPageFactory(parent=page, title="Partnership2Gether began here")
    for text in ("partnership 2000", "P2K", "שותפות 2000", "P2G"):
        assert [hit.page_id for hit in find(LibraryQuery(text=text, types=["success"])).hits] == [
            story.pk
        ], text
