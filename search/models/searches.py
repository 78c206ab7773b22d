"""What is searched for: counted by day, without who searched."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_SEARCH = 80


class SearchCount(models.Model):
    """How often a text was searched for on a day, and how much was found the last time."""

    text = models.CharField(_("searched for"), max_length=MAX_SEARCH)
    language = models.CharField(_("language"), max_length=10)
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("searches"), default=0)
    found = models.PositiveIntegerField(_("found"), default=0)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        constraints = [
            models.UniqueConstraint(fields=["text", "language", "day"], name="search_count_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="search_count_day")
        ]

    def __str__(self) -> str:
        return self.text


class SearchSighting(models.Model):
    """A text that was asked in too few hours to be kept: only its digest, by a key of this portal.

    `hours` are the different hours so far, `day` and `hour` the last of them (local time). Once it
    was asked in enough of them, the text itself is counted from then on.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    day = models.DateField()
    hour = models.PositiveSmallIntegerField(default=0)
    hours = models.PositiveSmallIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="search_sighting_day")
        ]

    def __str__(self) -> str:
        return self.digest
