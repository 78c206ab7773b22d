"""Read API of the library (a fixed contract: DESIGN, "Contracts that stay fixed")."""

from __future__ import annotations

import datetime
import uuid

from django.http import HttpRequest
from django.utils.translation import override
from ninja import Router, Schema
from pydantic import Field
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from portal.problems import Problem, ProblemDetails
from search.parameter_docs import documented
from search.parameters import Reading, read
from search.query import TYPE, LibraryHit, LibraryResult
from search.searches import note_search
from search.services.labels import labels_of
from search.services.library import find
from search.services.network import network_more
from search.services.promotions import promoted
from search.services.typing_ahead import suggest_all, type_label
from search.throttling import SUGGEST, refuse_too_often

router = Router(tags=["library"])

#: Suggestions given when the request does not say how many.
SUGGESTIONS = 8


class FacetValue(TypedDict):
    """A value of a facet and how many things have it, counted without the facet's own filter."""

    value: str
    label: str
    count: int


class FoundDocument(Schema):
    """A file that the thing attaches and that has found words."""

    name: str
    title: str
    url: str
    language: str
    snippet: str = Field(description="Safe HTML; empty where only the name has the words.")


class SearchHit(Schema):
    """One thing; its translations are not told apart from it."""

    id: uuid.UUID = Field(description="The same in all languages.")
    reference: str | None = Field(description="Its key in an import; null if it was not imported.")
    type: str
    title: str
    url: str
    language: str
    dir: str
    summary: str
    snippet: str = Field(description="Safe HTML; found words stand in <mark>.")
    date: datetime.datetime | None
    concepts: list[str]
    partnerships: list[str]
    reasons: list[str] = Field(
        description="Parts that matched: title, names, concepts, summary, body, documents,"
        " translation, meaning."
    )
    documents: list[FoundDocument]
    demo: bool


class RecommendedPage(Schema):
    """A page that editors put above the results of this search."""

    id: str
    title: str
    url: str
    language: str
    summary: str


class LimitInText(Schema):
    """An amount in the text that limits the cost: its words were not looked up."""

    words: str
    cost_max: float
    cost_currency: str
    cost_for: str
    cost_travel: str


class SearchAnswer(Schema):
    """One page of what was found."""

    total: int = Field(description="Things, not translations.")
    network_more: int = Field(
        description="So many things more are for the network alone: counted by what their cards"
        " and filters tell, never named. 0 where a limit or a band of numbers (age, cost, duration,"
        " lead time) is asked for. People of the network find them on the library's page."
    )
    engine: str
    took_ms: float
    text_limit: LimitInText | None = Field(
        description="An amount in the text that limits the cost."
    )
    suggestion: str | None = Field(description="Another spelling, where one would find more.")
    widened: bool = Field(
        description="Other than was asked: too few have all the words, so that some have some of "
        "them; or nothing has the words in quotes as they stand, so that they may stand in other "
        "places or forms."
    )
    page: int
    page_size: int
    promoted: list[RecommendedPage]
    results: list[SearchHit]
    facets: dict[str, list[FacetValue]]


class SuggestionItem(Schema):
    """A title, or a concept, to jump to."""

    text: str
    type: str = Field(description="As in a search; or “concept”: all that is about it.")
    type_label: str
    language: str
    url: str


class SuggestAnswer(Schema):
    """Titles and concepts that begin as typed."""

    suggestions: list[SuggestionItem]


def _read(request: HttpRequest, *, with_text_limit: bool = True) -> Reading:
    """Return what the address asks for; raises Problem for a value that can't be used."""
    with override("en"):
        reading = read(request.GET, with_text_limit=with_text_limit)
    if reading.refusals:
        raise Problem(
            "Bad request",
            detail="; ".join(f"{one.parameter}: {one.reason}" for one in reading.refusals[:5]),
            errors=[
                {"parameter": one.parameter, "value": one.value, "reason": one.reason}
                for one in reading.refusals
            ],
        )
    return reading


@router.get(
    "/search",
    response={200: SearchAnswer, 400: ProblemDetails, 429: ProblemDetails},
    summary="Search the library",
    openapi_extra={"parameters": documented()},
)
def search(request: HttpRequest) -> SearchAnswer:
    """Find things in all communities, in all languages.

    Values of one parameter are alternatives, parameters narrow each other. Unknown parameters are
    ignored; a value that can't be used is refused with 400. An address that asks too often gets
    429, with `Retry-After`.
    """
    refuse_too_often(request)
    reading = _read(request)
    result = find(reading.query)
    note_search(result, reading)
    return _answer(result, reading)


@router.get(
    "/suggest",
    response={200: SuggestAnswer, 400: ProblemDetails, 429: ProblemDetails},
    summary="Suggest titles as one types",
    openapi_extra={"parameters": documented()},
)
def suggestions(request: HttpRequest) -> SuggestAnswer:
    """Give titles of things whose title or other names begin as `q` does, then concepts."""
    refuse_too_often(request, SUGGEST)
    query = _read(request, with_text_limit=False).query
    if "page_size" not in request.GET:
        query = query.with_page_size(SUGGESTIONS)
    found = suggest_all(query)
    labels = dict(labels_of(TYPE, {one.type for one in found}, query.lang))
    return SuggestAnswer(
        suggestions=[
            SuggestionItem(
                text=one.text,
                type=one.type,
                type_label=type_label(one, labels, query.lang),
                language=one.language,
                url=one.url,
            )
            for one in found
        ]
    )


def _answer(result: LibraryResult, reading: Reading) -> SearchAnswer:
    return SearchAnswer.model_construct(
        total=result.total,
        network_more=network_more(result),
        engine=result.engine,
        took_ms=result.took_ms,
        text_limit=_limit(reading),
        suggestion=result.suggestion,
        widened=result.is_widened or result.is_unquoted,
        page=result.query.page,
        page_size=result.query.page_size,
        promoted=[
            RecommendedPage(
                id=one.key,
                title=one.title,
                url=one.url,
                language=one.language,
                summary=one.summary,
            )
            for one in promoted(result.query)
        ],
        results=[_hit(hit) for hit in result.hits],
        facets={
            # Some 800 of them: what is no model takes half the time.
            name: [FacetValue(value=v.value, label=v.label, count=v.count) for v in values]
            for name, values in result.facets.items()
        },
    )


def _limit(reading: Reading) -> LimitInText | None:
    """Return the amount in the text that is in force, as the parameters that would say the same."""
    if reading.in_text is None or not reading.is_in_force:
        return None
    limits = reading.limits
    return LimitInText(
        words=reading.in_text.words,
        cost_max=float(reading.in_text.amount),
        cost_currency=limits.cost_currency,
        cost_for=limits.cost_for,
        cost_travel=limits.cost_travel,
    )


def _hit(hit: LibraryHit) -> SearchHit:
    return SearchHit(
        id=hit.thing_key,
        reference=hit.reference or None,
        type=hit.type,
        title=hit.title,
        url=hit.url,
        language=hit.language,
        dir=hit.direction,
        summary=hit.summary,
        snippet=str(hit.snippet),
        date=hit.date,
        concepts=list(hit.concepts),
        partnerships=list(hit.partnerships),
        reasons=list(hit.reasons),
        documents=[
            FoundDocument(
                name=one.name,
                title=one.title,
                url=one.url,
                language=one.language,
                snippet=str(one.snippet),
            )
            for one in hit.documents
        ],
        demo=hit.is_demo,
    )
