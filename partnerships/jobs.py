"""What the Partnerships do by the clock."""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.utils import timezone

from partnerships.models import Program
from partnerships.services.roles import sync_all
from portal.library import Facet, library_changed
from portal.schedule import job


@job("roles", daily_at=datetime.time(0, 5))
def follow_terms() -> None:
    """Give and take rights of roles whose term began or ended with the day."""
    sync_all()


@job("programs: what opened and closed", daily_at=datetime.time(0, 1))
def follow_open_ways() -> None:
    """Let the library build programs anew whose ways opened or closed with the day."""
    today = timezone.localdate()
    yesterday = today - datetime.timedelta(days=1)
    turned = Program.objects.filter(
        Q(ways__opens_on=today) | Q(ways__deadline=yesterday) | Q(ways__starts_on=yesterday)
    )
    slugs = sorted(set(turned.values_list("partnership__slug", flat=True)))
    if slugs:
        library_changed.send(Program, facet=Facet.PARTNERSHIP, keys=slugs)
