"""How often one address may search: generous for people, few for who tries words or numbers.

Counted without a cookie (`portal.throttle`). A page without any parameter is never refused.
"""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from wagtail.models import Page

from portal.problems import Problem
from portal.throttle import is_too_often, seconds_left, visitor_address

logger = logging.getLogger(__name__)

MINUTE = 60
#: Searches of one address in a minute: an office, or a class, behind one address reads along.
SEARCHES = 120
#: Suggestions of one address in a minute: one for each pause in typing.
SUGGESTIONS = 240
SEARCH, SUGGEST = "search", "suggest"
_MOST = {SEARCH: SEARCHES, SUGGEST: SUGGESTIONS}
REFUSAL = "search/too_often.html"


def is_searching_too_often(request: HttpRequest, what: str = SEARCH) -> bool:
    """Whether an address asks too often; counts the attempt. A cache that is away lets all pass."""
    try:
        return is_too_often(f"library-{what}", visitor_address(request), _MOST[what], MINUTE)
    except Exception as error:  # each cache has its own; a search needs none
        logger.warning("Searches are not limited: %s", error)
        return False


def refuse_too_often(request: HttpRequest, what: str = SEARCH) -> None:
    """Raise Problem (429) where an address asks the API too often; counts the attempt."""
    if is_searching_too_often(request, what):
        raise Problem(
            "Too many requests",
            status=429,
            detail=f"At most {_MOST[what]} requests a minute; try again in {_wait()} seconds.",
            headers={"Retry-After": str(_wait())},
        )


def too_often_page(request: HttpRequest, page: Page) -> HttpResponse:
    """Answer 429 with a page that says when to try again, and how; it is kept by no cache."""
    context = {"page": page, "noindex": True, "seconds": _wait()}
    context["body_class"] = "template-error template-429"
    response = TemplateResponse(request, REFUSAL, context, status=429)
    response["Retry-After"] = str(_wait())
    response["Cache-Control"] = "no-store"
    return response


def _wait() -> int:
    return seconds_left(MINUTE)
