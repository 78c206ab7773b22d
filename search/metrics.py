"""How the engine outside the database does: counts by day that are true over all processes.

Each process gathers them in memory, as searches are, and adds them to the day's rows once a minute.
A scraper of metrics can read the same rows (`daily_counts`); nothing of it is in one process only.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from search.buffering import Buffer
from search.models.feed import EngineCount

ANSWERED = "answered"
FELL_BACK = "fell back"
FAILED = "failed"
REFUSED = "refused"
WITHOUT_INDEX = "without index"
OPENED = "opened"
SENT = "sent"
NOT_SENT = "not sent"
LAG = "lag"
VECTORS_SENT = "vectors sent"
VECTORS_LAG = "vectors lag"

#: Every name that is counted, in the order in which they are shown.
NAMES = {
    ANSWERED: _("Questions answered by the engine"),
    FELL_BACK: _("Questions answered by the database instead"),
    FAILED: _("Questions that failed"),
    REFUSED: _("Questions that the engine did not take"),
    WITHOUT_INDEX: _("Questions while there was no index"),
    OPENED: _("Times the engine was left alone for a while"),
    SENT: _("Rows sent"),
    NOT_SENT: _("Sendings that failed"),
    LAG: _("Most rows that waited"),
    VECTORS_SENT: _("Vectors sent"),
    VECTORS_LAG: _("Most vectors that waited"),
}
#: Of these the highest of a day is kept, of the others the sum.
HIGHEST = frozenset({LAG, VECTORS_LAG})
#: Days that are shown, and that are kept.
SHOWN_DAYS = 7
KEPT_DAYS = 90

Key = tuple[str, datetime.date]


class EngineLog(Buffer):
    """The counts of this process since they were last written."""

    name = "engine"

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[Key] = Counter()

    def note(self, name: str, number: int = 1) -> None:
        """Add a number, or keep it if it is the highest; costs microseconds and never raises."""
        if number:
            with self._lock:
                self._put((name, timezone.localdate()), number)
            self._start()

    def flush(self) -> int:
        """Add what is remembered to the day's rows; what can't be written is kept for later."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            with transaction.atomic():
                for key, number in sorted(counts.items()):
                    _write(key, number)
        except Exception:
            with self._lock:
                for key, number in counts.items():
                    self._put(key, number)
            raise
        return len(counts)

    def _put(self, key: Key, number: int) -> None:
        held = self._counts[key]
        self._counts[key] = max(held, number) if key[0] in HIGHEST else held + number


def _write(key: Key, number: int) -> None:
    name, day = key
    rows = EngineCount.objects.filter(name=name, day=day)
    EngineCount.objects.bulk_create([EngineCount(name=name, day=day)], ignore_conflicts=True)
    if name in HIGHEST:
        rows.filter(count__lt=number).update(count=number)
    else:
        rows.update(count=F("count") + number)


engine_log = EngineLog()


@dataclass(frozen=True, slots=True)
class CountedDay:
    """The counts of a day by name; what was not counted is 0."""

    day: datetime.date
    counts: Mapping[str, int]

    def told(self) -> list[tuple[str, int]]:
        """Return names and counts in the order of NAMES, without those that are 0."""
        return [(name, count) for name in NAMES if (count := self.counts.get(name, 0))]

    @property
    def numbers(self) -> list[int]:
        """The counts in the order of NAMES."""
        return [self.counts.get(name, 0) for name in NAMES]


def daily_counts(days: int = SHOWN_DAYS) -> list[CountedDay]:
    """Return the days of the last `days` on which anything was counted, the newest first."""
    since = timezone.localdate() - datetime.timedelta(days=days - 1)
    found: dict[datetime.date, dict[str, int]] = {}
    for row in EngineCount.objects.filter(day__gte=since).order_by("-day"):
        found.setdefault(row.day, {})[row.name] = row.count
    return [CountedDay(day, counts) for day, counts in found.items()]


def forget_old_counts() -> int:
    """Delete what is older than KEPT_DAYS; return how many rows."""
    kept = timezone.localdate() - datetime.timedelta(days=KEPT_DAYS)
    return EngineCount.objects.filter(day__lt=kept).delete()[0]
