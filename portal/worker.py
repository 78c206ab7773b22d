"""The worker: runs queued tasks one after another, tries failed ones again, finds lost ones.

The queue is django-tasks-db's table. Its own `db_worker` has no retries, takes SQLite's write lock
each second even when there is nothing to do, and forgets a task whose worker died.
"""

from __future__ import annotations

import logging
import time
from traceback import format_exception

from django.conf import settings
from django.db import Error, connection, connections, reset_queries, transaction
from django.utils import timezone, translation
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskContext
from django_tasks.base import TaskResultStatus
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult

from portal.cycles import Cycles, run_cycles_once
from portal.liveness import LEASE_SECONDS, Interrupted, Pulse, Stop, Watch, keep_connection
from portal.models import Heartbeat
from portal.tasks import policy_of

logger = logging.getLogger("portal.worker")

#: Seconds between two looks while the database is away, at most.
LONGEST_PAUSE = 30.0
#: A task that took longer is logged by default.
SLOW_SECONDS = 5.0
#: A task whose worker died so often is perhaps what kills it: it fails.
DEATHS_AT_MOST = 3


class WorkerLost(Exception):
    """Stands in a failed task whose workers died, for `manage.py failed_tasks`."""


class TaskWorker:
    """Runs tasks until asked to end. `interval` (between two looks) and `lease` are seconds."""

    def __init__(
        self,
        stop: Stop,
        *,
        interval: float = 1.0,
        lease: float = LEASE_SECONDS,
        batch: bool = False,
        worker_id: str = "",
    ) -> None:
        self.stop = stop
        self.interval = interval
        self.lease = lease
        self.batch = batch
        self.worker_id = worker_id
        self.watch = Watch(lease)
        self._looked_for_lost = 0.0

    def serve(self) -> None:
        """Beat and work until asked to end (or, with `batch`, until nothing is due)."""
        with Pulse(Heartbeat.Kind.WORKER, every=min(10.0, self.lease / 4)) as pulse:
            self.worker_id = pulse.token
            logger.info("Worker %s started.", self.worker_id)
            if self.batch:
                self.run()
                run_cycles_once()
            else:
                with Cycles():
                    self.run()
        logger.info("Worker %s ended.", self.worker_id)

    def run(self) -> None:
        """Claim and run one task after another; a database that is away is waited for."""
        pause = self.interval
        while not self.stop.requested:
            try:
                keep_connection()
                self.requeue_lost()
                claimed = self.claim()
                if claimed is not None:
                    self.run_task(claimed)
                pause = self.interval
            except Error as error:
                # If it was the end of a task that could not be written, its row stays RUNNING
                # under our name until `requeue_lost` finds it.
                logger.warning("The database is away or locked: %s", error)
                connection.close()
                claimed = None
                pause = min(pause * 2, LONGEST_PAUSE)
                if self.batch:
                    raise
            reset_queries()
            if claimed is None:
                if self.batch:
                    return
                self.stop.wait(pause)

    # Claiming ------------------------------------------------------------------------------

    def claim(self) -> DBTaskResult | None:
        """Take the next due task for this worker; None if there is none.

        It first looks without any lock, so that an idle worker never writes.
        """
        due = DBTaskResult.objects.ready().filter(backend_name=DEFAULT_TASK_BACKEND_ALIAS)
        if not due.exists():
            return None
        with transaction.atomic():
            claimed = due.get_locked()
            if claimed is not None:
                claimed.claim(self.worker_id)
        return claimed

    def requeue_lost(self) -> int:
        """Queue again what dead workers had in hand; returns how many tasks.

        Looks twice within a lease. A task that was lost in its last attempt (perhaps it is what
        kills the workers) fails.
        """
        now = time.monotonic()
        if self._looked_for_lost and now - self._looked_for_lost < self.lease / 2:
            return 0
        self._looked_for_lost = now
        running = DBTaskResult.objects.running().filter(backend_name=DEFAULT_TASK_BACKEND_ALIAS)
        holders = {row.pk: row for row in running.only("task_path", "worker_ids", "started_at")}
        for row in list(holders.values()):
            if row.worker_ids and row.worker_ids[-1] == self.worker_id:
                # Ours, though we have nothing in hand: its end could not be written.
                self._put_back(row, "its end could not be written")
                del holders[row.pk]
        dead = self.watch.dead(
            row.worker_ids[-1] if row.worker_ids else "" for row in holders.values()
        )
        lost = [row for row in holders.values() if (row.worker_ids or [""])[-1] in dead]
        for row in lost:
            self._put_back(row, "its worker died")
        return len(lost)

    def _put_back(self, row: DBTaskResult, why: str) -> None:
        mine = DBTaskResult.objects.filter(
            pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at
        )
        if len(row.worker_ids) < max(policy_of(row.task_path).max_attempts, DEATHS_AT_MOST):
            if mine.update(status=TaskResultStatus.READY, run_after=timezone.now()):
                logger.warning("Task %s %s queued again: %s.", row.task_path, row.pk, why)
        elif mine.update(
            status=TaskResultStatus.FAILED,
            finished_at=timezone.now(),
            **_told(WorkerLost(f"{why}, {len(row.worker_ids)} times")),
        ):
            logger.error("Task %s %s failed: %s.", row.task_path, row.pk, why)

    # Running -------------------------------------------------------------------------------

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """Run a claimed task to its end, and note how it ended or when it is tried again."""
        row = db_task_result
        attempt = len(row.worker_ids)
        begun = time.monotonic()
        try:
            task, result = row.task, row.task_result
            policy = policy_of(row.task_path)  # after the import that registers it
        except Exception as error:  # the code that queued it is no longer there, or not yet
            self._end_failed(row, error, attempt)
            return
        backend = type(task.get_backend())
        task_started.send(sender=backend, task_result=result)
        try:
            context = (TaskContext(task_result=result),) if task.takes_context else ()  # type: ignore[arg-type]
            with translation.override(settings.LANGUAGE_CODE), self.stop.interruptible():
                value = normalize_json(task.call(*context, *result.args, **result.kwargs))
        except Interrupted:
            self._give_back(row)
            return
        except policy.obsolete_on as error:
            logger.info("Task %s %s has nothing left to do: %s", row.task_path, row.pk, error)
            value = None
        except Exception as error:
            if policy.may_retry(attempt, error):
                self._try_later(row, error, attempt)
                return
            self._end_failed(row, error, attempt)
            task_finished.send(sender=backend, task_result=row.task_result)
            return
        self._write(
            row,
            status=TaskResultStatus.SUCCESSFUL,
            finished_at=timezone.now(),
            return_value=value,
            exception_class_path="",
            traceback="",
        )
        task_finished.send(sender=backend, task_result=row.task_result)
        seconds = time.monotonic() - begun
        level = logging.INFO if seconds > SLOW_SECONDS else logging.DEBUG
        logger.log(level, "Task %s %s done in %.2f s.", row.task_path, row.pk, seconds)

    def _write(self, row: DBTaskResult, **values: object) -> bool:
        """Write the end of an attempt if it is still ours; another worker may have got it."""
        for name, value in values.items():
            setattr(row, name, value)
        still_ours = DBTaskResult.objects.filter(
            pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at
        ).update(**values)
        if not still_ours:
            logger.warning("Task %s %s was taken from this worker.", row.task_path, row.pk)
        return bool(still_ours)

    def _end_failed(self, row: DBTaskResult, error: BaseException, attempt: int) -> None:
        self._discard_transaction()
        self._write(
            row,
            status=TaskResultStatus.FAILED,
            finished_at=timezone.now(),
            return_value=None,
            **_told(error),
        )
        logger.error(
            "Task %s %s failed in attempt %d and is not tried again (manage.py failed_tasks).",
            row.task_path,
            row.pk,
            attempt,
            exc_info=error,
        )

    def _try_later(self, row: DBTaskResult, error: BaseException, attempt: int) -> None:
        self._discard_transaction()
        policy = policy_of(row.task_path)
        delay = policy.delay(attempt)
        self._write(
            row,
            status=TaskResultStatus.READY,
            run_after=timezone.now() + delay,
            **_told(error),
        )
        logger.warning(
            "Task %s %s failed in attempt %d of %d; next in %.0f s: %s",
            row.task_path,
            row.pk,
            attempt,
            policy.max_attempts,
            delay.total_seconds(),
            error,
        )

    def _give_back(self, row: DBTaskResult) -> None:
        """Queue a task that was interrupted, as if it had not been taken."""
        self._discard_transaction()
        self._write(
            row,
            status=TaskResultStatus.READY,
            run_after=timezone.now(),
            worker_ids=row.worker_ids[:-1],
        )
        logger.warning("Task %s %s was interrupted and queued again.", row.task_path, row.pk)

    def _discard_transaction(self) -> None:
        """Leave no broken connection behind for the write that follows."""
        if not connection.in_atomic_block and not connection.is_usable():
            connections.close_all()


def _told(error: BaseException) -> dict[str, str]:
    return {
        "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
        "traceback": "".join(format_exception(error)),
    }
