"""How far each index outside the database was fed from the table of the library."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class EngineIndex(models.Model):
    """An index of an engine outside the database, and what it was sent.

    The outbox of an index are the rows after its cursor (`version`, `entry_id`). While it is being
    filled, `streamed_to` tells how far (by `thing_key`), so that a broken rebuild goes on there.
    """

    name = models.CharField(max_length=255, unique=True)
    version = models.BigIntegerField(default=0)
    entry_id = models.BigIntegerField(default=0)
    streamed_to = models.UUIDField(null=True, blank=True)
    streamed = models.BigIntegerField(default=0)
    is_serving = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("index of an engine")
        verbose_name_plural = _("indexes of engines")

    def __str__(self) -> str:
        return self.name


class LibraryDeletion(models.Model):
    """A row of the library that is gone, until every index outside the database has heard of it.

    Its version is drawn from the library's clock, so that it is above all that was ever sent of
    the thing, and nothing older brings it back.
    """

    thing_key = models.UUIDField()
    version = models.BigIntegerField()

    class Meta:
        verbose_name = _("deletion from the library")
        verbose_name_plural = _("deletions from the library")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["version"], name="search_deletion_version")
        ]

    def __str__(self) -> str:
        return f"{self.thing_key} ({self.version})"
