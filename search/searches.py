"""Counts what is searched for, without who searched and without a write while a reader waits.

Each process gathers searches in memory and writes them once a minute from a thread of its own: a
request never waits for the write lock, and a row a search would be a write a search. What is lost
when a process is killed is a minute of a statistic.

No text is kept before it was asked in several hours: until then there is only its digest, by a key
of this portal. Addresses, numbers that could be a telephone's, names after a title (Mrs, ד״ר), and
long texts are never kept. Nothing of who searches is noted, so two things can't be told: whether
several people asked or one came back in each of these hours, and whether words are somebody's name.
A name that is asked in so many hours is kept, as every other text.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from search.buffering import Buffer
from search.models.searches import MAX_SEARCH, SearchCount, SearchSighting
from search.parameters import Reading
from search.query import LibraryResult

#: A text is kept once it was asked in so many different hours.
HOURS = 3
#: Different searches that a process remembers until it writes; more are not counted.
MAX_REMEMBERED = 5_000
#: Digests of what was not seen again are forgotten after so many days.
SIGHTING_DAYS = 30
#: Searches written in one transaction.
CHUNK = 200
_MAX_WORDS = 10
#: An address of mail or of a page, with its signs or spelt out.
_ADDRESS = re.compile(
    r"@|://|\bwww\.|[a-z0-9]\.[a-z]{2,}|\bat\b.*\bdot\b|\bdot\s+(?:com|org|net|edu|co|il|us)\b"
    r"|שטרודל|כרוכית|נקודה\s+(?:קום|קו|אורג|נט|איל|com|org|net|co|il)\b"
)
#: Five digits in a row, whatever signs stand between: a telephone, an identity number, a card.
_NUMBER = re.compile(r"(?:\d[\W_]*){5}")
#: Somebody who is introduced; a name without such a word looks like any other words.
_PERSON = re.compile(
    r"""(?<!\w)(?:(?:mr|mrs|ms|miss|dr|prof)\b\.?|(?:professor|rabbi|madam)\b)\s*\w"""
    r"""|\bmy name(?:\s+is|['\u2019]s)\b"""
    r"""|(?<!\w)(?:מר|גברת|אדון|גב['\u2019\u05f3]|דר['\u2019\u05f3]?|ד["\u201d\u05f4]ר|פרופסור"""
    r"""|פרופ['\u2019\u05f3]|הרב|שמי|קוראים לי)\.?\s+\w"""
)


@dataclass(slots=True)
class Tally:
    """How often a text was searched for, and how much was found the last time."""

    count: int = 0
    found: int = 0


#: Text, language, and the hour (local time) in which it was asked.
Key = tuple[str, str, datetime.datetime]


def kept_text(text: str) -> str:
    """Return what is kept of a search: plain and in small letters; empty when nothing may be."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    if not 0 < len(plain) <= MAX_SEARCH or len(plain.split()) > _MAX_WORDS:
        return ""
    if any(pattern.search(plain) for pattern in (_ADDRESS, _NUMBER, _PERSON)):
        return ""
    if not any(map(str.isalnum, plain)):
        return ""
    return plain


class SearchLog(Buffer):
    """The searches of this process since they were last written."""

    name = "searches"

    def __init__(self) -> None:
        super().__init__()
        self._tallies: dict[Key, Tally] = {}

    def note(self, text: str, language: str, found: int) -> None:
        """Remember a search; costs microseconds and never raises."""
        kept = kept_text(text)
        if not kept:
            return
        key = (kept, language, _hour())
        with self._lock:
            if key not in self._tallies and len(self._tallies) >= MAX_REMEMBERED:
                return
            tally = self._tallies.setdefault(key, Tally())
            tally.count += 1
            tally.found = found
        self._start()

    def flush(self) -> int:
        """Write what is remembered; return how many texts there were. Raises database errors."""
        with self._lock:
            tallies, self._tallies = self._tallies, {}
        waiting = list(tallies.items())
        for start in range(0, len(waiting), CHUNK):
            with transaction.atomic():
                for key, tally in waiting[start : start + CHUNK]:
                    _write(key, tally)
        return len(waiting)


def _hour() -> datetime.datetime:
    """Return the hour that is now, in local time without its zone: only compared and counted."""
    return timezone.localtime().replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _digest(text: str, language: str) -> str:
    hashed = salted_hmac("search.searches", f"{language}\0{text}", algorithm="sha256")
    return str(hashed.hexdigest())


def _write(key: Key, tally: Tally) -> None:
    """Add a tally to the day's row; to a digest as long as the text was asked in too few hours."""
    text, language, hour = key
    day = hour.date()
    rows = SearchCount.objects.filter(text=text, language=language)
    count = tally.count
    if not rows.exists():
        sighting, created = SearchSighting.objects.get_or_create(
            digest=_digest(text, language), defaults={"day": day, "hour": hour.hour}
        )
        # Processes write when they come to it: an hour that is told late is not counted twice.
        if created or (day, hour.hour) > (sighting.day, sighting.hour):
            sighting.hours += 1
            sighting.day, sighting.hour = day, hour.hour
        sighting.count += count
        if sighting.hours < HOURS:
            sighting.save()
            return
        count = sighting.count
        sighting.delete()
    if not rows.filter(day=day).update(count=F("count") + count, found=tally.found):
        # Another process may make it at this moment; then its row gets the rest.
        _row, created = SearchCount.objects.get_or_create(
            text=text, language=language, day=day, defaults={"count": count, "found": tally.found}
        )
        if not created:
            rows.filter(day=day).update(count=F("count") + count, found=tally.found)


search_log = SearchLog()


def note_search(result: LibraryResult, reading: Reading) -> None:
    """Count what a reader searched for: once (not each page of it), and without filters.

    An amount that the text sets as a limit is no filter beside it: the text is counted as typed.
    """
    query = result.query
    if settings.SEARCH_REPORT_DAYS and query.page == 1 and reading.is_text_alone:
        search_log.note(reading.typed, query.lang, result.total)


def forget_old_searches() -> int:
    """Delete what is older than the settings say; return how many rows."""
    today = timezone.localdate()
    kept = today - datetime.timedelta(days=settings.SEARCH_REPORT_DAYS)
    seen = today - datetime.timedelta(days=min(SIGHTING_DAYS, settings.SEARCH_REPORT_DAYS))
    counts = SearchCount.objects.filter(day__lt=kept).delete()[0]
    return counts + SearchSighting.objects.filter(day__lt=seen).delete()[0]
