"""Where a fact comes from, and whether it is only a demonstration."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Provenance(models.Model):
    """Abstract: the importer's own key, the sources, and the demonstration mark.

    `is_demo` rows are invented: they are marked wherever they show, carry noindex, and
    `remove_demo` takes them all away while the sourced facts stay.
    """

    reference = models.CharField(
        _("reference"),
        max_length=120,
        blank=True,
        db_index=True,
        help_text=_("The row's own key in an import; a second import with it updates."),
    )
    sources = models.TextField(
        _("sources"),
        blank=True,
        help_text=_("Where this is known from: one web address or document a line."),
    )
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)

    class Meta:
        abstract = True

    @property
    def source_list(self) -> list[str]:
        """The sources, one a line, without blanks."""
        return [line.strip() for line in self.sources.splitlines() if line.strip()]
