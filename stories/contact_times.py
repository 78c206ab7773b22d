"""How soon people usually answer."""

from __future__ import annotations

import datetime
import math
import statistics
from collections.abc import Iterable

#: Fewer answers than this say nothing about a usual time.
FEWEST_ANSWERS = 3
DAY = datetime.timedelta(days=1)


def usual_days(waits: Iterable[datetime.timedelta]) -> int | None:
    """Return the median wait in whole days, at least one; None where too few are known."""
    known = [wait.total_seconds() for wait in waits]
    if len(known) < FEWEST_ANSWERS:
        return None
    return max(1, math.ceil(statistics.median(known) / DAY.total_seconds()))
