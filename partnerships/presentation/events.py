"""Events as the public may see them: place and day are held back until `reveal_after`.

Until then only the month and the region show (FEATURES L7); everything that shows an event to the
public asks `event_view` and never the model's own fields.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from partnerships.countries import country_name
from partnerships.models.communities import Community
from partnerships.models.events import Event
from partnerships.models.partnerships import Membership, Partnership
from partnerships.presentation.public import PageLink, PublicScope, page_links
from portal.fields import Translated

#: More clocks than this beside an event confuse.
MOST_CLOCKS = 4


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of an event where some of the communities live."""

    time: datetime.datetime
    places: str

    @property
    def words(self) -> str:
        """Weekday and time, as the reader's language writes them."""
        day = formats.date_format(self.time, "D")
        return f"{day}, {formats.date_format(self.time, 'TIME_FORMAT')}"


@dataclass(frozen=True, slots=True)
class EventView:
    """One event, with nothing in it that is held back."""

    event: Event
    is_held: bool
    when: str
    datetime: str
    place: str
    clocks: tuple[Clock, ...] = ()
    page: PageLink | None = None
    is_over: bool = False

    @property
    def summary(self) -> Translated:
        """What it is about; kept back with day and place, since its free words may tell them."""
        return Translated() if self.is_held else self.event.summary

    @property
    def is_demo(self) -> bool:
        """Whether the event is invented."""
        return self.event.is_demo

    @property
    def zone(self) -> str:
        """The place whose time `when` tells: the event's community, else its zone's city."""
        community = self.event.community
        if community is not None and community.time_zone == self.event.time_zone:
            return str(community.name)
        return self.event.time_zone.rsplit("/", 1)[-1].replace("_", " ")

    @property
    def online_url(self) -> str:
        """The address of an online event, once it may be known and until it is over."""
        return "" if self.is_held or self.is_over else self.event.online_url

    @property
    def recording_url(self) -> str:
        """The address of the recording, once the event is over."""
        return self.event.recording_url if self.is_over and not self.is_held else ""

    @property
    def follow_up(self) -> Translated:
        """What to read on, once the event is over."""
        return self.event.follow_up if self.is_over and not self.is_held else Translated()


def event_view(
    event: Event,
    memberships: Iterable[Membership] = (),
    page: PageLink | None = None,
    at: datetime.datetime | None = None,
) -> EventView:
    """Return what the public sees of an event at a moment (now when not given).

    `memberships` give the clocks of the Partnership's communities; load `community` with them.
    """
    moment = at or timezone.now()
    local = event.starts_at.astimezone(ZoneInfo(event.time_zone))
    is_over = (event.ends_at or event.starts_at) < moment
    if event.reveal_after and event.reveal_after > moment:
        return EventView(
            event,
            is_held=True,
            when=formats.date_format(local, "YEAR_MONTH_FORMAT"),
            datetime=f"{local:%Y-%m}",
            place=_region_of(event),
            page=page,
            is_over=is_over,
        )
    return EventView(
        event,
        is_held=False,
        when=_words_of(event, local),
        datetime=local.isoformat(timespec="minutes"),
        place=_place_of(event),
        clocks=() if is_over else _clocks(event, memberships),
        page=page,
        is_over=is_over,
    )


def _words_of(event: Event, local: datetime.datetime) -> str:
    """Return day and time where the event is; both days when it ends on another."""
    day = formats.date_format(local, "DATE_FORMAT")
    start = formats.date_format(local, "TIME_FORMAT")
    if event.ends_at is None:
        return f"{day}, {start}"
    end = event.ends_at.astimezone(local.tzinfo)
    if end.date() == local.date():
        return f"{day}, {start}–{formats.date_format(end, 'TIME_FORMAT')}"
    return f"{day} – {formats.date_format(end, 'DATE_FORMAT')}"


def _region_of(event: Event) -> str:
    """Return the region: of the Partnership if it is in Israel, else the country."""
    community = event.community
    if community is None:
        return ""
    if community.is_in_israel and event.partnership and event.partnership.region_name:
        return str(event.partnership.region_name)
    return str(country_name(community.country_code))


def _place_of(event: Event) -> str:
    parts = [str(event.place), str(event.community.name) if event.community else ""]
    return ", ".join(part for part in parts if part)


def _clocks(event: Event, memberships: Iterable[Membership]) -> tuple[Clock, ...]:
    """Return the time in each of the communities' zones, one clock a time of day."""
    communities: list[Community] = [membership.community for membership in memberships]
    by_time: dict[datetime.datetime, tuple[datetime.datetime, list[str]]] = {}
    for community in communities:
        time = event.starts_at.astimezone(ZoneInfo(community.time_zone))
        names = by_time.setdefault(time.replace(tzinfo=None), (time, []))[1]
        names.append(str(community.name))
    if len(by_time) < 2:
        return ()
    clocks = []
    for time, names in sorted(by_time.values(), key=lambda pair: pair[0].replace(tzinfo=None)):
        places = ", ".join(names[:2])
        if len(names) > 2:
            places = _("%(places)s and %(count)d more") % {
                "places": places,
                "count": len(names) - 2,
            }
        clocks.append(Clock(time, places))
    return tuple(clocks[:MOST_CLOCKS])


def build_event(event: Event, language: str, request: HttpRequest | None = None) -> dict[str, Any]:
    """Return what an event's page shows: `event` (EventView) and `partnership_page`."""
    if event.partnership is None:
        return {"event": event_view(event), "partnership_page": None}
    memberships = event.partnership.memberships.current().select_related("community")
    links = page_links(Partnership, [event.partnership], language, PublicScope.of(), request)
    return {
        "event": event_view(event, memberships),
        "partnership_page": links.get(event.partnership.pk),
    }
