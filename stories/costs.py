"""What a practice costs: pure functions from the lines of its cost table to its sums.

Amounts are decimals in the line's own currency; currencies are never mixed or converted. A line
paid by “each participant” is an amount per person. What is given in kind is summed apart, since
nobody has to find that money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from stories.enums import CostCategory, CostPayer

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of a cost table; `is_each_run` is false for what is paid once."""

    category: CostCategory
    payer: CostPayer
    amount: Decimal
    currency: str
    year: int
    item: str = ""
    is_each_run: bool = True
    is_in_kind: bool = False

    @property
    def is_travel(self) -> bool:
        """Whether the line can be taken out of a sum as travel."""
        return self.category == CostCategory.TRAVEL

    @classmethod
    def of(cls, source: Any) -> CostLine:
        """Return the line of a cost block's value or of a `PracticeCost` row.

        Raises ValueError when category, payer or amount are missing or unknown.
        """
        read = source.get if isinstance(source, Mapping) else _attributes(source)
        amount = read("amount")
        if amount is None:
            raise ValueError("A cost line has no amount.")
        return cls(
            category=CostCategory(str(read("category"))),
            payer=CostPayer(str(read("payer"))),
            amount=Decimal(amount),
            currency=read("currency") or "",
            year=int(read("year") or 0),
            item=read("item") or "",
            is_each_run=bool(read("is_each_run")),
            is_in_kind=bool(read("is_in_kind")),
        )


def _attributes(source: Any) -> Any:
    return lambda name: getattr(source, name)


def cost_lines(sources: Iterable[Any]) -> list[CostLine]:
    """Return the lines that are filled; unfinished ones of a draft are left out."""
    lines = []
    for source in sources:
        try:
            lines.append(CostLine.of(source))
        except ValueError:
            continue
    return lines


@dataclass(frozen=True, slots=True)
class CostSum:
    """Money for each run (with its travel part), money paid once, and what is given in kind."""

    each_run: Decimal = ZERO
    travel: Decimal = ZERO
    once: Decimal = ZERO
    in_kind: Decimal = ZERO

    @property
    def without_travel(self) -> Decimal:
        """Money for each run, travel left out."""
        return self.each_run - self.travel

    def __add__(self, other: CostSum) -> CostSum:
        return self._merge(other, Decimal.__add__)

    def times(self, factor: Decimal | int) -> CostSum:
        """Return the sum for so many people, or in another currency."""
        return CostSum(*[getattr(self, part.name) * factor for part in fields(self)])

    def shared_by(self, people: int) -> CostSum:
        """Return the part of one of so many people, to the cent."""
        return CostSum(
            *[(getattr(self, part.name) / people).quantize(CENT) for part in fields(self)]
        )

    def _merge(self, other: CostSum, operation: Any) -> CostSum:
        return CostSum(
            *[operation(getattr(self, p.name), getattr(other, p.name)) for p in fields(self)]
        )

    def __bool__(self) -> bool:
        return any(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, slots=True)
class PayerSum:
    """What one payer bears; for `CostPayer.PARTICIPANT` it is an amount per person."""

    payer: CostPayer
    sum: CostSum

    @property
    def is_per_person(self) -> bool:
        """Whether the amounts are what each participant pays."""
        return self.payer == CostPayer.PARTICIPANT


@dataclass(frozen=True, slots=True)
class CostTable:
    """All sums in one currency.

    `whole` and `per_person` are None when they can't be known: the whole needs the size of the
    group where participants pay, and a person's share needs it always.
    """

    currency: str
    years: tuple[int, ...]
    payers: tuple[PayerSum, ...]
    whole: CostSum | None
    per_person: CostSum | None
    group_size: int | None

    @property
    def has_travel(self) -> bool:
        """Whether leaving travel out makes a difference."""
        return any(row.sum.travel for row in self.payers)

    @property
    def has_once(self) -> bool:
        """Whether something is paid only once."""
        return any(row.sum.once for row in self.payers)

    @property
    def has_in_kind(self) -> bool:
        """Whether something is given in kind."""
        return any(row.sum.in_kind for row in self.payers)


def sum_of(lines: Iterable[CostLine]) -> CostSum:
    """Return the sum of lines that are all in one currency."""
    total = CostSum()
    for line in lines:
        if line.is_in_kind:
            part = CostSum(in_kind=line.amount)
        elif line.is_each_run:
            part = CostSum(each_run=line.amount, travel=line.amount if line.is_travel else ZERO)
        else:
            part = CostSum(once=line.amount)
        total += part
    return total


def cost_tables(lines: Iterable[CostLine], group_size: int | None = None) -> list[CostTable]:
    """Return a table of sums for each currency, in the order in which currencies first appear.

    `group_size` is the number of participants on both sides together.
    """
    by_currency: dict[str, list[CostLine]] = {}
    for line in lines:
        by_currency.setdefault(line.currency, []).append(line)
    return [_table(currency, own, group_size) for currency, own in by_currency.items()]


def _table(currency: str, lines: list[CostLine], group_size: int | None) -> CostTable:
    payers = tuple(
        PayerSum(payer, total)
        for payer in CostPayer
        if (total := sum_of(line for line in lines if line.payer == payer))
    )
    people = group_size or None
    whole: CostSum | None = CostSum()
    for row in payers:
        if row.is_per_person and people is None:
            whole = None
            break
        whole = (whole or CostSum()) + (
            row.sum.times(people or 1) if row.is_per_person else row.sum
        )
    return CostTable(
        currency=currency,
        years=tuple(sorted({line.year for line in lines if line.year})),
        payers=payers,
        whole=whole,
        per_person=whole.shared_by(people) if whole is not None and people else None,
        group_size=people,
    )
