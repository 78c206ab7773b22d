"""What `/readyz` says of the work beside the web process.

None of it makes the web process unready: pages can be served and edited while the worker is away,
and a load balancer that took the web down for it would only make it worse. It is "degraded" then,
with the reason in the detail.
"""

from __future__ import annotations

import datetime

from django.db.models import Count, Min
from django.utils import timezone

from portal.health import Degraded, components
from portal.liveness import LEASE_SECONDS
from portal.models import Heartbeat, MailState, OutgoingMail
from portal.tasks import failed_tasks, queue_is_database

#: A mail that waits longer than this is not on its way.
MAIL_IS_LATE_AFTER = datetime.timedelta(minutes=15)


def _living(kind: Heartbeat.Kind) -> str:
    """Return how many processes of a kind beat lately; raises Degraded if none does."""
    if not queue_is_database():
        return "not needed: tasks run where they are queued"
    now = timezone.now()
    ages = [
        abs((now - beaten_at).total_seconds())
        for beaten_at in Heartbeat.objects.filter(kind=kind).values_list("beaten_at", flat=True)
    ]
    living = sum(age < LEASE_SECONDS for age in ages)
    if living:
        return f"{living} at work"
    if ages:
        raise Degraded(f"silent for {min(ages):.0f} s")
    raise Degraded("none is running")


def worker() -> str:
    """Return the state of the workers, with the number of tasks that failed for good."""
    state = _living(Heartbeat.Kind.WORKER)
    if queue_is_database() and (failed := failed_tasks().count()):
        return f"{state}; failed tasks: {failed}"
    return state


def scheduler() -> str:
    """Return the state of the schedulers."""
    return _living(Heartbeat.Kind.SCHEDULER)


def mail() -> str:
    """Return what the outbox holds; raises Degraded if mail does not get away."""
    now = timezone.now()
    rows = {
        state: (count, oldest)
        for state, count, oldest in OutgoingMail.objects.exclude(state=MailState.SENT)
        .order_by()
        .values_list("state")
        .annotate(count=Count("pk"), oldest=Min("created_at"))
    }
    parts = [f"{state}: {count}" for state, (count, _) in sorted(rows.items())]
    detail = ", ".join(parts) or "nothing waits"
    oldest = rows.get(MailState.QUEUED, (0, None))[1]
    if oldest and now - oldest > MAIL_IS_LATE_AFTER:
        raise Degraded(f"{detail}; waiting for {(now - oldest).total_seconds() / 60:.0f} min")
    return detail


components["worker"] = worker
components["scheduler"] = scheduler
components["mail"] = mail
