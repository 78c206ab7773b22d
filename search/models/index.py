"""The one table that is the truth of what can be found: a row a thing and language."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import connection, models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portal.library import Audience, LibraryType
from search.querysets import LibraryEntryQuerySet

#: Facet rows that say for whom an entry is (`LibraryFacet.name`): the Partnerships that alone may
#: see it, and the kind of its audience unless that is the public. Never counted or shown.
AUDIENCE_KEYS = "audience_partnership"
AUDIENCE_KIND = "audience_kind"


class LibraryClock(models.Model):
    """The counter that versions are drawn from: one row, raised in the writer's transaction.

    Versions only grow, over deletion and re-creation too, so that an engine outside the database
    can refuse what is older than what it has. `analysis` is the version of `search.analysis` by
    which rows are built: another one lets all of them be built anew (search.services.stamps).
    `names` is raised with every change of a concept's or place's name (search.lexicon).
    `rebuild_…` tell of a rebuild under way or broken off: the version at which it began (0: none
    is), its last page and the number of pages so far (search.services.consistency).
    """

    value = models.BigIntegerField(default=0)
    names = models.BigIntegerField(default=0)
    analysis = models.PositiveSmallIntegerField(default=0)
    rebuild_version = models.BigIntegerField(default=0)
    rebuild_page = models.BigIntegerField(default=0)
    rebuild_pages = models.PositiveIntegerField(default=0)
    rebuild_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("library clock")

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def draw(cls, count: int = 1) -> int:
        """Reserve `count` versions and return the highest; call inside a transaction.

        The row stays locked until the transaction ends, so versions become visible in order.
        """
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor:
            sql = f"UPDATE {table} SET value = value + %s WHERE id = 1 RETURNING value"  # noqa: S608
            cursor.execute(sql, [count])
            row = cursor.fetchone()
        if row is None:
            cls.objects.get_or_create(pk=1)
            return cls.draw(count)
        return int(row[0])


class LibraryEntry(models.Model):
    """What one thing is in one language, as `describe_for_library` told it; see `LibraryText`.

    Whether it may be seen is not copied here: the page's liveness and the restricted prefixes of
    the tree are joined when searching. `built_version` < `version` means that the texts wait for
    the worker (a rename of something they mention). A page may tell things beside itself (an open
    way to take part of a program): each is a row with the `part` of the page at which it stands.
    """

    page = models.ForeignKey(
        "wagtailcore.Page",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="library_entries",
    )
    part = models.CharField(max_length=40, blank=True)
    thing_key = models.UUIDField(db_index=True)
    language = models.CharField(max_length=10)
    type = models.CharField(max_length=12, choices=LibraryType.choices)
    title = models.CharField(max_length=255)
    summary = models.TextField(blank=True)
    image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    audience = models.CharField(max_length=12, choices=Audience.choices, default=Audience.PUBLIC)
    date = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    is_demo = models.BooleanField(default=False)
    version = models.BigIntegerField(db_index=True)
    built_version = models.BigIntegerField()

    objects = LibraryEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("library entry")
        verbose_name_plural = _("library entries")
        constraints = [
            models.UniqueConstraint(
                fields=["thing_key", "language"], name="search_entry_once_a_language"
            ),
            models.UniqueConstraint(fields=["page", "part"], name="search_entry_once_a_part"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["type", "-date"], name="search_entry_type_date"),
            models.Index(fields=["-date", "-id"], name="search_entry_date"),
            models.Index(
                fields=["version"],
                condition=models.Q(version__gt=F("built_version")),
                name="search_entry_stale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class LibraryText(models.Model):
    """The long texts of an entry, and the terms by which it is found.

    They stand apart, so that counting and filtering read narrow rows. The `…_terms` are what
    `search.analysis` makes of the texts, the `…_keys` further forms of the same words (of title;
    names and concepts; summary and body), `words` plain ones for what is being typed; the full-text
    index of the database hangs on them (search.engines, search.ranking).
    """

    entry = models.OneToOneField(
        LibraryEntry, primary_key=True, on_delete=models.CASCADE, related_name="text"
    )
    names = models.TextField(blank=True)
    body = models.TextField(blank=True)
    title_terms = models.TextField(blank=True)
    names_terms = models.TextField(blank=True)
    concept_terms = models.TextField(blank=True)
    summary_terms = models.TextField(blank=True)
    body_terms = models.TextField(blank=True)
    title_keys = models.TextField(blank=True)
    names_keys = models.TextField(blank=True)
    text_keys = models.TextField(blank=True)
    documents_terms = models.TextField(blank=True)
    words = models.TextField(blank=True)

    class Meta:
        verbose_name = _("text of a library entry")
        verbose_name_plural = _("texts of library entries")

    def __str__(self) -> str:
        return self.title_terms


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


class LibraryNumber(models.Model):
    """A number of an entry, by which it can be filtered and ordered; empty: not told, but asked."""

    entry = models.ForeignKey(LibraryEntry, on_delete=models.CASCADE, related_name="numbers")
    name = models.CharField(max_length=40)
    value = models.FloatField(null=True)

    class Meta:
        verbose_name = _("number")
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="search_number_once")]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "value", "entry"], name="search_number_lookup")
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
