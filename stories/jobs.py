"""What the stories do by the clock."""

from __future__ import annotations

import datetime

from portal.schedule import job
from stories.services.share_mail import send_digests


@job("recommendations: digests", daily_at=datetime.time(4, 30))
def write_digests() -> None:
    """Write to those who want to hear of recommendations once a day or once a week."""
    send_digests()
