"""Tasks for the worker: which are retried, how they are queued, which failed for good.

    @retrying_task(max_attempts=5, backoff=30)
    def make_renditions(image_id: int) -> None: ...

    with transaction.atomic():
        image.save()
        enqueue_on_commit(make_renditions, image.pk)

A task runs at least once: the worker may die between the work and noting that it was done. So each
must be idempotent: look up what is there, do what is missing, and claim by a conditional UPDATE
what may happen only once (docs/background.md).
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task, task_backends
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from portal.liveness import stop_requested

#: Finished tasks are kept so many days, failed ones longer, since somebody may look into them.
KEEP_SUCCESSFUL_DAYS = 2
KEEP_FAILED_DAYS = 90
PRUNE_CHUNK = 1000
LONGEST_BACKOFF = 6 * 3600.0


class GiveUp(Exception):
    """Raised by a task that will never succeed, so that it is not tried again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a task is tried, and how long it waits in between.

    After attempt n it waits `backoff` × 2ⁿ⁻¹ seconds (at most `longest`), a quarter more or less
    by chance, so that what failed together is not tried together. An exception of `obsolete_on`
    means that the thing the task was for is gone: there is nothing left to do, and it is done.
    """

    max_attempts: int = 1
    backoff: float = 10.0
    longest: float = LONGEST_BACKOFF
    obsolete_on: tuple[type[BaseException], ...] = ()

    def delay(self, attempt: int) -> datetime.timedelta:
        """Return how long to wait after the `attempt`th one failed (1 is the first)."""
        base = min(self.backoff * 2 ** min(attempt - 1, 30), self.longest)
        return datetime.timedelta(seconds=base * random.uniform(0.75, 1.25))  # noqa: S311

    def may_retry(self, attempt: int, error: BaseException) -> bool:
        """Whether the task is tried again after its `attempt`th attempt raised `error`."""
        return attempt < self.max_attempts and not isinstance(error, GiveUp)


_ONCE = RetryPolicy()
_THEIRS = RetryPolicy(max_attempts=5, backoff=5.0, obsolete_on=(ObjectDoesNotExist,))

#: By the dotted path of the task's function. Wagtail's own tasks may run twice; without a retry
#: an index update that met a locked database would be lost.
_policies: dict[str, RetryPolicy] = {
    "modelsearch.tasks.insert_or_update_object_task": _THEIRS,
    "wagtail.tasks.update_reference_index_task": _THEIRS,
    "wagtail.tasks.delete_file_from_storage_task": _THEIRS,
    "wagtail.images.tasks.set_image_focal_point_task": _THEIRS,
    "wagtail.contrib.frontend_cache.tasks.purge_urls_from_cache_task": _THEIRS,
}


def retrying_task(
    *,
    max_attempts: int = 5,
    backoff: float = 10.0,
    longest: float = LONGEST_BACKOFF,
    obsolete_on: tuple[type[BaseException], ...] = (),
    priority: int = 0,
) -> Callable[[Callable[..., Any]], Task[Any, Any]]:
    """Make a module-level function a task that the worker tries again when it fails.

    `backoff` and `longest` are seconds. See `RetryPolicy`; raise `GiveUp` to end it at once.
    """
    policy = RetryPolicy(max_attempts, backoff, longest, obsolete_on)

    def decorate(function: Callable[..., Any]) -> Task[Any, Any]:
        made: Task[Any, Any] = task(priority=priority)(function)
        _policies[made.module_path] = policy
        return made

    return decorate


def policy_of(task_path: str) -> RetryPolicy:
    """Return how the task with this dotted path is retried; tasks nobody spoke of are not."""
    return _policies.get(task_path, _ONCE)


def queue_is_database() -> bool:
    """Whether tasks wait in the database for a worker (in the suite they run at once)."""
    return isinstance(task_backends[DEFAULT_TASK_BACKEND_ALIAS], DatabaseBackend)


def enqueue_on_commit(task: Task[Any, Any], *args: Any, **kwargs: Any) -> None:
    """Let the worker run `task` once the caller's transaction has committed, never before.

    With the database as queue the task is a row of the same transaction: it can't be lost between
    the commit and a hook, and is rolled back with the rest. Other backends get it by `on_commit`.
    """
    if isinstance(task.get_backend(), DatabaseBackend):
        task.enqueue(*args, **kwargs)
    else:
        transaction.on_commit(partial(task.enqueue, *args, **kwargs))


def enqueue_once(task: Task[Any, Any], *args: Any, **kwargs: Any) -> bool:
    """Like `enqueue_on_commit`, unless the same task with the same arguments waits already.

    Returns whether it was queued. One that runs at this moment doesn't count: it may have looked
    before the caller's change. A queue that nobody works off does not grow by this.
    """
    if isinstance(task.get_backend(), DatabaseBackend):
        waiting = DBTaskResult.objects.filter(
            status=TaskResultStatus.READY,
            task_path=task.module_path,
            args_kwargs={"args": list(args), "kwargs": kwargs},
        )
        if waiting.exists():
            return False
    enqueue_on_commit(task, *args, **kwargs)
    return True


def failed_tasks() -> QuerySet[DBTaskResult]:
    """Return the tasks that were tried for the last time and failed, the newest first."""
    return DBTaskResult.objects.failed().order_by("-finished_at")


def retry_failed(tasks: QuerySet[DBTaskResult]) -> int:
    """Queue failed tasks again, with all attempts before them; returns how many."""
    return tasks.filter(status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY,
        run_after=timezone.now(),
        worker_ids=[],
        started_at=None,
        finished_at=None,
    )


def prune_task_results(
    successful_days: float = KEEP_SUCCESSFUL_DAYS, failed_days: float = KEEP_FAILED_DAYS
) -> int:
    """Delete results older than that, in chunks that hold the lock shortly; returns how many."""
    now = timezone.now()
    total = 0
    for status, days in (
        (TaskResultStatus.SUCCESSFUL, successful_days),
        (TaskResultStatus.FAILED, failed_days),
    ):
        old = DBTaskResult.objects.filter(
            status=status, finished_at__lte=now - datetime.timedelta(days=days)
        ).order_by()
        while not stop_requested():
            chunk = list(old.values_list("pk", flat=True)[:PRUNE_CHUNK])
            if not chunk:
                break
            total += DBTaskResult.objects.filter(pk__in=chunk).delete()[0]
    return total
