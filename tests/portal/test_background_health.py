"""`/readyz` on the work beside the web process: truthful, but no reason to take the web down."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.liveness import Pulse
from portal.models import Heartbeat, MailState, OutgoingMail
from tests.portal.sample_tasks import works

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


def readyz(client: Client) -> dict[str, Any]:
    response = client.get("/readyz")
    assert response.status_code == 200
    answer = response.json()
    assert answer["ready"] is True
    components: dict[str, Any] = answer["components"]
    return components


def mail(**values: Any) -> None:
    OutgoingMail.objects.create(to="a@example.org", subject="s", language="en", **values)


def test_the_cache_is_called_by_its_name(client: Client) -> None:
    assert readyz(client)["cache"]["detail"] in {"LocMemCache", "RedisCache"}


def test_without_worker_and_scheduler_it_is_degraded_and_ready(client: Client, queue: None) -> None:
    components = readyz(client)
    assert components["worker"] == {"state": "degraded", "detail": "none is running"}
    assert components["scheduler"]["state"] == "degraded"


def test_living_ones_are_counted_and_silent_ones_are_told(client: Client, queue: None) -> None:
    with Pulse(Heartbeat.Kind.WORKER), Pulse(Heartbeat.Kind.WORKER):
        components = readyz(client)
        assert components["worker"] == {"state": "ok", "detail": "2 at work"}
        assert components["scheduler"]["state"] == "degraded"
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=5), tick=False):
            worker = readyz(client)["worker"]
    assert worker["state"] == "degraded"
    assert worker["detail"].startswith("silent for 30")
    assert readyz(client)["worker"]["detail"] == "none is running"


def test_where_tasks_run_at_once_nobody_is_missed(client: Client) -> None:
    assert readyz(client)["worker"]["state"] == "ok"


def test_failed_tasks_are_counted(client: Client, queue: None) -> None:
    works.enqueue("x")
    DBTaskResult.objects.update(status="FAILED")
    with Pulse(Heartbeat.Kind.WORKER):
        assert readyz(client)["worker"]["detail"] == "1 at work; failed tasks: 1"


def test_mail_that_does_not_get_away_is_told(client: Client) -> None:
    assert readyz(client)["mail"] == {"state": "ok", "detail": "nothing waits"}
    mail(key="new")
    mail(key="lost", state=MailState.UNKNOWN)
    mail(key="sent", state=MailState.SENT)
    assert readyz(client)["mail"] == {"state": "ok", "detail": "queued: 1, unknown: 1"}
    mail(key="old", created_at=timezone.now() - datetime.timedelta(minutes=40))
    late = readyz(client)["mail"]
    assert late["state"] == "degraded"
    assert late["detail"] == "queued: 2, unknown: 1; waiting for 40 min"
