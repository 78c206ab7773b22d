"""Jobs of the leaf: publication by the clock, mail that waits, and what is thrown away."""

from __future__ import annotations

import datetime

from portal.liveness import forget_long_dead
from portal.mail_delivery import deliver_due_mail, due_mail, forget_old_texts, mark_unknown
from portal.schedule import MINUTE, job
from portal.services.scheduled_publishing import publish_due
from portal.tasks import enqueue_once, prune_task_results


@job("publish scheduled", every=MINUTE)
def publish_scheduled() -> None:
    """Publish and take down the pages whose time has come."""
    publish_due()


@job("deliver mail", every=MINUTE)
def deliver_mail() -> None:
    """Let the worker send what had to wait (new mail is queued with its own task)."""
    mark_unknown()
    if due_mail().exists():
        enqueue_once(deliver_due_mail)


@job("prune task results", daily_at=datetime.time(3, 10))
def prune_results() -> None:
    """Delete results of old tasks and heartbeats of the long dead."""
    prune_task_results()
    forget_long_dead()


@job("forget mail texts", daily_at=datetime.time(3, 20))
def forget_mail_texts() -> None:
    """Delete the texts of mails that were done with long ago."""
    forget_old_texts()
