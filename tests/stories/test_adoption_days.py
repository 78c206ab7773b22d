"""Days that nobody can mean are refused: what happened before 1990, plans of many years."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stories.models import Adoption, EarlierRun
from stories.services.adoptions import AdoptionRefused, change_plan, move, take_over
from stories.services.outcomes import record_earlier_run
from tests.stories.adopting import partnership, person, practice, staff, taken

pytestmark = pytest.mark.django_db


def test_nothing_happened_before_1990(client: Client) -> None:
    adoption = taken()
    user = person(of=adoption.partnership)
    move(user, adoption, "planned")
    for day in (datetime.date.min, datetime.date(1989, 12, 31)):
        with pytest.raises(AdoptionRefused) as refused:
            move(user, adoption, "running", on=day)
        assert "on" in refused.value.error_dict
    adoption.refresh_from_db()
    assert (adoption.state, adoption.started_on) == ("planned", None)
    client.force_login(user)
    told = {"seen": "planned", "to": "running", "on": "0001-01-01"}
    data = {"action": "move", **{f"move-{name}": value for name, value in told.items()}}
    html = client.post(reverse("wagtailadmin_adoption", args=[adoption.pk]), data).content.decode()
    assert "look at the year" in html
    move(user, adoption, "running", on=datetime.date(1990, 1, 1))


def test_a_start_is_planned_five_years_ahead_at_the_most() -> None:
    source, taker = practice(), partnership()
    user, today = person(of=taker), timezone.localdate()
    slips = (datetime.date.max, today + datetime.timedelta(days=366 * 5 + 1), datetime.date.min)
    for day in slips:
        with pytest.raises(AdoptionRefused) as refused:
            take_over(user, source, taker, planned_start=day)
        assert "planned_start" in refused.value.error_dict
    assert not Adoption.objects.exists()
    last = today + datetime.timedelta(days=365 * 5)
    adoption = take_over(user, source, taker, planned_start=last)
    plan: dict[str, Any] = {"contact_role": "coordinator", "is_announced": False}
    for day in slips:
        with pytest.raises(AdoptionRefused):
            change_plan(user, adoption, planned_start=day, **plan)
    adoption.refresh_from_db()
    assert adoption.planned_start == last
    change_plan(user, adoption, planned_start=None, **plan)
    assert adoption.planned_start is None


def test_an_earlier_run_was_earlier() -> None:
    year = timezone.localdate().year
    with pytest.raises(AdoptionRefused) as refused:
        record_earlier_run(
            staff(), practice(), EarlierRun(place={"en": "A town"}, year=year + 1, source="a book")
        )
    assert "year" in refused.value.error_dict
    assert not EarlierRun.objects.exists()
