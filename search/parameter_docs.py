"""What OpenAPI tells of the parameters of a library query (search.parameters)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from portal.fields import default_language
from portal.library import COST_CURRENCY, Facet, LibraryType, facet_orders
from portal.library_bands import MAX_AGE
from search import limits as names
from search.limits import PAYERS, UNTOLD_NAMES, USUAL_PAYER, WITH, WITHOUT
from search.limits_in_text import MAX_AMOUNT
from search.parameters import (
    EXACT,
    MAX_DAYS,
    MAX_WEEKS,
    READ_LIMIT,
    TRANSLATE,
    WITHOUT_CONCEPT,
)
from search.query import CONCEPT, LANGUAGE, MAX_DEPTH, MAX_PAGE_SIZE, TYPE, Sort


def _bands(name: str) -> list[str]:
    """Return the values of a facet with a natural order."""
    return list(facet_orders.get(name, ()))


def documented() -> list[dict[str, Any]]:
    """Return the parameters as OpenAPI tells them."""

    def many(
        name: str, description: str, joined: str = "any of them", **schema: Any
    ) -> dict[str, Any]:
        return {
            "in": "query",
            "name": name,
            "description": f"{description} Repeated: {joined}.",
            "schema": {"type": "array", "items": {"type": "string", **schema}},
            "style": "form",
            "explode": True,
        }

    def one(name: str, description: str, **schema: Any) -> dict[str, Any]:
        return {"in": "query", "name": name, "description": description, "schema": schema}

    languages = [code for code, _name in settings.LANGUAGES]
    described: dict[str, tuple[str, dict[str, Any]]] = {
        TYPE: ("Kind of thing.", {"enum": LibraryType.values}),
        CONCEPT: ("Key of a concept, of whichever facet.", {}),
        Facet.PROGRAM_TYPE: ("Key of a concept: program type.", {}),
        Facet.TOPIC: ("Key of a concept: topic.", {}),
        Facet.AUDIENCE: ("Key of a concept: for whom.", {}),
        Facet.RESOURCE: ("Key of a concept: kind of resource.", {}),
        Facet.PARTNERSHIP: ("Slug of a Partnership.", {}),
        Facet.COMMUNITY: ("Slug of a community, on either side.", {}),
        Facet.COUNTRY: ("Country abroad, two letters.", {"pattern": "^[A-Z]{2}$"}),
        Facet.SIDE: ("Side that tells it.", {}),
        Facet.DIRECTION: ("Which way people travel.", {}),
        Facet.YEAR: ("Year in which it happened or was published.", {"pattern": "^[0-9]{4}$"}),
        Facet.OUTCOME: ("How it went.", {}),
        Facet.AGE: ("Band of ages of those who take part.", {"enum": _bands(Facet.AGE)}),
        Facet.SEASON: ("Season, by its months.", {"enum": _bands(Facet.SEASON)}),
        Facet.DURATION: ("Band of the length of a run.", {"enum": _bands(Facet.DURATION)}),
        Facet.LEAD_TIME: ("Band of the time to prepare.", {"enum": _bands(Facet.LEAD_TIME)}),
        Facet.COST: (
            f"Band of what both sides pay for a first run, in {COST_CURRENCY}.",
            {"enum": _bands(Facet.COST)},
        ),
        Facet.EVIDENCE: ("How well tested it is.", {"enum": _bands(Facet.EVIDENCE)}),
        Facet.OPEN: ("What one can apply for today.", {}),
        Facet.OFFER: ("What its owners offer and look for.", {"enum": _bands(Facet.OFFER)}),
        Facet.STATUS: ("Where a challenge stands.", {"enum": _bands(Facet.STATUS)}),
        LANGUAGE: ("Language in which it is told.", {"enum": languages}),
    }
    return [
        one(
            "q",
            "What to look for; empty: everything, newest first. Amounts in it: see `read_limit`.",
            type="string",
        ),
        *[many(name, text, **schema) for name, (text, schema) in described.items()],
        one(
            names.FOR_AGE,
            "Somebody of this age (years) can take part.",
            type="integer",
            minimum=0,
            maximum=MAX_AGE,
        ),
        one(
            names.LEAD_TIME_MAX,
            "At most so many weeks from the decision to the first day.",
            type="integer",
            minimum=0,
            maximum=MAX_WEEKS,
        ),
        one(
            names.START_BY,
            "A run decided on today can start by this day.",
            type="string",
            format="date",
        ),
        one(
            names.DURATION_MAX,
            "A run is at most so many days long.",
            type="integer",
            minimum=0,
            maximum=MAX_DAYS,
        ),
        one(
            names.COST_MAX,
            "A first run costs at most this, in `cost_currency`, for `cost_for`; money of other "
            "currencies is compared by the dated rates kept in the admin.",
            type="number",
            minimum=0,
            maximum=MAX_AMOUNT,
        ),
        one(
            names.COST_CURRENCY_NAME,
            "Currency of `cost_max`, one that there is a rate of.",
            type="string",
            pattern="^[A-Z]{3}$",
            default=COST_CURRENCY,
        ),
        one(
            names.COST_FOR,
            "Whose money `cost_max` limits.",
            type="string",
            enum=list(PAYERS),
            default=USUAL_PAYER,
        ),
        one(
            names.COST_TRAVEL,
            "Whether travel counts.",
            type="string",
            enum=[WITH, WITHOUT],
            default=WITH,
        ),
        many(
            names.UNTOLD,
            "Only things that could tell this and do not.",
            "none of them told",
            enum=list(UNTOLD_NAMES),
        ),
        many(
            WITHOUT_CONCEPT,
            "Key of a concept that the words name and that is not to be searched as well.",
            "all of them",
        ),
        one(
            TRANSLATE,
            "0: everyday words are not searched in the other language too.",
            type="string",
            enum=["0", "1"],
            default="1",
        ),
        one(
            READ_LIMIT,
            "0: an amount that `q` sets as a limit (“under 8000 dollars”) is looked up as words. "
            "Else it limits the cost, and its words are not looked up; `cost_max` overrules it.",
            type="string",
            enum=["0", "1"],
            default="1",
        ),
        one(
            EXACT,
            "1: only the words as they stand, without synonyms or other spellings.",
            type="string",
            enum=["0", "1"],
            default="0",
        ),
        one(
            "lang",
            "The reader's language: of labels, and first of a thing's translations.",
            type="string",
            enum=languages,
            default=default_language(),
        ),
        one("sort", "Order.", type="string", enum=Sort.values, default=Sort.RELEVANCE.value),
        one(
            "page",
            f"Page, from 1; page × page_size is at most {MAX_DEPTH}.",
            type="integer",
            minimum=1,
            default=1,
        ),
        one(
            "page_size",
            "Things on a page.",
            type="integer",
            minimum=1,
            maximum=MAX_PAGE_SIZE,
            default=20,
        ),
    ]
