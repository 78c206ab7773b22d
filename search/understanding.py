"""What a reader's text means: its words, and the names of concepts and places among them.

Exact synonyms and labels of a concept in all languages are looked up beside the words that named
it, and so are a place's other names; a text that is nothing but names pins the pages of what it
names. Loose synonyms are only offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from portal.library import NETWORK, NETWORK_CALLED, Facet
from search.analysis import (
    CONCEPT_SOURCE,
    GLOSS,
    KEY,
    PLACE_SOURCE,
    STOP_WORDS,
    TYPED,
    Alternative,
    Group,
    NamedThing,
    TextQuery,
    Token,
    plain_runs,
    read_query,
    tokens,
)
from search.analysis.query import KEY_WEIGHT, MAX_GROUPS
from search.glossary import glossary
from search.lexicon import ConceptWords, Found, Lexicon, PlaceWords, canonical, lexicon
from search.query import MAX_TEXT, Expansion, LibraryQuery

#: Parts of other words in the score: the word as it was typed counts more.
ADDED_WEIGHT = 0.5
#: Part of a word of the other language: it is what was typed, as far as a glossary can tell.
GLOSS_WEIGHT = 0.65
#: Part of a word for a Partnership, beside the names of all Partnerships: their pages come first.
BESIDE_WEIGHT = 0.05
#: So many other words of one concept or place are looked up.
_MAX_ADDED = 12
#: So many other words in all: a text that names more concepts than this is no question.
_MAX_ADDED_IN_ALL = 80
#: Names of places are looked for by their sound in texts of up to so many words.
_SOUNDED_WORDS = 3
#: Words that may stand beside a name without making the text more than a name.
_BESIDE = """
    partnership partnerships partnership2gether p2g p2k 2000 community jewish federation region
    city town county sister israel israeli usa us our שותפות השותפות השותפה קהילה קהילת 2gether
    ביחד עיר ערים ערי אזור יישוב תאומה תאום תאומות שלנו ישראל בישראל הישראלית בארץ
"""
_BESIDE_NAMES = frozenset(token.word for token in tokens(_BESIDE))
_BESIDE_TERMS = frozenset(token.term for token in tokens(_BESIDE))
_PINNED_FACETS = (Facet.PARTNERSHIP, Facet.COMMUNITY)
#: Names of many Partnerships in one text are no name of a thing.
_MAX_PINNED = 6


@dataclass(frozen=True, slots=True)
class Understanding:
    """What is looked up, which concepts were added to it, and which could be.

    `translations` are the words of the other language that are looked up too.
    """

    words: TextQuery
    expansions: tuple[Expansion, ...] = ()
    offers: tuple[Expansion, ...] = ()
    translations: tuple[str, ...] = ()


def understand(query: LibraryQuery) -> Understanding:
    """Return what `query.text` asks for; one small query to the database, or some now and then."""
    text = query.text[:MAX_TEXT]
    words = read_query(text)
    if not words:
        return Understanding(words)
    known = lexicon()
    runs = [run[: 4 * MAX_GROUPS] for run in plain_runs(text)]
    found = [(run, named) for run in runs for named in known.find(run)]
    sounding = _sounding(known, runs, found)
    words = replace(
        words,
        groups=tuple(_unpeeled(words.groups, runs, known)),
        names=_names(words, [*found, *sounding], known),
    )
    if query.exact:
        return Understanding(words)
    if alone := _network_alone(words, found, known):
        return Understanding(alone, offers=_offered(found, query))
    groups = list(words.groups)
    expansions: dict[str, Expansion] = {}
    offers: dict[str, Expansion] = {}
    for run, named in [*found, *sounding]:
        span = run[named.start : named.end]
        if sum(a.is_added for group in groups for a in group.alternatives) > _MAX_ADDED_IN_ALL:
            break
        for concept in named.concepts:
            texts = _other_texts(concept.exact, span)
            if concept.key in query.without_concepts or not texts:
                continue
            _add(groups, span, _alternatives(texts, CONCEPT_SOURCE + concept.key))
            expansions.setdefault(concept.key, _expansion(concept, span, texts, text, query.lang))
        for place in named.places:
            if place.facet == NETWORK_CALLED:
                continue
            texts = _other_texts(place.names, span)
            _add(groups, span, _alternatives(texts, PLACE_SOURCE + place.key))
        for concept in named.offered:
            offers.setdefault(
                concept.key, _expansion(concept, span, concept.exact, text, query.lang)
            )
    translations = (
        dict.fromkeys(_translate(groups, runs, [*found, *sounding])) if query.translated else ()
    )
    return Understanding(
        words=replace(words, groups=tuple(groups)),
        expansions=tuple(expansions.values()),
        offers=tuple(offer for key, offer in offers.items() if key not in expansions),
        translations=tuple(translations),
    )


def words_of(query: LibraryQuery) -> TextQuery:
    """Return what is looked up for a query: as it was understood already, or now."""
    return query.words if query.words is not None else understand(query).words


def _unpeeled(
    groups: Sequence[Group], runs: Sequence[Sequence[Token]], known: Lexicon
) -> Iterator[Group]:
    """Yield the groups, of Hebrew names without the readings that take a prefix from them."""
    torn = {
        token.term: {(key,) for key in token.keys if key != canonical(token)}
        for run in runs
        for token in run
        if token.keys and known.is_name(token)
    }
    for group in groups:
        wrong = torn.get(group.typed.terms[0]) if len(group.typed.terms) == 1 else None
        if wrong:
            alternatives = [
                one for one in group.alternatives if one.source != KEY or one.terms not in wrong
            ]
            group = replace(group, alternatives=tuple(alternatives))
        yield group


def _translate(
    groups: list[Group],
    runs: Sequence[Sequence[Token]],
    found: Sequence[tuple[Sequence[Token], Found]],
) -> Iterator[str]:
    """Let the words outside of places' names be found in the other language too; yield which."""
    known = glossary()
    for run in runs:
        places = {
            place
            for each, named in found
            if each is run and any(one.facet != NETWORK_CALLED for one in named.places)
            for place in range(named.start, named.end)
        }
        for gloss in known.find(run, places):
            if sum(a.is_added for group in groups for a in group.alternatives) > _MAX_ADDED_IN_ALL:
                return
            span = run[gloss.start : gloss.end]
            if _add(groups, span, _alternatives(gloss.texts, GLOSS)):
                yield from gloss.texts


def _other_texts(texts: Iterable[str], span: Sequence[Token]) -> tuple[str, ...]:
    """Return the texts that are more than another form of the words of `span`."""
    forms = [{token.term, canonical(token), *token.keys} for token in span]
    return tuple(text for text in texts if not _is_form_of(forms, list(tokens(text))))


def _is_form_of(forms: Sequence[set[str]], words: Sequence[Token]) -> bool:
    return len(words) == len(forms) and all(
        not of.isdisjoint((word.term, canonical(word)))
        for word, of in zip(words, forms, strict=True)
    )


def _expansion(
    concept: ConceptWords, span: Sequence[Token], texts: Sequence[str], text: str, language: str
) -> Expansion:
    typed = text[span[0].start : span[-1].end]
    return Expansion(concept.key, concept.label(language), typed, tuple(texts))


def _alternatives(texts: Iterable[str], source: str) -> list[Alternative]:
    """Return the ways in which other words are looked up: as they stand, Hebrew ones by key too.

    Names stand together; of a translation, and of keys, all words have to be there, and each has
    its part of the weight.
    """
    is_gloss = source == GLOSS
    weight = GLOSS_WEIGHT if is_gloss else ADDED_WEIGHT
    found: dict[Alternative, None] = {}
    for text in texts:
        words = list(tokens(text))
        if is_gloss:
            words = [word for word in words if word.word not in STOP_WORDS] or words
        if not words:
            continue
        apart = weight / len(words)
        terms = tuple(word.term for word in words)
        is_phrase = len(terms) == 1 or not is_gloss
        found[Alternative(terms, weight if is_phrase else apart, source, is_phrase)] = None
        if any(word.keys for word in words):
            keys = tuple((word.keys or (word.term,))[0] for word in words)
            found[Alternative(keys, KEY_WEIGHT * apart, source, len(keys) == 1)] = None
    return list(found)[:_MAX_ADDED]


def _add(groups: list[Group], span: Sequence[Token], added: Sequence[Alternative]) -> bool:
    """Let the groups of the words of `span` be satisfied by `added` too; whether any was new."""
    typed = {(token.term,) for token in span}
    is_new = False
    for place, group in enumerate(groups):
        if not group.is_required and group.typed.terms in typed and added:
            known = {alternative.terms for alternative in group.alternatives}
            new = {each.terms: each for each in added if each.terms not in known}
            groups[place] = replace(group, alternatives=(*group.alternatives, *new.values()))
            is_new = is_new or bool(new)
    return is_new


def _network_alone(
    words: TextQuery, found: Sequence[tuple[Sequence[Token], Found]], known: Lexicon
) -> TextQuery | None:
    """Return how Partnerships are looked up, for a text that is nothing but a word for them.

    Their own names for themselves count as typed, so that their pages come first.
    """
    spans = [
        run[named.start : named.end]
        for run, named in found
        if any(place.facet == NETWORK_CALLED for place in named.places)
    ]
    if not spans or words.names or words.excluded or words.required:
        return None
    covered = _BESIDE_TERMS.union(token.term for span in spans for token in span)
    typed = {term for a in words.alternatives if a.source == TYPED for term in a.terms}
    if not typed <= covered:
        return None
    names = [list(tokens(name)) for place in known.places_in(NETWORK) for name in place.names]
    alternatives = [
        Alternative(tuple(token.term for token in spans[0]), BESIDE_WEIGHT),
        *(Alternative(tuple(token.term for token in name)) for name in names),
    ]
    return replace(words, groups=(Group(tuple(dict.fromkeys(alternatives))),), boosts=())


def _offered(
    found: Sequence[tuple[Sequence[Token], Found]], query: LibraryQuery
) -> tuple[Expansion, ...]:
    """Return the concepts that a text names, of either grade, as offers."""
    offers = {
        concept.key: _expansion(
            concept, run[named.start : named.end], concept.exact, query.text, query.lang
        )
        for run, named in found
        for concept in (*named.concepts, *named.offered)
    }
    return tuple(offers.values())


# Names ------------------------------------------------------------------------------------------


def _sounding(
    known: Lexicon, runs: Sequence[Sequence[Token]], found: Sequence[tuple[Sequence[Token], Found]]
) -> list[tuple[Sequence[Token], Found]]:
    """Return a place that the whole text sounds like, where it names none.

    What a Partnership is called ("sister city") is no name of a place.
    """
    named = (place for _run, each in found for place in each.places)
    if len(runs) != 1 or any(place.facet != NETWORK_CALLED for place in named):
        return []
    run = runs[0]
    telling = [token for token in run if token.word not in _BESIDE_NAMES | STOP_WORDS]
    if not 0 < len(telling) <= _SOUNDED_WORDS:
        return []
    places = known.sounding_like(" ".join(token.word for token in telling))
    start, end = run.index(telling[0]), run.index(telling[-1]) + 1
    return [(run, Found(start, end, places=tuple(places)))] if places else []


def _names(
    words: TextQuery, found: Sequence[tuple[Sequence[Token], Found]], known: Lexicon
) -> tuple[NamedThing, ...]:
    """Return what the text names, if it is nothing but names: the best answer first."""
    named = [
        (run[each.start : each.end], places)
        for run, each in found
        if (places := [place for place in each.places if place.facet in _PINNED_FACETS])
    ]
    covered = _BESIDE_TERMS.union(token.term for span, _places in named for token in span)
    if not named or not all(set(group.typed.terms) <= covered for group in words.groups):
        return ()
    things = dict.fromkeys(_pinned([places for _span, places in named], known))
    return tuple(things)[:_MAX_PINNED]


def _pinned(named: Sequence[Sequence[PlaceWords]], known: Lexicon) -> Iterator[NamedThing]:
    """Yield the Partnership that all the names share, then the places; a Partnership by its own
    name is before one that only has a place of that name."""
    own = [place.key for places in named for place in places if place.facet == Facet.PARTNERSHIP]
    shared = [
        {key for place in places for key in (place.within or (place.key,))} for places in named
    ]
    common = set.intersection(*shared) if shared else set()
    ordered = [*(key for key in own if key in common), *sorted(common - set(own))]
    places = [place for places in named for place in places if place.facet == Facet.COMMUNITY]
    if len(common) > 1 and not own:  # a place of several Partnerships leads to all of them
        yield from (NamedThing(Facet.COMMUNITY, place.key) for place in places)
    yield from (NamedThing(Facet.PARTNERSHIP, key) for key in ordered)
    yield from (
        NamedThing(Facet.COMMUNITY, place.key)
        for place in places
        if common & set(place.within) or not common
    )
