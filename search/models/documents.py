"""The text of documents, read once for each version of a file."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from search.documents import reading


class DocumentState(models.TextChoices):
    """What came of reading a document; all but the first are final for this version of the file."""

    WAITING = "waiting", _("waits to be read")
    READ = reading.READ, _("read")
    EMPTY = reading.EMPTY, _("has no text (scanned pictures, for example)")
    ENCRYPTED = reading.ENCRYPTED, _("opens with a password only")
    BROKEN = reading.BROKEN, _("broken, or another kind of file than its name says")
    COSTLY = reading.COSTLY, _("too large or too slow to read")
    UNSUPPORTED = reading.UNSUPPORTED, _("not a kind of file that is read")
    MISSING = "missing", _("the file is gone")
    FAILED = "failed", _("could not be read; the log says why")


class DocumentText(models.Model):
    """What a document says, and how reading it went; of the version that `file_…` name.

    The text stands in pieces: `pieces` are where each begins, and `terms` has a line of terms (and
    key forms) for each, made by the analysis of version `analysis`. So the piece that shows why a
    document was found is found without analysing the text again.
    """

    document = models.OneToOneField(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="library_text",
        verbose_name=_("document"),
    )
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=40, blank=True, db_index=True)
    state = models.CharField(
        _("state"), max_length=12, choices=DocumentState.choices, default=DocumentState.WAITING
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    text = models.TextField(blank=True)
    pieces = models.JSONField(default=list)
    terms = models.TextField(blank=True)
    analysis = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    is_cut = models.BooleanField(_("read in part"), default=False)
    error = models.CharField(_("why not"), max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("text of a document")
        verbose_name_plural = _("texts of documents")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state"], name="search_document_state")
        ]

    def __str__(self) -> str:
        return self.file_name


class ClosedDocument(models.Model):
    """A file that was for the network when the page that kept it so was deleted.

    It stays closed, as that of an unpublished page does, until a page gives it to everybody.
    """

    document = models.OneToOneField(
        settings.WAGTAILDOCS_DOCUMENT_MODEL,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("document"),
    )

    class Meta:
        verbose_name = _("document that stays with the network")
        verbose_name_plural = _("documents that stay with the network")

    def __str__(self) -> str:
        return str(self.document_id)
