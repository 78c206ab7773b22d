"""The two sides of a Partnership, equal: each with its communities, in the reader's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from partnerships.countries import country_name
from partnerships.enums import Side
from partnerships.models.communities import Community
from partnerships.models.partnerships import Membership
from partnerships.presentation.public import PageLink
from portal.fields import text_direction

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: More communities than this on a side are grouped by country.
GROUP_FROM = 6
#: A card names so many of a side (`components/partnership_card.html`).
ON_A_CARD = 4


def sides_for(language: str) -> tuple[Side, Side]:
    """Return the sides in the reader's order.

    The side abroad comes first where text runs from the left, the side in Israel where it runs
    from the right: so each stands where its own script begins, whatever the reader's language,
    and a phone stacks the reader's side first (FEATURES L5).
    """
    order = (Side.DIASPORA, Side.ISRAEL)
    return order if text_direction(language) == "ltr" else (Side.ISRAEL, Side.DIASPORA)


def side_key(side: Side) -> str:
    """Return the word by which style sheets know a side: "israel" or "abroad"."""
    return "israel" if side == Side.ISRAEL else "abroad"


def side_heading(side: Side) -> StrOrPromise:
    """Return the heading of a side."""
    return _("In Israel") if side == Side.ISRAEL else _("Abroad")


@dataclass(frozen=True, slots=True)
class Member:
    """A partner community as its side shows it."""

    membership: Membership
    page: PageLink | None = None

    @property
    def community(self) -> Community:
        """The community."""
        return self.membership.community


@dataclass
class SidePane:
    """One side: its communities now, and those that left."""

    side: Side
    members: list[Member] = field(default_factory=list)
    former: list[Member] = field(default_factory=list)

    @property
    def key(self) -> str:
        """ "israel" or "abroad", as the style sheets call the sides."""
        return side_key(self.side)

    @property
    def rest_count(self) -> int:
        """How many communities a card doesn't name."""
        return max(0, len(self.members) - ON_A_CARD)

    @property
    def heading(self) -> StrOrPromise:
        """The side's heading."""
        return side_heading(self.side)

    @cached_property
    def groups(self) -> list[tuple[StrOrPromise, list[Member]]]:
        """The members by country; one group without a heading while they are few or of one."""
        countries = {member.community.country_code for member in self.members}
        if len(self.members) < GROUP_FROM or len(countries) < 2:
            return [("", self.members)]
        groups: dict[str, list[Member]] = {}
        for member in self.members:
            groups.setdefault(member.community.country_code, []).append(member)
        return [(country_name(code), members) for code, members in groups.items()]


def panes_of(
    memberships: Iterable[Membership],
    language: str,
    pages: Mapping[int, PageLink] | None = None,
) -> tuple[SidePane, SidePane]:
    """Return both sides in the reader's order.

    `pages` are the communities' pages by primary key. Those that left go to `former`; those that
    are yet to join don't show.
    """
    first, second = (SidePane(side) for side in sides_for(language))
    by_side = {first.side: first, second.side: second}
    for membership in memberships:
        pane = by_side[Side(membership.side)]
        member = Member(membership, (pages or {}).get(membership.community_id))
        if membership.is_current():
            pane.members.append(member)
        elif membership.left_on:
            pane.former.append(member)
    return first, second
