"""How far each index outside the database was fed from the table, and how the engine does."""

from __future__ import annotations

from django.db import models

#: What an index outside the database holds of the library (`EngineIndex.holds`): its rows with
#: their texts, or their vectors (docs/adr/0015).
TEXTS = "texts"
VECTORS = "vectors"


class EngineIndex(models.Model):
    """An index of an engine outside the database, and what it was sent.

    The outbox of an index are the rows after its cursor (`version`, `entry_id`). While it is being
    filled, `streamed_to` tells how far (by `thing_key`), so that a broken rebuild goes on
    there, and `touched_at` that somebody is at it.
    """

    name = models.CharField(max_length=255, unique=True)
    holds = models.CharField(max_length=10, default=TEXTS)
    version = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField(default=0)
    streamed_to = models.UUIDField(null=True, blank=True)
    streamed = models.BigIntegerField(default=0)
    is_serving = models.BooleanField(default=False)
    touched_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.name


class LibraryDeletion(models.Model):
    """A row of the library that is gone, until every index of a kind has heard of it (`holds`).

    Its version is drawn from the library's clock, so that it is above all that was ever sent of
    the thing, and nothing older brings it back.
    """

    thing_key = models.UUIDField()
    version = models.BigIntegerField()
    holds = models.CharField(max_length=10, default=TEXTS)

    def __str__(self) -> str:
        return f"{self.thing_key} ({self.version})"


class EngineCount(models.Model):
    """A number of a day about an engine outside the database, of all processes together.

    See `search.metrics` for the names; what is noted of a lag is the highest of the day.
    """

    name = models.CharField(max_length=20)
    day = models.DateField(db_index=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["name", "day"], name="search_engine_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.day}: {self.count}"
