"""What a data file said when it was loaded, so that a later load keeps what people changed."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LoadedRow(models.Model):
    """One row of the portal's own data files, with the values it was loaded with.

    `portal.services.loading` compares three things: the file, the database, and what the file said
    last time. A value that nobody changed follows the file; a changed one stays; what people
    deleted does not come back.
    """

    kind = models.CharField(_("kind"), max_length=40)
    reference = models.CharField(_("reference"), max_length=240)
    values = models.JSONField(_("values"), default=dict, encoder=DjangoJSONEncoder)
    loaded_at = models.DateTimeField(_("loaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("loaded row")
        verbose_name_plural = _("loaded rows")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "reference"], name="portal_loadedrow_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reference}"
