"""What a community's page shows beside its text, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.http import HttpRequest

from partnerships.countries import country_name
from partnerships.enums import Side
from partnerships.listings.programs import ProgramRow, open_first, program_rows
from partnerships.models.communities import Community, SizeBand
from partnerships.models.partnerships import Membership, Partnership
from partnerships.models.programs import WayToTakePart
from partnerships.presentation.partnership import ToldGroup, told_groups
from partnerships.presentation.public import PageLink, PublicScope, page_links
from partnerships.presentation.sides import SidePane, panes_of
from partnerships.querysets import WayToTakePartQuerySet
from portal.demonstration import any_demo
from portal.library import LibraryType
from portal.text import language_name
from search.query import LibraryHit, LibraryQuery, Sort
from search.services.library import find

#: A community of the network sees at most so many open programs on its page.
MOST_PROGRAMS = 6
#: So many practices of others are offered to be held against it, out of so many best tested ones.
OFFERED, LOOKED_AT = 3, 24


@dataclass(frozen=True, slots=True)
class FitOffer:
    """A practice of others, and where it is held against the community, already chosen (C10)."""

    hit: LibraryHit
    url: str


@dataclass
class Tie:
    """One Partnership of a community, with both its sides."""

    membership: Membership
    first: SidePane
    second: SidePane
    page: PageLink | None = None

    @property
    def partnership(self) -> Partnership:
        """The Partnership."""
        return self.membership.partnership

    @property
    def panes(self) -> tuple[SidePane, SidePane]:
        """Both sides in the reader's order."""
        return self.first, self.second

    @property
    def is_current(self) -> bool:
        """Whether the community belongs to it today."""
        return self.membership.is_current()

    @property
    def count_israel(self) -> int:
        """How many places in Israel belong to it."""
        return self._count(Side.ISRAEL)

    @property
    def count_abroad(self) -> int:
        """How many communities abroad belong to it."""
        return self._count(Side.DIASPORA)

    def _count(self, side: Side) -> int:
        return sum(len(pane.members) for pane in (self.first, self.second) if pane.side == side)


@dataclass
class CommunityPortrait:
    """All that a community's page shows beside its own text."""

    community: Community
    country: str
    size: str
    languages: list[str]
    other_names: list[str]
    ties: list[Tie] = field(default_factory=list)
    programs: list[ProgramRow] = field(default_factory=list)
    told: list[ToldGroup] = field(default_factory=list)
    offers: list[FitOffer] = field(default_factory=list)

    @property
    def shows_demo(self) -> bool:
        """Whether something that the page lists is invented."""
        return any_demo(
            [tie.partnership for tie in self.ties],
            self.programs,
            self.told,
            [offer.hit for offer in self.offers],
        )


def build_community(
    community: Community, language: str, request: HttpRequest | None = None
) -> CommunityPortrait:
    """Gather what the page of `community` shows to a reader of `language`."""
    scope = PublicScope.of()
    own = list(scope.memberships().filter(community=community).select_related("partnership__kind"))
    keys = [membership.partnership_id for membership in own]
    beside: dict[int, list[Membership]] = {}
    others = Membership.objects.filter(partnership__in=keys).select_related("community")
    for membership in others:
        beside.setdefault(membership.partnership_id, []).append(membership)
    links = page_links(Partnership, [m.partnership for m in own], language, scope, request)
    ties = [
        Tie(
            membership,
            *panes_of(beside.get(membership.partnership_id, []), language),
            page=links.get(membership.partnership_id),
        )
        for membership in own
        if membership.is_current() or membership.left_on
    ]
    ties.sort(key=lambda tie: not tie.is_current)
    current = [tie.membership.partnership_id for tie in ties if tie.is_current]
    side = Side.ISRAEL if community.is_in_israel else Side.DIASPORA
    ways: WayToTakePartQuerySet = WayToTakePart.objects.filter(side__in=[side, ""])
    programs = (
        open_first(scope.programs().filter(partnership__in=current), ways)
        .filter(has_open=True)
        .for_public_display()[:MOST_PROGRAMS]
    )
    spoken = [code.strip() for code in community.spoken_languages.split(",") if code.strip()]
    return CommunityPortrait(
        community=community,
        country=str(country_name(community.country_code)),
        size=str(SizeBand(community.size_band).label) if community.size_band else "",
        languages=[language_name(code) for code in spoken],
        other_names=[variant.text for variant in community.variants.all()],
        ties=ties,
        programs=program_rows(list(programs), language, scope, request),
        told=told_groups(language, community=community.slug),
        offers=fit_offers(community.slug, {tie.partnership.slug for tie in ties}, language),
    )


def fit_offers(slug: str, own: Collection[str], language: str) -> list[FitOffer]:
    """Return practices that others tell, best tested first, to be held against a community.

    The address is that of “Would it fit us?” (`stories.fit.address`), with the community chosen.
    """
    result = find(
        LibraryQuery(
            types=[LibraryType.PRACTICE],
            lang=language,
            sort=Sort.TESTED,
            page_size=LOOKED_AT,
            with_facets=False,
        )
    )
    others = [hit for hit in result.hits if hit.url and not set(hit.partnerships) & set(own)]
    return [FitOffer(hit, f"{hit.url}fit/?for={slug}") for hit in others[:OFFERED]]
