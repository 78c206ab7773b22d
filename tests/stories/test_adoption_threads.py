"""Two people at once leave one consistent record: real threads, real transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from portal.models import OutgoingMail
from stories.models import (
    Adoption,
    AdoptionChange,
    AdoptionSource,
    MaterialEdit,
    Outcome,
    PracticePage,
)
from stories.services.adoptions import add_parent, move, take_over
from stories.services.corrections import remove_source
from stories.services.lineage import edges, reachable
from stories.services.outcomes import report
from stories.services.telling import tell_of_edit
from tests.factories import locale_of, page_of
from tests.stories.adopting import (
    TOLD,
    partnership,
    person,
    practice,
    publish_child,
    running,
    taken,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.requires("postgresql"),  # SQLite has one writer at a time, in tests in memory too
]


def at_once(*acts: Callable[[], Any]) -> list[BaseException | None]:
    """Do all `acts` in threads that begin together; return what each was refused with."""
    start = threading.Barrier(len(acts))
    refused: list[BaseException | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=60)
            act()
        except BaseException as error:
            refused[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    assert all(error is None or isinstance(error, ValidationError) for error in refused), refused
    return refused


def test_two_who_move_it_at_once_move_it_once() -> None:
    adoption = taken()
    first, second = (person(of=adoption.partnership) for _ in range(2))
    refused = at_once(
        lambda: move(first, Adoption.objects.get(), "planned", seen_state="considering"),
        lambda: move(
            second, Adoption.objects.get(), "stopped", seen_state="considering", reason="money"
        ),
    )
    assert len([error for error in refused if error]) == 1
    row = Adoption.objects.get()
    assert [change.to_state for change in row.changes.all()] == ["considering", row.state]
    assert bool(row.stop_reason) == (row.state == "stopped")


def test_two_who_bring_the_same_practice_over_bring_it_once() -> None:
    source, ours = practice(), partnership()
    users = [person(of=ours) for _ in range(2)]
    refused = at_once(*[lambda user=user: take_over(user, source, ours) for user in users])
    assert len([error for error in refused if error]) == 1
    assert Adoption.objects.count() == AdoptionSource.objects.count() == 1
    assert AdoptionChange.objects.count() == 1


def test_two_who_close_a_circle_from_both_ends_close_none() -> None:
    first, second = (publish_child(taken()) for _ in range(2))
    rows = {row.pk: row for row in Adoption.objects.all()}
    one, other = rows[first.translation_key], rows[second.translation_key]
    users = [person(of=row.partnership) for row in (one, other)]
    refused = at_once(
        lambda: add_parent(users[0], one, second), lambda: add_parent(users[1], other, first)
    )
    assert len([error for error in refused if error]) == 1
    parents, _children = edges()
    for key in (one.pk, other.pk):
        assert key not in reachable(parents[key], parents)
        assert key not in parents[key]


def test_one_edit_told_from_two_languages_at_once_is_told_once() -> None:
    source = practice()
    page_of(source.partnership, "he")
    source.copy_for_translation(locale_of("he")).save_revision().publish()
    adoption = taken(source)
    pages = list(PracticePage.objects.filter(translation_key=source.translation_key))
    assert len(pages) == 2
    owners = [person(of=source.partnership) for _ in range(2)]
    OutgoingMail.objects.all().delete()
    refused = at_once(
        *[
            lambda owner=owner, page=page: tell_of_edit(owner, page)
            for owner, page in zip(owners, pages, strict=True)
        ]
    )
    assert len([error for error in refused if error]) == 1
    takers = adoption.partnership.role_assignments.count()
    assert OutgoingMail.objects.filter(key__startswith="material-edit").count() == takers
    assert MaterialEdit.objects.count() == 1


def test_two_who_take_the_same_source_away_take_it_away_once() -> None:
    adoption, second = taken(), practice()
    users = [person(of=adoption.partnership) for _ in range(2)]
    added = add_parent(users[0], adoption, second)
    refused = at_once(
        *[lambda user=user: remove_source(user, adoption, added.pk) for user in users]
    )
    assert len([error for error in refused if error]) == 1
    assert adoption.sources.count() == 1


def test_two_who_report_the_same_outcome_leave_one_report() -> None:
    adoption = running(taken())
    users = [person(of=adoption.partnership) for _ in range(2)]
    refused = at_once(
        *[
            lambda user=user, people=people: report(
                user, Adoption.objects.get(), 12, {**TOLD, "reached": people}
            )
            for user, people in zip(users, (10, 20), strict=True)
        ]
    )
    assert refused == [None, None]
    outcome = Outcome.objects.get()
    assert (outcome.reached, outcome.user) in {(10, users[0]), (20, users[1])}
    [former] = outcome.former_reports.all()
    assert {former.told["reached"], outcome.reached} == {10, 20}
