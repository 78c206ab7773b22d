"""The list of communities: by country and A to Z, found by any of their names."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.paginator import Page as PaginatorPage
from django.http import HttpRequest
from django.utils.translation import gettext as _

from partnerships.countries import country_name
from partnerships.models.communities import Community, CommunityVariant
from partnerships.models.partnerships import Membership, Partnership
from partnerships.presentation.public import PageLink, PublicScope, page_links
from portal.listing import Choice, Filter, FilterSet, page_of
from portal.text import normalize_name

from .names import NameBook, initial_of, letters_of

PER_PAGE = 90


@dataclass(slots=True)
class CommunityRow:
    """One community in the list: its page and the Partnerships it belongs to."""

    community: Community
    memberships: list[Membership] = field(default_factory=list)
    page: PageLink | None = None
    partnership_pages: list[tuple[Partnership, PageLink]] = field(default_factory=list)

    @property
    def country(self) -> str:
        """The country's name for the reader."""
        return str(country_name(self.community.country_code))


@dataclass(slots=True)
class CommunityList:
    """What the page shows."""

    filters: FilterSet
    page_obj: PaginatorPage
    rows: list[CommunityRow]
    total: int
    all_count: int
    letters: list[tuple[str, int]]
    notes: list[str] = field(default_factory=list)
    nearest: list[CommunityRow] = field(default_factory=list)
    is_exact: bool = True

    @property
    def groups(self) -> list[tuple[str, list[CommunityRow]]]:
        """The rows of this page by country."""
        groups: dict[str, list[CommunityRow]] = {}
        for row in self.rows:
            groups.setdefault(row.country, []).append(row)
        return list(groups.items())


def _all_rows(scope: PublicScope) -> list[CommunityRow]:
    """Return every community that shows, Israel first, then by country and name."""
    rows = {community.pk: CommunityRow(community) for community in scope.communities()}
    memberships = scope.memberships().current().select_related("partnership")
    for membership in memberships:
        if row := rows.get(membership.community_id):
            row.memberships.append(membership)
    return sorted(
        rows.values(),
        key=lambda row: (
            not row.community.is_in_israel,
            normalize_name(row.country),
            normalize_name(str(row.community.name)),
            row.community.slug,
        ),
    )


def name_book(rows: list[CommunityRow]) -> NameBook:
    """Return the names by which communities are found: names, federations, suburbs, variants."""
    names = {
        row.community.pk: [*row.community.name.values(), *row.community.federation.values()]
        for row in rows
    }
    variants = CommunityVariant.objects.filter(community__in=names)
    for key, text in variants.values_list("community_id", "text"):
        names[key].append(text)
    return NameBook(names)


def build_community_list(request: HttpRequest, language: str) -> CommunityList:
    """Return the list of communities as the address of `request` asks for it."""
    scope = PublicScope.of()
    rows = _all_rows(scope)
    countries: dict[str, int] = {}
    for row in rows:
        code = row.community.country_code
        countries[code] = countries.get(code, 0) + 1
    by_name = sorted(countries, key=lambda code: (code != "IL", normalize_name(_country(code))))
    filters = FilterSet.read(
        request.GET,
        [
            Filter("q", _("A place or a community"), kind="text"),
            Filter(
                "country",
                _("Country"),
                choices=[Choice(code, _country(code), countries[code]) for code in by_name],
                any_label=_("all countries"),
            ),
            Filter(
                "letter",
                _("Letter"),
                choices=[Choice(one, one) for one, _count in letters_of(_names(rows))],
            ),
        ],
    )
    text, country, letter = (filters[name].value for name in ("q", "country", "letter"))
    book = name_book(rows) if text else NameBook({})
    matches = book.find(text) if text else None
    named = [
        row
        for row in rows
        if (matches is None or row.community.pk in matches.keys)
        and (not country or row.community.country_code == country)
    ]
    found = [row for row in named if not letter or initial_of(str(row.community.name)) == letter]
    page_obj, notes = page_of(found, request.GET.get("page"), PER_PAGE)
    shown = list(page_obj.object_list)
    nearest: list[CommunityRow] = []
    if not found and text:
        by_key = {row.community.pk: row for row in rows}
        nearest = [by_key[key] for key in book.nearest(text)]
    _add_pages([*shown, *nearest], language, scope, request)
    return CommunityList(
        filters=filters,
        page_obj=page_obj,
        rows=shown,
        total=len(found),
        all_count=len(rows),
        letters=letters_of(_names(named)),
        notes=[*filters.notes, *notes],
        nearest=nearest,
        is_exact=matches is None or matches.is_exact,
    )


def _country(code: str) -> str:
    return str(country_name(code))


def _names(rows: list[CommunityRow]) -> list[str]:
    return [str(row.community.name) for row in rows]


def _add_pages(
    rows: list[CommunityRow], language: str, scope: PublicScope, request: HttpRequest
) -> None:
    communities = page_links(Community, [row.community for row in rows], language, scope, request)
    partnerships = {
        membership.partnership_id: membership.partnership
        for row in rows
        for membership in row.memberships
    }
    links = page_links(Partnership, partnerships.values(), language, scope, request)
    for row in rows:
        row.page = communities.get(row.community.pk)
        row.partnership_pages = [
            (membership.partnership, links[membership.partnership_id])
            for membership in row.memberships
            if membership.partnership_id in links
        ]
