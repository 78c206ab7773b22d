"""What happens by the clock: terms end, calls open and close, and nobody has to save anything."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from partnerships.models import RoleAssignment, WayToTakePart
from search.models import LibraryEntry
from tests.factories import (
    ProgramFactory,
    ProgramPageFactory,
    RoleAssignmentFactory,
    WayToTakePartFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def test_the_scheduler_ends_and_begins_roles_with_the_day() -> None:
    today = timezone.localdate()
    ended, begun = RoleAssignmentFactory(), RoleAssignmentFactory(starts_on=today + DAY)
    RoleAssignment.objects.filter(pk=ended.pk).update(ends_on=today - DAY)
    RoleAssignment.objects.filter(pk=begun.pk).update(starts_on=today)

    call_command("run_schedule", "--job", "roles")

    assert not ended.user.groups.exists()
    assert begun.user.groups.count() == 1


@pytest.mark.parametrize(
    ("turn", "is_told"),
    [
        ({"opens_on": 0}, True),
        ({"deadline": -1}, True),
        ({"starts_on": -1}, True),
        ({"deadline": 5}, False),
    ],
    ids=["opens today", "closed yesterday", "began yesterday", "open all week"],
)
def test_the_scheduler_tells_the_library_of_calls_that_opened_or_closed(
    turn: dict[str, int], is_told: bool
) -> None:
    program, other = ProgramFactory(), ProgramFactory()
    pages = [ProgramPageFactory(program=one) for one in (program, other)]
    way = WayToTakePartFactory(program=program)
    WayToTakePartFactory(program=other)
    today = timezone.localdate()
    days: dict[str, Any] = {name: today + number * DAY for name, number in turn.items()}
    WayToTakePart.objects.filter(pk=way.pk).update(**days)

    def versions() -> list[int]:
        return [LibraryEntry.objects.get(page=page).version for page in pages]

    before = versions()
    call_command("run_schedule", "--job", "programs: what opened and closed")

    assert [after > early for after, early in zip(versions(), before, strict=True)] == [
        is_told,
        False,
    ]
