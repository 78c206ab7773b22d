"""Twinned schools as the public may see them: places and levels, names only if both agreed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from partnerships.enums import Side
from partnerships.models.communities import Community
from partnerships.models.schools import SchoolLevel, SchoolTwin
from partnerships.presentation.sides import sides_for
from portal.fields import Translated
from portal.templatetags.portal_tags import localized


@dataclass(frozen=True, slots=True)
class TwinView:
    """One twinning; `sides` are safe HTML in the reader's order, names in other scripts marked."""

    sides: tuple[SafeString | str, SafeString | str]
    level: str
    since: int | None
    until: int | None
    is_demo: bool


def twin_views(twins: Iterable[SchoolTwin], language: str) -> list[TwinView]:
    """Return twinnings for a reader; load both communities with them."""
    return [
        TwinView(
            sides=(_words(twin, first), _words(twin, second)),
            level=str(SchoolLevel(twin.level).label),
            since=twin.since_year,
            until=twin.until_year,
            is_demo=twin.is_demo,
        )
        for twin in twins
        for first, second in [sides_for(language)]
    ]


def _words(twin: SchoolTwin, side: Side) -> SafeString | str:
    """Return what the public reads of one side: the school if it may, else only the place."""
    in_israel = side == Side.ISRAEL
    community: Community | None = twin.israel_community if in_israel else twin.diaspora_community
    school: Translated = twin.israel_school if in_israel else twin.diaspora_school
    if twin.names_are_public:
        place = localized(community.name) if community else ""
        return SafeString(f"{localized(school)} ({place})") if place else localized(school)
    if community:
        return localized(community.name)
    return _("a school in Israel") if in_israel else _("a school abroad")
