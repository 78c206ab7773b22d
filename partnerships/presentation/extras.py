"""What higher apps add to a Partnership's page, without this app knowing them.

An app appends a function to `partnership_extras` when it is ready. It gets the Partnership, the
reader's language, the scope of the public and the request, and returns an `Extra` or None, in a
fixed number of queries. By `demo_partnerships` the same apps say on whose pages they show something
invented: subqueries of Partnership ids, for the sitemap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from partnerships.models.partnerships import Partnership
from partnerships.presentation.public import PublicScope


@dataclass(frozen=True, slots=True)
class Extra:
    """A section of the page: its template gets `extra` and `language_code`."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    is_demo: bool = False


ExtraSource = Callable[[Partnership, str, PublicScope, HttpRequest | None], Extra | None]

partnership_extras: list[ExtraSource] = []
demo_partnerships: list[Callable[[], QuerySet[Any]]] = []


def extras_of(
    partnership: Partnership, language: str, scope: PublicScope, request: HttpRequest | None
) -> list[Extra]:
    """Return the sections that other apps add to the page of `partnership`."""
    found = (source(partnership, language, scope, request) for source in partnership_extras)
    return [extra for extra in found if extra is not None]
