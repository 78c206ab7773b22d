"""The worker: retries, lost tasks, the polite end, and what is left to see of it."""

from __future__ import annotations

import datetime
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from portal.liveness import Interrupted, Stop, Watch, forget_long_dead, stop_requested
from portal.models import Heartbeat
from portal.tasks import (
    RetryPolicy,
    enqueue_on_commit,
    enqueue_once,
    failed_tasks,
    policy_of,
    prune_task_results,
    retry_failed,
)
from portal.worker import TaskWorker
from tests.portal import sample_tasks
from tests.portal.sample_tasks import (
    fails,
    fails_once,
    gives_up,
    hangs_the_first_time,
    looks_up,
    speaks_hebrew,
    stays,
    works,
)

if TYPE_CHECKING:
    from tests.conftest import OtherProcesses

QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    sample_tasks.ran.clear()


@pytest.fixture
def queue(settings: Any, db: None) -> None:
    """Let tasks wait in the database, as outside the suite."""
    settings.TASKS = QUEUE


def work() -> TaskWorker:
    """Work off what is due, in this process."""
    worker = TaskWorker(Stop(), batch=True, worker_id="me")
    worker.run()
    return worker


def only_row() -> DBTaskResult:
    return DBTaskResult.objects.get()


# Queueing ------------------------------------------------------------------------------------


def test_a_task_queued_in_a_transaction_that_is_rolled_back_never_runs(queue: None) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue_on_commit(works, "never")
        raise ZeroDivisionError
    enqueue_on_commit(works, "yes")
    work()
    assert sample_tasks.ran == ["yes"]


@pytest.mark.django_db(transaction=True)
def test_where_tasks_run_at_once_they_wait_for_the_commit() -> None:
    with transaction.atomic():
        enqueue_on_commit(works, "after")
        assert sample_tasks.ran == []
    assert sample_tasks.ran == ["after"]


def test_a_task_that_waits_is_not_queued_twice(queue: None) -> None:
    assert enqueue_once(works, "a") is True
    assert enqueue_once(works, "a") is False
    assert enqueue_once(works, "b") is True
    work()
    assert enqueue_once(works, "a") is True


# Retries -------------------------------------------------------------------------------------


def test_a_failed_attempt_is_tried_again_later_and_the_last_one_counts(queue: None) -> None:
    fails.enqueue("it")
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        work()
        row = only_row()
        assert row.status == TaskResultStatus.READY
        assert 7 <= (row.run_after - begun).total_seconds() <= 13
        work()  # not due yet
        assert sample_tasks.ran == ["it"]

        clock.shift(datetime.timedelta(seconds=13))
        work()
        row = only_row()
        assert 15 <= (row.run_after - timezone.now()).total_seconds() <= 25

        clock.shift(datetime.timedelta(seconds=26))
        work()
    row = only_row()
    assert row.status == TaskResultStatus.FAILED
    assert len(row.worker_ids) == 3
    assert "it does not work" in row.traceback
    assert sample_tasks.ran == ["it"] * 3


def test_what_will_never_work_is_not_tried_again(queue: None) -> None:
    gives_up.enqueue()
    work()
    assert only_row().status == TaskResultStatus.FAILED


def test_a_task_whose_thing_is_gone_is_done(queue: None) -> None:
    looks_up.enqueue()
    work()
    assert only_row().status == TaskResultStatus.SUCCESSFUL


def test_a_task_nobody_spoke_of_is_tried_once(queue: None) -> None:
    fails_once.enqueue()
    work()
    assert only_row().status == TaskResultStatus.FAILED


def test_a_task_whose_code_is_gone_fails_and_the_next_one_runs(queue: None) -> None:
    row = works.enqueue("x")
    DBTaskResult.objects.filter(pk=row.id).update(task_path="nowhere.to_be_found")
    works.enqueue("y")
    work()
    assert DBTaskResult.objects.get(pk=row.id).status == TaskResultStatus.FAILED
    assert sample_tasks.ran == ["y"]


def test_wagtails_own_tasks_are_tried_again() -> None:
    from modelsearch.tasks import insert_or_update_object_task
    from wagtail.images.tasks import set_image_focal_point_task
    from wagtail.tasks import delete_file_from_storage_task, update_reference_index_task

    for theirs in (
        insert_or_update_object_task,
        set_image_focal_point_task,
        delete_file_from_storage_task,
        update_reference_index_task,
    ):
        assert policy_of(theirs.module_path).max_attempts == 5


def test_waiting_doubles_up_to_a_limit_and_varies() -> None:
    policy = RetryPolicy(max_attempts=20, backoff=10, longest=100)
    waits = [policy.delay(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 19)]
    for wait, base in zip(waits, (10, 20, 40, 80, 100, 100), strict=True):
        assert base * 0.75 <= wait <= base * 1.25
    assert len({policy.delay(1) for _ in range(20)}) > 10


def test_a_language_that_a_task_switches_on_ends_with_it(queue: None) -> None:
    speaks_hebrew.enqueue()
    with translation.override("en"):
        work()
        assert translation.get_language() == "en"


# Lost tasks ----------------------------------------------------------------------------------


def lost_row(worker: str, claims: int = 1) -> DBTaskResult:
    works.enqueue("lost")
    row = only_row()
    for _ in range(claims):
        row.claim(worker)
    return row


def beat(token: str, beats: int, **values: Any) -> None:
    Heartbeat.objects.update_or_create(
        token=token,
        defaults={"kind": "worker", "host": "h", "pid": 1, "beats": beats, **values},
    )


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that moves the monotonic clock on by so many seconds."""
    now = 1000.0

    def later(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("time.monotonic", lambda: now)
    return later


def test_the_task_of_a_silent_worker_is_queued_again_after_the_lease(
    queue: None, monotonic: Callable[[float], None]
) -> None:
    lost_row("other")
    beat("other", 7)
    worker = TaskWorker(Stop(), lease=60, worker_id="me")
    assert worker.requeue_lost() == 0
    monotonic(31)
    assert worker.requeue_lost() == 0
    assert only_row().status == TaskResultStatus.RUNNING
    monotonic(31)
    assert worker.requeue_lost() == 1
    assert only_row().status == TaskResultStatus.READY


def test_the_task_of_a_living_worker_stays_however_long_it_takes(
    queue: None, monotonic: Callable[[float], None]
) -> None:
    lost_row("other")
    worker = TaskWorker(Stop(), lease=60, worker_id="me")
    for count in range(20):
        beat("other", count)
        assert worker.requeue_lost() == 0
        monotonic(31)
    assert only_row().status == TaskResultStatus.RUNNING


def test_a_clock_that_jumps_makes_nobody_look_dead(queue: None) -> None:
    lost_row("other")
    beat("other", 3)
    watch = Watch(lease=60)
    assert watch.dead(["other"]) == set()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=2), tick=False):
        beat("other", 4)
        assert watch.dead(["other"]) == set()


def test_a_task_that_kills_its_workers_fails_in_the_end(
    queue: None, monotonic: Callable[[float], None]
) -> None:
    lost_row("other", claims=3)
    worker = TaskWorker(Stop(), lease=60, worker_id="me")
    worker.requeue_lost()
    monotonic(61)
    worker.requeue_lost()
    row = only_row()
    assert row.status == TaskResultStatus.FAILED
    assert "its worker died, 3 times" in row.traceback


def test_a_worker_that_lost_its_task_does_not_write_its_end(queue: None) -> None:
    row = lost_row("other")
    worker = TaskWorker(Stop(), worker_id="me")
    claimed = DBTaskResult.objects.get(pk=row.pk)
    DBTaskResult.objects.update(started_at=timezone.now() + datetime.timedelta(seconds=5))
    worker.run_task(claimed)
    assert only_row().status == TaskResultStatus.RUNNING


def test_an_end_that_could_not_be_written_is_made_up_for(queue: None) -> None:
    lost_row("me")
    work()
    assert only_row().status == TaskResultStatus.SUCCESSFUL
    assert sample_tasks.ran == ["lost"]


def test_heartbeats_of_the_long_dead_go(db: None) -> None:
    beat("old", 1, beaten_at=timezone.now() - datetime.timedelta(days=3))
    beat("new", 1)
    forget_long_dead()
    assert [row.token for row in Heartbeat.objects.all()] == ["new"]


# Idle ----------------------------------------------------------------------------------------


def test_an_idle_worker_reads_and_never_takes_the_write_lock(queue: None) -> None:
    worker = TaskWorker(Stop(), worker_id="me")
    worker.requeue_lost()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert worker.claim() is None
    assert len(queries) == 1
    assert queries[0]["sql"].startswith("SELECT")


# Stopping ------------------------------------------------------------------------------------


def test_an_interrupted_task_is_given_back_as_if_never_taken(queue: None) -> None:
    works.enqueue("x")
    stop = Stop()
    worker = TaskWorker(stop, worker_id="me")
    claimed = worker.claim()
    assert claimed is not None
    stop._is_overdue = True
    worker.run_task(claimed)
    row = only_row()
    assert row.status == TaskResultStatus.READY
    assert row.worker_ids == []


def test_a_stop_asks_first_and_interrupts_after_the_grace() -> None:
    assert stop_requested() is False
    with Stop(grace=0.05) as stop:
        signal.raise_signal(signal.SIGTERM)
        assert stop_requested() is True
        with pytest.raises(Interrupted), stop.interruptible():
            time.sleep(5)
    assert stop_requested() is False


# Failed and finished tasks -------------------------------------------------------------------


def test_failed_tasks_are_listed_and_can_be_tried_again(queue: None) -> None:
    gives_up.enqueue()
    work()
    out = StringIO()
    call_command("failed_tasks", "--json", stdout=out)
    (listed,) = json.loads(out.getvalue())
    assert listed["task"] == "tests.portal.sample_tasks.gives_up"
    assert listed["error"].endswith("GiveUp: there is no such place")
    assert listed["attempts"] == 1

    out = StringIO()
    call_command("failed_tasks", "--retry", listed["id"], stdout=out)
    assert "1 task" in out.getvalue()
    row = only_row()
    assert (row.status, row.worker_ids) == (TaskResultStatus.READY, [])


def test_an_unknown_task_id_is_refused(queue: None) -> None:
    with pytest.raises(CommandError, match="no failed task"):
        call_command("failed_tasks", "--retry", "5d2f8b52-0000-4000-8000-000000000000")
    with pytest.raises(CommandError, match="no failed task"):
        call_command("failed_tasks", "--retry", "nonsense")


def test_all_failed_tasks_can_be_tried_again(queue: None) -> None:
    fails_once.enqueue()
    gives_up.enqueue()
    works.enqueue("fine")
    work()
    assert retry_failed(failed_tasks()) == 2


def test_old_results_go_and_what_waits_stays(queue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.tasks.PRUNE_CHUNK", 2)
    for name in "abcde":
        works.enqueue(name)
    fails_once.enqueue()
    work()
    works.enqueue("waits")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3), tick=False):
        assert prune_task_results() == 5
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"FAILED", "READY"}
    with time_machine.travel(timezone.now() + datetime.timedelta(days=91), tick=False):
        assert prune_task_results() == 1


def test_a_worker_is_refused_where_tasks_run_at_once(db: None) -> None:
    with pytest.raises(CommandError, match="TASKS"):
        call_command("run_worker", "--batch")


# Real processes ------------------------------------------------------------------------------


class Shell:
    """Queues tasks and looks at them through the database that other processes work on."""

    def __init__(self, processes: OtherProcesses) -> None:
        self.processes = processes
        self.started: list[subprocess.Popen[str]] = []

    def run(self, code: str) -> str:
        done = self.processes.manage("shell", "--no-imports", "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def enqueue(self, task: Any, *args: Any) -> None:
        module, name = task.module_path.rsplit(".", 1)
        self.run(f"from {module} import {name}; {name}.enqueue(*{list(args)!r})")

    def status(self) -> str:
        return self.run(
            "from django_tasks_db.models import DBTaskResult as R;"
            "print(*R.objects.values_list('status', flat=True))"
        )

    def worker(self, *arguments: str) -> subprocess.Popen[str]:
        process = self.processes.start("run_worker", *arguments)
        self.started.append(process)
        return process


@pytest.fixture
def shell(other_processes: OtherProcesses) -> Iterator[Shell]:
    shell = Shell(other_processes)
    yield shell
    for process in shell.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.1)


def lines_of(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.mark.drills
def test_the_task_of_a_killed_worker_is_found_and_done_once_more(
    shell: Shell, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    shell.enqueue(hangs_the_first_time, str(notes))
    first = shell.worker("--lease", "2", "--interval", "0.2")
    wait_for(lambda: lines_of(notes) == ["begun"])
    first.kill()
    first.wait()
    shell.worker("--lease", "2", "--interval", "0.2")
    wait_for(lambda: lines_of(notes) == ["begun", "begun", "done"])
    wait_for(lambda: shell.status() == "SUCCESSFUL")


@pytest.mark.drills
def test_sigterm_lets_the_task_in_hand_end(shell: Shell, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    shell.enqueue(stays, str(notes), 2)
    worker = shell.worker()
    wait_for(lambda: lines_of(notes) == ["begun"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 0
    assert lines_of(notes) == ["begun", "done"]
    assert shell.status() == "SUCCESSFUL"


@pytest.mark.drills
def test_after_the_grace_the_task_is_given_back(shell: Shell, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    shell.enqueue(stays, str(notes), 60)
    worker = shell.worker("--grace", "0.5")
    wait_for(lambda: lines_of(notes) == ["begun"])
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)  # an impatient second one changes nothing
    assert worker.wait(timeout=30) == 0  # the task alone would take a minute
    assert shell.status() == "READY"


@pytest.mark.drills
def test_two_workers_run_each_task_once(shell: Shell, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    shell.run(
        "from tests.portal.sample_tasks import stays\n"
        f"for n in range(20): stays.enqueue({str(notes)!r}, 0.01)"
    )
    workers = [shell.worker("--batch") for _ in range(2)]
    for worker in workers:
        assert worker.wait(timeout=60) == 0
    assert lines_of(notes).count("done") == 20
