"""Documents: files that another community can use."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument

from portal.fields import language_choices


class PortalDocument(AbstractDocument):
    """A file with its language, licence, and whether a screen reader can use it."""

    language = models.CharField(_("language"), max_length=10, choices=language_choices, blank=True)
    licence = models.CharField(_("licence"), max_length=120, blank=True)
    is_accessible = models.BooleanField(
        _("accessible"), null=True, help_text=_("Tested with a screen reader.")
    )
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)

    admin_form_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "file",
        "collection",
        "language",
        "licence",
        "is_accessible",
        "tags",
    )

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        permissions = [("choose_document", "Can choose document")]
