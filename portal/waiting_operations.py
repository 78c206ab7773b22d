"""What waits for who keeps the network: work that failed, mails that did not go out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from portal.background_health import MAIL_IS_LATE_AFTER
from portal.models import MailState, OutgoingMail, ScheduledJob
from portal.tasks import failed_tasks, queue_is_database
from portal.waiting import WaitingGroup, WaitingLine, group_of
from portal.waiting_pages import STAFF


def operations(user: Any, today: datetime.date) -> Iterator[WaitingGroup]:
    """Yield failed tasks, jobs and mails, for network staff; the notes say what helps."""
    if not user.has_perm(STAFF):
        return
    if queue_is_database():
        yield group_of(
            failed_tasks(),
            lambda row: WaitingLine(
                title=row.task_path.rpartition(".")[2],
                note=_("failed %(when)s; again by: manage.py failed_tasks")
                % {"when": _moment(row.finished_at)},
            ),
            key="failed_tasks",
            heading=_("Tasks that failed"),
            icon="warning",
        )
    yield group_of(
        ScheduledJob.objects.filter(failures__gt=0).order_by("name"),
        lambda job: WaitingLine(title=job.name, note=job.error[:200]),
        key="failed_jobs",
        heading=_("Jobs of the scheduler that fail"),
        icon="warning",
    )
    late = timezone.now() - MAIL_IS_LATE_AFTER
    stuck = OutgoingMail.objects.filter(
        state__in=[MailState.FAILED, MailState.UNKNOWN]
    ) | OutgoingMail.objects.filter(state=MailState.QUEUED, created_at__lt=late)
    yield group_of(
        stuck.order_by("-created_at"),
        lambda mail: WaitingLine(
            title=mail.subject,
            note=_("to %(to)s, %(state)s; again by: manage.py mail_queue")
            % {"to": mail.to, "state": mail.get_state_display()},
        ),
        key="mails",
        heading=_("Mails that did not go out"),
        icon="mail",
    )


def _moment(when: datetime.datetime | None) -> str:
    return formats.date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT") if when else ""
