"""The scheduler: jobs that run by the clock, each by one scheduler at a time.

    @job("mail retention", daily_at=datetime.time(3, 20))
    def forget_old_mail() -> None: ...

Jobs live in each app's `jobs.py`, which the scheduler imports. A job takes seconds: what takes
longer is queued by it as a task (`portal.tasks.enqueue_once`), else the others wait for it. It may
run twice for the same time (a scheduler that was killed, a clock set back) and must bear that.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection, reset_queries
from django.utils import timezone, translation
from django.utils.module_loading import autodiscover_modules

from portal.liveness import (
    LEASE_SECONDS,
    Interrupted,
    Pulse,
    Stop,
    Watch,
    keep_connection,
)
from portal.models import Heartbeat, ScheduledJob

logger = logging.getLogger("portal.schedule")

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
#: A failed job whose next time is far off is tried again after so long.
RETRY_AFTER = datetime.timedelta(minutes=10)

JobFunction = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Job:
    """A function and when it runs: every so often, or daily at a time of `settings.TIME_ZONE`.

    Time is cut into slots; a job is due once a slot. So a time that was missed is made up for
    once, however many there were, and the start of a run decides nothing about the next one.
    """

    name: str
    function: JobFunction
    every: datetime.timedelta = DAY
    at: datetime.time | None = None

    def slot(self, now: datetime.datetime) -> int:
        """Return the number of the slot that `now` is in."""
        if self.at is None:
            return int(now.timestamp() // self.every.total_seconds())
        local = timezone.localtime(now, timezone.get_default_timezone())
        day = local.date() if local.time() >= self.at else local.date() - DAY
        return day.toordinal()

    def is_due(self, state: ScheduledJob, now: datetime.datetime) -> bool:
        """Whether the job is to run: its slot has not been run, or failed a while ago."""
        if state.slot != self.slot(now):
            return True
        finished = state.finished_at
        return bool(state.failures and finished and abs(now - finished) >= RETRY_AFTER)


#: The jobs by name.
jobs: dict[str, Job] = {}


def job(
    name: str,
    *,
    every: datetime.timedelta | None = None,
    daily_at: datetime.time | None = None,
) -> Callable[[JobFunction], JobFunction]:
    """Register a function to run `every` so often (whole minutes), or `daily_at` a time.

    One that runs daily waits for its first time; the others run at once. Raises ValueError for a
    name that is taken or a period that the scheduler can't keep.
    """
    if (every is None) == (daily_at is None):
        raise ValueError(f"{name}: say either every or daily_at")
    if every is not None and (every < MINUTE or every % MINUTE):
        raise ValueError(f"{name}: the scheduler looks each minute; {every} is no multiple of it")
    if name in jobs:
        raise ValueError(f"There is a job {name!r} already")

    def decorate(function: JobFunction) -> JobFunction:
        jobs[name] = Job(name, function, every or DAY, daily_at)
        return function

    return decorate


def load_jobs() -> dict[str, Job]:
    """Import `jobs.py` of every app and return all jobs by name."""
    autodiscover_modules("jobs")
    return jobs


class Scheduler:
    """Runs due jobs, each held by one scheduler. `lease` (seconds): see `portal.liveness`."""

    def __init__(self, stop: Stop, *, lease: float = LEASE_SECONDS) -> None:
        self.stop = stop
        self.lease = lease
        self.watch = Watch(lease)
        self.token = ""
        self.ran: list[str] = []
        self.failed: list[str] = []

    def run_once(self, names: Collection[str] | None = None) -> list[str]:
        """Run what is due now (or `names`, due or not) and return what failed.

        A job that a scheduler holds which looks dead is watched for a lease and then taken over.
        """
        with self._alive():
            self.run_due(names)
            deadline = time.monotonic() + self.lease * 1.5
            while self._held_by_the_silent() and time.monotonic() < deadline:
                if self.stop.wait(min(1.0, self.lease / 4)):
                    break
                self.run_due(names, but=self.ran)
        return self.failed

    def loop(self) -> None:
        """Run what is due at each whole minute until asked to end."""
        with self._alive():
            logger.info("Scheduler %s started.", self.token)
            while not self.stop.requested:
                self.ran.clear()
                self.failed.clear()
                try:
                    keep_connection()
                    self.run_due()
                except Error as error:
                    logger.warning("The database is away or locked: %s", error)
                    connection.close()
                reset_queries()
                self.stop.wait(60.05 - time.time() % 60)
        logger.info("Scheduler %s ended.", self.token)

    def _alive(self) -> Pulse:
        pulse = Pulse(Heartbeat.Kind.SCHEDULER, every=min(10.0, self.lease / 4))
        self.token = pulse.token
        return pulse

    def run_due(self, names: Collection[str] | None = None, but: Collection[str] = ()) -> None:
        """Run each job that is due (or is one of `names`) and free, one after another."""
        states = self._states()
        dead = self.watch.dead(state.holder for state in states.values() if state.holder)
        dead.add(self.token)  # we run nothing now: what we hold was not let go of
        for job in list(jobs.values()):
            if self.stop.requested:
                return
            if job.name in but or (names is not None and job.name not in names):
                continue
            state, now = states[job.name], timezone.now()
            takes_over = state.holder in dead
            wanted = names is not None or takes_over or job.is_due(state, now)
            if wanted and (not state.holder or takes_over) and self._claim(job, state, now):
                self._run(job)

    def _states(self) -> dict[str, ScheduledJob]:
        """Return the state of each job; a new daily one waits for its first time."""
        states = {state.name: state for state in ScheduledJob.objects.all()}
        for job in jobs.values():
            if job.name not in states:
                slot = job.slot(timezone.now()) if job.at else None
                states[job.name], _ = ScheduledJob.objects.get_or_create(
                    name=job.name, defaults={"slot": slot}
                )
        return states

    def _held_by_the_silent(self) -> bool:
        """Whether a job is held by a scheduler whose last beat is long ago, or lies ahead."""
        holders = set(ScheduledJob.objects.exclude(holder="").values_list("holder", flat=True))
        now = timezone.now()
        lately = {
            beat.token
            for beat in Heartbeat.objects.filter(token__in=holders)
            if abs((now - beat.beaten_at).total_seconds()) < self.lease
        }
        return bool(holders - lately)

    def _claim(self, job: Job, state: ScheduledJob, now: datetime.datetime) -> bool:
        """Take the job if it is still as it was read, by one conditional UPDATE."""
        taken = ScheduledJob.objects.filter(
            name=job.name, holder=state.holder, slot=state.slot, started_at=state.started_at
        ).update(holder=self.token, slot=job.slot(now), started_at=now)
        if taken and state.holder:
            logger.warning("Job %s taken over: its scheduler died with it.", job.name)
        return bool(taken)

    def _run(self, job: Job) -> None:
        begun = time.monotonic()
        self.ran.append(job.name)
        error = ""
        interrupted = False
        try:
            with translation.override(settings.LANGUAGE_CODE), self.stop.interruptible():
                job.function()
        except Interrupted:
            interrupted = True
        except Exception as failure:
            logger.exception("Job %s failed.", job.name)
            self.failed.append(job.name)
            error = f"{type(failure).__name__}: {failure}"
            if not connection.in_atomic_block and not connection.is_usable():
                connection.close()
        logger.debug("Job %s ran for %.2f s.", job.name, time.monotonic() - begun)
        self._release(job, error, interrupted)

    def _release(self, job: Job, error: str, interrupted: bool) -> None:
        mine = ScheduledJob.objects.filter(name=job.name, holder=self.token)
        if interrupted:
            logger.warning("Job %s was interrupted; it runs again next time.", job.name)
            mine.update(holder="", slot=None)
            return
        state = mine.first()
        if state is None:
            logger.warning("Job %s was taken over by another scheduler.", job.name)
            return
        failures = state.failures + 1 if error else 0
        mine.update(holder="", finished_at=timezone.now(), failures=failures, error=error[:2000])
