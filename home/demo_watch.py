"""Tells of a demonstration that was left in a portal in use (USERS F1): `/readyz` and staff."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from partnerships.models import Committee, PartnershipPage, Program
from portal.health import Degraded
from portal.waiting import WaitingGroup, WaitingLine
from portal.waiting_pages import STAFF
from search.services.library import demo_entries


def has_demonstration() -> bool:
    """Whether something invented is in the database (four queries at most)."""
    return (
        demo_entries().exists()
        or Program.objects.filter(is_demo=True).exists()
        or Committee.objects.filter(is_demo=True).exists()
        or PartnershipPage.objects.filter(text_is_demo=True).exists()
    )


def demonstration_state() -> str:
    """Return the word for `/readyz`; raise Degraded where a demonstration does not belong."""
    if not has_demonstration():
        return "none"
    if settings.DEMO:
        return "loaded"
    raise Degraded("invented rows are public; manage.py remove_demo takes them away")


def demonstration_waits(user: Any, today: datetime.date) -> Iterable[WaitingGroup]:
    """Tell those who keep the whole network that invented rows are public."""
    if settings.DEMO or not user.has_perm(STAFF):
        return
    if has_demonstration():
        line = WaitingLine(
            title=_("The demonstration is still here, marked and kept from search engines."),
            note=_("Whoever runs the server takes it away: manage.py remove_demo"),
        )
        yield WaitingGroup(
            key="demonstration",
            heading=_("Invented content"),
            icon="warning",
            lines=[line],
            total=1,
        )
