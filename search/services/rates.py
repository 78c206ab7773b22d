"""Compares amounts of different currencies by the dated rates that are kept in the admin."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.library import COST_CURRENCY
from search.models.rates import ExchangeRate

EURO = "EUR"


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates in force: what one euro is worth in each currency, and when and who says so.

    `has_examples` where any of them is an example that nobody has compared with a source.
    """

    per_euro: Mapping[str, Decimal]
    as_of: datetime.date | None = None
    source: str = ""
    has_examples: bool = False

    @property
    def currencies(self) -> list[str]:
        """The currencies that can be compared, the library's own first; none without its rate."""
        if COST_CURRENCY not in self.per_euro:
            return []
        return [COST_CURRENCY, *sorted({*self.per_euro} - {COST_CURRENCY})]

    def convert(self, amount: Decimal, currency: str) -> Decimal | None:
        """Return an amount in COST_CURRENCY; None for a currency without a rate."""
        if currency == COST_CURRENCY:
            return amount
        if currency not in self.per_euro or COST_CURRENCY not in self.per_euro:
            return None
        return amount / self.per_euro[currency] * self.per_euro[COST_CURRENCY]


def current_rates() -> Rates:
    """Return the rates in force, the latest of each currency (one query).

    `as_of` and `source` are those of the oldest of them: so old may an amount's rate be.
    """
    latest: dict[str, ExchangeRate] = {}
    for rate in ExchangeRate.objects.order_by("currency", "as_of"):
        latest[rate.currency] = rate
    if not latest:
        return Rates({})
    oldest = min(latest.values(), key=lambda rate: rate.as_of)
    per_euro = {currency: rate.per_euro for currency, rate in latest.items()}
    return Rates(
        {**per_euro, EURO: Decimal(1)},
        oldest.as_of,
        oldest.source,
        any(rate.is_example for rate in latest.values()),
    )
