"""The one door to the library for pages, blocks, feeds and API."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from django.db.models import QuerySet
from wagtail.models import Site

from portal.library import Facet, facet_orders
from portal.visibility import hidden_prefixes
from search import vectors
from search.analysis import TextQuery, plain_runs, unquoted
from search.engines import DatabaseEngine, LibraryEngine, get_engine
from search.highlight import highlight, snippet
from search.matching import reasons
from search.models import LibraryEntry, LibraryFacet, LibraryText
from search.query import (
    CONCEPT_FACETS,
    LANGUAGE,
    TYPE,
    EngineAnswer,
    LibraryHit,
    LibraryQuery,
    LibraryResult,
    Suggestion,
)
from search.services.document_hits import found_documents
from search.services.documents import DOCUMENT_TEXT_KEYS
from search.services.labels import hidden_from, label_counts, labels_of
from search.services.other_spelling import other_spelling
from search.understanding import understand

#: Facets that a hit shows beside its concepts.
SHOWN_KEYS = (Facet.PARTNERSHIP, Facet.DIRECTION, Facet.OFFER, Facet.OUTCOME, Facet.EVIDENCE)
#: Facets of which a hit does not tell one value, the first or last in their order, since it goes
#: without saying: that it worked, that it is told.
UNMARKED = {Facet.OUTCOME: 0, Facet.EVIDENCE: -1}
#: Those of SHOWN_KEYS whose values may be hidden.
ON_CARDS = (Facet.PARTNERSHIP,)


def find(query: LibraryQuery) -> LibraryResult:
    """Answer `query` with what its viewer may see, in a fixed number of queries.

    A Partnership page gets its stories so:

        find(LibraryQuery(partnerships=[partnership.slug], types=[LibraryType.STORY],
                          lang=page.language, sort=Sort.DATE, page_size=6, with_facets=False)).hits

    Each hit has `title`, `summary`, `url`, `type`, `type_label`, `date`, `language`, `direction`,
    `image` (only one that may be public) and `is_demo`: enough for a card.
    """
    started = time.perf_counter()
    understood = understand(query)
    query = replace(query, words=understood.words)
    engine = get_engine()
    answer = _answer(engine, query)
    # Quotes in a question stand round a name, as its writer has it in mind; who types nothing but
    # a phrase, or asks for the words as they stand, means it.
    is_unquoted = bool(
        not answer.total
        and not query.exact
        and understood.words.required
        and plain_runs(query.text)
    )
    if is_unquoted:
        understood = understand(replace(query, text=unquoted(query.text)))
        query = replace(query, words=understood.words)
        answer = _answer(engine, query)
    closed = hidden_prefixes(query.viewer)
    shown = _shown_of(query, answer, closed)
    if len(shown) < len(answer.matches) and _told_by(answer, engine) != DatabaseEngine.name:
        # Something was hidden since that the engine does not know of yet: it would be missing among
        # the hits, and stay in the total and in the counts. The table knows.
        engine = DatabaseEngine()
        answer = _answer(engine, query)
        shown = _shown_of(query, answer, closed)
    things = [match.thing_key for match in answer.matches]
    alike = answer.details.get(vectors.ADDED, frozenset())
    # A row may name a Partnership or community whose own pages nobody may see yet.
    names = () if query.with_facets else ON_CARDS
    hidden = hidden_from(closed, *names) if things or query.with_facets else {}
    hits = _hits(query, things, shown, understood.words, hidden, alike)
    counts = _without(answer.facets, hidden)
    facets = label_counts(counts, query.lang) if query.with_facets else {}
    return LibraryResult(
        query=query,
        total=answer.total,
        hits=tuple(hits),
        facets=facets,
        engine=_told_by(answer, engine),
        took_ms=round((time.perf_counter() - started) * 1000, 1),
        suggestion=other_spelling(query, answer, engine),
        is_widened=answer.is_widened,
        is_unquoted=is_unquoted,
        expansions=understood.expansions,
        offers=understood.offers,
        translations=understood.translations,
    )


def find_things(query: LibraryQuery) -> list[uuid.UUID]:
    """Return the keys of what `query` finds, the best first: for those who rank it themselves."""
    query = replace(query, words=understand(query).words)
    return [match.thing_key for match in get_engine().search(query).matches]


def hits_of(things: Sequence[uuid.UUID], query: LibraryQuery) -> list[LibraryHit]:
    """Return things as hits, in this order, for the viewer and the language of `query`.

    What its viewer may not see is left out; the words of its text are not looked for.
    """
    query, words = replace(query, text="", words=None), TextQuery()
    closed = hidden_prefixes(query.viewer)
    shown = _shown(query, things, words, closed)
    return _hits(query, things, shown, words, hidden_from(closed, *ON_CARDS)) if shown else []


def _without(
    counts: Mapping[str, Mapping[str, int]], hidden: Mapping[str, Collection[str]]
) -> Mapping[str, Mapping[str, int]]:
    """Return the counts but for those of hidden values."""
    if not any(hidden.values()):
        return counts
    return {
        name: {key: count for key, count in values.items() if key not in hidden.get(name, ())}
        for name, values in counts.items()
    }


def _answer(engine: LibraryEngine, query: LibraryQuery) -> EngineAnswer:
    """Return what the engine finds, with the meaning of the text beside it where that is on."""
    if not vectors.are_on():
        return engine.search(query)
    # What carries the model is optional, and takes a second to load: only where it is used.
    answer: EngineAnswer = import_module("search.vectors.blending").search(engine, query)
    return answer


def _told_by(answer: EngineAnswer, engine: LibraryEngine) -> str:
    """Return the name of the engine that gave an answer, which may be another's fallback."""
    return str(answer.details.get("engine", engine.name))


def suggest(query: LibraryQuery) -> list[Suggestion]:
    """Return titles of things whose title or other names begin as `query.text` does.

    At most `query.page_size`, in the reader's language where they have one.
    """
    things = get_engine().suggest(query)
    closed = hidden_prefixes(query.viewer) if things else []
    shown = _shown(query, things, TextQuery(), closed) if things else {}
    addresses = _addresses(shown.values())
    return [
        Suggestion(shown[key].title, shown[key].type, shown[key].language, addresses[key])
        for key in things
        if key in addresses
    ]


# What is shown of a thing ----------------------------------------------------------------------


#: What is read of rows that are shown: of its page only what makes its address, and what documents
#: say comes with `found_documents`.
_READ = (
    *(field.name for field in LibraryEntry._meta.concrete_fields),
    *(
        f"text__{field.name}"
        for field in LibraryText._meta.concrete_fields
        if field.name not in ("entry", "documents_terms", "words")
    ),
    *(f"page__{name}" for name in ("url_path", "locale", "live")),
)


def _rows(
    query: LibraryQuery, things: Iterable[uuid.UUID], closed: list[str]
) -> QuerySet[LibraryEntry]:
    """Return the rows of `things` that may be shown: live and visible now, whatever was found."""
    languages = {LANGUAGE: query.languages} if query.languages else {}
    rows = LibraryEntry.objects.visible(query.viewer, closed)
    return rows.matching(languages).filter(thing_key__in=list(things))


def _shown_of(
    query: LibraryQuery, answer: EngineAnswer, closed: list[str]
) -> dict[uuid.UUID, LibraryEntry]:
    """Return the rows in which the things of an answer are shown, but for those hidden by now."""
    things = [match.thing_key for match in answer.matches]
    return _shown(query, things, query.words or TextQuery(), closed) if things else {}


def _shown(
    query: LibraryQuery, things: Sequence[uuid.UUID], words: TextQuery, closed: list[str]
) -> dict[uuid.UUID, LibraryEntry]:
    """Return the row in which each thing is shown: in the reader's language if it has one.

    Its date is that of the language that came first: a translation is no news.
    """
    rows: dict[uuid.UUID, list[LibraryEntry]] = defaultdict(list)
    found = _rows(query, things, closed).select_related("page", "text", "image").only(*_READ)
    for entry in found.prefetch_related("image__renditions"):
        rows[entry.thing_key].append(entry)
    shown = {}
    for key, entries in rows.items():
        own = [entry for entry in entries if entry.language == query.lang] or entries
        shown[key] = (
            min(own, key=lambda entry: (not reasons(entry, words), entry.pk))
            if len(own) > 1
            else own[0]
        )
        shown[key].date = min((entry.date for entry in entries if entry.date), default=None)
    return shown


def _hits(
    query: LibraryQuery,
    things: Sequence[uuid.UUID],
    shown: Mapping[uuid.UUID, LibraryEntry],
    words: TextQuery,
    hidden: Mapping[str, Collection[str]],
    alike: Collection[uuid.UUID] = (),
) -> list[LibraryHit]:
    """Return things as hits, as far as they are `shown`; only their meaning found `alike`.

    Values of facets that are `hidden` are not told.
    """
    if not things:
        return []
    keys: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    facets = LibraryFacet.objects.filter(
        entry__in=[entry.pk for entry in shown.values()],
        name__in=[*CONCEPT_FACETS, *SHOWN_KEYS, DOCUMENT_TEXT_KEYS],
    ).order_by("value")
    for entry_id, name, value in facets.values_list("entry_id", "name", "value"):
        if value in hidden.get(name, ()):
            continue
        keys[entry_id]["concept" if name in CONCEPT_FACETS else name].append(value)
    attached = {entry.pk: keys[entry.pk][DOCUMENT_TEXT_KEYS] for entry in shown.values()}
    documents = found_documents(attached, words)
    addresses = _addresses(shown.values())
    types = labels_of(TYPE, {entry.type for entry in shown.values()}, query.lang)
    labels = {
        name: labels_of(name, {v for found in keys.values() for v in found[name]}, query.lang)
        for name in SHOWN_KEYS[1:]
    }
    hits = []
    for key in things:
        if key not in addresses:
            continue
        entry = shown[key]
        parts = reasons(entry, words)
        why = parts + (("documents",) if entry.pk in documents else ())
        # What the terms in the table don't tell need not be looked for in the text.
        body = entry.text.body if "body" in parts or not entry.summary else ""
        hits.append(
            LibraryHit(
                thing_key=key,
                type=entry.type,
                type_label=types.get(entry.type, entry.type),
                language=entry.language,
                title=entry.title,
                title_html=highlight(entry.title, words),
                summary=entry.summary,
                snippet=snippet(entry.summary, body, words),
                url=addresses[key],
                date=entry.date,
                reference=entry.reference,
                concepts=tuple(keys[entry.pk]["concept"]),
                partnerships=tuple(keys[entry.pk][Facet.PARTNERSHIP]),
                reasons=why or _other_reason(key in alike, words),
                is_demo=entry.is_demo,
                image=entry.image if entry.image and entry.image.may_be_public() else None,
                page_id=entry.page_id,
                documents=documents.get(entry.pk, ()),
                travel_label=", ".join(_told(Facet.DIRECTION, keys[entry.pk], labels)),
                offers=_told(Facet.OFFER, keys[entry.pk], labels),
                outcome_label=", ".join(_told(Facet.OUTCOME, keys[entry.pk], labels)),
                evidence_label=", ".join(_told(Facet.EVIDENCE, keys[entry.pk], labels)),
            )
        )
    return hits


def _told(
    name: str, keys: Mapping[str, Sequence[str]], labels: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Return the labels of what a row tells in a facet, but for what is told of most."""
    order = facet_orders.get(name, ())
    usual = order[UNMARKED[name]] if order and name in UNMARKED else None
    return tuple(labels[name].get(key, key) for key in keys[name] if key != usual)


def _other_reason(is_alike: bool, words: TextQuery) -> tuple[str, ...]:
    """Return why a thing was found that has none of the words in the row that is shown."""
    if is_alike:
        return ("meaning",)
    return ("translation",) if words else ()


def _addresses(entries: Iterable[LibraryEntry]) -> dict[uuid.UUID, str]:
    """Return the addresses by thing, asking for the site's roots once; unreachable ones not."""
    roots = Site.get_site_root_paths()
    addresses: dict[uuid.UUID, str] = {}
    for entry in entries:
        if entry.page is not None:
            entry.page._wagtail_cached_site_root_paths = roots
            if url := entry.page.url:
                anchor = f"#{entry.part}" if entry.part else ""
                addresses[entry.thing_key] = f"{url}{anchor}"
    return addresses


def demo_entries() -> QuerySet[LibraryEntry]:
    """Return the rows of everything invented that was ever published, seen or not."""
    return LibraryEntry.objects.filter(is_demo=True)


def demo_values(facet: str) -> QuerySet:
    """Return the keys of a facet that something invented has, as a subquery."""
    return LibraryFacet.objects.filter(name=facet, entry__is_demo=True).values("value")
