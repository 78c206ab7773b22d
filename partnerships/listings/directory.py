"""The directory of Partnerships: filters, A to Z, names tolerant of spelling.

All Partnerships are read and filtered in memory: there are some dozens of them, a name is to be
found in either script in any spelling, and each value of a filter says how many it leaves. The
number of queries is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from django.core.paginator import Page as PaginatorPage
from django.http import HttpRequest
from django.utils.translation import gettext as _

from partnerships.countries import country_name
from partnerships.enums import PartnershipStatus, Side, Verification
from partnerships.models.communities import CommunityVariant
from partnerships.models.partnerships import Membership, Partnership, PartnershipVariant
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.presentation.sides import SidePane, panes_of
from portal.listing import Choice, Filter, FilterSet, page_of
from portal.text import normalize_name

from .names import NameBook, initial_of, letters_of

PER_PAGE = 48


@dataclass(slots=True)
class PartnershipRow:
    """One Partnership in the list: its two sides in the reader's order, and its page."""

    partnership: Partnership
    memberships: list[Membership]
    first: SidePane
    second: SidePane
    page: PageLink | None = None

    @property
    def panes(self) -> tuple[SidePane, SidePane]:
        """Both sides in the reader's order."""
        return self.first, self.second

    def _count(self, side: Side) -> int:
        return sum(membership.side == side for membership in self.memberships)

    @property
    def count_israel(self) -> int:
        """How many places in Israel belong to it."""
        return self._count(Side.ISRAEL)

    @property
    def count_abroad(self) -> int:
        """How many communities abroad belong to it."""
        return self._count(Side.DIASPORA)

    @property
    def is_uncertain(self) -> bool:
        """Whether the sources don't surely say that it is a Partnership of the network."""
        return self.partnership.verification == Verification.UNCERTAIN

    @property
    def status_word(self) -> str:
        """What to say of its status; nothing while it is active."""
        status = PartnershipStatus(self.partnership.status)
        return "" if status == PartnershipStatus.ACTIVE else str(status.label)


@dataclass(slots=True)
class WayOut:
    """A filter that could be left out of a search without result, and what that would give."""

    label: str
    query: str
    count: int


@dataclass(slots=True)
class Directory:
    """What the page shows."""

    filters: FilterSet
    page_obj: PaginatorPage
    rows: list[PartnershipRow]
    total: int
    all_count: int
    letters: list[tuple[str, int]]
    notes: list[str] = field(default_factory=list)
    nearest: list[PartnershipRow] = field(default_factory=list)
    ways_out: list[WayOut] = field(default_factory=list)
    is_exact: bool = True

    @property
    def more_filters(self) -> list[Filter]:
        """The filters behind "more": all but the text and the letter."""
        return [one for one in self.filters.filters if one.name not in ("q", "letter")]

    @property
    def has_chosen_more(self) -> bool:
        """Whether one of them is in force."""
        return any(one.value for one in self.more_filters)


def _filters(rows: list[PartnershipRow]) -> list[Filter]:
    """Return the filters with the values that the rows have, uncounted."""
    kinds = {row.partnership.kind.key: str(row.partnership.kind) for row in rows}
    places, abroad, countries = {}, {}, {}
    for row in rows:
        for membership in row.memberships:
            community = membership.community
            if membership.side == Side.ISRAEL:
                places[community.slug] = str(community.name)
            else:
                abroad[community.slug] = str(community.name)
                countries[community.country_code] = str(country_name(community.country_code))
    used = {row.partnership.status for row in rows}
    statuses = [Choice(value, label) for value, label in PartnershipStatus.choices if value in used]

    def choices(labels: dict[str, str]) -> list[Choice]:
        by_name = sorted(labels.items(), key=lambda item: normalize_name(item[1]))
        return [Choice(value, label) for value, label in by_name]

    return [
        Filter("q", _("A place or a community"), kind="text"),
        Filter("kind", _("Kind"), choices=choices(kinds), any_label=_("any kind")),
        Filter("country", _("Country abroad"), choices=choices(countries), any_label=_("any")),
        Filter("region", _("Place in Israel"), choices=choices(places), any_label=_("any")),
        Filter("community", _("Community abroad"), choices=choices(abroad), any_label=_("any")),
        Filter("status", _("Status"), choices=statuses, any_label=_("any")),
        Filter(
            "letter",
            _("Letter"),
            choices=[Choice(letter, letter) for letter, _count in letters_of(_names(rows))],
        ),
    ]


def _names(rows: Iterable[PartnershipRow]) -> list[str]:
    return [str(row.partnership.name) for row in rows]


def _facts_of(row: PartnershipRow, name: str) -> set[str]:
    """Return the values of a filter that the row has."""
    abroad = [m.community for m in row.memberships if m.side == Side.DIASPORA]
    match name:
        case "kind":
            return {row.partnership.kind.key}
        case "country":
            return {community.country_code for community in abroad}
        case "region":
            return {m.community.slug for m in row.memberships if m.side == Side.ISRAEL}
        case "community":
            return {community.slug for community in abroad}
        case "status":
            return {row.partnership.status}
        case "letter":
            return {initial_of(str(row.partnership.name))}
    return set()


def name_book(rows: Iterable[PartnershipRow]) -> NameBook:
    """Return the names by which Partnerships are found: their own, their communities', variants."""
    names: dict[int, list[str]] = {}
    members: dict[int, list[int]] = {}
    for row in rows:
        key = row.partnership.pk
        names[key] = [*row.partnership.name.values(), *row.partnership.region_name.values()]
        for membership in row.memberships:
            names[key] += membership.community.name.values()
            names[key] += membership.community.federation.values()
            members.setdefault(membership.community_id, []).append(key)
    for key, text in PartnershipVariant.objects.filter(partnership__in=names).values_list(
        "partnership_id", "text"
    ):
        names[key].append(text)
    for community, text in CommunityVariant.objects.filter(community__in=members).values_list(
        "community_id", "text"
    ):
        for key in members[community]:
            names[key].append(text)
    return NameBook(names)


def all_rows(scope: PublicScope, language: str) -> list[PartnershipRow]:
    """Return every Partnership that shows with its partner communities of today, A to Z."""
    memberships: dict[int, list[Membership]] = {}
    for membership in scope.memberships().current().select_related("community"):
        memberships.setdefault(membership.partnership_id, []).append(membership)
    rows = []
    for partnership in scope.partnerships():
        own = memberships.get(partnership.pk, [])
        rows.append(PartnershipRow(partnership, own, *panes_of(own, language)))
    rows.sort(key=lambda row: (normalize_name(str(row.partnership.name)), row.partnership.slug))
    return rows


def build_directory(request: HttpRequest, language: str) -> Directory:
    """Return the directory as the address of `request` asks for it."""
    scope = PublicScope.of()
    rows = all_rows(scope, language)
    filters = FilterSet.read(request.GET, _filters(rows))
    text = filters["q"].value
    book = name_book(rows) if text else NameBook({})
    matches = book.find(text) if text else None

    def fits(row: PartnershipRow, without: frozenset[str] = frozenset()) -> bool:
        if matches and "q" not in without and row.partnership.pk not in matches.keys:
            return False
        return all(
            one.name == "q" or one.name in without or one.value in _facts_of(row, one.name)
            for one in filters.active
        )

    _count_choices(filters, rows, fits)
    found = [row for row in rows if fits(row)]
    page_obj, notes = page_of(found, request.GET.get("page"), PER_PAGE)
    shown = list(page_obj.object_list)
    nearest: list[PartnershipRow] = []
    if not found and text:
        by_key = {row.partnership.pk: row for row in rows}
        nearest = [by_key[key] for key in book.nearest(text)]
    for row, page in _with_pages([*shown, *nearest], language, scope, request):
        row.page = page
    return Directory(
        filters=filters,
        page_obj=page_obj,
        rows=shown,
        total=len(found),
        all_count=len(rows),
        letters=letters_of(_names(row for row in rows if fits(row, frozenset({"letter"})))),
        notes=[*filters.notes, *notes],
        nearest=nearest,
        ways_out=[] if found else _ways_out(filters, rows, fits),
        is_exact=matches is None or matches.is_exact,
    )


def _with_pages(
    rows: list[PartnershipRow], language: str, scope: PublicScope, request: HttpRequest
) -> Iterable[tuple[PartnershipRow, PageLink | None]]:
    links = page_links(
        Partnership, [row.partnership for row in rows], language, scope, request=request
    )
    return [(row, links.get(row.partnership.pk)) for row in rows]


def _count_choices(
    filters: FilterSet, rows: list[PartnershipRow], fits: Callable[..., bool]
) -> None:
    """Say for each value of a filter how many Partnerships it leaves beside the other filters."""
    for one in filters.filters:
        if one.kind != "select":
            continue
        counts: dict[str, int] = {}
        for row in filter(partial(fits, without=frozenset({one.name})), rows):
            for value in _facts_of(row, one.name):
                counts[value] = counts.get(value, 0) + 1
        one.choices = [
            Choice(choice.value, choice.label, counts.get(choice.value, 0), choice.group)
            for choice in one.choices
        ]


def _ways_out(
    filters: FilterSet, rows: list[PartnershipRow], fits: Callable[..., bool]
) -> list[WayOut]:
    """Return which single filter, left out, would give a result."""
    ways = []
    for one in filters.active:
        count = sum(fits(row, frozenset({one.name})) for row in rows)
        if count and len(filters.active) > 1:
            label = f"{one.label}: {one.value_label}"
            ways.append(WayOut(label, filters.query_with(**{one.name: ""}), count))
    return ways
