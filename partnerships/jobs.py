"""What the Partnerships do by the clock."""

from __future__ import annotations

import datetime

from partnerships.services.roles import sync_all
from portal.schedule import job


@job("roles", daily_at=datetime.time(0, 5))
def follow_terms() -> None:
    """Give and take rights of roles whose term began or ended with the day."""
    sync_all()
