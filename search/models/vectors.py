"""Sentence vectors of the library's rows; empty where SEARCH_VECTORS was never on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from search.models.index import LibraryEntry


class LibraryVector(models.Model):
    """What a row means, as 384 small numbers: `data` (int8) times `scale` is a unit vector.

    `built_version` is the row's that it was made of, `model` what made it: where either is another
    one now, the worker makes it anew. `version` is drawn from the library's clock each time, so
    that an index outside the database can tell what it was not sent.
    """

    entry = models.OneToOneField(
        LibraryEntry, primary_key=True, on_delete=models.CASCADE, related_name="vector"
    )
    model = models.CharField(max_length=60)
    built_version = models.BigIntegerField()
    version = models.BigIntegerField(default=0, db_index=True)
    scale = models.FloatField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("vector of a library entry")
        verbose_name_plural = _("vectors of library entries")

    def __str__(self) -> str:
        return f"{self.model} {self.version}"
