"""The scheduler: when jobs run, that two never run one, and publication by the clock."""

from __future__ import annotations

import datetime
import signal
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone, translation
from wagtail.models import Page, Revision

from portal import schedule
from portal.gate import PublicationProblem
from portal.liveness import Stop
from portal.models import (
    Heartbeat,
    OutgoingMail,
    ScheduledJob,
    ScheduleRefusal,
)
from portal.schedule import Job, Scheduler, job
from portal.services.scheduled_publishing import publish_due
from stories.models import StoryPage
from tests.factories import StoryPageFactory, UserFactory

if TYPE_CHECKING:
    from tests.conftest import OtherProcesses

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2026, 5, 1, 12, 0, 0, tzinfo=datetime.UTC)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What jobs of the test noted; the portal's own jobs are put aside.

    They are loaded first: a module is imported once a process, and jobs that were registered in
    the test's own dictionary would be lost to all tests after it.
    """
    schedule.load_jobs()
    monkeypatch.setattr(schedule, "jobs", {})
    return []


def tick(lease: float = 60, names: list[str] | None = None) -> list[str]:
    """Look at the clock once, as a scheduler of its own; returns what failed."""
    scheduler = Scheduler(Stop(), lease=lease)
    with scheduler._alive():
        scheduler.run_due(names)
    return scheduler.failed


def hold(name: str, beats: int | None, beaten_at: datetime.datetime | None = None) -> None:
    """Let another scheduler hold the job."""
    if beats is not None:
        Heartbeat.objects.create(
            token="other",
            kind="scheduler",
            host="h",
            pid=1,
            beats=beats,
            beaten_at=beaten_at or timezone.now(),
        )
    ScheduledJob.objects.update_or_create(
        name=name, defaults={"holder": "other", "slot": 1, "started_at": timezone.now()}
    )


# When ----------------------------------------------------------------------------------------


def test_a_job_runs_once_in_each_period_however_often_one_looks(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("often"))
    job("rarely", every=HOUR)(lambda: ran.append("rarely"))
    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        tick()
        assert ran == ["often", "rarely"]
        clock.shift(datetime.timedelta(seconds=59.9))
        tick()
        assert ran == ["often", "rarely"]
        clock.shift(datetime.timedelta(seconds=0.2))
        tick()
        assert ran == ["often", "rarely", "often"]


def test_looking_a_little_early_or_late_loses_no_minute(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(10):
            clock.move_to(NOON + MINUTE * number + datetime.timedelta(seconds=0.02 * (number % 3)))
            tick()
    assert len(ran) == 10


def test_a_daily_job_waits_for_its_time_and_a_missed_one_is_made_up_for_once(
    ran: list[str],
) -> None:
    job("nightly", daily_at=datetime.time(3, 10))(lambda: ran.append("x"))
    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        assert ran == []
        clock.move_to(NOON.replace(day=2, hour=3, minute=9))
        tick()
        assert ran == []
        clock.move_to(NOON.replace(day=2, hour=3, minute=10))
        tick()
        assert ran == ["x"]
        clock.move_to(NOON.replace(day=6))  # the machine was off for days
        tick()
        tick()
        assert ran == ["x", "x"]


def test_a_clock_set_back_stops_no_job(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    with time_machine.travel(NOON + 24 * HOUR, tick=False) as clock:
        tick()
        clock.move_to(NOON)
        tick()
        tick()
        clock.shift(MINUTE)
        tick()
    assert len(ran) == 3


def test_periods_the_scheduler_can_not_keep_are_refused(ran: list[str]) -> None:
    for wrong in (
        {},
        {"every": MINUTE, "daily_at": datetime.time(1)},
        {"every": datetime.timedelta(seconds=30)},
        {"every": datetime.timedelta(seconds=90)},
    ):
        with pytest.raises(ValueError, match="wrong"):
            job("wrong", **wrong)
    job("taken", every=MINUTE)(lambda: None)
    with pytest.raises(ValueError, match="taken"):
        job("taken", every=MINUTE)


def test_the_portals_own_jobs_are_there() -> None:
    out = StringIO()
    call_command("run_schedule", "--list", stdout=out)
    listed = out.getvalue()
    assert "publish scheduled: every 0:01:00" in listed
    assert "deliver mail: every 0:01:00" in listed
    assert "prune task results: daily at 03:10" in listed
    assert "forget mail texts: daily at 03:20" in listed


# Failures ------------------------------------------------------------------------------------


def boom() -> None:
    raise RuntimeError("boom")


def test_a_job_that_fails_is_noted_and_the_next_one_runs(ran: list[str]) -> None:
    job("bad", every=MINUTE)(boom)
    job("good", every=MINUTE)(lambda: ran.append("good"))
    assert tick() == ["bad"]
    assert ran == ["good"]
    state = ScheduledJob.objects.get(name="bad")
    assert (state.holder, state.failures, state.error) == ("", 1, "RuntimeError: boom")


def test_a_failed_daily_job_is_tried_again_before_the_next_day(ran: list[str]) -> None:
    job("nightly", daily_at=datetime.time(3))(lambda: ran.append("x") or boom())
    with time_machine.travel(NOON, tick=False) as clock:
        tick()
        clock.move_to(NOON.replace(day=2))
        tick()
        clock.shift(MINUTE)
        tick()
        assert len(ran) == 1
        clock.shift(10 * MINUTE)
        tick()
        assert len(ran) == 2
        assert ScheduledJob.objects.get().failures == 2


def test_the_command_names_what_failed(ran: list[str]) -> None:
    job("bad", every=MINUTE)(boom)
    with pytest.raises(CommandError, match="bad"):
        call_command("run_schedule")


def test_one_job_can_be_run_out_of_turn(ran: list[str]) -> None:
    job("nightly", daily_at=datetime.time(3))(lambda: ran.append("nightly"))
    job("often", every=MINUTE)(lambda: ran.append("often"))
    call_command("run_schedule", "--job", "nightly")
    call_command("run_schedule", "--job", "nightly")
    assert ran == ["nightly", "nightly"]
    with pytest.raises(CommandError, match="no job"):
        call_command("run_schedule", "--job", "nowhere")


def test_a_language_that_a_job_switches_on_ends_with_it(ran: list[str]) -> None:
    job("speaks", every=MINUTE)(lambda: translation.activate("he"))
    with translation.override("en"):
        tick()
        assert translation.get_language() == "en"


# Two schedulers ------------------------------------------------------------------------------


def test_a_job_that_another_one_holds_is_left_alone(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    hold("often", beats=5)
    tick()
    assert ran == []


def test_a_job_taken_by_another_one_since_it_was_read_is_left_alone(ran: list[str]) -> None:
    job("first", every=MINUTE)(lambda: take_second())
    job("second", every=MINUTE)(lambda: ran.append("second"))

    def take_second() -> None:  # another scheduler runs it from begin to end meanwhile
        second = schedule.jobs["second"]
        ScheduledJob.objects.filter(name="second").update(
            slot=second.slot(timezone.now()), started_at=timezone.now()
        )

    tick()
    assert ran == []


def test_the_job_of_a_dead_scheduler_is_taken_over_after_the_lease(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    hold("often", beats=5, beaten_at=timezone.now() - HOUR)
    begun = time.monotonic()
    assert Scheduler(Stop(), lease=1).run_once() == []
    assert ran == ["x"]
    assert time.monotonic() - begun >= 1
    assert ScheduledJob.objects.get().holder == ""


def test_one_whose_clock_is_wrong_is_not_robbed_while_it_beats(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    hold("often", beats=5, beaten_at=timezone.now() - HOUR)
    scheduler = Scheduler(Stop(), lease=1)
    wait = scheduler.stop.wait

    def wait_while_it_beats(seconds: float) -> bool:
        Heartbeat.objects.filter(token="other").update(beats=int(time.monotonic() * 1000))
        return wait(seconds)

    scheduler.stop.wait = wait_while_it_beats  # type: ignore[method-assign]
    scheduler.run_once()
    assert ran == []


def test_what_a_scheduler_could_not_let_go_of_it_runs_again(ran: list[str]) -> None:
    job("often", every=MINUTE)(lambda: ran.append("x"))
    scheduler = Scheduler(Stop())
    with scheduler._alive():
        scheduler.run_due()
        ScheduledJob.objects.update(holder=scheduler.token)  # its release was not written
        scheduler.run_due()
    assert ran == ["x", "x"]


def test_an_interrupted_job_runs_again(ran: list[str]) -> None:
    job("nightly", daily_at=datetime.time(3))(lambda: ran.append("x"))
    tick()  # it waits for its time
    stop = Stop()
    stop._is_overdue = True
    scheduler = Scheduler(stop)
    with time_machine.travel(timezone.now() + 24 * HOUR, tick=False):
        with scheduler._alive():
            scheduler.run_due()
        assert ran == []
        tick()
    assert ran == ["x"]


# Publication ---------------------------------------------------------------------------------


def scheduled(page: StoryPage, at: datetime.datetime, user: Any = None, **values: Any) -> Revision:
    """Give `page` a revision with `values` that is to go live at `at`."""
    page = StoryPage.objects.get(pk=page.pk)
    for name, value in {"go_live_at": at, **values}.items():
        setattr(page, name, value)
    revision = page.save_revision(user=user)
    with time_machine.travel(at - HOUR, tick=False):
        revision.publish()
    return Revision.objects.get(pk=revision.pk)


@pytest.fixture
def past() -> datetime.datetime:
    return timezone.now() - 5 * MINUTE


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Titles of pages that the gate refuses."""
    titles: set[str] = set()

    def problems(page: StoryPage) -> list[PublicationProblem]:
        if page.title not in titles:
            return []
        words = {"he": "חסר אישור"}.get(translation.get_language() or "", "Consent is missing")
        return [PublicationProblem(code="consent", message=words, field="hero_image")]

    monkeypatch.setattr(StoryPage, "own_publication_problems", problems)
    return titles


def is_live(page: Page) -> bool:
    return Page.objects.get(pk=page.pk).live


def test_a_page_goes_live_at_its_time_and_not_before(past: datetime.datetime) -> None:
    due = StoryPageFactory(live=False)
    later = StoryPageFactory(live=False)
    scheduled(due, past)
    scheduled(later, timezone.now() + HOUR)
    outcome = publish_due()
    assert is_live(due) and not is_live(later)
    assert len(outcome.published) == 1
    assert publish_due().published == []


def test_a_live_page_gets_its_scheduled_text(past: datetime.datetime) -> None:
    page = StoryPageFactory(title="Old")
    page.save_revision().publish()
    scheduled(page, past, title="New")
    assert Page.objects.get(pk=page.pk).title == "Old"
    publish_due()
    assert Page.objects.get(pk=page.pk).title == "New"


def test_a_page_is_taken_down_at_its_time(past: datetime.datetime) -> None:
    expired = StoryPageFactory(expire_at=past)
    stays = StoryPageFactory(expire_at=timezone.now() + HOUR)
    publish_due()
    assert not is_live(expired) and is_live(stays)
    assert Page.objects.get(pk=expired.pk).expired


def test_a_refused_page_keeps_back_no_other(past: datetime.datetime, refusing: set[str]) -> None:
    pages = [StoryPageFactory(live=False, title=title) for title in ("A", "Refused", "Z")]
    for number, page in enumerate(pages):
        scheduled(page, past + MINUTE * number)
    refusing.add("Refused")
    outcome = publish_due()
    assert [is_live(page) for page in pages] == [True, False, True]
    assert len(outcome.refused) == 1
    refused = Revision.objects.get(object_id=str(pages[1].pk))
    assert refused.approved_go_live_at is not None  # it stays scheduled


def test_wagtails_command_is_ours(past: datetime.datetime, refusing: set[str]) -> None:
    scheduled(StoryPageFactory(live=False, title="Refused"), past)
    page = StoryPageFactory(live=False, title="Fine")
    scheduled(page, past + MINUTE)
    refusing.add("Refused")
    out = StringIO()
    call_command("publish_scheduled", stdout=out)
    assert is_live(page)
    assert "refused: publish:" in out.getvalue()


def test_the_scheduler_publishes(past: datetime.datetime) -> None:
    page = StoryPageFactory(live=False)
    scheduled(page, past)
    ScheduledJob.objects.all().delete()  # as if it had not run in this minute yet
    call_command("run_schedule")
    assert is_live(page)


def test_its_editors_are_told_once_each_in_their_language(
    past: datetime.datetime, refusing: set[str]
) -> None:
    author = UserFactory(preferred_language="en", email="author@example.org")
    owner = UserFactory(preferred_language="he", email="owner@example.org")
    page = StoryPageFactory(live=False, title="Refused", owner=owner)
    revision = scheduled(page, past, user=author)
    refusing.add("Refused")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            publish_due()
            clock.shift(HOUR)
    english = OutgoingMail.objects.get(to="author@example.org")
    hebrew = OutgoingMail.objects.get(to="owner@example.org")
    assert OutgoingMail.objects.count() == 2
    assert "Consent is missing" in english.text
    assert "חסר אישור" in hebrew.text
    assert f"/admin/pages/{page.pk}/edit/" in english.text
    assert 'dir="rtl"' in hebrew.html
    assert ScheduleRefusal.objects.get(key=f"publish:{revision.pk}").attempts == 5


def test_nobody_is_told_at_an_account_that_is_closed(
    past: datetime.datetime, refusing: set[str]
) -> None:
    page = StoryPageFactory(live=False, title="Refused", owner=UserFactory(is_active=False))
    scheduled(page, past)
    refusing.add("Refused")
    publish_due()
    assert not OutgoingMail.objects.exists()
    assert ScheduleRefusal.objects.exists()


def test_a_refused_page_is_tried_again_and_goes_live_once_it_may(
    past: datetime.datetime, refusing: set[str]
) -> None:
    page = StoryPageFactory(live=False, title="Refused")
    scheduled(page, past)
    refusing.add("Refused")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        publish_due()
        refusing.clear()
        assert publish_due().published == []  # not tried again at once
        clock.shift(2 * MINUTE)
        assert len(publish_due().published) == 1
    assert is_live(page)
    assert not ScheduleRefusal.objects.exists()


def test_a_refusal_is_tried_at_least_each_quarter_of_an_hour(
    past: datetime.datetime, refusing: set[str]
) -> None:
    scheduled(StoryPageFactory(live=False, title="Refused"), past)
    refusing.add("Refused")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(12):
            publish_due()
            wait = ScheduleRefusal.objects.get().next_attempt_at - timezone.now()
            assert wait <= 15 * MINUTE
            clock.shift(wait + datetime.timedelta(seconds=1))
        assert ScheduleRefusal.objects.get().attempts == 12


def test_a_page_that_is_scheduled_no_more_is_forgotten(
    past: datetime.datetime, refusing: set[str]
) -> None:
    page = StoryPageFactory(live=False, title="Refused")
    scheduled(page, past)
    refusing.add("Refused")
    publish_due()
    Revision.objects.update(approved_go_live_at=None)
    publish_due()
    assert not ScheduleRefusal.objects.exists()


def test_a_fault_that_is_not_the_editors_is_told_only_if_it_lasts(
    past: datetime.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = UserFactory()
    scheduled(StoryPageFactory(live=False, owner=owner), past)

    def locked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Revision, "publish", locked)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            publish_due()
            clock.shift(HOUR)
        assert not OutgoingMail.objects.exists()
        publish_due()
    mail = OutgoingMail.objects.get()
    assert "on our side" in mail.text
    assert "locked" not in mail.text


def test_a_page_that_can_not_be_taken_down_is_told_as_such(
    past: datetime.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = UserFactory()
    page = StoryPageFactory(expire_at=past)
    page.save_revision(user=author)
    other = StoryPageFactory(expire_at=past + MINUTE)
    unpublish = Page.unpublish

    def refuse(self: Page, *args: Any, **kwargs: Any) -> None:
        if self.pk == page.pk:
            raise ValidationError("not now")
        unpublish(self, *args, **kwargs)

    monkeypatch.setattr(Page, "unpublish", refuse)
    publish_due()
    assert is_live(page) and not is_live(other)
    assert OutgoingMail.objects.get().subject.startswith("Not taken down")


def test_a_page_whose_whole_time_was_missed_shows_at_no_moment(past: datetime.datetime) -> None:
    page = StoryPageFactory(live=False)
    scheduled(page, past - 10 * HOUR, expire_at=past)
    publish_due()
    now = Page.objects.get(pk=page.pk)
    assert (now.live, now.expired) == (False, True)
    assert publish_due().published == []


def test_looking_costs_the_same_however_many_pages_wait(
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for _ in range(20):
        scheduled(StoryPageFactory(live=False), timezone.now() + HOUR)
    with django_assert_max_num_queries(8):
        publish_due()


# Real processes ------------------------------------------------------------------------------


@pytest.fixture
def processes(other_processes: OtherProcesses) -> Iterator[Callable[..., Any]]:
    started = []

    def start(*arguments: str, **environment: str) -> Any:
        process = other_processes.start(*arguments, **environment)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def status(other: OtherProcesses) -> tuple[str, int]:
    done = other.manage(
        "shell",
        "--no-imports",
        "-c",
        "from portal.models import ScheduledJob as J, Heartbeat as H;"
        "print('|'.join(J.objects.values_list('holder', flat=True)), H.objects.count(), sep=';')",
    )
    assert done.returncode == 0, done.stderr
    holders, count = done.stdout.strip().split(";")
    return holders.strip("|"), int(count)


@pytest.mark.drills
def test_a_loop_ends_politely_and_leaves_nothing_held(
    other_processes: OtherProcesses, processes: Callable[..., Any]
) -> None:
    loop = processes("run_schedule", "--loop")
    while "started" not in (line := loop.stderr.readline()):
        assert line, "it ended"
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(timeout=60) == 0
    assert status(other_processes) == ("", 0)


@pytest.mark.drills
def test_two_schedulers_at_once_run_a_job_once_and_a_killed_one_is_replaced(
    other_processes: OtherProcesses, processes: Callable[..., Any], tmp_path: Any
) -> None:
    notes = tmp_path / "notes"
    code = (
        "import datetime, os, sys, time\n"
        "from portal import schedule\n"
        "from portal.liveness import Stop\n"
        "def slow():\n"
        f"    open({str(notes)!r}, 'a').write('begun\\n')\n"
        "    time.sleep(float(os.environ['STAYS']))\n"
        f"    open({str(notes)!r}, 'a').write('done\\n')\n"
        "schedule.job('slow', every=datetime.timedelta(hours=1))(slow)\n"
        "schedule.Scheduler(Stop(), lease=2).run_once()\n"
    )
    lines = lambda: notes.read_text().split() if notes.exists() else []  # noqa: E731
    first = processes("shell", "--no-imports", "-c", code, STAYS="60")
    deadline = time.monotonic() + 60
    while not lines():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    second = processes("shell", "--no-imports", "-c", code, STAYS="0")
    assert second.wait(timeout=60) == 0
    assert lines() == ["begun"]  # the first one lives and beats
    first.kill()
    first.wait()
    time.sleep(3)  # longer than the lease: its last beat is no news any more
    third = processes("shell", "--no-imports", "-c", code, STAYS="0")
    assert third.wait(timeout=60) == 0
    assert lines() == ["begun", "begun", "done"]


def test_a_slot_is_the_same_for_all_schedulers() -> None:
    daily = Job("x", lambda: None, at=datetime.time(3, 10))
    assert daily.slot(NOON.replace(hour=3, minute=9)) + 1 == daily.slot(NOON)
