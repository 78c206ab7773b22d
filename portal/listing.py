"""Lists that a visitor filters by address alone: choices, notes on what was ignored, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.text import whole_number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: What a visitor types into a text filter is cut here (characters).
MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter; `count` is how many things it would leave (None: not counted)."""

    value: str
    label: StrOrPromise
    count: int | None = None
    group: StrOrPromise = ""


@dataclass(slots=True)
class Filter:
    """One filter of a list: what it is called in the address, and what is chosen.

    `kind` is "select", "text", "number" or "check"; `value` is empty when nothing is chosen.
    """

    name: str
    label: StrOrPromise
    kind: str = "select"
    choices: Sequence[Choice] = ()
    value: str = ""
    help_text: StrOrPromise = ""
    any_label: StrOrPromise = ""

    @property
    def groups(self) -> list[tuple[StrOrPromise, list[Choice]]]:
        """The choices by group, in their order; a group without a name comes as they stand."""
        groups: dict[str, tuple[StrOrPromise, list[Choice]]] = {}
        for choice in self.choices:
            groups.setdefault(str(choice.group), (choice.group, []))[1].append(choice)
        return list(groups.values())

    @property
    def value_label(self) -> StrOrPromise:
        """The chosen value as a reader calls it."""
        labels = (choice.label for choice in self.choices if choice.value == self.value)
        return next(labels, self.value)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: its value, its name, and the query without it."""

    value: StrOrPromise
    label: StrOrPromise
    query: str


@dataclass(slots=True)
class FilterSet:
    """The filters of a list as the address gives them; what it doesn't know is noted."""

    filters: list[Filter]
    notes: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Filter:
        """Return a filter by name; KeyError when the list has none of that name."""
        for one in self.filters:
            if one.name == name:
                return one
        raise KeyError(name)

    @classmethod
    def read(cls, params: QueryDict | Mapping[str, str], filters: Iterable[Filter]) -> FilterSet:
        """Fill the filters from the address; unknown values are left out and noted."""
        found = cls(list(filters))
        for one in found.filters:
            value = str(params.get(one.name, "")).replace("\x00", "").strip()[:MAX_TEXT]
            if not value:
                continue
            if one.kind == "text":
                one.value = value
            elif one.kind == "number" and (number := whole_number(value, 3)) is not None:
                one.value = str(number)
            elif one.kind in ("select", "check") and value in {c.value for c in one.choices}:
                one.value = value
            else:
                found.notes.append(
                    _("“%(value)s” is not known as “%(filter)s”; this filter was left out.")
                    % {"value": value, "filter": one.label}
                )
        return found

    @property
    def values(self) -> dict[str, str]:
        """What is chosen, by name."""
        return {one.name: one.value for one in self.filters if one.value}

    @property
    def is_active(self) -> bool:
        """Whether anything is chosen."""
        return any(one.value for one in self.filters)

    @property
    def active(self) -> list[Filter]:
        """The filters in which something is chosen."""
        return [one for one in self.filters if one.value]

    @property
    def chips(self) -> list[Chip]:
        """What is chosen, each with the address without it."""
        return [
            Chip(
                _("yes") if one.kind == "check" else one.value_label,
                one.label,
                self.query_with(**{one.name: ""}),
            )
            for one in self.active
        ]

    @property
    def query(self) -> str:
        """The filters as the end of an address, without "?"."""
        return urlencode(self.values)

    def query_with(self, **changes: str) -> str:
        """Return `query` with some values changed; an empty one is taken out."""
        values = {**self.values, **changes}
        return urlencode({name: value for name, value in values.items() if value})


def page_of(items: Any, requested: str | None, per_page: int) -> tuple[PaginatorPage, list[str]]:
    """Return the asked page of `items`, and a note when there is no such page.

    A number beyond the end gives the last page, anything else that is no page the first.
    """
    paginator = Paginator(items, per_page)
    text = (requested or "1").strip()
    number = whole_number(text, 6) or 0
    if 1 <= number <= paginator.num_pages:
        return paginator.page(number), []
    nearest = paginator.num_pages if number > paginator.num_pages else 1
    note = _("There is no page “%(asked)s”; this is page %(shown)d of %(last)d.") % {
        "asked": text[:20],
        "shown": nearest,
        "last": paginator.num_pages,
    }
    return paginator.page(nearest), [note]


def is_narrowed(params: QueryDict | Mapping[str, str]) -> bool:
    """Whether an address asks for more than a page of the whole list.

    Such views are endless; search engines are kept out of them (`noindex`).
    """
    return any(name != "page" for name in params)


def query_for_languages(filters: FilterSet) -> str:
    """Return the filters as an address takes them to another language ("" or "?kind=…").

    Letters belong to one script and are left out, and so is the page.
    """
    query = filters.query_with(letter="")
    return f"?{query}" if query else ""
