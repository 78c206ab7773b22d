"""The one table that is the truth of what can be found: a row a thing and language."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portal.library import Audience, LibraryType


class LibraryClock(models.Model):
    """The counter that versions are drawn from: one row, raised in the writer's transaction.

    Versions only grow, over deletion and re-creation too, so that an engine outside the database
    can refuse what is older than what it has.
    """

    value = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("library clock")

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def draw(cls, count: int = 1) -> int:
        """Reserve `count` versions and return the highest; call inside a transaction."""
        if not cls.objects.filter(pk=1).update(value=F("value") + count):
            cls.objects.get_or_create(pk=1)
            cls.objects.filter(pk=1).update(value=F("value") + count)
        return cls.objects.values_list("value", flat=True).get(pk=1)


class LibraryEntry(models.Model):
    """What one thing is in one language, as `describe_for_library` told it.

    Whether it may be seen is not copied here: the page's liveness and the restricted prefixes of
    the tree are joined when searching. `built_version` < `version` means that the texts wait for
    the worker (a rename of something they mention).
    """

    page = models.OneToOneField(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="library_entry",
    )
    thing_key = models.UUIDField(db_index=True)
    language = models.CharField(max_length=10)
    type = models.CharField(max_length=12, choices=LibraryType.choices)
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    names = models.TextField(blank=True)
    audience = models.CharField(max_length=12, choices=Audience.choices, default=Audience.PUBLIC)
    date = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    is_demo = models.BooleanField(default=False)
    version = models.BigIntegerField(db_index=True)
    built_version = models.BigIntegerField()

    class Meta:
        verbose_name = _("library entry")
        verbose_name_plural = _("library entries")
        constraints = [
            models.UniqueConstraint(
                fields=["thing_key", "language"], name="search_entry_once_a_language"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["type", "-date"], name="search_entry_type_date"),
            models.Index(fields=["-date", "-id"], name="search_entry_date"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class LibraryFacet(models.Model):
    """One facet value of an entry; values are stable keys, labels are joined when shown."""

    entry = models.ForeignKey(LibraryEntry, on_delete=models.CASCADE, related_name="facets")
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("facet value")
        constraints = [
            models.UniqueConstraint(fields=["entry", "name", "value"], name="search_facet_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "value", "entry"], name="search_facet_lookup")
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
