"""What is remembered of a practice that travelled, and what it was taken over from.

Pages come and go, lineage stays: a `LineageEntry` outlives the pages of its practice and says what
a tombstone may say. All hang on the practice's `translation_key`.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from partnerships.models import Partnership
from portal.fields import TranslatedField


class LineageLock(models.Model):
    """The one row that is locked while a parent is added, so that two can't close a cycle."""

    class Meta:
        verbose_name = _("lock of the lineage")

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def hold(cls) -> None:
        """Wait for the lock; it is held until the caller's transaction ends."""
        cls.objects.get_or_create(pk=1)
        cls.objects.select_for_update().get(pk=1)


class LineageEntry(models.Model):
    """A practice that was taken over or took over another, as it was when last public.

    `titles` and the names are those of the last time that everybody could read it; of one that was
    never public they are what its own people see, and the public sees none of it.
    """

    translation_key = models.UUIDField(primary_key=True, editable=False)
    partnership = models.ForeignKey(
        Partnership, null=True, on_delete=models.SET_NULL, related_name="lineage_entries"
    )
    partnership_name = TranslatedField(max_length=200, blank=True)
    titles = TranslatedField(max_length=255, blank=True)
    was_public = models.BooleanField(default=False)
    title_erased_at = models.DateTimeField(
        null=True, help_text=_("When network staff took a title away that had to go.")
    )
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("practice in a lineage")
        verbose_name_plural = _("practices in a lineage")

    def __str__(self) -> str:
        return str(self.titles) or str(self.translation_key)


class AdoptionSource(models.Model):
    """From what a practice was taken over: the exact revision, and how it was called then."""

    adoption = models.ForeignKey(
        "stories.Adoption", on_delete=models.CASCADE, related_name="sources"
    )
    parent = models.ForeignKey(LineageEntry, on_delete=models.CASCADE, related_name="taken_by")
    sort_order = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=255)
    partnership_name = TranslatedField(max_length=200, blank=True)
    # Kept as numbers: both may be deleted.
    page_id = models.BigIntegerField(null=True)
    revision_id = models.BigIntegerField(null=True)
    revision_number = models.PositiveIntegerField(null=True)
    revision_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("source of a practice taken over")
        verbose_name_plural = _("sources of practices taken over")
        ordering: ClassVar[list[str]] = ["adoption", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["adoption", "parent"], name="stories_adoption_source_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class MaterialEdit(models.Model):
    """A change of a practice that those who took it over were told of; one a revision."""

    practice = models.ForeignKey(
        LineageEntry, on_delete=models.CASCADE, related_name="material_edits"
    )
    page_id = models.BigIntegerField()
    revision_id = models.BigIntegerField(unique=True)
    since_revision_id = models.BigIntegerField(null=True)
    note = models.TextField(blank=True)
    told = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("material edit")
        verbose_name_plural = _("material edits")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.practice}: {self.revision_id}"
