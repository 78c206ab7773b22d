"""Pages written unseen: a batch that is shown at once, or taken away without a trace."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WriteBatch(models.Model):
    """Pages that one import wrote unseen (`portal.services.bulk_pages`, `page_batches`).

    A killed import leaves its batch in `writing`: `show` it if it was complete, else `discard` it.
    One that was killed after `show` is completed by `finish`.
    """

    class State(models.TextChoices):
        """How far a batch has come."""

        WRITING = "writing", _("being written, nothing shows")
        SHOWN = "shown", _("shown; search and log are being completed")
        DONE = "done", _("done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    label = models.CharField(_("what it is"), max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WRITING)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    shown_at = models.DateTimeField(_("shown at"), null=True)

    class Meta:
        verbose_name = _("batch of pages")
        verbose_name_plural = _("batches of pages")
        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.label or self.pk} ({self.get_state_display()})"


class WriteBatchPage(models.Model):
    """A page of a batch that is not done yet; the rows go as the batch is completed."""

    batch = models.ForeignKey(WriteBatch, on_delete=models.CASCADE, related_name="pages")
    page = models.OneToOneField("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    is_published = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("page of a batch")
        verbose_name_plural = _("pages of a batch")

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.page_id}"
