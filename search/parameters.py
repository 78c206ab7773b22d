"""Reads a library query from the parameters of an address.

Pages and API read alike; what is wrong with the values is told beside. The API refuses such a
request, a page ignores such values (DESIGN, contracts).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.fields import default_language
from portal.library import COST_CURRENCY, Facet, hidden_values
from portal.library_bands import MAX_AGE
from portal.text import whole_number
from portal.visibility import PUBLIC, Viewer, hidden_prefixes
from search import limits as names
from search.limits import PAYERS, UNTOLD_NAMES, USUAL_PAYER, WITH, WITHOUT, Limits
from search.limits_in_text import MAX_AMOUNT, TextLimit, limit_in
from search.query import (
    CONCEPT,
    FACET_NAMES,
    LANGUAGE,
    MAX_DEPTH,
    MAX_PAGE_SIZE,
    MAX_TEXT,
    TYPE,
    LibraryQuery,
    Sort,
)
from search.services.labels import hidden_from, labels_of
from search.services.rates import Rates, current_rates

#: So many values of one filter are read.
MAX_VALUES = 100
MAX_VALUE = 120
#: The largest limits that make sense: weeks, days.
MAX_WEEKS = 520
MAX_DAYS = 3650

#: A concept that the words named and that is not to be searched as well.
WITHOUT_CONCEPT = "without"
#: Whether everyday words are searched in the other language too.
TRANSLATE = "translate"
#: Only the words as typed: no other spelling, no synonyms, no limits.
EXACT = "exact"
#: Whether an amount that the words set as a limit is one.
READ_LIMIT = "read_limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that can't be used, and why."""

    parameter: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The query that the good values make, and the others.

    `limits` are those of the query's numbers as the reader gave them, `rates` those by which money
    was compared. `in_text` is an amount that the text sets as a limit: the one in force where
    `reads_text`, unless `is_overruled` by another of the address; its words are looked up if not
    `reads_text`.
    """

    query: LibraryQuery
    refusals: tuple[Refusal, ...]
    limits: Limits
    rates: Rates
    in_text: TextLimit | None = None
    reads_text: bool = True
    is_overruled: bool = False

    @property
    def typed(self) -> str:
        """The whole text as it was typed."""
        return self.in_text.typed if self.in_text else self.query.text

    @property
    def is_in_force(self) -> bool:
        """Whether an amount in the text limits the cost."""
        return self.in_text is not None and self.reads_text and not self.is_overruled

    @property
    def is_text_alone(self) -> bool:
        """Whether nothing but what was typed narrows what is found."""
        if not self.is_in_force:
            return not self.query.is_filtered
        others = self.limits.without("cost")
        return not (self.query.filters or others.asked or others.untold)


class _Reader:
    def __init__(self, data: QueryDict, viewer: Viewer) -> None:
        self.data = data
        self.viewer = viewer
        self.refusals: list[Refusal] = []

    @cached_property
    def closed(self) -> list[str]:
        """The tree paths under which the reader may see nothing, read once for all filters."""
        return hidden_prefixes(self.viewer)

    def refuse(self, parameter: str, value: str, reason: str) -> None:
        self.refusals.append(Refusal(parameter, value[:MAX_VALUE], reason))

    def one(self, name: str) -> str:
        """Return the last value of a parameter; an empty one counts as absent."""
        return str(self.data.get(name) or "").strip()

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.one(name)
        if not value or value in allowed:
            return value or default
        self.refuse(name, value, _("One of: %(values)s.") % {"values": ", ".join(allowed)})
        return default

    def number(self, name: str, default: int, limit: int) -> int:
        value = self.one(name)
        if not value:
            return default
        if (number := whole_number(value, 8)) and number <= limit:
            return number
        self.refuse(name, value, _("A whole number from 1 to %(limit)d.") % {"limit": limit})
        return default

    def limit(self, name: str, limit: int) -> int | None:
        """Return a limit of a number: None when it is not given."""
        value = self.one(name)
        if not value:
            return None
        if (number := whole_number(value, 8)) is not None and number <= limit:
            return number
        self.refuse(name, value, _("A whole number from 0 to %(limit)d.") % {"limit": limit})
        return None

    def amount(self, name: str) -> Decimal | None:
        """Return an amount of money, with or without grouping ("8,000.50")."""
        value = self.one(name)
        if not value:
            return None
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", bare := re.sub(r"[,\s']", "", value)):
            return Decimal(bare)
        self.refuse(name, value, _("An amount from 0 to %(limit)d.") % {"limit": MAX_AMOUNT})
        return None

    def day(self, name: str) -> datetime.date | None:
        """Return a day that is not over."""
        value = self.one(name)
        if not value:
            return None
        try:
            day = parse_date(value)
        except ValueError:
            day = None
        if day is not None and day >= timezone.localdate():
            return day
        self.refuse(name, value, _("A day from today on, as in 2030-12-31."))
        return None

    def limits(self, currencies: Collection[str]) -> Limits:
        """Return the limits of numbers; `currencies` are those that can be compared."""
        untold = [value for value in dict.fromkeys(self.data.getlist(names.UNTOLD)) if value]
        for value in untold:
            if value not in UNTOLD_NAMES:
                known = ", ".join(UNTOLD_NAMES)
                self.refuse(names.UNTOLD, value, _("One of: %(values)s.") % {"values": known})
        return Limits(
            for_age=self.limit(names.FOR_AGE, MAX_AGE),
            lead_time_max=self.limit(names.LEAD_TIME_MAX, MAX_WEEKS),
            start_by=self.day(names.START_BY),
            duration_max=self.limit(names.DURATION_MAX, MAX_DAYS),
            cost_max=self.amount(names.COST_MAX),
            cost_currency=self.choice(names.COST_CURRENCY_NAME, currencies, COST_CURRENCY),
            cost_for=self.choice(names.COST_FOR, list(PAYERS), USUAL_PAYER),
            cost_travel=self.choice(names.COST_TRAVEL, [WITH, WITHOUT], WITH),
            untold=tuple(name for name in untold if name in UNTOLD_NAMES),
        )

    def flag(self, name: str, default: str = "0") -> bool:
        """Return whether a switch is on ("1")."""
        return self.choice(name, ["0", "1"], default) == "1"

    def concepts(self, name: str, language: str) -> tuple[str, ...]:
        """Return the concepts that a parameter names."""
        return self.values(name, language, of=CONCEPT)

    def values(self, name: str, language: str, of: str = "") -> tuple[str, ...]:
        """Return the values of a filter that exist; `of` is the facet if it has another name.

        What the reader may not see is to them as if it did not exist.
        """
        given = [value for value in dict.fromkeys(self.data.getlist(name)) if value.strip()]
        for value in given[MAX_VALUES:]:
            self.refuse(name, value, _("At most %(limit)d values.") % {"limit": MAX_VALUES})
        given = given[:MAX_VALUES]
        sound = [value for value in given if len(value) <= MAX_VALUE and value.isprintable()]
        if sound and name in hidden_values:
            hidden = hidden_from(self.closed, name)
            sound = [value for value in sound if value not in hidden[name]]
        known = labels_of(of or name, sound, language) if sound else {}
        for value in given:
            if value not in known:
                self.refuse(name, value, _("There is no such value."))
        return tuple(value for value in given if value in known)


def read(
    data: QueryDict,
    *,
    lang: str | None = None,
    page_size: int | None = None,
    with_text_limit: bool = True,
    text_overrules: bool = False,
    viewer: Viewer = PUBLIC,
    **more: Any,
) -> Reading:
    """Return the query that `data` asks for, and what of it can't be used.

    `lang` and `page_size` are taken from `data` unless given. Unknown parameters are ignored, and
    what `viewer` may not see is unknown. One query for each filter whose values are in the
    database, three where they may be hidden. An amount that the text sets as a limit becomes one,
    `with_text_limit` (search.limits_in_text). Where the address has another limit of cost, that
    one is in force, unless `text_overrules`: in a form, the amount was typed last.
    """
    reader = _Reader(data, viewer)
    languages = [code for code, _name in settings.LANGUAGES]
    lang = lang or reader.choice("lang", languages, default_language())
    filters = {name: reader.values(name, lang) for name in FACET_NAMES}
    sort = reader.choice("sort", Sort.values, Sort.RELEVANCE)
    # Read where money is asked about only, not for every search.
    rates = cast("Rates", SimpleLazyObject(current_rates))
    currencies = cast("list[str]", SimpleLazyObject(lambda: rates.currencies or [COST_CURRENCY]))
    limits = reader.limits(currencies)
    text = str(data.get("q") or "")[:MAX_TEXT]
    exact = reader.flag(EXACT)
    reads_text = reader.flag(READ_LIMIT, "1") and not exact
    in_text = limit_in(text, currencies) if with_text_limit else None
    is_overruled = False
    if in_text and reads_text:
        text = in_text.rest
        with_text = in_text.added_to(limits)
        is_limited = limits.cost_max is not None or "cost" in limits.untold
        is_overruled = is_limited and not text_overrules and with_text != limits
        limits = limits if is_overruled else with_text
    page_size = page_size or reader.number("page_size", 20, MAX_PAGE_SIZE)
    query = LibraryQuery(
        text=text,
        types=filters.pop(TYPE),
        concepts=filters.pop(CONCEPT),
        partnerships=filters.pop(Facet.PARTNERSHIP),
        communities=filters.pop(Facet.COMMUNITY),
        languages=filters.pop(LANGUAGE),
        facets={name: values for name, values in filters.items() if values},
        at_most=limits.at_most(rates),
        at_least=limits.at_least(),
        untold=limits.untold_numbers(),
        exact=exact,
        translated=reader.flag(TRANSLATE, "1"),
        without_concepts=reader.concepts(WITHOUT_CONCEPT, lang),
        lang=lang,
        sort=sort,
        page=reader.number("page", 1, MAX_DEPTH // page_size),
        page_size=page_size,
        viewer=viewer,
        **more,
    )
    return Reading(query, tuple(reader.refusals), limits, rates, in_text, reads_text, is_overruled)
