"""Holidays, working days, seasons and shared hours of two places: computed, never typed."""

from __future__ import annotations

import datetime
import json
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from partnerships.calendars import (
    country_of,
    days_off,
    hemisphere,
    knows_holidays,
    next_season,
)
from partnerships.clocks import shared_hours, shared_hours_between
from partnerships.school_years import FILE, long_break
from partnerships.services.working_days import after_working_days, is_working_day
from tests.factories import CommunityFactory

MELBOURNE, ISRAEL, NEW_YORK = "Australia/Melbourne", "Asia/Jerusalem", "America/New_York"
DAY = datetime.date(2026, 11, 28)


def hours(ours: str, theirs: str, day: datetime.date) -> float:
    return sum(span.hours for span in shared_hours(ours, theirs, day))


class TestClocks:
    """Both clocks, on the very day."""

    def test_summer_time_of_both_sides_counts(self) -> None:
        assert hours(MELBOURNE, ISRAEL, datetime.date(2027, 1, 15)) == 3
        assert hours(MELBOURNE, ISRAEL, datetime.date(2027, 4, 1)) == 4  # both on summer time
        assert hours(MELBOURNE, ISRAEL, datetime.date(2027, 7, 15)) == 5
        assert hours(NEW_YORK, ISRAEL, datetime.date(2027, 1, 15)) == 5
        # In March clocks change in New York before they do in Israel.
        assert hours(NEW_YORK, ISRAEL, datetime.date(2027, 3, 20)) == 6

    def test_it_is_told_on_both_clocks(self) -> None:
        winter = datetime.date(2026, 1, 8)
        (span,) = shared_hours("America/Chicago", ISRAEL, winter)
        assert (span.ours_from.hour, span.ours_until.hour) == (8, 12)
        assert (span.theirs_from.hour, span.theirs_until.hour) == (16, 20)
        (span,) = shared_hours("Asia/Kolkata", ISRAEL, winter)
        assert (span.ours_from, span.hours) == (datetime.time(11, 30), 8.5)
        assert shared_hours(ISRAEL, "Pacific/Honolulu", winter) == ()
        assert shared_hours("nowhere", "UTC", winter)[0].ours_from.hour == 8

    def test_between_two_days_the_fewest_and_the_most(self) -> None:
        year = datetime.date(2027, 1, 1), datetime.date(2027, 12, 31)
        assert shared_hours_between(MELBOURNE, ISRAEL, *year) == (3, 5)
        summer = datetime.date(2027, 6, 1), datetime.date(2027, 8, 31)
        assert shared_hours_between(MELBOURNE, ISRAEL, *summer) == (5, 5)
        march = datetime.date(2027, 3, 1), datetime.date(2027, 3, 31)
        assert shared_hours_between(NEW_YORK, ISRAEL, *march) == (5, 6)
        assert shared_hours_between("Pacific/Honolulu", ISRAEL, *year) == (0, 1)
        assert shared_hours_between("No/Where", ISRAEL, *year) is None


class TestSeasonsAndHolidays:
    """What is closed where, and when."""

    def test_seasons_and_hemispheres(self) -> None:
        assert next_season("winter", DAY) == (
            datetime.date(2026, 12, 1),
            datetime.date(2027, 2, 28),
        )
        assert next_season("autumn", DAY) == (
            datetime.date(2027, 9, 1),
            datetime.date(2027, 11, 30),
        )
        assert next_season("all_year", DAY) is None
        assert [hemisphere(lat) for lat in (-37.8, 32, 3, None)] == ["south", "north", "", ""]

    def test_holidays_are_those_of_each_side(self) -> None:
        first, last = datetime.date(2027, 4, 18), datetime.date(2027, 5, 31)
        off = {
            (each.country, each.day.isoformat())
            for each in days_off(["US", "IL"], first, last, "en")
        }
        assert ("IL", "2027-04-28") in off  # the seventh day of Passover
        assert ("US", "2027-04-29") in off  # the eighth is kept abroad only
        assert ("IL", "2027-04-29") not in off
        assert ("IL", "2027-05-12") in off  # Independence Day
        assert ("US", "2027-05-31") in off  # Memorial Day
        assert ("US", "2027-04-24") not in off  # a Saturday closes nothing
        names = {each.name for each in days_off(["IL"], first, last, "he")}
        assert "פסח" in names
        years = datetime.date(2026, 1, 1), datetime.date(2029, 12, 31)
        festivals = {off.name for off in days_off(["US"], *years, "en")}
        assert {"Sukkot", "Shavuot", "Rosh Hashanah", "Simchat Torah"} <= festivals
        assert not knows_holidays("XX")

    def test_the_network_s_countries_are_known(self) -> None:
        for country in ("IL", "US", "CA", "GB", "AU", "ZA", "MX", "VE", "CZ", "PL", "HU"):
            assert knows_holidays(country), country


class TestWorkingDays:
    """What an answer within so many working days is counted in."""

    def test_the_weekend_is_that_of_the_place(self) -> None:
        thursday = datetime.datetime(2026, 1, 8, 10, tzinfo=ZoneInfo(ISRAEL))
        israel = after_working_days(thursday, 3, ISRAEL, "IL")
        assert israel.date() == datetime.date(2026, 1, 13)  # Sunday, Monday, Tuesday
        assert (israel.hour, israel.tzinfo) == (10, ZoneInfo(ISRAEL))
        abroad = after_working_days(thursday, 3, "America/Chicago", "US")
        assert abroad.date() == datetime.date(2026, 1, 13)  # Friday, Monday, Tuesday
        friday = datetime.datetime(2026, 1, 9, 10, tzinfo=ZoneInfo(ISRAEL))
        assert after_working_days(friday, 3, ISRAEL, "IL").date().day == 13
        assert after_working_days(friday, 3, "Europe/Berlin", "DE").date().day == 14

    @pytest.mark.parametrize(
        ("day", "country", "works"),
        [
            ("2027-05-31", "US", False),  # Memorial Day
            ("2027-05-31", "IL", True),
            ("2027-04-29", "US", False),  # the eighth day of Passover, abroad only
            ("2027-04-29", "IL", True),
            ("2027-05-12", "IL", False),  # Independence Day
            ("2027-04-26", "IL", True),  # the days between are working days
            ("2027-12-27", "GB", False),  # Christmas on a Saturday is kept on Monday
            ("2027-01-26", "AU", False),  # Australia Day
            ("2027-01-25", "XX", True),  # a country whose holidays are not known
        ],
    )
    def test_holidays_of_the_country_and_festivals_are_no_working_days(
        self, day: str, country: str, works: bool
    ) -> None:
        assert is_working_day(datetime.date.fromisoformat(day), country) is works

    def test_a_deadline_passes_over_the_autumn_festivals(self) -> None:
        # 2027: Rosh Hashanah is Saturday to Sunday (2 and 3 October), Yom Kippur Monday the 11th.
        thursday = datetime.datetime(2027, 9, 30, 15, tzinfo=ZoneInfo(ISRAEL))
        due = after_working_days(thursday, 3, ISRAEL, "IL")
        assert due.date() == datetime.date(2027, 10, 6)  # Monday, Tuesday, Wednesday
        assert after_working_days(thursday, 0, ISRAEL, "IL") == thursday

    def test_a_zone_that_is_not_known_gives_an_answer_all_the_same(self) -> None:
        monday = datetime.datetime(2027, 1, 11, 10, tzinfo=datetime.UTC)
        assert after_working_days(monday, 1, "No/Where", "").date() == datetime.date(2027, 1, 12)


class TestPlaces:
    """A country or its state: "AU", "AU-VIC"."""

    def test_a_state_keeps_holidays_of_its_own(self) -> None:
        first, last = datetime.date(2027, 11, 1), datetime.date(2027, 11, 30)
        cup = {off.day for off in days_off(["AU-VIC"], first, last, "en")}
        assert datetime.date(2027, 11, 2) in cup
        assert datetime.date(2027, 11, 2) not in {
            off.day for off in days_off(["AU"], first, last, "en")
        }
        assert not is_working_day(datetime.date(2027, 11, 2), "AU-VIC")
        assert days_off(["AU-NOWHERE"], first, last, "en") == days_off(["AU"], first, last, "en")

    def test_a_state_is_one_of_its_country(self) -> None:
        community = CommunityFactory.build(country_code="AU", region_code=" vic ")
        community.clean()
        assert community.calendar_code == "AU-VIC"
        community.region_code = "Texas"
        with pytest.raises(ValidationError, match="VIC"):
            community.clean()
        assert CommunityFactory.build(country_code="IL").calendar_code == "IL"

    def test_each_pattern_has_its_source_and_its_months(self) -> None:
        rows = json.loads(FILE.read_text("utf-8"))["long_breaks"]
        for place, row in rows.items():
            assert row["sources"], place
            assert set(row["months"]) <= set(range(1, 13)), place
            assert knows_holidays(country_of(place)), place
        assert long_break("GB-SCT") == (7,)
        assert long_break("US-OH") == (7,)  # a state without a pattern has its country's
        assert long_break("MX") == ()
