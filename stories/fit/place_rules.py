"""The rows about places: season, weather and security. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from partnerships.calendars import OPPOSITE
from partnerships.enums import Direction, Season
from partnerships.models.communities import Climate, SecurityState
from stories.enums import SecurityNeed, WeatherNeed
from stories.matching.limits import Verdict

from .table import Need, PracticeNeeds, Profile, Row, untold

SEASONS = (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)
#: What can be done outdoors in a climate, by the season as it is there.
OUTDOORS: dict[Climate, dict[Season, frozenset[WeatherNeed]]] = {
    Climate.MEDITERRANEAN: {
        Season.WINTER: frozenset({WeatherNeed.MILD}),
        Season.SPRING: frozenset({WeatherNeed.MILD, WeatherNeed.WARM}),
        Season.SUMMER: frozenset({WeatherNeed.WARM}),
        Season.AUTUMN: frozenset({WeatherNeed.MILD, WeatherNeed.WARM}),
    },
    Climate.DESERT: {
        Season.WINTER: frozenset({WeatherNeed.MILD}),
        Season.SPRING: frozenset({WeatherNeed.MILD, WeatherNeed.WARM}),
        Season.SUMMER: frozenset(),
        Season.AUTUMN: frozenset({WeatherNeed.WARM}),
    },
    Climate.CONTINENTAL: {
        Season.WINTER: frozenset({WeatherNeed.SNOW}),
        Season.SPRING: frozenset({WeatherNeed.MILD}),
        Season.SUMMER: frozenset({WeatherNeed.MILD, WeatherNeed.WARM}),
        Season.AUTUMN: frozenset({WeatherNeed.MILD}),
    },
    Climate.OCEANIC: {
        Season.WINTER: frozenset(),
        Season.SPRING: frozenset({WeatherNeed.MILD}),
        Season.SUMMER: frozenset({WeatherNeed.MILD, WeatherNeed.WARM}),
        Season.AUTUMN: frozenset({WeatherNeed.MILD}),
    },
    Climate.TROPICAL: dict.fromkeys(SEASONS, frozenset({WeatherNeed.WARM})),
}


def season_row(needs: PracticeNeeds, profile: Profile) -> Row:
    """Return whether the season means the same in both hemispheres."""
    need = str(Season(needs.season).label) if needs.season else untold()
    names = {"north": _("northern hemisphere"), "south": _("southern hemisphere")}
    yours = ", ".join(names[each] for each in sorted(profile.hemispheres)) or untold()
    if not needs.season or not profile.hemispheres:
        return Row(Need.SEASON, need, yours, Verdict.UNTOLD)
    if needs.season == Season.ALL_YEAR or "south" not in profile.hemispheres:
        return Row(Need.SEASON, need, yours, Verdict.OK)
    names_of = {
        Season.WINTER: _("winter"),
        Season.SPRING: _("spring"),
        Season.SUMMER: _("summer"),
        Season.AUTUMN: _("autumn"),
    }
    season = Season(needs.season)
    why = _("What is %(one)s in the north is %(other)s in the south.") % {
        "one": names_of[season],
        "other": names_of[OPPOSITE[season]],
    }
    is_at_home = needs.direction in (Direction.ONLINE, Direction.AT_HOME)
    return Row(Need.SEASON, need, yours, Verdict.OK if is_at_home else Verdict.STRETCH, why)


def weather_row(needs: PracticeNeeds, profile: Profile) -> Row:
    """Return whether it can be done outdoors there at that time of the year."""
    places = _climates_of_the_place(needs, profile)
    yours = ", ".join(str(Climate(each).label) for each in sorted({c for c, _side in places}))
    yours = yours or untold()
    if needs.direction == Direction.ONLINE:
        return Row(Need.WEATHER, _("nobody is outdoors together"), yours, Verdict.OK)
    if not needs.weather_need:
        return Row(Need.WEATHER, untold(), yours, Verdict.UNTOLD)
    weather = WeatherNeed(needs.weather_need)
    need = str(weather.label)
    if weather == WeatherNeed.ANY:
        return Row(Need.WEATHER, need, yours, Verdict.OK)
    if not needs.season or not needs.direction or not places:
        return Row(Need.WEATHER, need, yours, Verdict.UNTOLD)
    fitting = [
        season for season in SEASONS if all(_is_fine(weather, season, place) for place in places)
    ]
    when = ", ".join(str(season.label) for season in fitting)
    why = _("There it fits: %(months)s.") % {"months": when} if fitting else ""
    if needs.season == Season.ALL_YEAR:
        if len(fitting) == len(SEASONS):
            return Row(Need.WEATHER, need, yours, Verdict.OK)
        if fitting:
            return Row(Need.WEATHER, need, yours, Verdict.STRETCH, why)
        why = _("In no season is the weather such in all of these places.")
        return Row(Need.WEATHER, need, yours, Verdict.BLOCK, why)
    season = Season(needs.season)
    fine = [_is_fine(weather, season, place) for place in places]
    if all(fine):
        return Row(Need.WEATHER, need, yours, Verdict.OK)
    told = _("In these months the weather is another there.")
    if any(fine):
        told = _("In these months the weather is such in some of the places only.")
    verdict = Verdict.STRETCH if any(fine) else Verdict.BLOCK
    return Row(Need.WEATHER, need, yours, verdict, " ".join(filter(None, (told, why))))


def _climates_of_the_place(needs: PracticeNeeds, profile: Profile) -> frozenset[tuple[str, str]]:
    """Return the climates of where it happens: of whom people travel to, else of both sides."""
    if needs.direction == Direction.TO_ISRAEL:
        return profile.israel_climates
    if needs.direction == Direction.FROM_ISRAEL:
        return profile.climates_abroad
    return profile.israel_climates | profile.climates_abroad


def _is_fine(weather: WeatherNeed, season: Season, place: tuple[str, str]) -> bool:
    climate, side = place
    there = OPPOSITE[season] if side == "south" else season
    return weather in OUTDOORS[Climate(climate)][there]


def security_row(needs: PracticeNeeds, profile: Profile) -> Row:
    """Return whether the situation allows it where it happens."""
    told_need = str(SecurityNeed(needs.security_need).label) if needs.security_need else ""
    if not needs.direction:
        need = told_need or untold()
        return Row(Need.SECURITY, need, _states(profile.security), Verdict.UNTOLD)
    if not needs.travels:
        return _security_at_home(needs, profile, told_need)
    goes_to_israel = needs.direction in (Direction.TO_ISRAEL, Direction.BOTH)
    travel = _("groups travel: %(direction)s") % {"direction": Direction(needs.direction).label}
    need = "; ".join(filter(None, (travel, told_need)))
    states = profile.israel_security if goes_to_israel else profile.security
    if not states:
        return Row(Need.SECURITY, need, untold(), Verdict.UNTOLD)
    told = (need, _states(states))
    if SecurityState.NO_GROUPS in states:
        why = _("No group can come at present.")
        return Row(Need.SECURITY, *told, Verdict.BLOCK, why)
    return _near_a_shelter(needs, told, states)


def _security_at_home(needs: PracticeNeeds, profile: Profile, told_need: str) -> Row:
    """Return the row where nobody travels: what each does at home has its needs all the same."""
    told = ("; ".join(filter(None, (_("nobody travels"), told_need))), _states(profile.security))
    if needs.direction == Direction.ONLINE or needs.security_need != SecurityNeed.FREE:
        return Row(Need.SECURITY, *told, Verdict.OK)
    if not profile.security:
        return Row(Need.SECURITY, *told, Verdict.UNTOLD)
    return _near_a_shelter(needs, told, profile.security)


def _near_a_shelter(needs: PracticeNeeds, told: tuple[str, str], states: Iterable[str]) -> Row:
    if set(states) <= {SecurityState.OPEN}:
        return Row(Need.SECURITY, *told, Verdict.OK)
    why = _("Everything has to be near a shelter.")
    if needs.security_need == SecurityNeed.FREE:
        return Row(Need.SECURITY, *told, Verdict.BLOCK, why)
    if needs.security_need:
        return Row(Need.SECURITY, *told, Verdict.OK, why)
    return Row(Need.SECURITY, *told, Verdict.STRETCH, why)


def _states(states: frozenset[str]) -> str:
    return ", ".join(str(SecurityState(each).label) for each in sorted(states)) or untold()
