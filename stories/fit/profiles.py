"""Reads who asks: a community or a Partnership, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from partnerships.calendars import hemisphere
from partnerships.enums import Side
from partnerships.models import Community, Partnership
from partnerships.presentation.public import PublicScope
from portal.fields import Translated
from stories.matching.limits import language_codes

from .table import Profile


@dataclass(frozen=True, slots=True)
class Asker:
    """A community or Partnership that shows, by slug and name; `sides` are those it stands for."""

    slug: str
    name: Translated
    sides: frozenset[str]
    profile: Profile
    has_demo: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen in the form, by name in the reader's language or another."""

    slug: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Communities and Partnerships that show, by name."""

    communities: tuple[Choice, ...] = field(default=())
    partnerships: tuple[Choice, ...] = field(default=())


def choices_for(language: str, scope: PublicScope) -> Choices:
    """Return what can be chosen (two queries)."""

    def named(rows: Sequence[Community | Partnership]) -> tuple[Choice, ...]:
        found = [
            Choice(
                row.slug,
                row.name.in_language(language) or row.slug,
                row.name.language_for(language),
            )
            for row in rows
        ]
        return tuple(sorted(found, key=lambda each: (each.text.casefold(), each.slug)))

    return Choices(
        named(list(scope.communities().only("slug", "name"))),
        named(list(scope.partnerships().select_related(None).only("slug", "name"))),
    )


def asker_of(slug: str, scope: PublicScope) -> Asker | None:
    """Return the community or Partnership of that slug; None for one that does not show.

    A community stands for its own side, its Partnerships' other places beside it; a Partnership
    for both sides.
    """
    community = scope.communities().filter(slug=slug).first()
    if community is not None:
        partnerships = scope.partnerships().filter(memberships__in=community.memberships.current())
        others = _members(list(partnerships), scope)
        side = Side.ISRAEL if community.is_in_israel else Side.DIASPORA
        beside = [each for each in others if each.is_in_israel != community.is_in_israel]
        return Asker(
            slug,
            community.name,
            frozenset({side.value}),
            _profile([community], beside),
            community.profile_is_demo,
        )
    partnership = scope.partnerships().filter(slug=slug).first()
    if partnership is None:
        return None
    members = _members([partnership], scope)
    return Asker(
        slug,
        partnership.name,
        frozenset(Side.values),
        _profile(members, []),
        any(member.profile_is_demo for member in members),
    )


def _members(partnerships: Sequence[Partnership], scope: PublicScope) -> list[Community]:
    """Return the communities of Partnerships today, each once (one query)."""
    rows = scope.memberships().current().filter(partnership__in=partnerships)
    found = {row.community_id: row.community for row in rows.select_related("community")}
    return sorted(found.values(), key=lambda community: community.slug)


def _profile(own: Sequence[Community], beside: Sequence[Community]) -> Profile:
    """Return the profile of communities; `beside` are the places of the other side."""
    everybody = [*own, *beside]
    abroad = [each for each in everybody if not each.is_in_israel]
    israel = [each for each in everybody if each.is_in_israel]
    hours = [each.staff_hours for each in own if each.staff_hours is not None]
    spoken = [language_codes(each.spoken_languages) for each in own]
    seasons = [each for each in own if not each.is_in_israel] or abroad
    return Profile(
        languages=tuple(codes for codes in spoken if codes),
        budget_bands=tuple(each.budget_band for each in own if each.budget_band),
        staff_hours=sum(hours) if hours else None,
        sizes=tuple(each.size_band for each in own if each.size_band),
        hemispheres=frozenset(filter(None, (hemisphere(each.latitude) for each in seasons))),
        school_years=frozenset(filter(None, (each.school_year for each in everybody))),
        zones=tuple(sorted({each.time_zone for each in abroad})),
        calendars=(*_calendars(seasons), *(_calendars(israel) or ["IL"])) if everybody else (),
        israel_climates=_climates(israel),
        climates_abroad=_climates(seasons),
        security=frozenset(filter(None, (each.security for each in own))),
        israel_security=frozenset(filter(None, (each.security for each in israel))),
    )


def _calendars(communities: Sequence[Community]) -> list[str]:
    return sorted({each.calendar_code for each in communities})


def _climates(communities: Sequence[Community]) -> frozenset[tuple[str, str]]:
    """Return the climates of places with their hemisphere; what is not told is left out."""
    told = ((each.climate, hemisphere(each.latitude)) for each in communities)
    return frozenset(pair for pair in told if pair[0])
