"""Spelling variants and former names, by which a thing is found."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.fields import language_choices
from portal.text import language_of_script, normalize_name


class VariantKind(models.TextChoices):
    """Why another name is kept."""

    SPELLING = "spelling", _("other spelling")
    FORMER = "former", _("former name")
    ABBREVIATION = "abbreviation", _("abbreviation")


class AbstractNameVariant(models.Model):
    """Abstract: another name of a place or Partnership (Safed, Tzfat, Zefat, צפת).

    `normalized` is what look-ups compare (portal.text.normalize_name), kept by `save`.
    """

    text = models.CharField(_("name"), max_length=255)
    language = models.CharField(_("language"), max_length=10, choices=language_choices, blank=True)
    kind = models.CharField(
        _("kind"), max_length=12, choices=VariantKind.choices, default=VariantKind.SPELLING
    )
    normalized = models.CharField(max_length=255, editable=False, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.language = self.language or language_of_script(self.text)
        self.normalized = normalize_name(self.text)
        super().save(*args, **kwargs)
